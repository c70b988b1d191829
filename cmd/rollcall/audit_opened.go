package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
	"rollcall/reports/archive"
	"rollcall/reports/audit"
)

func archiveFlags() []cli.Flag {
	return []cli.Flag{
		configFlag(),
		&cli.StringFlag{Name: "archive", Usage: "the archive's `DIR`, or s3://bucket/prefix (default: the configuration's)"},
		&cli.StringFlag{Name: "key", Usage: "the public key `FILE` (default: the configuration's)"},
	}
}

// openAudited opens the archive that the flags or the configuration name, its chain
// checked.
func (e *environ) openAudited(c *cli.Context) (*audit.Archive, config.Config, error) {
	cfg, keys, err := e.auditedArchive(c)
	if err != nil {
		return nil, cfg, err
	}
	store, err := e.auditedStore(c.Context, cfg)
	if err != nil {
		return nil, cfg, err
	}
	opened, err := audit.Open(store, e.askProgress(), keys...)
	if errors.Is(err, audit.ErrNoRuns) {
		return nil, cfg, refuse("%w (archive %s)", err, archiveRoot(cfg))
	}
	if err != nil {
		return nil, cfg, aborted(fmt.Errorf("the archive %s: %w", archiveRoot(cfg), err))
	}
	return opened, cfg, nil
}

// auditedArchive is where the archive is, and the keys that its manifests are checked
// with (the first, and those of new roots): both flags, or what of them the configuration
// says.
func (e *environ) auditedArchive(c *cli.Context) (config.Config, []ed25519.PublicKey, error) {
	where, keyFile := c.String("archive"), c.String("key")
	var cfg config.Config
	if where == "" || keyFile == "" {
		var err error
		if cfg, err = e.config(c); err != nil {
			return cfg, nil, err
		}
		if keyFile == "" {
			keyFile = cfg.Path(cfg.Archive.PublicKey)
		}
	}
	if where != "" {
		cfg.Dir, cfg.Archive.Root = "", where
	}
	keys, err := verificationKeys(keyFile)
	return cfg, keys, err
}

func (e *environ) auditedStore(ctx context.Context, cfg config.Config) (archive.Store, error) {
	keep, err := e.past(ctx, cfg)
	if err != nil {
		return nil, aborted(err)
	}
	return keep.Store(), nil
}
