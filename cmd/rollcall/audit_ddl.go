package main

import (
	"bytes"
	"cmp"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/reports/audit"
)

const ddlHelp = `Prints the SQL by which a query engine sees the archive where it lies: a table
files_X over the files of each table X, and views, by the tables' own names, of what
committed runs wrote, file by file as the signed manifests list them; and nights.

   rollcall audit ddl --engine athena
   rollcall audit ddl --engine spark > archive.sql
   rollcall audit ddl --engine trino --database audit

Nothing is sent to the engine. The views know the runs until now: print them anew
after new nights. audit ask --engine athena needs the tables only, and them once for
each version of rollcall. docs/audit-engines.md tells what each engine checks.`

// defaultDatabase is where an engine has the tables, unless somebody says otherwise.
const defaultDatabase = "rollcall"

func auditDDLCommand(e *environ) *cli.Command {
	return &cli.Command{Name: "ddl", Usage: "the SQL by which Athena, Spark or Trino sees the archive", Description: ddlHelp,
		Flags: append(archiveFlags(),
			&cli.StringFlag{Name: "engine", Usage: "the `ENGINE`: " + strings.Join(audit.Engines(), ", "), Value: "athena"},
			&cli.StringFlag{Name: "database", Usage: "the `NAME` of the database or schema (default: the configuration's audit.athena.database, else " + defaultDatabase + ")"}),
		Action: func(c *cli.Context) error { return auditDDL(e, c) }}
}

var databaseName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

func auditDDL(e *environ, c *cli.Context) error {
	engine := c.String("engine")
	opened, cfg, err := e.openAudited(c)
	if err != nil {
		return err
	}
	database := cmp.Or(c.String("database"), cfg.Audit.Athena.Database, defaultDatabase)
	if !databaseName.MatchString(database) {
		return refuse("the database is %q: write small letters, digits and _, beginning with a letter", database)
	}
	root := archiveRoot(cfg)
	switch {
	case engine == "athena" && !cfg.Archive.InS3():
		return refuse("the archive %s is a folder, and Athena reads S3 only: give --archive s3://bucket/prefix, or another --engine", root)
	case !cfg.Archive.InS3():
		if root, err = filepath.Abs(root); err != nil {
			return aborted(err)
		}
		if engine == "trino" {
			root = "local://" + filepath.ToSlash(root)
		}
	}
	var b bytes.Buffer
	if err := opened.DDL(engine, audit.Catalog{Root: root, Database: database}, &b); err != nil {
		return notAsked("describe", root, err)
	}
	_, err = e.stdout.Write(b.Bytes())
	return err
}
