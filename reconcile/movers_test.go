package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// titled is an accepted list in which one person has these titles, in so many rows.
func titled(m access.Memory, now time.Time, titles ...string) World {
	var rows []access.Identity
	for n, title := range titles {
		rows = append(rows, access.Identity{Source: "employees", EmployeeID: "1", Name: "Ann", Title: title, Status: access.StatusActive, Row: n + 2})
	}
	digest := fmt.Sprint(now, titles)
	return World{Now: now, Memory: m, Rosters: []SourceRoster{{
		Verdict: access.RosterVerdict{Source: "employees", Accepted: true, InForce: access.AcceptedRoster{Source: "employees", SHA256: digest}}, Rows: rows}}}
}

func TestFormerJobsAreRememberedOldestFirstAndOnlyTheLastFive(t *testing.T) {
	now := time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)
	var m access.Memory
	for n := range 8 {
		w := titled(m, now.AddDate(0, 0, n), fmt.Sprintf("Job %d", n))
		m = Remember(w, Decide(w), nil, "r")
	}
	var got []string
	for _, move := range m.Moves[access.PersonKey{Source: "employees", EmployeeID: "1"}] {
		got = append(got, move.Title+" until "+move.Until.Format(time.DateOnly))
	}
	want := []string{"Job 2 until 2026-01-04", "Job 3 until 2026-01-05", "Job 4 until 2026-01-06", "Job 5 until 2026-01-07", "Job 6 until 2026-01-08"}
	steady := titled(m, now.AddDate(0, 0, 8), "Job 7")
	steady.Rosters[0].Rows = append(steady.Rosters[0].Rows, access.Identity{Source: "employees", EmployeeID: "2", Title: "Clerk", Status: access.StatusActive})
	if next := Remember(steady, Decide(steady), nil, "r"); len(next.Moves) != 1 {
		t.Errorf("who never moved is remembered: %v", next.Moves)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("former jobs (-want +got):\n%s", d)
	}
	w := titled(m, now.AddDate(0, 0, 9)) // in no list tonight
	if next := Remember(w, Decide(w), nil, "r"); len(next.Moves) != 1 {
		t.Errorf("who is in no list is forgotten: %v", next.Moves)
	}
}

func TestTwoRowsOfOnePersonAreNoChangeOfJob(t *testing.T) {
	now := time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)
	w := titled(access.Memory{}, now, "Clerk")
	m := Remember(w, Decide(w), nil, "r")
	w = titled(m, now.AddDate(0, 0, 1), "Clerk", "Dev")
	if m = Remember(w, Decide(w), nil, "r"); len(m.Moves) != 0 {
		t.Errorf("two rows made a move: %v", m.Moves)
	}
}

func TestTheUseOfBreakGlassAccountsIsRememberedAndNeverGoesBack(t *testing.T) {
	used := time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)
	glass := access.Account{System: "okta", ID: "g", Login: "glass", Kind: access.OktaUser, Status: access.AccountActive, LastUsedAt: used}
	w := World{Now: used.AddDate(0, 0, 1), Policy: access.Policy{NonHuman: []access.NonHuman{{System: "okta", Account: "glass", Kind: access.KindBreakGlass}}},
		Systems: []access.Observation{{System: "okta", Accounts: []access.Account{glass}, Reads: []access.Read{{System: "okta", Kind: "users", Lists: true, Complete: true}}}}}
	m := Remember(w, Decide(w), nil, "r")
	w.Memory = m
	w.Systems[0].Accounts = []access.Account{glass}
	w.Systems[0].Accounts[0].LastUsedAt = used.AddDate(0, 0, -5) // a report that lags behind
	if m = Remember(w, Decide(w), nil, "r"); !m.GlassUsed[glass.Key()].Equal(used) {
		t.Errorf("remembered %v, want %s", m.GlassUsed, used)
	}
	w.Memory, w.Systems = m, nil
	if m = Remember(w, Decide(w), nil, "r"); !m.GlassUsed[glass.Key()].Equal(used) {
		t.Errorf("forgotten on a night that did not read it: %v", m.GlassUsed)
	}
}

func TestAJobIsOfWhoWorksHereByOneRowWithoutAFault(t *testing.T) {
	row := func(id access.EmployeeID, s access.Status, problem string) access.Identity {
		return access.Identity{Source: "employees", EmployeeID: id, Status: s, Problem: problem}
	}
	got := jobs([]access.Identity{
		row("active", access.StatusActive, ""), row("on leave", access.StatusLeave, ""), row("left", access.StatusLeft, ""), row("ahead", access.StatusPending, ""), row("garden", access.StatusGardenLeave, ""),
		row("fault", access.StatusActive, "two dates"), row("", access.StatusActive, ""),
		row("twice", access.StatusActive, ""), row("twice", access.StatusActive, ""), row("thrice", access.StatusActive, ""), row("thrice", access.StatusActive, ""), row("thrice", access.StatusActive, ""),
		row("came back", access.StatusLeft, ""), row("came back", access.StatusActive, ""),
	})
	var ids []string
	for k := range got {
		ids = append(ids, string(k.EmployeeID))
	}
	slices.Sort(ids)
	if d := cmp.Diff([]string{"active", "came back", "on leave"}, ids); d != "" {
		t.Errorf("who has a job (-want +got):\n%s", d)
	}
}

func TestOnlyBreakGlassAccountsAreRememberedAlsoOneThatWasNeverUsed(t *testing.T) {
	was := time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)
	w := World{Policy: access.Policy{NonHuman: []access.NonHuman{{Kind: access.KindService}, {Kind: access.KindBreakGlass}}}}
	judged, want := access.Judged{}, map[access.AccountKey]time.Time{}
	w.Memory.GlassUsed = map[access.AccountKey]time.Time{}
	for _, one := range []struct {
		id    access.AccountID
		match access.Match
		used  time.Time
		known bool
		want  bool
	}{
		{"never used", access.Match{How: access.MatchedNonHuman, NonHuman: 1}, time.Time{}, false, true},
		{"used again", access.Match{How: access.MatchedNonHuman, NonHuman: 1}, was.Add(time.Hour), true, true},
		{"robot", access.Match{How: access.MatchedNonHuman, NonHuman: 0}, was, false, false},
		{"ann", access.Match{How: access.MatchedHRID, NonHuman: 1}, was, false, false},
	} {
		a := access.Account{System: "okta", ID: one.id, LastUsedAt: one.used}
		judged.Accounts, judged.Matches = append(judged.Accounts, a), append(judged.Matches, one.match)
		if one.known {
			w.Memory.GlassUsed[a.Key()] = was
		}
		if one.want {
			want[a.Key()] = one.used
		}
	}
	got := glassUsed(w, Decision{Systems: []access.Judged{judged}})
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
