package reports

import (
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

func TestWhoeverIsStillEmployedLeavesAhead(t *testing.T) {
	now := at("2026-11-23 02:00")
	for standing, want := range map[access.Standing]bool{access.StandingScheduled: true, access.StandingGarden: true, access.StandingLeft: false, access.StandingActive: false} {
		if got := reconcile.LeavesAhead(person("1", "x", "y", standing), now); got != want {
			t.Errorf("%s without a date: %v", standing, got)
		}
	}
	contract := person("1", "x", "y", access.StandingActive)
	contract.EndDate = dayOf("2027-01-31")
	if !reconcile.LeavesAhead(contract, now) {
		t.Error("an end of contract that is ahead is not seen")
	}
}

func TestAReasonThatTellsOfADepartureIsWithheldFromManagers(t *testing.T) {
	s := sheets(testNight())[0]
	leaves := access.Item{Person: testPeople()[4]}
	for text, told := range map[string]bool{"used until 2026-12-18": false, "valid to 2026-12-24": false, "resigned": false,
		"her contract ends soon": false, "no rule gives an Engineer this": true} {
		if got := s.discreet(&leaves, text); (got == text) != told {
			t.Errorf("%q shows as %q", text, got)
		}
	}
	stays := access.Item{Person: testPeople()[0]}
	if got := s.discreet(&stays, "approves annual leave"); got != "approves annual leave" {
		t.Errorf("an ordinary reason shows as %q", got)
	}
}

func TestALineThatMayTellOfADepartureIsForHROnly(t *testing.T) {
	d := newDiscretion(testNight())
	for want, all := range map[bool][]access.Problem{
		false: {{Says: "27 % fewer rows"}, {Row: 9, Column: "Employee ID", Says: "Excel changed the ID."}},
		true: {{Row: 9, Says: "two rows differ"}, {Row: 9, Column: "Status", Says: "new"}, {Row: 9, Column: "Last_Working_Day", Says: "bad"},
			{Row: 9, Column: "Email", Says: "Zelda Leaves-Later has two"}, {Row: 9, Column: "Email", Says: "two", Person: testPeople()[4].Key()}},
	} {
		for _, p := range all {
			if got := d.forHR(p); got != want {
				t.Errorf("%+v: %v", p, got)
			}
		}
	}
}

func TestTheBooksOfAWorksheetDoNotCountWhoLeavesSoon(t *testing.T) {
	was := []access.Balance{{What: "rows in force of roster employees", Total: 20, Parts: []access.BalancePart{{Name: "active", Count: 15}, {Name: "garden_leave", Count: 1}, {Name: "left", Count: 2}, {Name: "scheduled", Count: 2}}},
		{What: "accounts of okta", Total: 3, Parts: []access.BalancePart{{Name: "matched", Count: 3}}}}
	got := employedTogether(was)
	if said := partWords(got[0]); said != "18 employed + 2 left" || !got[0].Holds() {
		t.Errorf("the books say %q", said)
	}
	if said := partWords(got[1]); said != "3 matched" || len(was[0].Parts) != 4 {
		t.Errorf("the books of accounts say %q; the night's own have %v", said, was[0].Parts)
	}
}

// people.md 4.4: why somebody's access was ordered to end stays with HR and security.
func TestWhyAccessWasOrderedToEndIsToldToNobodyWhoReadsASummary(t *testing.T) {
	for name, wake := range map[string]func(*access.Night){
		"the run of the order": func(n *access.Night) {
			n.Order = &access.Order{Person: testPeople()[0].Key(), By: "ann@host", Reason: "suspected: theft. Nothing undoes it (so HR says)", Ticket: "INC-7"}
			for _, kind := range []access.FindingKind{access.LeaverAccess, access.ProtectedLeaver} {
				n.Findings = append(n.Findings, access.Finding{ID: "o-" + string(kind), Kind: kind, Severity: "critical", Disposition: access.ToRevoke, Person: n.Order.Person, Account: access.AccountKey{System: "okta", ID: "00u1"},
					Reason: "is to lose all access now, ordered by " + n.Order.String(), Cites: "ordered by " + n.Order.String()})
			}
		},
		"a night after it": func(n *access.Night) {
			n.Findings = append(n.Findings, access.Finding{ID: "b-1", Kind: access.BlockedActive, Severity: "critical", Disposition: access.ToUrgent, Person: testPeople()[0].Key(), Account: access.AccountKey{System: "okta", ID: "00u1"},
				Reason: "Ann works here by the HR list, but ann in okta was blocked by hand on 2026-11-20, ordered by ann@host: suspected: theft. Nothing undoes it (so HR says) (INC-7). Nothing undoes it: HR and whoever ordered it are to say how it ends"})
		},
	} {
		n, f := reported()
		wake(n)
		told, err := SummaryJSON(n, f)
		if err != nil {
			t.Fatal(err)
		}
		for form, text := range map[string]string{"text": Summary(n, f), "Markdown": SummaryMarkdown(n, f), "JSON": string(told), "page": nightPage(t, n, f)} {
			if flat := strings.Join(strings.Fields(text), " "); strings.Contains(flat, "theft") || strings.Contains(flat, "HR says)") {
				t.Errorf("%s, %s: it says why", name, form)
			} else if !strings.Contains(flat, "ann@host") && !strings.Contains(flat, "ann\\@host") && !strings.Contains(flat, "ann&#64;host") {
				t.Errorf("%s, %s: it does not say who ordered it", name, form)
			}
		}
	}
}
