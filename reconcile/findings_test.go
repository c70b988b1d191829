package reconcile

import (
	"testing"

	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

func TestAFindingKeepsTheDayOnWhichItWasFirstSeen(t *testing.T) {
	w := loadWorld(t, txtar.Parse([]byte("-- employees.csv --\nemployee_id,name,status\n1,Ann,active\n-- system/okta --\nread users lists\naccount 00u1 login=one\naccount 00u2 login=two\n")))
	seen := map[access.AccountID]access.Day{}
	first := Decide(w).Findings
	earlier := dayOf(w.Now.AddDate(0, 0, -9))
	w.Memory.FirstSeen = map[string]access.Day{}
	for _, f := range first {
		if f.FirstSeen != dayOf(w.Now) {
			t.Errorf("%s was first seen tonight, and says %s", f.Kind, f.FirstSeen)
		}
		if f.Account.ID == "00u1" {
			w.Memory.FirstSeen[f.ID] = earlier
		}
	}
	for _, f := range Decide(w).Findings {
		if f.Kind == access.OrphanAccount {
			seen[f.Account.ID] = f.FirstSeen
		}
	}
	if len(seen) != 2 || seen["00u1"] != earlier || seen["00u2"] != dayOf(w.Now) {
		t.Errorf("first seen: %v", seen)
	}
}
