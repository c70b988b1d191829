package archive

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
)

// LastSeen gives what the last committed run saw of each system, by name: its
// reads, its entitlements, and of its accounts those that keep asks for (nil:
// none). Grants are not read. Of an empty archive it gives no run. Every byte is
// checked against the manifest's digests first; a table that an older rollcall
// wrote, without the facts that are needed here, is an error.
func (a *Archive) LastSeen(keep func(access.Account) bool) (access.RunID, []access.Observation, error) {
	h, err := a.head()
	if err != nil || h.Sequence == 0 {
		return "", nil, err
	}
	seen := map[string]*access.Observation{}
	var names []string
	of := func(system string) *access.Observation {
		if seen[system] == nil {
			seen[system] = &access.Observation{System: access.System(system)}
			names = append(names, system)
		}
		return seen[system]
	}
	err = inTurn([]func() error{
		func() error {
			return eachRow(a, h, "reads", func(r ReadRow) {
				o := of(r.System)
				o.Reads = append(o.Reads, access.Read{System: o.System, Scope: r.Scope, Kind: r.Kind, Complete: r.Complete, Gap: r.Gap})
			})
		},
		func() error {
			return eachRow(a, h, "entitlements", func(r EntitlementRow) {
				o := of(r.System)
				o.Entitlements = append(o.Entitlements, access.Entitlement{System: o.System, Scope: r.Scope, ScopeName: r.ScopeName,
					Kind: access.EntitlementKind(r.Kind), ID: r.EntitlementID, Name: r.Name, Privileged: r.Privileged})
			})
		},
		func() error {
			if keep == nil {
				return nil
			}
			return eachRow(a, h, "accounts", func(r AccountRow) {
				one := access.Account{System: access.System(r.System), Scope: r.Scope, ID: access.AccountID(r.AccountID), Login: r.Login}
				if keep(one) {
					o := of(r.System)
					o.Accounts = append(o.Accounts, one)
				}
			})
		},
	})
	if err != nil {
		return "", nil, fmt.Errorf("recall what run %s saw: %w", h.RunID, err)
	}
	var all []access.Observation
	for _, name := range names { // the tables are sorted by system
		all = append(all, *seen[name])
	}
	return h.RunID, all, nil
}

// eachRow gives every row of one table of the head's run.
func eachRow[T any](a *Archive, h head, table string, row func(T)) error {
	for _, f := range h.Files {
		if !strings.HasPrefix(f.Path, table+"/") || !strings.Contains(f.Path, "/run="+string(h.RunID)+"/") {
			continue
		}
		b, err := a.proven(h, f.Path)
		if err != nil {
			return err
		}
		if err := rowsIn(b, row); err != nil {
			return fmt.Errorf("read %s: %w", f.Path, err)
		}
	}
	return nil
}

func rowsIn[T any](b []byte, row func(T)) error {
	file, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	version, _ := file.Lookup("rollcall.schema")
	if lacks := columnsLacking[T](file); version != schemaVersion || lacks != "" {
		return fmt.Errorf("it was written by another version of rollcall (schema %q, this one knows %s; column %q); after its next night this one can read it", version, schemaVersion, lacks)
	}
	rows := parquet.NewGenericReader[T](file)
	defer rows.Close()
	some := make([]T, batch)
	for {
		n, err := rows.Read(some)
		for _, one := range some[:n] {
			row(one)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// columnsLacking names the first column of T that a file does not have, or "": what
// it would have said must not be read as no.
func columnsLacking[T any](file *parquet.File) string {
	for _, c := range parquet.SchemaOf(new(T)).Columns() {
		if _, has := file.Schema().Lookup(c...); !has {
			return strings.Join(c, ".")
		}
	}
	return ""
}
