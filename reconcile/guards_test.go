package reconcile

import (
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

var tonight = time.Date(2026, 11, 27, 2, 0, 0, 0, time.UTC)

func account(system access.System, n int) access.AccountKey {
	return access.AccountKey{System: system, ID: access.AccountID(fmt.Sprintf("%s%02d", system, n))}
}

func employee(n int) access.PersonKey {
	return access.PersonKey{Source: "employees", EmployeeID: access.EmployeeID(fmt.Sprint(n))}
}

// many are candidates of a stage, each about an account, and a person, of its own.
func many(n int, system access.System, stage access.Stage, change ...func(*access.Action)) []Candidate {
	var out []Candidate
	for i := range n {
		a := access.Action{ID: fmt.Sprintf("%s-%s-%02d", stage, system, i), Stage: stage, Account: account(system, i), Person: employee(i), First: true, Undoable: stage == access.Block}
		for _, f := range change {
			f(&a)
		}
		out = append(out, Candidate{Action: a})
	}
	return out
}

// ago is an account that was first blocked so long ago.
func ago(k access.AccountKey, d time.Duration, released ...access.Release) access.BlockRecord {
	return access.BlockRecord{Account: k, At: tonight.Add(-d), Verified: true, Released: released}
}

func blockedOf(system access.System, n int, d time.Duration, released ...access.Release) map[access.AccountKey]access.BlockRecord {
	out := map[access.AccountKey]access.BlockRecord{}
	for i := range n {
		k := account(system, 50+i)
		out[k] = ago(k, d, released...)
	}
	return out
}

// tripsOf judges, and says which guards tripped and at how many of how many.
func tripsOf(all []Candidate, f Facts) (says []string) {
	f.Now, f.Mode = tonight, access.Enforce
	if f.Memory.Accounts == nil {
		f.Memory.Accounts = map[access.System]int{"okta": 1, "aws": 1}
	}
	p, _ := Judge(all, f)
	for _, g := range p.Trips {
		says = append(says, fmt.Sprintf("%s %s %d/%d", g.Guard, g.Scope, g.Count, g.Limit))
	}
	return says
}

// What each guard lets pass, and the first number at which it trips. It is long because it
// is one table, in which the number that passes stands above the one that trips.
func TestTheNumbersOfTheGuards(t *testing.T) {
	block, remove := access.Block, access.Remove
	inAll := func(id string) access.Release { return access.Release{Approval: "a", Guard: id, Scope: "all systems"} }
	inOkta := access.Release{Approval: "a", Guard: "blast_radius", Scope: "okta"}
	wide := Limits{NightMin: 90, WeekMin: 90, RemoveNightMin: 90, RemoveWeekMin: 90, Concentration: 90, Irreversible: 90}
	memory := func(m access.Memory) Facts { return Facts{Limits: wide, Memory: m} }
	limited := func(f Facts, change func(*Limits)) Facts { change(&f.Limits); return f }
	for name, one := range map[string]struct {
		all  []Candidate
		f    Facts
		want []string
	}{
		"five a night by default":           {many(5, "okta", block), Facts{}, nil},
		"and no sixth":                      {many(6, "okta", block), Facts{}, []string{"blast_radius okta 6/5"}},
		"three in a hundred":                {many(6, "okta", block), Facts{Memory: access.Memory{Accounts: map[access.System]int{"okta": 200}}}, nil},
		"of all that there were":            {many(7, "okta", block), Facts{Memory: access.Memory{Accounts: map[access.System]int{"okta": 200}}}, []string{"blast_radius okta 7/6"}},
		"in total too":                      {slices.Concat(many(4, "okta", block), many(4, "aws", block)), Facts{}, []string{"blast_radius all systems 8/5"}},
		"ten a week":                        {many(5, "okta", block), Facts{Memory: access.Memory{Blocked: blockedOf("okta", 5, 3*24*time.Hour)}}, nil},
		"and no eleventh":                   {many(5, "okta", block), Facts{Memory: access.Memory{Blocked: blockedOf("okta", 6, 3*24*time.Hour)}}, []string{"blast_radius okta 11/10"}},
		"a week is seven days":              {many(5, "okta", block), Facts{Memory: access.Memory{Blocked: blockedOf("okta", 6, 7*24*time.Hour)}}, nil},
		"a second run is of the same night": {many(3, "okta", block), Facts{Memory: access.Memory{Blocked: blockedOf("okta", 3, 2*time.Hour)}}, []string{"blast_radius okta 6/5"}},
		"what was blocked elsewhere is not of this system": {many(5, "okta", block), limited(Facts{Memory: access.Memory{Blocked: blockedOf("aws", 6, 3*24*time.Hour)}}, func(l *Limits) { l.WeekMin = 10 }), []string{"blast_radius all systems 11/10"}},
		"an answer to another guard fills the week":        {many(5, "okta", block), Facts{Memory: access.Memory{Blocked: blockedOf("okta", 6, 3*24*time.Hour, inAll("irreversible"), access.Release{Guard: "irreversible", Scope: "okta"})}}, []string{"blast_radius okta 11/10"}},
		"an answer to this one does not":                   {many(5, "okta", block), Facts{Memory: access.Memory{Blocked: blockedOf("okta", 6, 3*24*time.Hour, inOkta, inAll("blast_radius"))}}, nil},
		"a full week alone holds nothing":                  {nil, Facts{Memory: access.Memory{Blocked: blockedOf("okta", 60, 3*24*time.Hour)}}, nil},
		"a full week holds no further step":                {many(1, "okta", block, func(a *access.Action) { a.First = false }), Facts{Memory: access.Memory{Blocked: blockedOf("okta", 60, 3*24*time.Hour)}}, nil},
		"removes have numbers of their own":                {many(6, "okta", remove), limited(memory(access.Memory{}), func(l *Limits) { l.RemoveNightMin = 5 }), []string{"blast_radius okta 6/5"}},
		"removes of the week":                              {many(1, "okta", remove), limited(memory(access.Memory{Endings: endingsOf("okta", 2, 3*24*time.Hour)}), func(l *Limits) { l.RemoveWeekMin = 2 }), []string{"blast_radius okta 3/2"}},
		"and no earlier ones":                              {many(1, "okta", remove), limited(memory(access.Memory{Endings: endingsOf("okta", 2, 7*24*time.Hour)}), func(l *Limits) { l.RemoveWeekMin = 2 }), nil},
		"removes that somebody answered for":               {many(1, "okta", remove), limited(memory(access.Memory{Endings: endingsOf("okta", 2, 3*24*time.Hour, inOkta, inAll("blast_radius"))}), func(l *Limits) { l.RemoveWeekMin = 2 }), nil},
		"removes of former jobs elsewhere": {many(1, "okta", remove), limited(memory(access.Memory{Residues: map[string]access.Residue{"f-1": {Account: account("aws", 1), RemovingAt: tonight.Add(-24 * time.Hour)}, "f-2": {Account: account("aws", 2), RemovingAt: tonight.Add(-24 * time.Hour)}}}),
			func(l *Limits) { l.RemoveWeekMin = 2 }), []string{"blast_radius all systems 3/2"}},
		"one account counts once":       {slices.Concat(many(5, "okta", block), many(5, "okta", block, func(a *access.Action) { a.ID += "-again" })), Facts{}, nil},
		"two for ever":                  {many(2, "okta", block, forEver), Facts{Limits: wide, Memory: access.Memory{}}, nil},
		"and no third":                  {many(3, "okta", block, forEver), limited(memory(access.Memory{}), func(l *Limits) { l.Irreversible = 2 }), []string{"irreversible all systems 3/2"}},
		"with those of this night":      {many(1, "okta", block, forEver), limited(memory(access.Memory{Blocked: verbsOf(2*time.Hour, access.OktaDeactivate, access.OktaDeleteToken)}), func(l *Limits) { l.Irreversible = 2 }), []string{"irreversible all systems 3/2"}},
		"and not of the last":           {many(1, "okta", block, forEver), limited(memory(access.Memory{Blocked: verbsOf(12*time.Hour, access.OktaDeactivate, access.OktaDeleteToken)}), func(l *Limits) { l.Irreversible = 2 }), nil},
		"what can be undone is no such": {many(1, "okta", block, forEver), limited(memory(access.Memory{Blocked: verbsOf(2*time.Hour, access.OktaSuspend, access.OktaClearSessions)}), func(l *Limits) { l.Irreversible = 2 }), nil},
		"six of one department":         {many(6, "okta", block), Facts{Limits: limited(Facts{Limits: wide}, func(l *Limits) { l.Concentration = 5 }).Limits, Groups: groupsOf(6, "department Sales")}, []string{"concentration department Sales 6/5"}},
		"five of one department":        {many(5, "okta", block), Facts{Limits: limited(Facts{Limits: wide}, func(l *Limits) { l.Concentration = 5 }).Limits, Groups: groupsOf(5, "department Sales")}, nil},
		"half of all":                   {many(12, "okta", block), Facts{Limits: limited(Facts{Limits: wide}, func(l *Limits) { l.Concentration = 5 }).Limits, Groups: groupsOf(6, "department Sales")}, nil},
		"more than half of all":         {many(11, "okta", block), Facts{Limits: limited(Facts{Limits: wide}, func(l *Limits) { l.Concentration = 5 }).Limits, Groups: groupsOf(6, "department Sales")}, []string{"concentration department Sales 6/5"}},
		"people count, not accounts":    {many(6, "okta", block, func(a *access.Action) { a.Person = employee(1) }), Facts{Limits: limited(Facts{Limits: wide}, func(l *Limits) { l.Concentration = 5 }).Limits, Groups: groupsOf(6, "department Sales")}, nil},
		"two groups, by their names": {many(6, "okta", block), Facts{Limits: limited(Facts{Limits: wide}, func(l *Limits) { l.Concentration = 2 }).Limits, Groups: map[access.AccountKey][]string{
			account("okta", 0): {"a", "b"}, account("okta", 1): {"b", "a"}, account("okta", 2): {"a", "b"}, account("okta", 3): {"a", "b"}, account("okta", 4): {"b"}}}, []string{"concentration a 4/2", "concentration b 5/2"}},
		"who is held already is none of them": {heldToo(many(6, "okta", block)), Facts{Limits: limited(Facts{Limits: wide}, func(l *Limits) { l.Concentration = 5 }).Limits, Groups: groupsOf(6, "department Sales")}, []string{"protected okta 1/0"}},
		"six who had one job":                 {many(6, "okta", remove, ofAMove), Facts{Limits: limited(Facts{Limits: wide}, func(l *Limits) { l.Concentration = 5 }).Limits, Groups: groupsOf(6, "former department Sales")}, []string{"concentration former department Sales 6/5"}},
		"of whom one is held already":         {heldToo(many(6, "okta", remove, ofAMove)), Facts{Limits: limited(Facts{Limits: wide}, func(l *Limits) { l.Concentration = 5 }).Limits, Groups: groupsOf(6, "former department Sales")}, []string{"protected okta 1/0"}},
		"those that somebody answered for are none of them": {many(1, "okta", block, forEver), limited(memory(access.Memory{Blocked: blockedWith(access.BlockRecord{At: tonight.Add(-time.Hour), Final: []access.Final{{Verb: access.OktaDeactivate, At: tonight.Add(-time.Hour), Released: []access.Release{inAll("irreversible")}}, {Verb: access.OktaDeleteToken, At: tonight.Add(-time.Hour), Released: []access.Release{inAll("irreversible")}}}})}),
			func(l *Limits) { l.Irreversible = 2 }), nil},
		"a user who is being deleted is one": {many(2, "okta", block, forEver), limited(memory(access.Memory{Endings: endedWith(access.Ending{Verbs: []access.Verb{access.IAMDeleteUser}})}), func(l *Limits) { l.Irreversible = 2 }), []string{"irreversible all systems 3/2"}},
		"and who was deleted tonight":        {many(2, "okta", block, forEver), limited(memory(access.Memory{Endings: endedWith(access.Ending{RemovedAt: tonight.Add(-time.Hour), Verbs: []access.Verb{access.IAMDeleteUser}})}), func(l *Limits) { l.Irreversible = 2 }), []string{"irreversible all systems 3/2"}},
		"and not last night":                 {many(2, "okta", block, forEver), limited(memory(access.Memory{Endings: endedWith(access.Ending{RemovedAt: tonight.Add(-13 * time.Hour), Verbs: []access.Verb{access.IAMDeleteUser}})}), func(l *Limits) { l.Irreversible = 2 }), nil},
		"nor when somebody answered for it":  {many(2, "okta", block, forEver), limited(memory(access.Memory{Endings: endedWith(access.Ending{Verbs: []access.Verb{access.IAMDeleteUser}, Released: []access.Release{inAll("irreversible")}})}), func(l *Limits) { l.Irreversible = 2 }), nil},
		"removes elsewhere":                  {many(1, "okta", remove), limited(memory(access.Memory{Endings: endingsOf("aws", 2, 3*24*time.Hour)}), func(l *Limits) { l.RemoveWeekMin = 2 }), []string{"blast_radius all systems 3/2"}},
		"half of who hold a right":           {many(6, "okta", remove, ofAReview), limited(Facts{Limits: wide, Holders: map[string]int{"Okta group Sales (okta)": 12}}, func(l *Limits) { l.Concentration = 2 }), nil},
		"and no more":                        {many(7, "okta", remove, ofAReview), limited(Facts{Limits: wide, Holders: map[string]int{"Okta group Sales (okta)": 12}}, func(l *Limits) { l.Concentration = 2 }), []string{"review_removals Okta group Sales (okta) 7/6"}},
		"ten rights by reviews":              {many(10, "okta", remove, ofAReview), Facts{Limits: wide}, nil},
		"and no eleventh right":              {many(11, "okta", remove, ofAReview), Facts{Limits: wide}, []string{"review_removals all systems 11/10"}},
		"five in a hundred by reviews":       {many(11, "okta", remove, ofAReview), Facts{Limits: wide, Memory: access.Memory{Accounts: map[access.System]int{"okta": 220}}}, nil},
		"those of the last hours count":      {many(1, "okta", remove, ofAReview), limited(memory(access.Memory{Removals: sentAgo(10, time.Hour)}), func(*Limits) {}), []string{"review_removals all systems 11/10"}},
		"those of the last night do not":     {many(1, "okta", remove, ofAReview), limited(memory(access.Memory{Removals: sentAgo(10, 13*time.Hour)}), func(*Limits) {}), nil},
		"a full night alone holds no right":  {nil, memory(access.Memory{Removals: sentAgo(11, time.Hour)}), nil},
		"nor does what is held already":      {heldToo(many(11, "okta", remove, ofAReview)), Facts{Limits: wide}, []string{"protected okta 1/0"}},
		"eight in a hundred a week":          {many(5, "okta", block), Facts{Memory: access.Memory{Accounts: map[access.System]int{"okta": 200}, Blocked: blockedOf("okta", 11, 3*24*time.Hour)}}, nil},
		"and no more in a week":              {many(5, "okta", block), Facts{Memory: access.Memory{Accounts: map[access.System]int{"okta": 200}, Blocked: blockedOf("okta", 12, 3*24*time.Hour)}}, []string{"blast_radius okta 17/16"}},
		"eight in a hundred removes a week":  {many(5, "okta", remove), Facts{Memory: access.Memory{Accounts: map[access.System]int{"okta": 200}, Endings: endingsOf("okta", 11, 3*24*time.Hour)}}, nil},
		"and no more removes in a week":      {many(5, "okta", remove), Facts{Memory: access.Memory{Accounts: map[access.System]int{"okta": 200}, Endings: endingsOf("okta", 12, 3*24*time.Hour)}}, []string{"blast_radius okta 17/16"}},
		"only in the system without one":     {slices.Concat(many(1, "sso", block), many(1, "okta", block)), Facts{}, []string{"baseline sso 1/0"}},
		"without a baseline nothing":         {many(1, "sso", block), Facts{}, []string{"baseline sso 1/0"}},
	} {
		if diff := gocmp.Diff(one.want, tripsOf(one.all, one.f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// sentAgo are so many removals that reviews decided and a run sent so long ago.
func sentAgo(n int, d time.Duration) map[string]access.Removal {
	out := map[string]access.Removal{}
	for i := range n {
		row := fmt.Sprint("sent-", i)
		out[row] = access.Removal{RowID: row, SentAt: tonight.Add(-d)}
	}
	return out
}

func ofAMove(a *access.Action) { a.Mover = true }

// heldToo holds the last of them for what it is.
func heldToo(all []Candidate) []Candidate {
	all[len(all)-1].Held, all[len(all)-1].Says = "protected", "it is protected"
	return all
}

func ofAReview(a *access.Action) {
	a.Review, a.First, a.EntitlementKind, a.Entitlement = "row-"+a.ID, false, access.OktaGroup, "Sales"
}

func blockedWith(b access.BlockRecord) map[access.AccountKey]access.BlockRecord {
	b.Account = account("okta", 70)
	return map[access.AccountKey]access.BlockRecord{b.Account: b}
}

func endedWith(end access.Ending) map[access.AccountKey]access.Ending {
	end.Account = account("okta", 71)
	return map[access.AccountKey]access.Ending{end.Account: end}
}

func forEver(a *access.Action) { a.Undoable = false }

func groupsOf(n int, names ...string) map[access.AccountKey][]string {
	out := map[access.AccountKey][]string{}
	for i := range n {
		out[account("okta", i)] = names
	}
	return out
}

func verbsOf(d time.Duration, verbs ...access.Verb) map[access.AccountKey]access.BlockRecord {
	k := account("okta", 70)
	b := ago(k, d)
	b.Verbs = verbs
	for _, v := range verbs {
		if v == access.OktaDeactivate || v == access.OktaDeleteToken {
			b.Final = append(b.Final, access.Final{Verb: v, At: b.At})
		}
	}
	return map[access.AccountKey]access.BlockRecord{k: b}
}

func endingsOf(system access.System, n int, d time.Duration, released ...access.Release) map[access.AccountKey]access.Ending {
	out := map[access.AccountKey]access.Ending{}
	for i := range n {
		k := account(system, 60+i)
		out[k] = access.Ending{Account: k, RemovingAt: tonight.Add(-d), Released: released}
	}
	return out
}

func TestAGuardOfReviewsNamesTheRightAndWhatToDo(t *testing.T) {
	inAnAccount := func(a *access.Action) {
		a.Review, a.First, a.EntitlementKind, a.EntitlementID, a.GrantScope = "row-"+a.ID, false, access.PermissionSet, "PS1", "111"
	}
	f := Facts{Now: tonight, Mode: access.Enforce, Limits: Limits{Concentration: 2}, Memory: access.Memory{Accounts: map[access.System]int{"aws": 1}}, Holders: map[string]int{"Permission set PS1 in 111 (aws)": 4}}
	p, _ := Judge(many(3, "aws", access.Remove, inAnAccount), f)
	if len(p.Trips) != 1 {
		t.Fatalf("%d trips", len(p.Trips))
	}
	trip := p.Trips[0]
	if want := "3 of the 4 who hold Permission set PS1 in 111 (aws) would lose it tonight, as reviewers decided"; trip.Says != want {
		t.Errorf("it says %q, want %q", trip.Says, want)
	}
	if want := "look at them with the reviewers who decided it; if it is right, approve it, and the next run takes them away; if not, have them send their worksheet again with the right decision"; trip.Mend != want {
		t.Errorf("to do: %q, want %q", trip.Mend, want)
	}
	p, _ = Judge(many(11, "aws", access.Remove, inAnAccount), Facts{Now: tonight, Mode: access.Enforce, Limits: Limits{Concentration: 90}, Memory: f.Memory})
	if len(p.Trips) != 1 || p.Trips[0].Says != "11 rights would be taken tonight that reviewers decided to remove, of 1 accounts in all; 10 is the most for one night" {
		t.Errorf("%v", p.Trips)
	}
}
