package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// made is raised when the same size is another archive.
const made = 1

// size is what a simulated archive is made of.
type size struct {
	Nights, People int
}

// A review opens every quarter, is answered in parts, and closes.
const (
	quarter   = 91
	opensOn   = 30 // of the quarter
	imports   = 4
	importing = 3 // days from one part to the next
)

// writer writes an archive as a company's nights would: the job of the night with
// simulated systems, and the archive as it is.
type writer struct {
	size
	*archive.Archive
	store  archive.Store
	c      *company
	memory access.Memory
	at     time.Time // the clock
	step   int       // the next one; each is one manifest
	done   int       // that are in the archive already
	open   access.CampaignRecord
	say    func(format string, args ...any)
}

// signer is the key of every simulated archive: it proves nothing to anybody.
func signer() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("bench-audit"))
	return ed25519.NewKeyFromSeed(seed[:])
}

// write makes the archive in dir, or goes on where it was stopped.
func write(ctx context.Context, dir string, s size, say func(format string, args ...any)) error {
	keep, err := archive.Open(filepath.Join(dir, "archive"), signer())
	if err != nil {
		return err
	}
	if err := tidy(filepath.Join(dir, "archive"), keep.Store()); err != nil {
		return err
	}
	w := &writer{size: s, Archive: keep, store: keep.Store(), c: newCompany(s.People), say: say}
	if w.done, _, _, err = keep.Head(); err != nil {
		return err
	}
	if w.memory, err = keep.Memory(roster.Decode); err != nil {
		return err
	}
	for day := range s.Nights {
		if day > 0 {
			w.c.pass()
		}
		if err := w.day(ctx); err != nil {
			return fmt.Errorf("day %d: %w", day, err)
		}
		if day%100 == 99 && w.step > w.done {
			say("  %d nights\n", day+1)
		}
	}
	return nil
}

var runName = regexp.MustCompile(`[0-9]{8}T[0-9]{6}Z-bench`)

// tidy takes away what a run left that was stopped before it was committed: it is
// simulated again, under the same name.
func tidy(root string, store archive.Store) error {
	runs, err := archive.Committed(store, signer().Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	done := map[string]bool{}
	for _, r := range runs {
		done[string(r.RunID)] = true
	}
	names, err := store.List("")
	if err != nil {
		return err
	}
	for _, name := range names {
		if run := runName.FindString(name); run != "" && !done[run] {
			if err := os.Remove(filepath.Join(root, filepath.FromSlash(name))); err != nil {
				return err
			}
		}
	}
	return nil
}

// day is a night, and what of a review is due.
func (w *writer) day(ctx context.Context) error {
	steps := []func() error{func() error { return w.night(ctx) }}
	switch n := w.c.day%quarter - opensOn; {
	case w.c.day < opensOn:
	case n == 0:
		steps = append(steps, w.opens)
	case n == imports*importing+2:
		steps = append(steps, w.closes)
	case n > 0 && n <= imports*importing && n%importing == 0:
		steps = append(steps, func() error { return w.answers(n/importing - 1) })
	}
	for _, step := range steps {
		if w.step++; w.step <= w.done {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) run(trigger string, at time.Time) access.Run {
	w.at = at
	return access.Run{ID: access.RunID(at.Format("20060102T150405Z") + "-bench"), StartedAt: at, Mode: access.Enforce, Trigger: trigger, ToolVersion: "bench", Actor: "bench@simulation"}
}

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
		s.Issued(i, digest([]byte(fmt.Sprint(n.Run.ID, i))))
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
	n.Policy.RoleMap.SHA256 = digest(rules)
	for _, b := range [][]byte{list, rules} {
		if _, err := w.PutInput(b); err != nil {
			return reconcile.World{}, err
		}
	}
	n.Inputs = []access.Input{{Name: "roster:" + string(source), File: "roster.csv", SHA256: digest(list)}, {Name: "rolemap", File: "rolemap.csv", SHA256: digest(rules)}}
	accepted := reconcile.Accept(access.Roster{Source: source, File: "roster.csv", AsOf: w.c.now().Add(-6 * time.Hour), Original: digest(list), SHA256: digest(list), Rows: rows}, nil, w.memory, reconcile.RosterGuard{}, w.at)
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

// tick is the clock: it moves when it is looked at.
func (w *writer) tick() time.Time { w.at = w.at.Add(time.Second); return w.at }

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
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

func (w *writer) remember(run access.RunID, next access.Memory) {
	next.Previous, next.Journals = run, maps.Clone(next.Journals)
	next.Journals[run] = true
	w.memory = next
}

func (w *writer) opens() error {
	run := w.run("review open", w.c.now().Add(7*time.Hour))
	night := &access.Night{}
	world, err := w.world(night)
	if err != nil {
		return err
	}
	d := reconcile.Identify(world).Evaluate()
	c := access.Campaign{ID: access.CampaignID(fmt.Sprintf("q-%s", w.c.now().Format("2006-01"))), Title: "Quarterly review", Reason: "each quarter", Approver: person{number: 2}.name(), ApproverMail: person{number: 2}.mail(),
		OpenedAt: run.StartedAt, OpenedBy: run.Actor, Due: access.Day{At: w.c.on(w.c.day + imports*importing + 1)}, Night: w.memory.Previous}
	sheets, c, _, err := reconcile.OpenCampaign(world, d, c, nil, nil)
	if err != nil {
		return err
	}
	for i := range sheets {
		s := &sheets[i]
		s.SHA256 = digest([]byte(s.ID))
		for n := range s.Rows {
			r := &s.Rows[n]
			r.MAC, r.Cells = digest([]byte(r.ID+s.ID)), []string{r.Item.Person.Name, string(r.Item.System), r.Item.Entitlement, string(r.Item.Risk)}
		}
	}
	return w.record(run, access.CampaignRecord{Campaign: c, Sheets: sheets})
}

// record commits a part of a review.
func (w *writer) record(run access.Run, part access.CampaignRecord) error {
	run.Previous, run.FinishedAt, run.Verdict = w.memory.Previous, w.tick(), "done"
	next := w.memory
	next.Campaigns = maps.Clone(next.Campaigns)
	if next.Campaigns == nil {
		next.Campaigns = map[access.CampaignID]access.Campaign{}
	}
	part.Campaign.Runs = next.Campaigns[part.Campaign.ID].Runs
	next.Campaigns[part.Campaign.ID] = part.Campaign
	if _, err := w.RecordCampaign(run, part, next); err != nil {
		return err
	}
	one := part.Campaign
	one.Runs = append(slices.Clone(one.Runs), access.CampaignRun{ID: run.ID, Sequence: w.step})
	next.Campaigns[one.ID] = one
	w.remember(run.ID, next)
	w.open.Campaign, w.open.Sheets = one, append(w.open.Sheets, part.Sheets...)
	w.open.Decisions = append(w.open.Decisions, part.Decisions...)
	if !one.Open() {
		w.open = access.CampaignRecord{}
	}
	return nil
}

// resumed reads the open review from the archive where an earlier process opened it.
func (w *writer) resumed() error {
	if w.open.Campaign.ID != "" {
		return nil
	}
	for _, c := range w.memory.Campaigns {
		if c.Open() {
			var err error
			w.open, err = w.Campaign(c)
			return err
		}
	}
	return fmt.Errorf("no review is open on day %d", w.c.day)
}

// answers takes in what a part of the reviewers sent back. A few rows are left blank.
func (w *writer) answers(part int) error {
	if err := w.resumed(); err != nil {
		return err
	}
	run := w.run("review import", w.c.now().Add(7*time.Hour))
	now := access.CampaignRecord{Campaign: w.open.Campaign}
	next := maps.Clone(w.memory.Removals)
	if next == nil {
		next = map[string]access.Removal{}
	}
	for i := range w.open.Sheets {
		s := &w.open.Sheets[i]
		if i%imports != part {
			continue
		}
		var back bytes.Buffer
		var all []access.Decision
		for n := range s.Rows {
			choice := chosen(&s.Rows[n])
			if choice == access.ChooseNothing {
				continue
			}
			fmt.Fprintf(&back, "%s,%s\n", s.Rows[n].ID, choice.Word())
			all = append(all, access.Decision{Campaign: w.open.Campaign.ID, RowID: s.Rows[n].ID, Worksheet: s.ID, Revision: 1, Reviewer: s.Reviewer, ReviewerName: s.ReviewerName, Sender: s.ReviewerMail,
				Choice: choice, Reason: "as agreed", Suggested: s.Rows[n].Item.Suggested, ReceivedAt: run.StartedAt})
		}
		sum, err := w.PutInput(back.Bytes())
		if err != nil {
			return err
		}
		for n := range all {
			all[n].WorksheetSHA256 = sum
		}
		now.Decisions = append(now.Decisions, all...)
		now.Files = append(now.Files, access.ReturnedFile{Sheet: s.ID, File: s.ID + ".csv", SHA256: sum, Revision: 1, Reviewer: s.Reviewer, Sender: s.ReviewerMail, Channel: "file", ReceivedAt: run.StartedAt, Rows: len(s.Rows), Counted: len(all)})
	}
	record := w.open
	record.Decisions = append(slices.Clone(record.Decisions), now.Decisions...)
	for _, r := range reconcile.CampaignRemovals(record, reconcile.CampaignRules{}) {
		if _, known := next[r.RowID]; !known {
			next[r.RowID] = r
		}
	}
	w.memory.Removals = next
	return w.record(run, now)
}

func chosen(r *access.Issued) access.Choice {
	switch sum := sha256.Sum256([]byte(r.ID)); {
	case sum[0] < 8:
		return access.ChooseNothing
	case sum[0] < 10:
		return access.ChooseRemove
	case sum[0] < 11:
		return access.ChooseNotMine
	}
	return access.ChooseKeep
}

func (w *writer) closes() error {
	if err := w.resumed(); err != nil {
		return err
	}
	run := w.run("review close", w.c.now().Add(7*time.Hour))
	closed, err := reconcile.CloseCampaign(w.open, nil, reconcile.CampaignRules{}, run.Actor, run.StartedAt)
	if err != nil {
		return err
	}
	return w.record(run, access.CampaignRecord{Campaign: closed.Campaign, Decisions: closed.Decisions})
}
