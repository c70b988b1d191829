package archive

import (
	"bytes"
	"fmt"

	"github.com/parquet-go/parquet-go"
)

// ColumnType is the type of a column, whatever a query engine calls it.
type ColumnType string

// The types that tables have. Times are in UTC, in milliseconds.
const (
	TextColumn    ColumnType = "text"
	BooleanColumn ColumnType = "boolean"
	IntegerColumn ColumnType = "integer" // 64 bits
	DateColumn    ColumnType = "date"
	TimeColumn    ColumnType = "time"
)

// Column is one column of a table.
type Column struct {
	Name string
	Type ColumnType
}

// Columns gives a table's columns in their order, without the partition date. They
// are read from a file as it is written, so that no second list can differ from it.
func Columns(table string) ([]Column, error) {
	var b bytes.Buffer
	if err := EmptyTable(table, &b); err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		return nil, err
	}
	var columns []Column
	for _, field := range file.Schema().Fields() {
		kind, known := columnTypes[field.Type().String()]
		if !field.Leaf() || field.Repeated() || !known {
			return nil, fmt.Errorf("the column %s of %s is %s, for which no query engine has been told a type", field.Name(), table, field)
		}
		columns = append(columns, Column{field.Name(), kind})
	}
	return columns, nil
}

// columnTypes are the types as Parquet's own notation has them.
// https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
var columnTypes = map[string]ColumnType{
	"STRING": TextColumn, "BOOLEAN": BooleanColumn, "INT(64,true)": IntegerColumn, "DATE": DateColumn,
	"TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS)": TimeColumn,
}
