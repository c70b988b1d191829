package reconcile

import (
	"fmt"
	"math/rand/v2"
	"time"

	"rollcall/internal/access"
)

// random makes small worlds in which everything that can contradict does: few
// ids, few addresses, several rows for one id, two sources, gaps, old memories.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 7))} }

// choosing takes one byte for each choice while there are some, so that a fuzzer
// changes one thing of a world at a time; then it goes on by the seed.
func choosing(seed uint64, choices []byte) random {
	return random{rand.New(&chosen{choices, rand.NewPCG(seed, 7)})}
}

type chosen struct {
	bytes []byte
	then  rand.Source
}

func (c *chosen) Uint64() uint64 {
	if len(c.bytes) == 0 {
		return c.then.Uint64()
	}
	b := uint64(c.bytes[0])
	c.bytes = c.bytes[1:]
	return b * 0x0101010101010101
}

func pick[T any](r random, of ...T) T { return of[r.IntN(len(of))] }

func (r random) chance(percent int) bool { return r.IntN(100) < percent }

var midnight = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func (r random) world() World {
	w := World{Now: midnight, Memory: r.memory(), Policy: r.policy()}
	w.Settings = Settings{Zone: pick(r, nil, time.UTC, time.FixedZone("east", 9*3600)), RevokeGardenLeave: r.chance(50), Mode: pick(r, access.Enforce, access.Enforce, access.Observe)}
	if r.chance(70) { // most worlds are small: without this nearly all would be held whole
		w.Settings.Limits = Limits{NightMin: 50, WeekMin: 100, Concentration: 50, Irreversible: 50}
	}
	if r.chance(30) {
		w.Settings.Protected = []string{r.login()}
	}
	for _, s := range []access.Source{"employees", "contractors"} {
		w.Rosters = append(w.Rosters, r.roster(s))
	}
	w.Systems = []access.Observation{r.okta(), r.aws(), r.sso()}
	for _, o := range w.Systems {
		if r.chance(85) {
			w.Memory.Accounts[o.System] = 100
		}
		for _, a := range o.Accounts {
			if r.chance(10) {
				w.Memory.Blocked[a.Key()] = access.BlockRecord{Account: a.Key(), At: midnight.AddDate(0, 0, -r.IntN(12)), Verified: true, Verbs: pick(r, nil, []access.Verb{access.OktaClearSessions, access.OktaSuspend})}
			}
		}
	}
	r.enrich(&w)
	r.limit(&w)
	return w
}

func (r random) id() access.EmployeeID {
	return access.EmployeeID(fmt.Sprint(1 + r.IntN(7)))
}

func (r random) key() access.PersonKey {
	return access.PersonKey{Source: pick[access.Source](r, "employees", "employees", "contractors"), EmployeeID: r.id()}
}

func (r random) login() string { return fmt.Sprintf("p%d@example.com", 1+r.IntN(9)) }

func (r random) day() access.Day {
	if r.chance(60) {
		return access.Day{}
	}
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).AddDate(0, 0, pick(r, -40, -2, -1, 0, 1, 40))
	if r.chance(15) {
		return access.Day{At: at.Add(90 * time.Minute), Exact: true}
	}
	return access.Day{At: at}
}

func (r random) identity(s access.Source, id access.EmployeeID) access.Identity {
	i := access.Identity{
		Source: s, EmployeeID: id, Email: fmt.Sprintf("p%s@example.com", id), Name: "P" + string(id), Title: pick(r, "Engineer", "Clerk"),
		Department: pick(r, "Sales", "Legal", ""), ManagerID: pick(r, "", "1", "2", r.id()),
		Status:    pick(r, access.StatusActive, access.StatusActive, access.StatusLeft, access.StatusLeft, access.StatusLeft, access.StatusLeave, access.StatusPending, access.StatusGardenLeave, access.StatusUnknown),
		StartDate: r.day(), EndDate: r.day(), LastWorkingDay: r.day(), TimeZone: pick(r, "", "", "", "Asia/Tokyo", "Nowhere/Land"),
	}
	if i.Status == access.StatusLeft && i.Department != "Legal" { // of the others, some start after they left
		i.StartDate = access.Day{}
	}
	switch r.IntN(12) {
	case 0:
		i.Email = ""
	case 1:
		i.Email = r.login()
	case 2:
		i.Aliases = r.login()
	case 3:
		i.Problem = "a fault of its own"
	}
	return i
}

func (r random) roster(s access.Source) SourceRoster {
	out := SourceRoster{
		Verdict:  access.RosterVerdict{Source: s, File: string(s) + ".csv", InForce: access.AcceptedRoster{Source: s, SHA256: "x"}},
		Vanished: map[access.PersonKey]access.Vanished{},
	}
	for n := 1; n <= 7; n++ {
		id := access.EmployeeID(fmt.Sprint(n))
		switch {
		case r.chance(20) && s == "employees", r.chance(60) && s == "contractors":
			continue
		case r.chance(10):
			v := r.identity(s, id)
			out.Vanished[v.Key()] = access.Vanished{Identity: v, Since: midnight.AddDate(0, 0, -3)}
			continue
		}
		rows := 1
		if r.chance(25) {
			rows = 2 + r.IntN(2)
		}
		first := r.identity(s, id)
		for k := range rows {
			i := r.identity(s, id)
			if k > 0 { // misread changes some of them
				i.Email, i.Aliases = first.Email, first.Aliases
			} else {
				i = first
			}
			i.Row = len(out.Rows) + 2
			out.Rows = append(out.Rows, i)
		}
	}
	if r.chance(20) {
		out.Verdict.Refusal = &access.GuardError{Guard: "roster", Scope: string(s), Says: "too few"}
		for range r.IntN(4) {
			out.Refused = append(out.Refused, r.identity(s, r.id()))
		}
	}
	return out
}

func (r random) policy() access.Policy {
	var p access.Policy
	for n := range r.IntN(5) {
		p.RoleMap.Rules = append(p.RoleMap.Rules, access.Rule{
			Line: access.Line{File: "rolemap.csv", Row: n + 2}, Role: "r", Title: pick(r, "", "Eng*", "Clerk"), Department: pick(r, "", "Sales"),
			System: pick(r, "okta", "*"), Kind: pick(r, "", "group"), Entitlement: pick(r, "*", "g0", "g1"),
			Requirement: pick(r, access.Allowed, access.Required), ExpiresOn: r.day(),
		})
	}
	for n := range r.IntN(3) {
		p.Exceptions = append(p.Exceptions, r.exception(n))
	}
	for n := range r.IntN(3) {
		p.SoD = append(p.SoD, access.SoD{Line: access.Line{File: "sod.csv", Row: n + 2}, Rule: "pair",
			Left: access.Right{System: pick(r, "", "okta"), Entitlement: pick(r, "g0", "*", "PS")}, Right: access.Right{Entitlement: pick(r, "g1", "g*", "app")}})
	}
	for n := range max(0, r.IntN(5)-2) {
		p.Answers = append(p.Answers, access.Answer{
			Line: access.Line{File: "answers.csv", Row: n + 2}, Person: r.key(), Answer: pick(r, "left", "left", "active", "same_as"), SameAs: r.id(),
			LastWorkingDay: r.day(), ConfirmedBy: "hr", ConfirmedOn: r.day(),
		})
	}
	for n := range max(0, r.IntN(4)-2) {
		p.Links = append(p.Links, access.Link{Line: access.Line{File: "links.csv", Row: n + 2}, Account: access.AccountKey{System: "okta", ID: "u0"}, Person: r.key()})
	}
	for n := range max(0, r.IntN(4)-1) {
		p.NonHuman = append(p.NonHuman, access.NonHuman{
			Line: access.Line{File: "nonhuman.csv", Row: n + 2}, System: "okta", Account: pick(r, "u1", "u2", r.login()),
			Kind: pick(r, access.KindService, access.KindBreakGlass), OwnerID: pick(r, "", r.id()), Review: r.day(),
		})
	}
	return p
}

func (r random) exception(n int) access.Exception {
	return access.Exception{Line: access.Line{File: "exceptions.csv", Row: n + 2}, ID: fmt.Sprint("X", n), Person: r.key(), System: "okta", Entitlement: pick(r, "g0", "g1", "SUPER_ADMIN"), ExpiresOn: r.day()}
}

func (r random) memory() access.Memory {
	m := access.Memory{Accounts: map[access.System]int{}, Blocked: map[access.AccountKey]access.BlockRecord{}, FirstSeenLeft: map[access.PersonKey]time.Time{}}
	for range r.IntN(4) {
		m.FirstSeenLeft[r.key()] = midnight.AddDate(0, 0, -r.IntN(3))
	}
	m.Moves = map[access.PersonKey][]access.Move{}
	for range r.IntN(4) {
		m.Moves[r.key()] = []access.Move{{Title: pick(r, "Engineer", "Clerk", "Cook"), Department: pick(r, "Sales", "Legal", ""), Until: midnight.AddDate(0, 0, -r.IntN(60))}}
	}
	return m
}
