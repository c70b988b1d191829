package archive

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// textColumn is one column of text of one part of a table: each text once, and
// which of them each row has. Tens of millions of rows are read this way without
// a string for each.
type textColumn struct {
	texts []string
	index []int32
}

func (c *textColumn) at(row int) string { return c.texts[c.index[row]] }

// runs gives where rows begin and end that have one of these texts.
func (c *textColumn) runs(of []string) iter.Seq2[int64, int64] {
	wanted, any := make([]bool, len(c.texts)), false
	for i, t := range c.texts {
		wanted[i] = slices.Contains(of, t)
		any = any || wanted[i]
	}
	return func(yield func(from, to int64) bool) {
		if !any {
			return
		}
		for from := 0; from < len(c.index); from++ {
			if !wanted[c.index[from]] {
				continue
			}
			to := from
			for to < len(c.index) && wanted[c.index[to]] {
				to++
			}
			if !yield(int64(from), int64(to)) {
				return
			}
			from = to
		}
	}
}

func textOf(file *parquet.File, group parquet.RowGroup, column string) (textColumn, error) {
	c := textColumn{index: make([]int32, 0, group.NumRows())}
	known := map[string]int32{}
	number := func(v parquet.Value) int32 {
		n, has := known[string(v.ByteArray())]
		if !has {
			n = int32(len(c.texts))
			c.texts = append(c.texts, string(v.ByteArray()))
			known[c.texts[n]] = n
		}
		return n
	}
	var numbers []int32 // of the texts of the dictionary, which all pages share
	err := eachPage(file, group, column, func(page parquet.Page) error {
		dictionary := page.Dictionary()
		if dictionary == nil {
			return eachValue(page, func(v parquet.Value) { c.index = append(c.index, number(v)) })
		}
		if numbers == nil {
			for i := range int32(dictionary.Len()) {
				numbers = append(numbers, number(dictionary.Index(i)))
			}
		}
		indexes := page.Data()
		for _, i := range indexes.Int32() {
			c.index = append(c.index, numbers[i])
		}
		return nil
	})
	return c, err
}

func boolsOf(file *parquet.File, group parquet.RowGroup, column string) ([]bool, error) {
	all := make([]bool, 0, group.NumRows())
	err := eachPage(file, group, column, func(page parquet.Page) error {
		return eachValue(page, func(v parquet.Value) { all = append(all, v.Boolean()) })
	})
	return all, err
}

// timesOf gives a column of times in seconds since 1970; 0: not known.
func timesOf(file *parquet.File, group parquet.RowGroup, column string) ([]uint32, error) {
	all := make([]uint32, 0, group.NumRows())
	err := eachPage(file, group, column, func(page parquet.Page) error {
		return eachValue(page, func(v parquet.Value) {
			if v.IsNull() {
				all = append(all, 0)
				return
			}
			all = append(all, uint32(v.Int64()/1000))
		})
	})
	return all, err
}

// kindOf is the kind of right that a path in words names first.
func kindOf(via string) string {
	kind, _, _ := strings.Cut(via, " ")
	return kind
}

// eachPage gives the pages of a column; what was in one of them must not be kept.
func eachPage(file *parquet.File, group parquet.RowGroup, column string, read func(parquet.Page) error) error {
	leaf, ok := file.Schema().Lookup(column)
	if !ok {
		return fmt.Errorf("it has no column %s", column)
	}
	pages := group.ColumnChunks()[leaf.ColumnIndex].Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = read(page)
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

func eachValue(page parquet.Page, value func(parquet.Value)) error {
	values, some := page.Values(), make([]parquet.Value, batch)
	for {
		n, err := values.ReadValues(some)
		for _, v := range some[:n] {
			value(v)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readColumns is textOf for several columns, by name.
func readColumns(file *parquet.File, group parquet.RowGroup, columns map[string]*textColumn) error {
	for name, column := range columns {
		var err error
		if *column, err = textOf(file, group, name); err != nil {
			return err
		}
	}
	return nil
}
