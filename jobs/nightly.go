package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// The exit codes: a contract with cron, CI and their owners (docs/design.md, "Exit
// codes"). A run ends with any but ExitRefused, which says that none began.
const (
	ExitDone       = 0
	ExitAborted    = 1
	ExitRefused    = 2
	ExitHeld       = 3
	ExitIncomplete = 4
	ExitFailed     = 5
)

// Result is what a run leaves for the caller.
type Result struct {
	Night *access.Night
	Head  string // digest of the end of the archive's chain
	// Reviews are the reviews that are open, sorted.
	Reviews []access.CampaignID
}

// Nightly runs the night: facts, decisions, effects, records, in this order.
// The caller holds the lock. An error means that the run was aborted or that
// its evidence could not be committed; what was done is in the journal then,
// and the next run closes it.
func (j *Job) Nightly(ctx context.Context) (Result, error) {
	n, memory, err := j.begin()
	if err != nil {
		return Result{}, err
	}
	journal := newJournal(j.Records, j.Run.ID)
	if err := j.recordOrder(journal); err != nil {
		return Result{}, err
	}
	adopted, world, err := j.recoveredFacts(ctx, journal, n, &memory)
	if err != nil {
		return Result{}, err
	}
	decision := reconcile.Decide(world)
	j.conclude(n, decision)
	if err := j.Archive.Facts(n); err != nil {
		return Result{Night: n}, fmt.Errorf("archive the facts and the plan (nothing was changed in any system): %w", err)
	}

	if err := j.spend(journal, n); err != nil {
		return Result{Night: n}, err
	}
	outcomes, stopped := j.effects(ctx, journal, n)
	n.Outcomes = append(adopted.Outcomes, outcomes...)
	if stopped != nil {
		return Result{Night: n}, fmt.Errorf("%w; what was done is in the journal, and the next run closes it", stopped)
	}

	next := reconcile.Remember(world, decision, outcomes, j.Run.ID)
	adopted.account(&next)
	next.Awaited = j.evidence(ctx, n, memory)
	n.Endings = next.Endings
	j.verdict(n)
	next.Past = reconcile.Past(memory.Past, n)
	n.Past = next.Past
	if j.Report != nil {
		if err := j.Report(n); err != nil {
			return Result{Night: n}, fmt.Errorf("write worksheets and pages: %w", err)
		}
	}
	n.Run.FinishedAt = j.Now()
	j.accountNotices(n, &next, memory)
	head, err := j.Archive.Finish(n, next)
	if err != nil {
		return Result{Night: n}, fmt.Errorf("commit the evidence: %w", err)
	}
	return Result{Night: n, Head: head, Reviews: openReviews(next)}, nil
}

// openReviews are the reviews that take answers, sorted.
func openReviews(m access.Memory) (open []access.CampaignID) {
	for _, id := range slices.Sorted(maps.Keys(m.Campaigns)) {
		if m.Campaigns[id].Open() {
			open = append(open, id)
		}
	}
	return open
}

// Plan collects, decides and judges, and changes nothing: not the systems, not
// the archive.
func (j *Job) Plan(ctx context.Context) (Result, error) {
	n, memory, world, err := j.lookOn(ctx)
	if err != nil {
		return Result{}, err
	}
	j.conclude(n, reconcile.Decide(world))
	n.Endings, n.Past = memory.Endings, memory.Past
	n.Run.FinishedAt = j.Now()
	j.verdict(n)
	return Result{Night: n}, nil
}

// World reads what tonight's decisions would rest on, and keeps nothing.
func (j *Job) World(ctx context.Context) (reconcile.World, error) {
	n, memory, err := j.begin()
	if err != nil {
		return reconcile.World{}, err
	}
	who := *j
	who.Uses = nil // who holds what does not rest on it
	return who.look(ctx, n, memory)
}

// begin gives this run an empty record, and what the last one remembers.
func (j *Job) begin() (*access.Night, access.Memory, error) {
	memory, err := j.remembered()
	n := &access.Night{Run: j.Run}
	n.Run.Previous = memory.Previous
	return n, memory, err
}

func (j *Job) remembered() (access.Memory, error) {
	memory, err := j.Archive.Memory()
	if err != nil {
		return memory, fmt.Errorf("read the memory of past nights: %w", err)
	}
	return memory, nil
}

// recoveredFacts closes what an interrupted run left open, and then reads.
func (j *Job) recoveredFacts(ctx context.Context, journal *journal, n *access.Night, m *access.Memory) (adoption, reconcile.World, error) {
	adopted, err := j.recover(ctx, journal, n, m)
	if err != nil {
		return adopted, reconcile.World{}, fmt.Errorf("close what an interrupted run left open: %w", err)
	}
	n.Outcomes = adopted.Outcomes // accounts that are recalled are those that it left
	w, err := j.facts(ctx, n, *m)
	return adopted, w, err
}

// lookOn begins a run that only looks: what an interrupted one left open is counted,
// and not closed.
func (j *Job) lookOn(ctx context.Context) (*access.Night, access.Memory, reconcile.World, error) {
	n, memory, err := j.begin()
	if err == nil {
		err = j.countOpen(&memory, n)
	}
	if err != nil {
		return n, memory, reconcile.World{}, err
	}
	w, err := j.look(ctx, n, memory)
	return n, memory, w, err
}

// facts reads everything that tonight's decisions rest on, and archives the
// inputs.
func (j *Job) facts(ctx context.Context, n *access.Night, m access.Memory) (reconcile.World, error) {
	in, err := j.inputs(m)
	if err != nil {
		return reconcile.World{}, err
	}
	for _, b := range in.Raw {
		if _, err := j.Archive.PutInput(b); err != nil {
			return reconcile.World{}, fmt.Errorf("archive the inputs (nothing was changed in any system): %w", err)
		}
	}
	return j.observe(ctx, n, m, in)
}

// look is facts without a trace.
func (j *Job) look(ctx context.Context, n *access.Night, m access.Memory) (reconcile.World, error) {
	in, err := j.inputs(m)
	if err != nil {
		return reconcile.World{}, err
	}
	return j.observe(ctx, n, m, in)
}

// observe accepts or refuses the rosters, and reads the systems or recalls them;
// the accounts of certain leavers are then read in detail.
func (j *Job) observe(ctx context.Context, n *access.Night, m access.Memory, in Inputs) (w reconcile.World, err error) {
	w = j.lists(n, m, in)
	if j.Recall != nil {
		if err := j.recall(&w, n); err != nil {
			return w, err
		}
	} else {
		w.Systems = reconcile.Doubt(j.Collect(ctx), m.Counts, j.Drops)
		w.Counts = reconcile.Count(w.Systems, j.Run.ID)
	}
	leavers := j.worthDetail(w)
	w.Systems = j.acting(ctx, w.Systems, leavers)
	if j.Detail != nil {
		w.Systems = j.Detail(ctx, w.Systems, leavers)
	}
	if j.Uses != nil && j.Recall == nil && j.Order == nil { // a sweep and an order read as little as they can
		w.Systems = j.Uses(ctx, w.Systems, reconcile.Watches(w))
	}
	if err := ctx.Err(); err != nil {
		return w, fmt.Errorf("stopped while reading (nothing was changed in any system): %w", err)
	}
	return w, j.clock()
}

// lists are the facts about people: each roster is accepted or refused.
func (j *Job) lists(n *access.Night, m access.Memory, in Inputs) reconcile.World {
	in.Policy = reconcile.WithKept(in.Policy, m.Kept, m.Removals)
	w := reconcile.World{Now: j.Run.StartedAt, Settings: j.Settings, Memory: m, Policy: in.Policy, Inputs: in.Digests, Approvals: in.given(), Order: j.Order}
	for _, f := range in.Rosters {
		f.Guard.Approvals, f.Guard.ApprovalAge = w.Approvals, j.Settings.ApprovalAge
		accepted := reconcile.Accept(f.Roster, f.Problems, m, f.Guard, w.Now)
		accepted.Verdict.Received = f.Received
		w.Rosters = append(w.Rosters, accepted)
		n.Rosters = append(n.Rosters, accepted.Verdict)
	}
	n.Inputs, n.Policy, n.Problems = in.Digests, in.Policy, in.Problems
	return w
}

// worthDetail are the accounts of which each credential is read. Where nothing else
// is read, it is those alone that are about to be blocked.
func (j *Job) worthDetail(w reconcile.World) [][]int {
	if j.Recall == nil && j.Order == nil {
		return reconcile.Leavers(w)
	}
	d := reconcile.Identify(w).Evaluate()
	return reconcile.Targets(d.Systems, d.Plan)
}

// conclude puts the decision into the night's record.
func (j *Job) conclude(n *access.Night, d reconcile.Decision) {
	d.Plan.RunID, d.Plan.CreatedAt = j.Run.ID, j.Run.StartedAt
	n.People, n.Systems, n.Findings, n.Plan = d.People, d.Systems, d.Findings, d.Plan
	n.Worksheets, n.Balances, n.Approvals, n.Residues, n.Order, n.Orders = d.Worksheets, d.Balances, d.Approvals, d.Residues, j.Order, d.Orders
	if j.Recall != nil || j.Order != nil { // nobody is asked about anybody else
		n.Worksheets = nil
		n.Balances = slices.DeleteFunc(n.Balances, func(b access.Balance) bool { return b.Asks })
	}
	n.Run.PlanSHA256 = d.Plan.SHA256
}

// effects carries out the plan in enforce mode. In observe mode it does nothing.
func (j *Job) effects(ctx context.Context, journal *journal, n *access.Night) ([]access.Outcome, error) {
	if j.Settings.Mode != access.Enforce {
		return nil, nil
	}
	a := applier{job: j, journal: journal}
	skipped, err := a.gone(n.Plan)
	if err != nil {
		return skipped, err
	}
	done, err := a.run(ctx, n.Plan.Actions)
	return append(skipped, done...), err
}

// CheckPlan refuses a plan that must not be applied: altered since it was
// written, or older than maxAge.
func CheckPlan(p access.Plan, now time.Time, maxAge time.Duration) error {
	if reconcile.PlanDigest(p) != p.SHA256 {
		return errors.New("the plan was altered after it was written: its digest does not match; make a new one with `rollcall plan`")
	}
	if age := now.Sub(p.CreatedAt); age > maxAge || age < -time.Hour {
		return fmt.Errorf("the plan was made %s ago and may be %s old at the most: make a new one with `rollcall plan`", age.Round(time.Second), maxAge)
	}
	return nil
}
