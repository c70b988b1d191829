package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rollcall/internal/access"
	"rollcall/internal/bench/company"
	"rollcall/internal/bench/figures"
	"rollcall/internal/bench/versus"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

const (
	oursName   = "grants.parquet"
	theirsName = "duckdb.parquet"
)

// ours writes the grants of a night as a run's record does: sorted, into a file that
// is synced and has its name for good, and with its digest.
func ours(t versus.Task) (out took, err error) {
	n, err := night(t.Size)
	if err != nil {
		return out, err
	}
	out.Holds = holds(n)
	stop, err := figures.Profile(t.Profile)
	if err != nil {
		return out, err
	}
	rows := int64(0)
	out.Cost, err = figures.Measure(func() error {
		return archive.NewFolder(t.Folder).Stream(oursName, func(w io.Writer) (err error) {
			rows, err = archive.WriteGrants(io.MultiWriter(w, sha256.New()), n)
			return err
		})
	})
	if err != nil {
		return out, err
	}
	if err := stop(); err != nil {
		return out, err
	}
	if rows != int64(out.Holds.Rows) {
		return out, fmt.Errorf("of %d grants %d were written", out.Holds.Rows, rows)
	}
	out.InputKiB = out.PeakKiB - out.GrownKiB
	out.Bytes, err = size(filepath.Join(t.Folder, oursName))
	return out, err
}

// night is a company's night, as far as the table of grants needs it.
func night(s company.Size) (*access.Night, error) {
	p, err := company.New(s)
	if err != nil {
		return nil, err
	}
	w := p.World()
	d := reconcile.Identify(w).Evaluate()
	return &access.Night{Run: access.Run{ID: "20261124T020000Z-bench", StartedAt: company.Tonight}, Policy: w.Policy, Systems: d.Systems}, nil
}

// holds counts what a night has.
func holds(n *access.Night) (c content) {
	for i := range n.Systems {
		j := &n.Systems[i]
		accounts, rights := make([]bool, len(j.Accounts)), make([]bool, len(j.Entitlements))
		for g, v := range j.Verdicts {
			c.Rows++
			if v.Expected() {
				c.Expected++
			}
			accounts[j.Grants[g].Account], rights[j.Grants[g].Entitlement] = true, true
			c.FirstSeen += int64(j.FirstSeen(g))
		}
		c.Accounts, c.Rights = c.Accounts+count(accounts), c.Rights+count(rights)
	}
	return c
}

func count(of []bool) (n int) {
	for _, one := range of {
		if one {
			n++
		}
	}
	return n
}

func size(file string) (int64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
