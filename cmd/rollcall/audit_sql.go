package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"rollcall/reports/audit"
)

const sqlHelp = `Answers a SELECT of your own over the archive: one view per table,
of committed runs only, with run_id and date as columns; and nights, the runs that
read the systems. It is DuckDB's SQL. Nothing but a SELECT is taken, and no SQL
reaches a file or the network. Which tables and columns there are:

   rollcall audit sql --query "SELECT table_name, column_name, data_type FROM information_schema.columns"

For example

   rollcall audit sql --query "SELECT date, count(*) FROM grants GROUP BY date ORDER BY date"

--from and --to say which days are read: less is faster.`

func auditSQLCommand(e *environ) *cli.Command {
	return &cli.Command{Name: "sql", Usage: "a SELECT of your own over the archive", Description: sqlHelp,
		Flags: append(answerFlags(),
			&cli.StringFlag{Name: "query", Usage: "the `SELECT`"},
			&cli.StringFlag{Name: "file", Usage: "a `FILE` with the SELECT"},
			&cli.StringFlag{Name: "from", Usage: "the first `DAY` that is read, 2026-01-01"},
			&cli.StringFlag{Name: "to", Usage: "the last `DAY` that is read"}),
		Action: func(c *cli.Context) error { return auditSQL(e, c) }}
}

func auditSQL(e *environ, c *cli.Context) error {
	query := c.String("query")
	switch {
	case c.IsSet("query") == c.IsSet("file"):
		return refuse("give the SELECT with --query or, from a file, with --file: see rollcall audit sql --help")
	case c.IsSet("file"):
		b, err := readKey(c.String("file"))
		if err != nil {
			return refuse("read the query: %w", err)
		}
		query = string(b)
	}
	return e.answer(c, func(ctx context.Context, a *audit.Archive) (*audit.Answer, error) {
		return a.Query(ctx, query, c.String("from"), c.String("to"))
	})
}
