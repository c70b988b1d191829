package jobs

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// CampaignArchive keeps reviews: each part of one in a run of its own.
type CampaignArchive interface {
	// RecordCampaign commits a part of a campaign, and of next its campaigns and what
	// they decided.
	RecordCampaign(run access.Run, part access.CampaignRecord, next access.Memory) (head string, err error)
	// Campaign gives all that was recorded of one.
	Campaign(access.Campaign) (access.CampaignRecord, error)
}

// Review is one command of an access review. It reads what the last night saw and
// HR's lists of today, never a system, and changes none.
type Review struct {
	// Job gives the run, the clock, the inputs, the archive and Recall; it has no
	// collectors and no revokers.
	*Job
	Campaigns CampaignArchive
	Rules     reconcile.CampaignRules
	// Write writes worksheets for their reviewers, and fills in what proves their rows.
	Write func(Package) error
	// Recognise takes back what spreadsheet programs do to what was issued.
	Recognise func(*access.ReturnedSheet, []access.Sheet)
	// Mend writes a copy of a file in which something is to be mended, for whoever sent it.
	Mend func(access.CampaignID, Came, access.ReturnedFile) error
}

// Package are worksheets to write, and what they tell of besides their rows.
type Package struct {
	Campaign access.Campaign
	Night    *access.Night
	Last     *access.CampaignRecord // the campaign before, or nil
	Sheets   []access.Sheet
}

// Opened is a campaign that went out.
type Opened struct {
	Campaign access.Campaign
	Sheets   []access.Sheet
	Rerouted []string // who is asked in somebody else's place, and why
	Head     string
}

// Open freezes what the last night saw, and sends it out: the worksheets first, then
// the record, so that what nobody recorded counts for nothing and is written anew. A
// Refused error means that nothing was written.
func (r *Review) Open(_ context.Context, c access.Campaign) (Opened, error) {
	m, w, n, err := r.seen()
	if err != nil {
		return Opened{}, err
	}
	if last, err := r.Recall(); err == nil {
		c.Night = last.Run.ID
	}
	if known, is := m.Campaigns[c.ID]; is {
		return Opened{}, Refused{fmt.Sprintf("the review %s was opened on %s already: give this one another name, or look at that one with rollcall review status", c.ID, known.OpenedAt.Format(time.DateOnly))}
	}
	last, err := r.before(m, c)
	if err != nil {
		return Opened{}, err
	}
	d := reconcile.Decide(w)
	r.conclude(n, d)
	out := Opened{}
	out.Sheets, out.Campaign, out.Rerouted, err = reconcile.OpenCampaign(w, d, c, w.Policy.Delegates, last)
	if err != nil {
		return Opened{}, Refused{err.Error()}
	}
	if err := r.Write(Package{Campaign: out.Campaign, Night: n, Last: last, Sheets: out.Sheets}); err != nil {
		return out, fmt.Errorf("write the worksheets (nothing is recorded, and nothing of it counts; open it again): %w", err)
	}
	out.Head, err = r.record(m, access.CampaignRecord{Campaign: out.Campaign, Sheets: out.Sheets})
	return out, err
}

// before is what rows are compared with: the review that is named, else the newest that
// is closed, with those that it rests on; nil if there is none.
func (r *Review) before(m access.Memory, c access.Campaign) (*access.CampaignRecord, error) {
	var all []access.CampaignRecord
	earlier := maps.Clone(m.Campaigns)
	maps.DeleteFunc(earlier, func(_ access.CampaignID, one access.Campaign) bool { return one.ClosedAt.After(c.OpenedAt) })
	for _, one := range reconcile.CampaignsBefore(earlier, c.Scope.Since) {
		rec, err := r.Campaigns.Campaign(one)
		if err != nil {
			return nil, err
		}
		all = append(all, rec)
	}
	if len(all) == 0 && c.Scope.Since != "" {
		return nil, Refused{fmt.Sprintf("there is no review %s to compare with (known: %s)", c.Scope.Since, known(m))}
	}
	return reconcile.JoinCampaigns(all), nil
}

func known(m access.Memory) string {
	out := ""
	for _, id := range slices.Sorted(maps.Keys(m.Campaigns)) {
		out += ", " + string(id)
	}
	if out == "" {
		return "none"
	}
	return out[2:]
}

// seen gives what the last night saw, with today's lists and policy.
func (r *Review) seen() (access.Memory, reconcile.World, *access.Night, error) {
	m, err := r.Archive.Memory()
	if err != nil {
		return m, reconcile.World{}, nil, fmt.Errorf("read the memory of past nights: %w", err)
	}
	n := &access.Night{Run: r.Run}
	n.Run.Previous = m.Previous
	in, err := r.inputs(m)
	if err != nil {
		return m, reconcile.World{}, nil, err
	}
	w := r.lists(n, m, in)
	if err := r.recallOnce(); err != nil {
		return m, w, n, err
	}
	last, err := r.Recall()
	if err != nil {
		return m, w, n, err
	}
	if last.Run.ID == "" {
		return m, w, n, Refused{"no night has run yet, so that there is no access to review: run rollcall nightly first"}
	}
	w.Systems, w.SeenAt, w.Counts = last.Left(), last.SeenAt(), m.Counts
	n.SeenAt = w.SeenAt
	return m, w, n, nil
}

// Find gives a campaign and all that was recorded of it: the one with that id or, if
// none is given, the only one that is open.
func (r *Review) Find(m access.Memory, id access.CampaignID) (access.CampaignRecord, error) {
	c, is := m.Campaigns[id]
	if id == "" {
		open := openReviews(m)
		if len(open) != 1 {
			return access.CampaignRecord{}, Refused{fmt.Sprintf("%d reviews are open: say which one with --campaign (known: %s)", len(open), known(m))}
		}
		c, is = m.Campaigns[open[0]], true
	}
	if !is {
		return access.CampaignRecord{}, Refused{fmt.Sprintf("there is no review %s (known: %s): rollcall review open begins one", id, known(m))}
	}
	return r.Campaigns.Campaign(c)
}

// Came is a file that came in.
type Came struct {
	Bytes []byte
	Cut   bool                 // it is larger than what is taken in, and Bytes are its beginning
	Sheet access.ReturnedSheet // as it was read
}

// Imported is what became of the files.
type Imported struct {
	Campaign access.Campaign
	Files    []reconcile.Received // one for each file, in order
	Progress reconcile.CampaignProgress
	Head     string // empty: nothing was new
}

// Import takes in what reviewers sent back, one file after another, and keeps none of
// them in memory. Files that came in before count once. An error of files ends it:
// nothing is recorded.
func (r *Review) Import(_ context.Context, id access.CampaignID, files iter.Seq2[Came, error]) (Imported, error) {
	m, w, n, err := r.seen()
	if err != nil {
		return Imported{}, err
	}
	rec, err := r.Find(m, id)
	if err != nil {
		return Imported{}, err
	}
	staff := reconcile.StaffOf(w, w.Policy.Delegates)
	in, part := reconcile.NewReceiving(rec, staff, r.Rules), access.CampaignRecord{}
	out := Imported{}
	for f, err := range files {
		if err != nil {
			return out, err
		}
		got, err := r.take(in, rec, f)
		if err != nil {
			return out, err
		}
		out.Files = append(out.Files, got.Received)
		if got.counts {
			part.Sheets, part.Decisions, part.Files = append(part.Sheets, got.PassedOn...), append(part.Decisions, got.Decisions...), append(part.Files, got.File)
		}
	}
	if err := r.passOn(m, w, rec.Campaign, n, part.Sheets); err != nil {
		return out, err
	}
	rec = joined(rec, part)
	out.Campaign, out.Progress = rec.Campaign, reconcile.Progress(rec, staff, r.Rules, r.Now())
	if len(part.Files) > 0 {
		r.effects(&m, rec)
		part.Campaign = rec.Campaign
		out.Head, err = r.record(m, part)
	}
	return out, err
}

// taken is what became of one file, and whether it is new.
type taken struct {
	reconcile.Received
	counts bool
}

// take judges one file, keeps it as it was received, and writes what is to be mended.
func (r *Review) take(in *reconcile.Receiving, rec access.CampaignRecord, f Came) (taken, error) {
	r.Recognise(&f.Sheet, in.Asked(f.Sheet))
	got := taken{Received: in.Receive(f.Sheet, r.Now().UTC())}
	refused := got.File.Refused
	if refused == nil && len(got.File.Problems) > 0 {
		if err := r.Mend(rec.Campaign.ID, f, got.File); err != nil {
			return got, fmt.Errorf("write what is to be mended in %s (nothing is recorded; import again): %w", f.Sheet.File, err)
		}
	}
	// Else it came in before, or there is nothing of it to keep, or it is kept.
	got.counts = !f.Cut && (refused == nil || refused.Severity == access.Stop && !refusedBefore(rec, got.File))
	if !got.counts {
		return got, nil
	}
	if _, err := r.Archive.PutInput(f.Bytes); err != nil {
		return got, fmt.Errorf("keep %s as it was received: %w", f.Sheet.File, err)
	}
	return got, nil
}

// refusedBefore reports whether a file that is refused is on record.
func refusedBefore(rec access.CampaignRecord, f access.ReturnedFile) bool {
	return slices.ContainsFunc(rec.Files, func(was access.ReturnedFile) bool { return was.Refused != nil && was.SHA256 == f.SHA256 })
}

// passOn writes the worksheets of those to whom rows were passed on.
// They tell of the night that was last seen, and of what changed since the campaign
// before, as the first ones did.
func (r *Review) passOn(m access.Memory, w reconcile.World, c access.Campaign, n *access.Night, sheets []access.Sheet) error {
	if len(sheets) == 0 {
		return nil
	}
	last, err := r.before(m, c)
	if err != nil {
		return err
	}
	r.conclude(n, reconcile.Decide(w))
	if err := r.Write(Package{Campaign: c, Night: n, Last: last, Sheets: sheets}); err != nil {
		return fmt.Errorf("write the worksheets of those to whom rows were passed on (nothing is recorded; import again): %w", err)
	}
	return nil
}

// Reminded is what a day of a campaign asks for.
type Reminded struct {
	Campaign access.Campaign
	Digests  []reconcile.Digest
	Passed   []access.Sheet    // worksheets for what was stuck
	Settled  []access.Decision // rows that no answer is needed for any more
	Stuck    error             // rows that nobody may review
	Head     string            // empty: nothing was due
	Failed   []string          // messages that did not go out, and why
	Sent     []string          // recipients whose message went out by itself
}

// Remind tells everybody what is due today. deliver gives a message to its channel and
// says how that went; a run that dies before the record delivers again.
func (r *Review) Remind(_ context.Context, id access.CampaignID, deliver func(access.CampaignRecord, reconcile.Digest) (channel, result string)) (Reminded, error) {
	m, w, n, err := r.seen()
	if err != nil {
		return Reminded{}, err
	}
	rec, err := r.Find(m, id)
	if err != nil || !rec.Campaign.Open() {
		return Reminded{Campaign: rec.Campaign}, err
	}
	staff, now := reconcile.StaffOf(w, w.Policy.Delegates), r.Now().UTC()
	out := Reminded{Campaign: rec.Campaign}
	out.Settled = reconcile.Settled(rec, r.later(w), now)
	part := access.CampaignRecord{Campaign: rec.Campaign, Decisions: out.Settled}
	rec = joined(rec, part)
	out.Passed, out.Stuck = reconcile.HandOvers(rec, staff, r.Rules, now)
	if err := r.passOn(m, w, rec.Campaign, n, out.Passed); err != nil {
		return out, err
	}
	part.Sheets = out.Passed
	rec.Sheets = slices.Concat(rec.Sheets, out.Passed)
	out.Digests = reconcile.Due(rec, staff, r.Rules, now)
	for _, d := range out.Digests {
		channel, result := deliver(rec, d)
		if strings.HasPrefix(result, "failed") {
			out.Failed = append(out.Failed, d.Recipient+": "+result)
		}
		if result == "sent" {
			out.Sent = append(out.Sent, d.Recipient)
		}
		part.Notices = append(part.Notices, d.Recorded(channel, now, result)...)
	}
	if len(part.Sheets)+len(part.Decisions)+len(part.Notices) > 0 {
		r.effects(&m, joined(rec, access.CampaignRecord{Notices: part.Notices}))
		out.Head, err = r.record(m, part)
	}
	return out, err
}

// Ended is a campaign that was closed.
type Ended struct {
	reconcile.Closed
	Record   access.CampaignRecord
	Removals []access.Removal
	Kept     []access.Exception
	Checks   reconcile.CampaignChecks
	Head     string
}

// Close ends a campaign: what nobody answered is escalated, never kept. While reviewers
// may still answer it is refused, unless somebody wants the rest to stay unanswered.
func (r *Review) Close(_ context.Context, id access.CampaignID, unanswered bool) (Ended, error) {
	m, w, _, err := r.seen()
	if err != nil {
		return Ended{}, err
	}
	rec, err := r.Find(m, id)
	if err != nil {
		return Ended{}, err
	}
	out := Ended{}
	if out.Closed, err = reconcile.CloseCampaign(rec, r.later(w), r.Rules, r.Run.Actor, r.Now().UTC()); err != nil {
		return Ended{}, Refused{err.Error()}
	}
	if early := out.Closed.TooEarly(r.Rules, r.Now()); early != nil && !unanswered {
		return Ended{}, Refused{early.Error()}
	}
	out.Record = out.Closed.AddTo(rec)
	r.effects(&m, out.Record)
	if out.Head, err = r.record(m, access.CampaignRecord{Campaign: out.Closed.Campaign, Decisions: out.Closed.Decisions}); err != nil {
		return out, err
	}
	r.account(&out, m, w)
	return out, nil
}

// Look gives where a campaign stands, and changes nothing.
func (r *Review) Look(_ context.Context, id access.CampaignID) (Ended, reconcile.CampaignProgress, error) {
	m, w, _, err := r.seen()
	if err != nil {
		return Ended{}, reconcile.CampaignProgress{}, err
	}
	rec, err := r.Find(m, id)
	if err != nil {
		return Ended{}, reconcile.CampaignProgress{}, err
	}
	out := Ended{Record: rec}
	out.Campaign = rec.Campaign
	r.account(&out, m, w)
	return out, reconcile.Progress(rec, reconcile.StaffOf(w, w.Policy.Delegates), r.Rules, r.Now()), nil
}

// account adds what followed from a campaign, and the auditors' checks of it.
func (r *Review) account(out *Ended, m access.Memory, w reconcile.World) {
	for _, id := range slices.Sorted(maps.Keys(m.Removals)) {
		if m.Removals[id].Campaign == out.Record.Campaign.ID {
			out.Removals = append(out.Removals, m.Removals[id])
		}
	}
	out.Removals = reconcile.Follow(out.Removals, r.later(w))
	out.Kept = reconcile.Kept(out.Record)
	out.Checks = reconcile.Checks(out.Record, out.Removals, reconcile.StaffOf(w, w.Policy.Delegates), r.Rules, r.Now())
}

// later is what the last night saw, as it read it: it says of what a campaign asked
// whether it is gone.
func (r *Review) later(w reconcile.World) *reconcile.LaterNight {
	last, err := r.Recall()
	if err != nil {
		return nil
	}
	systems := slices.Clone(last.Systems)
	for s := range systems { // it was no news to a sweep; it is to the campaign, as of when it was read
		systems[s].Reads = slices.Clone(systems[s].Reads)
		for n := range systems[s].Reads {
			systems[s].Reads[n].Recalled = false
		}
	}
	return reconcile.NewLaterNight(last.Run.ID, last.SeenAt(), systems, reconcile.Stand(w).List())
}

// effects puts into memory what a campaign decided so far: what is to be removed, and
// what is allowed for a time. What was done about a removal stays known.
func (r *Review) effects(m *access.Memory, rec access.CampaignRecord) {
	removals, kept := map[string]access.Removal{}, map[string]access.Exception{}
	before := map[string]access.Removal{}
	for id, one := range m.Removals {
		if one.Campaign == rec.Campaign.ID {
			before[one.Subject] = one
			continue
		}
		removals[id] = one
	}
	for id, x := range m.Kept {
		if !reconcile.KeptBy(x, rec.Campaign.ID) {
			kept[id] = x
		}
	}
	for _, one := range reconcile.CampaignRemovals(rec, r.Rules) {
		if was, is := before[one.Subject]; is {
			one.Announced, one.SentAt, one.DoneAt, one.GoneAt, one.GoneIn, one.Overruled = was.Announced, was.SentAt, was.DoneAt, was.GoneAt, was.GoneIn, was.Overruled
		}
		removals[one.RowID] = one
	}
	for _, x := range reconcile.Kept(rec) {
		kept[x.ID] = x
	}
	reconcile.Overrule(removals, rec)
	m.Removals, m.Kept = removals, kept
}

// record commits a part of a campaign.
func (r *Review) record(m access.Memory, part access.CampaignRecord) (string, error) {
	run := r.Run
	run.Previous, run.FinishedAt, run.Verdict, run.ExitCode = m.Previous, r.Now().UTC(), "done", ExitDone
	campaigns := maps.Clone(m.Campaigns)
	if campaigns == nil {
		campaigns = map[access.CampaignID]access.Campaign{}
	}
	campaigns[part.Campaign.ID] = part.Campaign
	m.Campaigns = campaigns
	head, err := r.Campaigns.RecordCampaign(run, part, m)
	if err != nil {
		return "", fmt.Errorf("commit the evidence (nothing of it counts; run it again): %w", err)
	}
	return head, nil
}

// joined is a record and what came after it.
func joined(rec, part access.CampaignRecord) access.CampaignRecord {
	rec.Sheets, rec.Decisions = slices.Concat(rec.Sheets, part.Sheets), slices.Concat(rec.Decisions, part.Decisions)
	rec.Files, rec.Notices = slices.Concat(rec.Files, part.Files), slices.Concat(rec.Notices, part.Notices)
	return rec
}
