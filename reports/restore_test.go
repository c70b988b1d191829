package reports

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// restoredNight is a restore in which everything happened once.
func restoredNight() Restored {
	ann := access.PersonKey{Source: "employees", EmployeeID: "1"}
	n := &access.Night{Run: access.Run{ID: "r2", Verdict: "failed", ExitCode: 5, Actor: "eve@host"}, People: []access.Person{{Identity: access.Identity{Source: "employees", EmployeeID: "1", Name: "Ann \x1b[31mLee"}}},
		Systems: []access.Judged{{Observation: access.Observation{Reads: []access.Read{{System: "okta", Kind: "groups", Gap: "timed out"}}}}}}
	r := Restored{Night: n, Of: "r1", Reason: "HR's mistake", ArchiveHead: "abc"}
	add := func(id string, verb access.Verb, fate reconcile.Fate, result access.Result, detail string) {
		a := access.Action{ID: id, Stage: access.Restore, Verb: verb, Person: ann, Account: access.AccountKey{System: "okta", ID: "00u1"}, Login: "ann@example.com", Entitlement: "thing", GrantScope: "111"}
		r.Undoings = append(r.Undoings, reconcile.Undoing{Action: a, Fate: fate, Why: "because " + id, Mend: map[bool]string{true: "mend it"}[fate == reconcile.NotRestored]})
		if result != "" {
			n.Outcomes = append(n.Outcomes, access.Outcome{Action: a, Result: result, Detail: detail})
		}
	}
	add("1", access.OktaUnsuspend, reconcile.ToRestore, access.Done, "the user is ACTIVE")
	add("2", access.IAMUndeny, reconcile.ToRestore, access.Failed, "the answer was: no")
	add("3", access.SSOCreateAssignment, reconcile.ToRestore, access.Pending, "AWS is still giving it back")
	add("4", access.SSOCreateMembership, reconcile.ToRestore, access.AlreadyAbsent, "the user is in the group")
	add("5", access.IAMActivateKey, reconcile.ToRestore, access.Skipped, "it was deleted")
	add("6", access.IAMActivateSSHKey, reconcile.ToRestore, "", "")
	add("7", access.IAMActivateCertificate, reconcile.NotOurs, "", "")
	add("8", access.OktaDeleteToken, reconcile.NotUndoable, "", "")
	add("9", access.SSOCreateAssignment, reconcile.NotRestored, "", "")
	add("10", access.OktaUnsuspend, reconcile.AlreadySo, "", "")
	r.Notes = []string{"run r3 blocked ann too"}
	return r
}

func TestARestoreTellsOfEachThingWhatBecameOfIt(t *testing.T) {
	want := `What was restored of run r1, by run r2.

Ann [31mLee (employees/1)
  restored          lift the suspension, ann@example.com in okta: the user is ACTIVE
  FAILED            take AWSDenyAll off, ann@example.com in okta: the answer was: no
  NOT SEEN TO WORK  give permission set thing in account 111, ann@example.com in okta: AWS is still giving it back
  is so already     put into group thing, ann@example.com in okta: the user is in the group
  refused           make active thing, ann@example.com in okta: it was deleted
  NOT SEEN TO WORK  make active thing, ann@example.com in okta: nothing is known of it
  stays             make active thing, ann@example.com in okta: because 7
  cannot be undone  API token thing, ann@example.com in okta: because 8
  refused           give permission set thing in account 111, ann@example.com in okta: because 9
                    what to do: mend it
  is so already     lift the suspension, ann@example.com in okta: because 10

note: run r3 blocked ann too

not read to its end: okta/groups: timed out

The record is kept; the archive's head is abc
`
	if d := cmp.Diff(want, restoredNight().Text()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestAShownRestoreClaimsNothing(t *testing.T) {
	r := restoredNight()
	r.Shown, r.Night.Outcomes, r.ArchiveHead = true, nil, ""
	text := r.Text()
	for _, claim := range []string{"  restored ", "FAILED", "NOT SEEN", "record is kept"} {
		if strings.Contains(text, claim) {
			t.Errorf("it says %q: %s", claim, text)
		}
	}
	if !strings.HasPrefix(text, "What restoring run r1 would do; nothing was changed.") || strings.Count(text, "would be restored") != 6 {
		t.Error(text)
	}
	b, err := r.JSON()
	var told struct {
		OnlyShown bool `json:"only_shown"`
		Things    []struct{ State string }
	}
	if err != nil || json.Unmarshal(b, &told) != nil || !told.OnlyShown || len(told.Things) != 10 || told.Things[0].State != "would be restored" {
		t.Errorf("%v: %s", err, b)
	}
}
