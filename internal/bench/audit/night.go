package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/jobs"
	"rollcall/reconcile"
)

// night decides, acts and records as jobs.Nightly does, but for the texts of the
// nightly worksheets, which take longer than all else and of which the archive has a
// line each.
func (w *writer) night(ctx context.Context) error {
	n := &access.Night{Run: w.run("nightly", w.c.now())}
	n.Run.Previous = w.memory.Previous
	world, err := w.world(n)
	if err != nil {
		return err
	}
	d := reconcile.Identify(world).Evaluate()
	d.Plan.RunID, d.Plan.CreatedAt, n.Run.PlanSHA256 = n.Run.ID, n.Run.StartedAt, d.Plan.SHA256
	n.People, n.Systems, n.Findings, n.Plan, n.Approvals, n.Residues, n.Worksheets = d.People, d.Systems, d.Findings, d.Plan, d.Approvals, d.Residues, toAsk(d)
	s, err := w.Begin(n.Run)
	if err != nil {
		return err
	}
	if err := s.Facts(n); err != nil {
		return err
	}
	if n.Outcomes, err = w.act(n); err != nil {
		return err
	}
	next := reconcile.Remember(world, d, n.Outcomes, n.Run.ID)
	n.Endings, n.Run.Verdict, n.Run.FinishedAt = next.Endings, "done", w.tick()
	if len(n.Plan.Trips) > 0 {
		n.Run.Verdict, n.Run.ExitCode = "held", jobs.ExitHeld
	}
	for i := range n.Worksheets {
		s.Issued(i, access.Digest([]byte(fmt.Sprint(n.Run.ID, i))))
	}
	if err := s.Finish(n, next); err != nil {
		return err
	}
	w.remember(n.Run.ID, next)
	return ctx.Err()
}

// world is what the night rests on; its inputs are put into the archive.
func (w *writer) world(n *access.Night) (reconcile.World, error) {
	rows := w.c.roster()
	list, err := roster.Encode(rows)
	if err != nil {
		return reconcile.World{}, err
	}
	n.Policy = w.c.policy()
	rules := lines(n.Policy.RoleMap.Rules)
	n.Policy.RoleMap.SHA256 = access.Digest(rules)
	for _, b := range [][]byte{list, rules} {
		if _, err := w.PutInput(b); err != nil {
			return reconcile.World{}, err
		}
	}
	n.Inputs = []access.Input{{Name: "roster:" + string(source), File: "roster.csv", SHA256: access.Digest(list)}, {Name: "rolemap", File: "rolemap.csv", SHA256: access.Digest(rules)}}
	accepted := reconcile.Accept(access.Roster{Source: source, File: "roster.csv", AsOf: w.c.now().Add(-6 * time.Hour), Original: access.Digest(list), SHA256: access.Digest(list), Rows: rows}, nil, w.memory, reconcile.RosterGuard{}, w.at)
	if r := accepted.Verdict.Refusal; r != nil {
		return reconcile.World{}, r
	}
	n.Rosters = []access.RosterVerdict{accepted.Verdict}
	seen := w.c.observe(&w.memory)
	return reconcile.World{Now: w.at, Settings: reconcile.Settings{Mode: access.Enforce}, Memory: w.memory, Rosters: []reconcile.SourceRoster{accepted}, Policy: n.Policy,
		Systems: seen, Counts: reconcile.Count(seen, n.Run.ID), Inputs: n.Inputs}, nil
}

// toAsk are the worksheets of the night: of each person that something was found of,
// for their manager.
func toAsk(d reconcile.Decision) (all []access.Worksheet) {
	manager := map[access.PersonKey]access.EmployeeID{}
	for _, p := range d.People {
		manager[p.Key()] = p.ManagerID
	}
	asked := map[access.EmployeeID]int{}
	for _, f := range d.Findings {
		if boss := manager[f.Person]; boss != "" && f.Disposition == access.ToReview {
			asked[boss]++
		}
	}
	for _, boss := range slices.Sorted(maps.Keys(asked)) {
		all = append(all, access.Worksheet{Reviewer: access.PersonKey{Source: source, EmployeeID: boss}, Items: make([]access.Item, asked[boss])})
	}
	return all
}

// record is a journal's: what jobs writes, as far as this simulation has it.
type record struct {
	N       int             `json:"n"`
	Run     access.RunID    `json:"run_id"`
	Kind    string          `json:"kind"`
	At      time.Time       `json:"at"`
	Action  *access.Action  `json:"action,omitempty"`
	Actor   string          `json:"actor,omitempty"`
	Closes  *closed         `json:"closes,omitempty"`
	Outcome *access.Outcome `json:"outcome,omitempty"`
}

type closed struct {
	Run access.RunID `json:"run_id"`
	N   int          `json:"n"`
}

// act carries out the plan: each change works at once, with its two journal records.
func (w *writer) act(n *access.Night) (done []access.Outcome, err error) {
	number := 0
	put := func(r record) error {
		number++
		r.N, r.Run, r.At = number, n.Run.ID, w.tick()
		b, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return w.store.Create(fmt.Sprintf("journal/%s/%06d.json", r.Run, r.N), append(b, '\n'))
	}
	for i := range n.Plan.Actions {
		a := &n.Plan.Actions[i]
		if err := put(record{Kind: "intent", Action: a, Actor: n.Run.Actor}); err != nil {
			return nil, err
		}
		o := access.Outcome{Action: *a, Result: access.Done, RequestID: "req-" + a.ID, PlannedAt: n.Run.StartedAt, SentAt: w.tick(), VerifiedAt: w.tick(), Before: json.RawMessage(`{"status":"ACTIVE"}`), Actor: n.Run.Actor}
		if err := put(record{Kind: "outcome", Closes: &closed{n.Run.ID, number}, Outcome: &o}); err != nil {
			return nil, err
		}
		done = append(done, o)
	}
	return done, nil
}

// lines are rules as a file has them.
func lines(rules []access.Rule) []byte {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	for _, r := range rules {
		_ = out.Write([]string{r.Role, r.Title, r.Department, r.System, r.Kind, r.Entitlement, string(r.Requirement), string(r.Risk), r.Owner, r.Meaning, r.ApprovedBy, r.ApprovedOn.String()}) // a buffer takes all
	}
	out.Flush()
	return b.Bytes()
}
