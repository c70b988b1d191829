package main

import (
	"cmp"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
	"rollcall/reports/audit"
	"rollcall/reports/audit/athena"
)

// defaultScanGB is what a question may read where no configuration says.
const defaultScanGB = 50

// engine is who answers; nil: DuckDB.
func (e *environ) engine(c *cli.Context, cfg config.Config) (audit.Engine, error) {
	switch name := c.String("engine"); name {
	case "duckdb":
		return nil, nil
	case "athena":
		return e.athena(c, cfg)
	default:
		return nil, refuse("--engine is %q: write duckdb or athena (Spark and Trino: rollcall audit ddl)", name)
	}
}

func (e *environ) athena(c *cli.Context, cfg config.Config) (audit.Engine, error) {
	if !cfg.Archive.InS3() {
		return nil, refuse("the archive %s is a folder, and Athena reads S3 only: leave --engine out, and it is answered on this machine", archiveRoot(cfg))
	}
	reach, err := e.network(cfg)
	if err != nil {
		return nil, err
	}
	set, s3 := cfg.Audit.Athena, cfg.Archive.S3
	a, err := athena.Open(c.Context, athena.Config{
		Catalog:   audit.Catalog{Root: cfg.Archive.Root, Database: cmp.Or(set.Database, defaultDatabase)},
		Workgroup: set.Workgroup, OutputLocation: set.OutputLocation,
		Region: cmp.Or(set.Region, s3.Region), Profile: cmp.Or(set.Profile, s3.Profile), MaxScan: int64(cmp.Or(set.MaxScanGB, defaultScanGB)) * 1_000_000_000,
		Credentials: e.outside.awsCredentials, Proxy: reach.proxy, RootCAs: reach.roots, Sleep: e.sleeper(),
	})
	if err != nil {
		return nil, refuse("ask Athena: %w", err)
	}
	return a, nil
}
