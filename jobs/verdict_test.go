package jobs

import (
	"testing"

	"rollcall/internal/access"
)

func TestTheGravestThingOfANightIsItsVerdict(t *testing.T) {
	failed := access.Outcome{Result: access.Failed}
	gap := access.Judged{Observation: access.Observation{Reads: []access.Read{{Gap: "403"}}}}
	past, whole := gap, gap
	past.Reads, whole.Reads = []access.Read{{Gap: "403", Recalled: true}}, []access.Read{{Complete: true}}
	trip := access.Plan{Trips: []access.GuardError{{Guard: "blast_radius"}}}
	one, other := access.Action{ID: "a-1"}, access.Action{ID: "a-2"}
	order := &access.Order{Person: access.PersonKey{Source: "employees", EmployeeID: "1"}}
	step, back := access.Action{ID: "a-3", Stage: access.Block, Order: order}, access.Action{ID: "a-4", Stage: access.Restore}
	finding := func(kind access.FindingKind, d access.Disposition, who access.EmployeeID) access.Night {
		return access.Night{Order: order, Findings: []access.Finding{{Kind: kind, Disposition: d, Person: access.PersonKey{Source: "employees", EmployeeID: who}}}}
	}
	alias := finding(access.PerhapsTheirs, access.ToUrgent, "0")
	alias.People = []access.Person{{Identity: access.Identity{Source: "employees", EmployeeID: "1"}, SameAs: access.PersonKey{Source: "employees", EmployeeID: "0"}}}
	for name, tt := range map[string]struct {
		night access.Night
		want  int
	}{
		"nothing":           {access.Night{}, ExitDone},
		"done and skipped":  {access.Night{Outcomes: []access.Outcome{{Result: access.Done}, {Result: access.AlreadyAbsent}, {Result: access.Skipped}}}, ExitDone},
		"read to the end":   {access.Night{Systems: []access.Judged{whole}}, ExitDone},
		"a gap of before":   {access.Night{Systems: []access.Judged{past}}, ExitDone},
		"held":              {access.Night{Plan: trip}, ExitHeld},
		"a gap before held": {access.Night{Plan: trip, Systems: []access.Judged{gap}}, ExitIncomplete},
		"failed before all": {access.Night{Plan: trip, Systems: []access.Judged{gap}, Outcomes: []access.Outcome{failed}}, ExitFailed},
		"unknown":           {access.Night{Outcomes: []access.Outcome{{}}}, ExitFailed},
		"unknown, adopted":  {access.Night{Outcomes: []access.Outcome{{Result: access.Unknown, AdoptedFrom: "r"}}}, ExitFailed},
		"adopted, then seen by tonight's own": {access.Night{Outcomes: []access.Outcome{
			{Action: one, Result: access.Pending, AdoptedFrom: "r"}, {Action: one, Result: access.AlreadyAbsent}}}, ExitDone},
		"adopted, and another one seen": {access.Night{Outcomes: []access.Outcome{
			{Action: one, Result: access.Pending, AdoptedFrom: "r"}, {Action: other, Result: access.Done}}}, ExitFailed},
		"pending, then done by an adopted": {access.Night{Outcomes: []access.Outcome{
			{Action: one, Result: access.Done, AdoptedFrom: "r"}, {Action: one, Result: access.Pending}}}, ExitFailed},
		"ordered and skipped":                     {access.Night{Order: order, Outcomes: []access.Outcome{{Action: step, Result: access.Skipped}}}, ExitFailed},
		"ordered, skipped, adopted":               {access.Night{Outcomes: []access.Outcome{{Action: step, Result: access.Skipped, AdoptedFrom: "r"}}}, ExitFailed},
		"ordered, and never happened":             {access.Night{Outcomes: []access.Outcome{{Action: step, Result: access.Failed, AdoptedFrom: "r"}}}, ExitFailed},
		"ordered, then ordered again":             {access.Night{Order: order, Outcomes: []access.Outcome{{Action: step, Result: access.Failed, AdoptedFrom: "r"}, {Action: step, Result: access.Done}}}, ExitDone},
		"ordered, by a gap of before":             {access.Night{Order: order, Systems: []access.Judged{past}}, ExitIncomplete},
		"ordered, by what was whole":              {access.Night{Order: order, Systems: []access.Judged{whole}}, ExitDone},
		"perhaps theirs":                          {finding(access.PerhapsTheirs, access.ToUrgent, "1"), ExitHeld},
		"perhaps theirs, by another of their ids": {alias, ExitHeld},
		"for a person to end":                     {finding(access.LeaverAccess, access.ToUrgent, "1"), ExitHeld},
		"ended by an action":                      {finding(access.LeaverAccess, access.ToRevoke, "1"), ExitDone},
		"somebody else's":                         {finding(access.LeaverAccess, access.ToUrgent, "2"), ExitDone},
		"not given back, on sight":                {access.Night{Plan: access.Plan{Actions: []access.Action{back}}, Outcomes: []access.Outcome{{Action: back, Result: access.Skipped}}}, ExitHeld},
		"never to be given back":                  {access.Night{Outcomes: []access.Outcome{{Action: back, Result: access.Skipped}}}, ExitDone},
		"pending":                                 {access.Night{Outcomes: []access.Outcome{{Result: access.Pending}}}, ExitFailed},
		"never happened, adopted":                 {access.Night{Outcomes: []access.Outcome{{Result: access.Failed, AdoptedFrom: "r"}}}, ExitDone},
	} {
		(&Job{}).verdict(&tt.night)
		if tt.night.Run.ExitCode != tt.want {
			t.Errorf("%s: exit code %d (%s), want %d", name, tt.night.Run.ExitCode, tt.night.Run.Verdict, tt.want)
		}
	}
}
