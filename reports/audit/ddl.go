package audit

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rollcall/reports/archive"
)

// ddl writes what an engine has to be told of the archive, statement by statement.
type ddl struct {
	about  string // for people, lines of comment
	types  map[archive.ColumnType]string
	before func(c Catalog) []string
	files  func(c Catalog, t fileTable) []string
	views  func(c Catalog, counted string, written []string) ([]string, error) // tables that some run wrote
	quote  string                                                              // around names in files
}

var sparkTypes = map[archive.ColumnType]string{archive.TextColumn: "STRING", archive.BooleanColumn: "BOOLEAN", archive.IntegerColumn: "BIGINT", archive.DateColumn: "DATE", archive.TimeColumn: "TIMESTAMP"}

// fileTable is one table over files.
type fileTable struct {
	name    string
	columns string // with their types, a line each
	first   string // day
	written bool   // by some run
}

// Engines are those that DDL knows, sorted.
func Engines() []string { return []string{"athena", "spark", "trino"} }

var ddls = map[string]ddl{
	"athena": {
		about:  "-- For Amazon Athena: one statement at a time, in a workgroup of engine version 3.",
		types:  map[archive.ColumnType]string{archive.TextColumn: "string", archive.BooleanColumn: "boolean", archive.IntegerColumn: "bigint", archive.DateColumn: "date", archive.TimeColumn: "timestamp"},
		quote:  "`",
		before: func(c Catalog) []string { return []string{"CREATE DATABASE IF NOT EXISTS `" + c.Database + "`"} },
		files:  athenaFiles, views: trinoViews,
	},
	"trino": {
		about:  "-- For Trino, in a catalog of its Hive connector (USE it first).",
		types:  map[archive.ColumnType]string{archive.TextColumn: "varchar", archive.BooleanColumn: "boolean", archive.IntegerColumn: "bigint", archive.DateColumn: "date", archive.TimeColumn: "timestamp(3)"},
		quote:  `"`,
		before: func(c Catalog) []string { return []string{`CREATE SCHEMA IF NOT EXISTS "` + c.Database + `"`} },
		files:  trinoFilesTable, views: trinoViews,
	},
	"spark": {
		about: "-- For Spark 4 and later, in one session: all of it is temporary.",
		types: sparkTypes,
		quote: "`",
		before: func(Catalog) []string {
			all := []string{"SET TIME ZONE 'UTC'", "SET spark.sql.ansi.enabled = true", "SET spark.sql.ansi.doubleQuotedIdentifiers = true"}
			for _, f := range sparkFunctions {
				all = append(all, "CREATE OR REPLACE TEMPORARY FUNCTION "+f)
			}
			return all
		},
		files: sparkFiles, views: sparkViews,
	},
}

// DDL writes the statements by which an engine (athena, spark, trino) sees the archive:
// a table files_X over the files of each table X, whoever wrote them, and views, by the
// tables' names, of what committed runs wrote, file by file as the manifests list
// them; and nights. The views are of the runs until now: after new nights it is
// written anew.
func (a *Archive) DDL(engine string, c Catalog, w io.Writer) error {
	d, known := ddls[engine]
	if !known {
		return Misuse("--engine is %q: write one of %s", engine, strings.Join(Engines(), ", "))
	}
	var files []File
	for _, r := range a.runs {
		files = append(files, choose(r, archive.TableNames())...)
	}
	files = slices.DeleteFunc(files, func(f File) bool { return f.Expired != nil })
	if len(files) == 0 {
		return ErrNoRuns
	}
	var written []string
	for _, f := range files {
		written = append(written, f.Table)
	}
	statements := d.before(c)
	first := slices.MinFunc(files, func(x, y File) int { return strings.Compare(x.Run.Date, y.Run.Date) }).Run.Date
	for _, table := range archive.TableNames() {
		columns, err := d.columns(table)
		if err != nil {
			return err
		}
		statements = append(statements, d.files(c, fileTable{table, columns, first, slices.Contains(written, table)})...)
	}
	views, err := d.views(c, countedRuns(files), written)
	if err != nil {
		return err
	}
	last := a.last()
	_, err = fmt.Fprintf(w, "%s\n-- The archive %s as of %s, end of the chain %d %s.\n\n%s;\n", d.about, c.Root,
		last.CreatedAt.UTC().Format(time.RFC3339), last.Sequence, last.SHA256, strings.Join(append(statements, views...), ";\n\n"))
	return err
}

func (d ddl) columns(table string) (string, error) {
	columns, err := archive.Columns(table)
	if err != nil {
		return "", err
	}
	lines := make([]string, len(columns))
	for i, c := range columns {
		lines[i] = fmt.Sprintf("  %s%s%s %s", d.quote, c.Name, d.quote, d.types[c.Type])
	}
	return strings.Join(lines, ",\n"), nil
}

// athenaFiles projects the partition date, so that none has to be registered. The
// folders of runs below it are no partitions: Athena reads what is under a partition.
// Dropping an external table drops no file.
// https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
func athenaFiles(c Catalog, t fileTable) []string {
	name := fmt.Sprintf("`%s`.`files_%s`", c.Database, t.name)
	folder := strings.TrimSuffix(c.Root, "/") + "/" + t.name + "/"
	return []string{"DROP TABLE IF EXISTS " + name, fmt.Sprintf("CREATE EXTERNAL TABLE %s (\n%s\n)\nPARTITIONED BY (`date` string)\nSTORED AS PARQUET\nLOCATION %s\nTBLPROPERTIES (\n"+
		"  'projection.enabled' = 'true',\n  'projection.date.type' = 'date',\n  'projection.date.format' = 'yyyy-MM-dd',\n  'projection.date.range' = '%s,NOW+1DAYS',\n"+
		"  'projection.date.interval' = '1',\n  'projection.date.interval.unit' = 'DAYS',\n  'storage.location.template' = %s\n)",
		name, t.columns, text(folder), t.first, text(folder+"date=${date}/"))}
}

// trinoFilesTable has partitions as the folders are, which the last statement finds.
// https://trino.io/docs/current/connector/hive.html#procedures
func trinoFilesTable(c Catalog, t fileTable) []string {
	folder := strings.TrimSuffix(c.Root, "/") + "/" + t.name + "/"
	return []string{"DROP TABLE IF EXISTS " + c.files(t.name),
		fmt.Sprintf("CREATE TABLE %s (\n%s,\n  \"date\" varchar,\n  \"run\" varchar\n)\nWITH (format = 'PARQUET', external_location = %s, partitioned_by = ARRAY['date', 'run'])", c.files(t.name), t.columns, text(folder)),
		fmt.Sprintf("CALL system.sync_partition_metadata(schema_name => %s, table_name => %s, mode => 'FULL')", text(c.Database), text("files_"+t.name))}
}

func trinoViews(c Catalog, counted string, _ []string) ([]string, error) {
	view := func(name, query string) string {
		return fmt.Sprintf(`CREATE OR REPLACE VIEW "%s"."%s" AS %s`, c.Database, name, query)
	}
	all := []string{view("counted_runs", "SELECT * FROM (VALUES\n"+counted+") AS t (day, run_id, in_tables)")}
	for _, table := range archive.TableNames() {
		columns, err := trinoColumns(table)
		if err != nil {
			return nil, err
		}
		all = append(all, view(table, fmt.Sprintf("SELECT %s\nFROM %s f\nWHERE %s", columns, c.files(table), trinoFiles(c, table, `"`+c.Database+`"."counted_runs"`))))
	}
	return append(all, view("nights", fmt.Sprintf("SELECT * FROM \"%s\".\"runs\" WHERE %s", c.Database, nightRuns))), nil
}

func sparkFiles(c Catalog, t fileTable) []string {
	if !t.written {
		return nil // Spark refuses a folder that is not there
	}
	return []string{fmt.Sprintf("CREATE OR REPLACE TEMPORARY VIEW files_%s (\n%s,\n  `date` DATE,\n  `run` STRING\n)\nUSING parquet OPTIONS (path %s, pathGlobFilter '%s')",
		t.name, t.columns, sparkText(strings.TrimSuffix(c.Root, "/")+"/"+t.name), partName)}
}

// sparkText is a literal of Spark, where a backslash is not itself.
// https://spark.apache.org/docs/latest/sql-ref-literals.html
func sparkText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// sparkViews are over files_X, and empty for tables that no run wrote yet.
func sparkViews(_ Catalog, counted string, written []string) ([]string, error) {
	all := []string{"CREATE OR REPLACE TEMPORARY VIEW counted_runs AS SELECT CAST(day AS DATE) AS day, run_id, in_tables FROM (VALUES\n" + counted + ") AS t (day, run_id, in_tables)"}
	for _, table := range archive.TableNames() {
		columns, err := archive.Columns(table)
		if err != nil {
			return nil, err
		}
		has := slices.Contains(written, table)
		var names []string
		for _, c := range columns {
			name := "f.`" + c.Name + "`"
			if !has {
				name = fmt.Sprintf("CAST(NULL AS %s) AS `%s`", sparkTypes[c.Type], c.Name)
			}
			names = append(names, name)
		}
		query := fmt.Sprintf("SELECT %s, f.`date`\nFROM files_%s f\nWHERE (f.`date`, f.`run`) IN (SELECT day, run_id FROM counted_runs WHERE instr(in_tables, '%s') > 0)",
			strings.Join(names, ", "), table, letterOf(table))
		if !has {
			query = fmt.Sprintf("SELECT %s, CAST(NULL AS DATE) AS `date` WHERE FALSE", strings.Join(names, ", "))
		}
		all = append(all, fmt.Sprintf("CREATE OR REPLACE TEMPORARY VIEW `%s` AS %s", table, query))
	}
	return append(all, "CREATE OR REPLACE TEMPORARY VIEW nights AS SELECT * FROM runs WHERE "+nightRuns), nil
}
