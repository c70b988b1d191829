package audit

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"rollcall/reports/archive"
)

// Catalog is where an engine has the archive's files as tables: what `audit ddl` made.
type Catalog struct {
	Root     string // s3://bucket/prefix, or a folder: where the files are
	Database string
}

// files is the table over all files of a table of the archive, whoever wrote them.
func (c Catalog) files(table string) string { return fmt.Sprintf(`"%s"."files_%s"`, c.Database, table) }

// partName is the one file that a run writes of a table.
const partName = "part-00000.parquet"

// Trino gives a query as Athena and Trino take it, with the values of its parameters,
// each a literal, in the order of the question marks. Every table is named in the query
// itself with the very files that count, by their paths in the archive, and with their
// dates, so that nothing else is read and no view has to be kept up to date.
func (q Query) Trino(c Catalog) (query string, values []string, err error) {
	query = q.SQL
	if q.Values != nil {
		if query, err = expand(query, trinoCalls); err != nil {
			return "", nil, err
		}
		var names []string
		query, names = named(query, func(string) string { return "?" })
		for _, name := range names {
			values = append(values, text(q.Values[name]))
		}
	}
	expressions, err := q.trinoTables(c)
	return within(expressions, query), values, err
}

// trinoTables are the tables that a query mentions, as common table expressions.
func (q Query) trinoTables(c Catalog) (string, error) {
	byTable := map[string][]File{}
	for _, f := range q.Files {
		if path.Base(f.Path) != partName {
			return "", fmt.Errorf("%s is of a newer rollcall, which writes tables in several files: use that one", f.Path)
		}
		byTable[f.Table] = append(byTable[f.Table], f)
	}
	var all []string
	if len(q.Files) > 0 {
		all = append(all, "counted_runs (day, run_id, in_tables) AS (VALUES\n"+countedRuns(q.Files)+")")
	}
	tables := mentioned(q.SQL)
	for _, table := range tables {
		columns, err := trinoColumns(table)
		if err != nil {
			return "", err
		}
		where := "1 = 0"
		if files := byTable[table]; len(files) > 0 {
			where = trinoDates(files) + "\n  AND " + trinoFiles(c, table, "counted_runs")
		}
		all = append(all, fmt.Sprintf("%s AS (SELECT %s\n FROM %s f WHERE %s)", quoted(table), columns, c.files(table), where))
	}
	if slices.Contains(tables, "runs") {
		all = append(all, "nights AS (SELECT * FROM runs WHERE "+nightRuns+")")
	}
	if len(all) == 0 {
		return "", Misuse("the query names no table of the archive: %s", strings.Join(archive.TableNames(), ", "))
	}
	return strings.Join(all, ",\n"), nil
}

// trinoFiles is the condition that a row is of a file that counts.
func trinoFiles(c Catalog, table, counted string) string {
	return fmt.Sprintf(`f."$path" IN (SELECT %s || day || '/run=' || run_id || '/%s' FROM %s WHERE strpos(in_tables, '%s') > 0)`,
		text(strings.TrimSuffix(c.Root, "/")+"/"+table+"/date="), partName, counted, letterOf(table))
}

// mostDates is how many days are named one by one; more of them follow on each other,
// and the first and the last are named.
const mostDates = 100

// trinoDates names the partitions, so that no other one is looked at or paid for.
func trinoDates(files []File) string {
	days := map[string]bool{}
	for _, f := range files {
		days[f.Run.Date] = true
	}
	sorted := slices.Sorted(maps.Keys(days))
	if len(sorted) > mostDates {
		return fmt.Sprintf(`f."date" BETWEEN %s AND %s`, text(sorted[0]), text(sorted[len(sorted)-1]))
	}
	for i, day := range sorted {
		sorted[i] = text(day)
	}
	return fmt.Sprintf(`f."date" IN (%s)`, strings.Join(sorted, ", "))
}

func trinoColumns(table string) (string, error) {
	columns, err := archive.Columns(table)
	if err != nil {
		return "", err
	}
	var names []string
	for _, c := range columns {
		names = append(names, "f."+quoted(c.Name))
	}
	return strings.Join(names, ", ") + `, CAST(f."date" AS date) AS "date"`, nil
}

// quoted is a name, in quotes lest the engine takes it for a word of its own.
func quoted(name string) string { return `"` + name + `"` }

// countedRuns are rows of VALUES: a run's date and id, and a letter for each table that
// it has a file of.
func countedRuns(files []File) string {
	letters := map[[2]string][]string{}
	for _, f := range files {
		run := [2]string{f.Run.Date, string(f.Run.RunID)}
		letters[run] = append(letters[run], letterOf(f.Table))
	}
	runs := slices.SortedFunc(maps.Keys(letters), func(x, y [2]string) int { return slices.Compare(x[:], y[:]) })
	rows := make([]string, len(runs))
	for i, run := range runs {
		slices.Sort(letters[run])
		rows[i] = fmt.Sprintf("(%s, %s, %s)", text(run[0]), text(run[1]), text(strings.Join(letters[run], "")))
	}
	return strings.Join(rows, ",\n")
}

// letterOf stands for a table in lists of thousands of runs.
func letterOf(table string) string {
	return string(rune('a' + slices.Index(archive.TableNames(), table)))
}
