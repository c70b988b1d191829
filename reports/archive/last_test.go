package archive

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// seenOf is what LastSeen has to give of a night.
func seenOf(n *access.Night, keep func(access.Account) bool) []access.Observation {
	var all []access.Observation
	for _, j := range n.Systems {
		o := access.Observation{System: j.System}
		for _, r := range j.Reads {
			o.Reads = append(o.Reads, access.Read{System: r.System, Scope: r.Scope, Kind: r.Kind, Complete: r.Complete, Gap: r.Gap})
		}
		for _, e := range j.Entitlements {
			o.Entitlements = append(o.Entitlements, access.Entitlement{System: e.System, Scope: e.Scope, ScopeName: e.ScopeName, Kind: e.Kind, ID: e.ID, Name: e.Name, Privileged: e.Privileged})
		}
		for _, a := range j.Accounts {
			if keep != nil && keep(a) {
				o.Accounts = append(o.Accounts, access.Account{System: a.System, Scope: a.Scope, ID: a.ID, Login: a.Login})
			}
		}
		slices.SortFunc(o.Reads, func(a, b access.Read) int {
			return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Kind, b.Kind))
		})
		slices.SortFunc(o.Entitlements, func(a, b access.Entitlement) int {
			return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
		})
		slices.SortFunc(o.Accounts, func(a, b access.Account) int { return a.Key().Compare(b.Key()) })
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b access.Observation) int { return cmp.Compare(a.System, b.System) })
	return all
}

func TestWhatTheLastRunSawIsReadBack(t *testing.T) {
	root := archiveOf(t, 2)
	a := opened(t, root)
	for name, keep := range map[string]func(access.Account) bool{
		"no accounts":   nil,
		"all accounts":  func(access.Account) bool { return true },
		"some accounts": func(a access.Account) bool { return a.Login == "ada" },
	} {
		run, got, err := a.LastSeen(keep)
		if err != nil || run != runID(2) {
			t.Fatalf("%s: run %q, %v", name, run, err)
		}
		if d := gocmp.Diff(seenOf(fixtureNight(2), keep), got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestOfAnEmptyArchiveNothingWasSeen(t *testing.T) {
	a, err := Open(t.TempDir(), testKey)
	if err != nil {
		t.Fatal(err)
	}
	if run, got, err := a.LastSeen(nil); run != "" || got != nil || err != nil {
		t.Errorf("%q %v %v", run, got, err)
	}
}

func TestATableThatWasAlteredIsNotReadBack(t *testing.T) {
	root := archiveOf(t, 1)
	a := opened(t, root)
	flip(t, tablePath(root, "entitlements", 1), 20)
	if _, _, err := a.LastSeen(nil); err == nil || !strings.Contains(err.Error(), "was altered") {
		t.Errorf("%v", err)
	}
}

// A table without the facts that are needed must not pass for one that says no.
func TestATableOfAnOlderRollcallIsNotReadAsIfNothingWerePrivileged(t *testing.T) {
	type row struct {
		RunID string `parquet:"run_id,dict"`
		Name  string `parquet:"name,dict"`
	}
	var file, older, other bytes.Buffer
	if _, err := writeRows(&file, "entitlements", slices.Values([]EntitlementRow{{Name: "x"}})); err != nil {
		t.Fatal(err)
	}
	if _, err := writeRows(&older, "entitlements", slices.Values([]row{{Name: "x"}})); err != nil {
		t.Fatal(err)
	}
	other.Write(bytes.Replace(file.Bytes(), []byte("rollcall.schema\x18\x01"+schemaVersion), []byte("rollcall.schema\x18\x019"), 1))
	for name, b := range map[string][]byte{"without the column": older.Bytes(), "of another schema": other.Bytes()} {
		if _, err := openTable[EntitlementRow](b); err == nil || !strings.Contains(err.Error(), "another version") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if table, err := openTable[EntitlementRow](file.Bytes()); err != nil || table.NumRows() != 1 {
		t.Error(err)
	}
}
