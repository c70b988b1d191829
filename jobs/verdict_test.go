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
		"pending":                 {access.Night{Outcomes: []access.Outcome{{Result: access.Pending}}}, ExitFailed},
		"never happened, adopted": {access.Night{Outcomes: []access.Outcome{{Result: access.Failed, AdoptedFrom: "r"}}}, ExitDone},
	} {
		(&Job{}).verdict(&tt.night)
		if tt.night.Run.ExitCode != tt.want {
			t.Errorf("%s: exit code %d (%s), want %d", name, tt.night.Run.ExitCode, tt.night.Run.Verdict, tt.want)
		}
	}
}
