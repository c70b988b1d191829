package jobs

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// hamlet is a company in memory, for the order of events: eight people with an account
// each in one system, and an archive that keeps what a run commits.
type hamlet struct {
	memory  access.Memory
	nights  []*access.Night // committed
	last    reconcile.LastRun
	inputs  int
	shelf   shelfOf
	people  []access.Identity
	done    map[string]bool // verb and account
	calls   []string
	failAt  int  // the call that fails, counted from 1
	blind   bool // the system does not list all accounts
	own     []access.AccountKey
	unsaid  error // it does not tell as whom the night acts
	said    []string
	problem []access.Problem
	runs    int
	at      time.Time
}

func newHamlet(t *testing.T) *hamlet {
	t.Helper()
	h := &hamlet{shelf: shelfOf{}, done: map[string]bool{}, at: midnight}
	for n, name := range []string{"ann", "bob", "cid", "dan", "eve", "jon", "leo", "mia"} {
		id := fmt.Sprintf("E%d", n+1)
		h.people = append(h.people, access.Identity{Source: "employees", EmployeeID: access.EmployeeID(id), Email: name + "@example.test", Name: name,
			Department: "Dep " + id, Status: access.StatusActive, Row: n + 2})
	}
	j := h.job()
	j.Settings.Mode = access.Observe // what is normal
	if _, err := j.Nightly(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.calls = nil
	return h
}

// is writes what HR says of somebody.
func (h *hamlet) is(name string, status access.Status) {
	for n := range h.people {
		if h.people[n].Name == name {
			h.people[n].Status, h.people[n].EndDate = status, access.Day{}
			if status == access.StatusLeft {
				h.people[n].EndDate = access.Day{At: midnight.AddDate(0, 0, -2).Truncate(24 * time.Hour)}
			}
		}
	}
	h.people[0].Title = fmt.Sprint("Clerk ", h.runs) // no list is an old one
}

// step notes a call and fails where the test wants it.
func (h *hamlet) step(name string) error {
	h.calls = append(h.calls, name)
	if len(h.calls) == h.failAt {
		return errIO
	}
	return nil
}

func (h *hamlet) Memory() (access.Memory, error)  { return h.memory, h.step("memory") }
func (h *hamlet) PutInput([]byte) (string, error) { h.inputs++; return "", h.step("input") }
func (h *hamlet) Facts(*access.Night) error       { return h.step("facts") }
func (h *hamlet) Create(name string, b []byte) error {
	return firstOf(h.step("record"), h.shelf, name, b)
}
func (h *hamlet) Read(name string) ([]byte, error)   { return h.shelf.Read(name) }
func (h *hamlet) Recall() (reconcile.LastRun, error) { return h.last, h.step("recall") }
func (h *hamlet) List(prefix string) (n []string, _ error) {
	if err := h.step("list"); err != nil {
		return nil, err
	}
	return h.shelf.List(prefix)
}

func firstOf(err error, s shelfOf, name string, b []byte) error {
	if err != nil {
		return err
	}
	return s.Create(name, b)
}

func (h *hamlet) Finish(n *access.Night, next access.Memory) (string, error) {
	if err := h.step("finish"); err != nil {
		return "", err
	}
	next.Previous = n.Run.ID
	if next.Journals == nil {
		next.Journals = map[access.RunID]bool{}
	}
	next.Journals[n.Run.ID] = true
	h.memory, h.nights = next, append(h.nights, n)
	h.last = reconcile.LastRun{Run: n.Run, Systems: h.seen(), Plan: n.Plan, Outcomes: n.Outcomes}
	return "head of " + string(n.Run.ID), nil
}

func (h *hamlet) seen() []access.Observation {
	o := access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "users", Lists: true, Complete: !h.blind, Records: len(h.people), ClaimedTotal: -1, StartedAt: h.at, FinishedAt: h.at}}}
	for n, p := range h.people {
		a := access.Account{System: "okta", ID: access.AccountID(fmt.Sprint("u", n+1)), Kind: access.OktaUser, Login: p.Email, Email: p.Email, HRID: p.EmployeeID, Name: p.Name,
			Status: access.AccountActive, VendorStatus: "ACTIVE", CreatedAt: midnight.AddDate(-1, 0, 0)}
		if h.done["suspend "+string(a.ID)] {
			a.Status, a.VendorStatus = access.AccountSuspended, "SUSPENDED"
		}
		o.Accounts = append(o.Accounts, a)
	}
	return []access.Observation{o}
}

// giver undoes what the hamlet itself does as a revoker.
type giver struct{ *hamlet }

func (g giver) Inspect(ctx context.Context, act access.Action) (access.State, error) {
	if act.Stage != access.Restore {
		return g.hamlet.Inspect(ctx, act)
	}
	return access.State{Holds: !g.done[string(act.Undoes.Verb)+" "+string(act.Account.ID)]}, nil
}

func (g giver) Act(_ context.Context, act access.Action) (access.Receipt, error) {
	delete(g.done, string(act.Undoes.Verb)+" "+string(act.Account.ID))
	return access.Receipt{}, g.step("send " + string(act.Verb))
}

func (h *hamlet) Inspect(_ context.Context, act access.Action) (access.State, error) {
	return access.State{Holds: h.done[string(act.Verb)+" "+string(act.Account.ID)]}, nil
}

func (h *hamlet) Self(context.Context) ([]access.AccountKey, error) { return h.own, h.unsaid }

func (h *hamlet) Act(_ context.Context, act access.Action) (access.Receipt, error) {
	h.done[string(act.Verb)+" "+string(act.Account.ID)] = true
	return access.Receipt{RequestID: "q1"}, h.step("send " + string(act.Verb))
}

// job is a run an hour after the one before it.
func (h *hamlet) job() *Job {
	h.runs++
	h.at = h.at.Add(time.Hour)
	at := h.at
	j := &Job{Run: access.Run{ID: access.RunID(fmt.Sprintf("run-%02d", h.runs)), StartedAt: at, Mode: access.Enforce, Actor: "cron"}, Now: func() time.Time { return at },
		Sleep: func(context.Context, time.Duration) error { return nil }, Archive: h, Records: h,
		Revokers: map[access.System]Revoker{"okta": h}, Restorers: map[access.System]Restorer{"okta": giver{h}},
		Collect: func(context.Context) []access.Observation { _ = h.step("collect"); return h.seen() },
		Clock:   func() error { return h.step("clock") },
		Report:  func(*access.Night) error { return h.step("report") },
		Say:     func(format string, args ...any) { h.said = append(h.said, fmt.Sprintf(format, args...)) },
		Inputs: func(access.Memory) (Inputs, error) {
			sum := fmt.Sprint(h.people)
			return Inputs{Rosters: []RosterFile{{Roster: access.Roster{Source: "employees", File: "roster.csv", Original: sum, SHA256: sum, Rows: slices.Clone(h.people)}, Received: 9}},
				Problems: h.problem, Digests: []access.Input{{Name: "roster:employees", File: "roster.csv", SHA256: sum}}, Raw: [][]byte{[]byte(sum)}}, h.step("inputs")
		}}
	j.Settings.Mode = access.Enforce
	return j
}

// sent are the changes that were sent.
func (h *hamlet) sent() (all []string) {
	for _, c := range h.calls {
		if len(c) > 5 && c[:5] == "send " {
			all = append(all, c[5:])
		}
	}
	return all
}
