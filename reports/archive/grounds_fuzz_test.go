package archive

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// FuzzGrounds: what is read as the grounds of a run says of itself that it is, loses none
// of its lists and approvals, and says the same when it is written and read again.
func FuzzGrounds(f *testing.F) {
	var run access.RunID
	for _, b := range recorded(f, func(name string) bool { return strings.HasPrefix(name, "grounds/") }) {
		var g grounds
		if err := json.Unmarshal(b, &g); err != nil {
			f.Fatal(err)
		}
		g.Approvals = append(g.Approvals, given{File: "a.json", SHA256: "00", Approval: &access.Approval{ID: "A"}}, given{File: "b.json", Unproven: "its signature does not fit"})
		more, err := json.Marshal(g)
		if err != nil {
			f.Fatal(err)
		}
		run = g.RunID
		f.Add(b)
		f.Add(more)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := decodeGrounds(b, run)
		if err != nil {
			if !strings.Contains(err.Error(), groundsName(run)) {
				t.Fatalf("the error does not name the file: %v", err)
			}
			return
		}
		if g.RunID != run || g.Schema != groundsSchema {
			t.Fatalf("the grounds of run %q, schema %d, are taken for those of %q", g.RunID, g.Schema, run)
		}
		for _, l := range g.Lists {
			if got, is := g.list(l.Source); !is || got.Source != l.Source {
				t.Fatalf("the list of %q is lost", l.Source)
			}
		}
		given := g.approvals()
		if len(given) != len(g.Approvals) {
			t.Fatalf("%d approvals of %d", len(given), len(g.Approvals))
		}
		for n, a := range given {
			if a.File != g.Approvals[n].File || a.Unproven != g.Approvals[n].Unproven || a.Spent != g.Approvals[n].Spent {
				t.Fatalf("%+v comes back as %+v", g.Approvals[n], a)
			}
		}
		once, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeGrounds(once, run)
		if err != nil {
			t.Fatalf("what was written is not read: %v: %s", err, once)
		}
		if twice, err := json.Marshal(again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s comes back as %s, %v", once, twice, err)
		}
	})
}
