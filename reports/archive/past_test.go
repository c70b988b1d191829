package archive

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

func TestOfThePastOfSomebodyOnlyTheirsIsReadBack(t *testing.T) {
	runs := nightsOf(t, archiveOf(t, 1), 1)
	bob := access.PersonKey{Source: "employees", EmployeeID: "200"}
	got, err := runs[0].Of([]access.PersonKey{bob, {Source: "agency", EmployeeID: "100"}})
	if err != nil {
		t.Fatal(err)
	}
	start := fixtureNight(1).Run.StartedAt.UTC()
	grants := []reconcile.PastGrant{{Person: bob, System: "okta", AccountID: "00u2", Login: "bob", Kind: access.OktaGroup, EntitlementID: "00g2", Entitlement: "fin",
		FirstSeen: access.Day{At: time.Date(2024, 10, 4, 0, 0, 0, 0, time.UTC)}, Verdict: reconcile.PastVerdict{Cites: "exceptions.csv row 3", ApprovedBy: "CFO"}}}
	if diff := gocmp.Diff(grants, got.Grants); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
	if f := got.Findings; len(f) != 1 || f[0].ID != "f2" || f[0].Reason != "Bob left" || f[0].FirstSeen.String() != "2026-03-01" || f[0].Kind != access.LeaverAccess {
		t.Errorf("findings %+v", f)
	}
	var outcomes []string
	for _, o := range got.Outcomes {
		outcomes = append(outcomes, o.Action.ID+" "+string(o.Result)+" "+o.Detail)
	}
	want := []string{"a2 skipped not attempted in this run", "a3 skipped held by guard irreversible", "a0 unknown found in the journal of run 20260228-dead", "a1 done "}
	if !slices.Equal(outcomes, want) {
		t.Errorf("outcomes %q", outcomes)
	}
	if o := got.Outcomes[3]; !o.VerifiedAt.Equal(start.Add(time.Minute+time.Second)) || o.Action.Verb != access.OktaSuspend || o.Before != nil {
		t.Errorf("%+v", o)
	}
	if !got.StartedAt.Equal(start) || len(got.Reads) != 3 {
		t.Errorf("started %s, reads %v", got.StartedAt, got.Reads)
	}
}

// A table is read in parts, of which only those rows are read that are asked for.
func TestWhoeverIsAskedForIsFoundInATableOfManyParts(t *testing.T) {
	type row struct {
		EmployeeID string `parquet:"employee_id,dict"`
		N          int64  `parquet:"n"`
	}
	type plain struct {
		EmployeeID string `parquet:"employee_id"`
		N          int64  `parquet:"n"`
	}
	names := []string{"", "0", "9", "a", "aa", "ab", strings.Repeat("a", 70) + "1", strings.Repeat("a", 70) + "2", "z", "\u00e9"}
	slices.Sort(names)
	options := []parquet.WriterOption{parquet.MaxRowsPerRowGroup(100), parquet.PageBufferSize(64), parquet.KeyValueMetadata("rollcall.schema", schemaVersion)}
	var packed, unpacked bytes.Buffer
	one, other := parquet.NewGenericWriter[row](&packed, options...), parquet.NewGenericWriter[plain](&unpacked, options...)
	want := map[string][]int64{}
	for n := range int64(20 * 37) { // two systems, each sorted
		name := names[n/37%10]
		want[name] = append(want[name], n)
		if _, err := one.Write([]row{{name, n}}); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Write([]plain{{name, n}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(one.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
	store := NewFolder(t.TempDir())
	for at, b := range [][]byte{packed.Bytes(), unpacked.Bytes()} {
		h := head{Manifest: Manifest{RunID: "r", Files: []Entry{{Path: fmt.Sprintf("t%d/run=r/part-00000.parquet", at), SHA256: access.Digest(b)}}}}
		if err := store.Create(h.Files[0].Path, b); err != nil {
			t.Fatal(err)
		}
		for _, ids := range [][]string{{""}, {"0"}, {"aa"}, {"z", "9"}, {names[5]}, {names[6], names[7]}, {"\u00e9", ""}, {"nobody"}, nil, names} {
			var got, all []int64
			for _, id := range ids {
				all = append(all, want[id]...)
			}
			slices.Sort(all)
			err := eachRowOf(New(store, nil), h, fmt.Sprintf("t%d", at), ids, func(r row) { got = append(got, r.N) })
			if err != nil || !slices.Equal(got, all) {
				t.Errorf("%q: %v %v, want %v", ids, err, got, all)
			}
		}
	}
}
