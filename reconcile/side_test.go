package reconcile

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// crowd is a world that is large enough to be judged in several parts, with
// somebody of each kind in every part.
func crowd(people int) World {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	w := World{Now: now}
	read := access.Read{System: "okta", Kind: "users", Complete: true, Lists: true}
	o := access.Observation{System: "okta", Reads: []access.Read{read}}
	for n := range 9 {
		o.Entitlements = append(o.Entitlements, access.Entitlement{System: "okta", Kind: access.OktaGroup, ID: fmt.Sprintf("g%d", n), Name: fmt.Sprintf("Group %d", n), Editable: true, Privileged: n == 8})
	}
	for n := range 6 {
		w.Policy.RoleMap.Rules = append(w.Policy.RoleMap.Rules, access.Rule{Line: access.Line{File: "rolemap.csv", Row: n + 2}, Role: fmt.Sprintf("Role %d", n), Title: []string{"T1", "T2", "*"}[n%3],
			System: "okta", Kind: "group", Entitlement: fmt.Sprintf("Group %d", n), Requirement: []access.Requirement{access.Required, access.Allowed}[n%2]})
	}
	w.Policy.SoD = []access.SoD{{Line: access.Line{File: "sod.csv", Row: 2}, Rule: "pair", Left: access.Right{Entitlement: "Group 0"}, Right: access.Right{Entitlement: "Group 3"}}}
	var rows []access.Identity
	for i := range people {
		row := access.Identity{Source: "hr", EmployeeID: access.EmployeeID(fmt.Sprintf("%06d", i)), Email: fmt.Sprintf("p%d@example.com", i), Name: fmt.Sprint("P", i), Title: fmt.Sprint("T", i%3), Status: access.StatusActive, Row: i + 2}
		if i%50 == 7 {
			row.Status, row.EndDate = access.StatusLeft, access.Day{At: now.AddDate(0, 0, -3)}
		}
		if i%60 == 9 {
			row.Problem = "a riddle"
		}
		if i%70 == 11 {
			row.Email = "both@example.com"
		}
		rows = append(rows, row)
		for range 1 + i%11/10 { // some have two accounts
			acc := access.Account{System: "okta", ID: access.AccountID(fmt.Sprint("u", len(o.Accounts))), Kind: access.OktaUser, Login: row.Email, Status: access.AccountActive, VendorStatus: "ACTIVE", MFA: access.MFAYes}
			if i%90 == 13 {
				acc.Login = "nobody" + acc.Login
			}
			if i%40 == 5 {
				acc.LastUsedAt, acc.UsageKnown = now.AddDate(-1, 0, 0), true
			}
			for n := range 9 {
				if (i*7+n*3+len(o.Accounts))%4 == 0 {
					o.Grants = append(o.Grants, access.Grant{Account: uint32(len(o.Accounts)), Entitlement: uint32(n)})
				}
			}
			o.Accounts = append(o.Accounts, acc)
		}
	}
	w.Systems = []access.Observation{o}
	w.Rosters = []SourceRoster{{Rows: rows, Verdict: access.RosterVerdict{Source: "hr", File: "hr.csv", Accepted: true, InForce: access.AcceptedRoster{Source: "hr", SHA256: "1"}}}}
	return w
}

func TestWhatIsJudgedSideBySideIsWhatOneAloneJudges(t *testing.T) {
	w := crowd(3 * fewest)
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	one, alone := evaluated(w)
	for _, procs := range []int{2, 3} {
		runtime.GOMAXPROCS(procs)
		if n := parts(len(w.Systems[0].Accounts)); n < procs {
			t.Fatalf("%d parts for %d cores", n, procs)
		}
		e, many := evaluated(w)
		if d := cmp.Diff(alone.Findings, many.Findings); d != "" {
			t.Fatalf("%d at once find something else:\n%.2000s", procs, d)
		}
		if d := cmp.Diff(alone.Plan, many.Plan); d != "" {
			t.Fatalf("%d at once plan something else:\n%.2000s", procs, d)
		}
		if !cmp.Equal(alone.Systems[0].Verdicts, many.Systems[0].Verdicts) || !cmp.Equal(alone.Systems[0].Seen, many.Systems[0].Seen) || !cmp.Equal(alone.Systems[0].Matches, many.Systems[0].Matches) {
			t.Fatalf("%d at once judge otherwise", procs)
		}
		if d := cmp.Diff(one.holders, e.holders); d != "" {
			t.Fatalf("%d at once count other holders:\n%.500s", procs, d)
		}
	}
	kinds := map[access.FindingKind]int{}
	for _, f := range alone.Findings {
		kinds[f.Kind]++
	}
	for _, k := range []access.FindingKind{access.UnexpectedGrant, access.MissingGrant, access.LeaverAccess, access.OrphanAccount, access.AmbiguousMatch, access.HeldPerson, access.SoDConflict, access.DormantAccess, access.UnmappedRole} {
		if kinds[k] == 0 {
			t.Errorf("the crowd has no %s: %v", k, kinds)
		}
	}
}

func TestListsKeepEverythingInItsOrder(t *testing.T) {
	keys := []int{2, 0, -1, 2, 1, 2}
	l := listsBy(4, len(keys), func(i int) int { return keys[i] })
	for k, want := range [][]uint32{{1}, {4}, {0, 3, 5}, {}} {
		if !cmp.Equal(l.of(k), want) {
			t.Errorf("%d: %v, want %v", k, l.of(k), want)
		}
	}
}

func TestASetOfIDsKnowsEachOnce(t *testing.T) {
	var set idSet
	all := map[uint64]bool{}
	for n := range uint64(5000) {
		id := n * n % 1999 << 50 // many belong in the same place, and 0 is among them
		if isNew := set.add(id); isNew == all[id] {
			t.Fatalf("%d: new %t, was there %t", id, isNew, all[id])
		}
		all[id] = true
		if n == 1000 {
			set.grow(10_000)
		}
	}
}

// Somebody's accounts in two systems, and one that may be theirs, say together what
// they lack; one that has ended says nothing.
func TestWhatIsLackedIsKnownFromAllAccountsTogether(t *testing.T) {
	w := crowd(1)
	rule := func(row int, system, name string) access.Rule {
		return access.Rule{Line: access.Line{File: "rolemap.csv", Row: row}, Role: "Role", Title: "T0", System: system, Kind: "group", Entitlement: name, Requirement: access.Required}
	}
	w.Policy.RoleMap.Rules = []access.Rule{rule(2, "okta", "Group 0"), rule(3, "other", "Group 1"), rule(4, "other", "Group 2"), rule(5, "other", "Group 3")}
	mail := w.Rosters[0].Rows[0].Email
	w.Rosters[0].Rows = append(w.Rosters[0].Rows, access.Identity{Source: "hr", EmployeeID: "X", Email: "x@example.com", Name: "X", Title: "T9", Status: access.StatusActive, Row: 9})
	okta := &w.Systems[0]
	okta.Accounts, okta.Grants = okta.Accounts[:1], []access.Grant{{Account: 0, Entitlement: 0}}
	other := access.Observation{System: "other", Entitlements: slices.Clone(okta.Entitlements), Reads: okta.Reads}
	for n, status := range []access.AccountStatus{access.AccountActive, access.AccountActive, access.AccountDisabled} {
		acc := access.Account{System: "other", ID: access.AccountID(fmt.Sprint("o", n)), Kind: access.OktaUser, Login: mail, Status: status, VendorStatus: "ACTIVE", MFA: access.MFAYes}
		if n == 1 {
			acc.Email = "x@example.com" // theirs, or X's
		}
		other.Accounts = append(other.Accounts, acc)
		other.Grants = append(other.Grants, access.Grant{Account: uint32(n), Entitlement: uint32(n + 1)})
	}
	for n := range other.Entitlements {
		other.Entitlements[n].System = "other"
	}
	w.Systems = append(w.Systems, other)
	var lacked []string
	for _, f := range Identify(w).Evaluate().Findings {
		if f.Kind == access.MissingGrant {
			lacked = append(lacked, f.Entitlement)
		}
	}
	if d := cmp.Diff([]string{"Group 3"}, lacked); d != "" {
		t.Error(d)
	}
}

func TestTheRulesThatMayMatchComeInTheOrderOfTheFileEachOnce(t *testing.T) {
	var wild, plain patterns
	for n, pattern := range []string{"*", "b", "a", "x*", "B"} {
		wild.add(int32(n), pattern)
	}
	for n, pattern := range []string{"b", "a"} {
		plain.add(int32(n), pattern)
	}
	for _, c := range []struct {
		of    *patterns
		texts []string
		want  []int32
	}{
		{&wild, []string{"a", "b"}, []int32{0, 1, 2, 3, 4}}, {&wild, []string{"b", "b"}, []int32{0, 1, 3, 4}}, {&wild, []string{"c"}, []int32{0, 3}},
		{&plain, []string{"a", "b"}, []int32{0, 1}}, {&plain, []string{"B", "b"}, []int32{0}}, {&plain, []string{"c"}, nil},
	} {
		if got := c.of.may(c.texts...); !cmp.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.texts, got, c.want)
		}
	}
}

func TestOfManyRolesEachIsNamedByItsOwnRules(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	w := World{Rosters: []SourceRoster{{Verdict: access.RosterVerdict{InForce: access.AcceptedRoster{SHA256: "x"}}}}}
	for n := range 3 * fewest {
		w.Rosters[0].Rows = append(w.Rosters[0].Rows, access.Identity{Source: "hr", EmployeeID: access.EmployeeID(fmt.Sprint(n)), Title: fmt.Sprint("T", n), Status: access.StatusActive, Row: n + 2})
	}
	ruled := []string{"T7", fmt.Sprint("T", 3*fewest-1)}
	for _, title := range ruled {
		w.Policy.RoleMap.Rules = append(w.Policy.RoleMap.Rules, access.Rule{Title: title, System: "okta", Kind: "group", Entitlement: "Staff"})
	}
	e := newEvaluation(w, Stand(w))
	e.expect()
	if n := parts(len(e.people.roles)); n < 2 {
		t.Fatalf("%d parts", n)
	}
	for n := range e.people.list {
		title := e.people.list[n].Title
		if want := slices.Contains(ruled, title); e.named[e.people.role[n]] != want || len(e.mine(int32(n))) > 0 != want {
			t.Errorf("%s is named: %v, by %d audiences", title, e.named[e.people.role[n]], len(e.mine(int32(n))))
		}
	}
}
