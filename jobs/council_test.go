package jobs

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// council is a hamlet whose access is reviewed, in memory: everybody is in the group Staff,
// ann is everybody's manager, and bob answers for the review.
type council struct {
	*hamlet
	recorded map[access.CampaignID]access.CampaignRecord // what the archive has
	parts    []access.CampaignRecord                     // one for each record, in order
	commits  []access.Run
	written  []Package
	mended   []string // files
	mendsOf  []access.CampaignID
	shown    int // worksheets that a returned file may be of, as Recognise was given them
	gone     map[uint32]bool
	rules    reconcile.CampaignRules
	policy   access.Policy
	admins   bool              // Staff is privileged
	saw      reconcile.LastRun // as it was given last
}

func newCouncil(t *testing.T) *council {
	t.Helper()
	c := &council{hamlet: newHamlet(t), recorded: map[access.CampaignID]access.CampaignRecord{}, gone: map[uint32]bool{}}
	for n := range c.people[1:] {
		c.people[n+1].ManagerID = "E1"
	}
	c.night(t)
	return c
}

// night is one that reads the systems, so that a review sees what is there by now.
func (c *council) night(t *testing.T) {
	t.Helper()
	j := c.job()
	j.Settings.Mode = access.Observe
	if _, err := j.Nightly(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.calls = nil
}

// Recall gives what the last night saw, with who is in the group Staff.
func (c *council) Recall() (reconcile.LastRun, error) {
	last, err := c.hamlet.Recall()
	if err != nil || last.Run.ID == "" {
		return last, err
	}
	o := last.Systems[0]
	o.Reads = append(slices.Clone(o.Reads), access.Read{System: "okta", Kind: "groups", Complete: true, ClaimedTotal: -1, StartedAt: o.Reads[0].StartedAt, FinishedAt: o.Reads[0].StartedAt})
	o.Entitlements = []access.Entitlement{{System: "okta", Kind: access.OktaGroup, ID: "g1", Name: "Staff", Editable: true}}
	for a := range o.Accounts {
		if !c.gone[uint32(a)] {
			o.Grants = append(o.Grants, access.Grant{Account: uint32(a)})
		}
	}
	for n := range o.Entitlements {
		o.Entitlements[n].Privileged = c.admins
	}
	last.Systems = []access.Observation{o}
	c.saw = last
	return last, nil
}

func (c *council) RecordCampaign(run access.Run, part access.CampaignRecord, next access.Memory) (string, error) {
	if err := c.step("commit"); err != nil {
		return "", err
	}
	rec := c.recorded[part.Campaign.ID].With(part)
	rec.Campaign = part.Campaign
	c.recorded[part.Campaign.ID] = rec
	next.Previous = run.ID
	c.memory, c.parts, c.commits = next, append(c.parts, part), append(c.commits, run)
	return "head of " + string(run.ID), nil
}

func (c *council) Campaign(one access.Campaign) (access.CampaignRecord, error) {
	return c.recorded[one.ID], c.step("campaign")
}

// review is one command of a review, an hour after the run before it.
func (c *council) review() *Review {
	j := c.job()
	j.Run.Trigger, j.Run.Actor, j.Recall, j.Collect, j.Revokers, j.Restorers = "review", "dana@desk", c.Recall, nil, nil, nil
	inputs := j.Inputs
	j.Inputs = func(m access.Memory) (Inputs, error) {
		in, err := inputs(m)
		in.Policy = c.policy
		return in, err
	}
	return &Review{Job: j, Campaigns: c, Rules: c.rules,
		Write: func(p Package) error {
			for s := range p.Sheets {
				for n := range p.Sheets[s].Rows {
					p.Sheets[s].Rows[n].MAC = "seal of " + p.Sheets[s].Rows[n].ID
				}
			}
			c.written = append(c.written, p)
			return c.step("write")
		},
		Recognise: func(_ *access.ReturnedSheet, asked []access.Sheet) { c.shown += len(asked) },
		Mend: func(id access.CampaignID, _ Came, f access.ReturnedFile) error {
			c.mended, c.mendsOf = append(c.mended, f.File), append(c.mendsOf, id)
			return c.step("mend")
		}}
}

// campaign is one that is due in two weeks.
func (c *council) campaign(id access.CampaignID) access.Campaign {
	return access.Campaign{ID: id, Title: "Staff", Approver: "bob", ApproverMail: "bob@example.test", OpenedAt: c.at, OpenedBy: "dana", Due: access.Day{At: midnight.AddDate(0, 0, 14).Truncate(24 * time.Hour)}}
}

// opened is a council with a review that went out.
func opened(t *testing.T) *council {
	t.Helper()
	c := newCouncil(t)
	c.open(t, "2026-q1")
	return c
}

func (c *council) open(t *testing.T, id access.CampaignID) Opened {
	t.Helper()
	r := c.review()
	one := c.campaign(id)
	out, err := r.Open(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	c.calls = nil
	return out
}

// sheetOf is the newest worksheet of a reviewer.
func (c *council) sheetOf(t *testing.T, id access.CampaignID, reviewer string) access.Sheet {
	t.Helper()
	for _, s := range slices.Backward(c.recorded[id].Sheets) {
		if s.ReviewerName == reviewer {
			return s
		}
	}
	t.Fatalf("%s is asked nothing by %s", reviewer, id)
	return access.Sheet{}
}

// answer is a worksheet as its reviewer sends it back: says gives the decision about each
// person, and for Not mine who is to be asked.
func answer(s access.Sheet, sum string, says map[string]string) Came {
	back := access.ReturnedSheet{File: s.ID + ".xlsx", SHA256: sum, Format: "xlsx", Worksheet: s.ID, Sender: s.ReviewerMail, Channel: "file"}
	for n, row := range s.Rows {
		decision := says[row.Item.Person.Name]
		one := access.ReturnedRow{Line: n + 2, ID: row.ID, MAC: row.MAC, Decision: decision}
		if decision != "" {
			one.Reason = "as we agreed in spring"
		}
		if decision == "Not mine" {
			one.PassTo = "cid@example.test"
		}
		back.Rows = append(back.Rows, one)
	}
	return Came{Bytes: []byte(sum), Sheet: back}
}

// came gives files one after another, and then an error if there is one.
func came(err error, files ...Came) func(func(Came, error) bool) {
	return func(yield func(Came, error) bool) {
		for _, f := range files {
			if !yield(f, nil) {
				return
			}
		}
		if err != nil {
			yield(Came{}, err)
		}
	}
}

// takes imports files, and is to succeed.
func (c *council) takes(t *testing.T, id access.CampaignID, files ...Came) Imported {
	t.Helper()
	out, err := c.review().Import(t.Context(), id, came(nil, files...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// removals are whose rights are to be taken away, by login, sorted.
func (c *council) removals() (all []string) {
	for _, r := range c.memory.Removals {
		all = append(all, r.Login)
	}
	slices.Sort(all)
	return all
}

// commands of a review; open opens another one.
func (c *council) commands(t *testing.T, id access.CampaignID) map[string]func(*Review) (head string, err error) {
	return map[string]func(*Review) (string, error){
		"open": func(r *Review) (string, error) {
			out, err := r.Open(t.Context(), c.campaign("2026-q3"))
			return out.Head, err
		},
		"import": func(r *Review) (string, error) {
			out, err := r.Import(t.Context(), id, came(nil, answer(c.sheetOf(t, id, "ann"), "sum", map[string]string{"leo": "Remove", "mia": "Not mine", "eve": "Perhaps"})))
			return out.Head, err
		},
		"remind": func(r *Review) (string, error) {
			out, err := r.Remind(t.Context(), id, func(access.CampaignRecord, reconcile.Digest) (string, string) { return "mail", "sent" })
			return out.Head, err
		},
		"close": func(r *Review) (string, error) {
			out, err := r.Close(t.Context(), id, true)
			return out.Head, err
		},
		"status": func(r *Review) (string, error) {
			out, _, err := r.Look(t.Context(), id)
			return out.Head, err
		},
	}
}

// Whatever call fails, the command says so, and nothing of it counts.
func TestWhateverCallOfAReviewFailsNothingOfItIsRecorded(t *testing.T) {
	for _, name := range []string{"open", "import", "remind", "close", "status"} {
		c := opened(t) // and closed: it is the one before, with which others are compared
		if _, err := c.review().Close(t.Context(), "2026-q1", true); err != nil {
			t.Fatal(err)
		}
		c.open(t, "2026-q2")
		if name == "remind" { // ann has left, so that her rows go to somebody else
			c.is("ann", access.StatusLeft)
		}
		memory, recorded, parts := c.memory, maps.Clone(c.recorded), len(c.parts)
		head, err := c.commands(t, "2026-q2")[name](c.review())
		if err != nil || (head == "") != (name == "status") || (len(c.parts) == parts) != (name == "status") {
			t.Fatalf("%s: head %q, %d parts, %v", name, head, len(c.parts), err)
		}
		calls := c.calls
		for n, call := range calls {
			c.memory, c.recorded, c.calls, c.failAt = memory, maps.Clone(recorded), nil, n+1
			c.parts = c.parts[:parts]
			head, err := c.commands(t, "2026-q2")[name](c.review())
			if !errors.Is(err, errIO) || head != "" || len(c.parts) != parts || len(c.calls) != n+1 {
				t.Errorf("%s, where %s (call %d of %q) fails: head %q, %d parts more, %v, went on with %q", name, call, n+1, calls, head, len(c.parts)-parts, err, c.calls[n+1:])
			}
		}
		if want := stepsOfReviews[name]; !slices.Equal(calls, want) {
			t.Errorf("%s does %q, want %q", name, calls, want)
		}
	}
}

// stepsOfReviews are what each command does, in order: no system is read or changed.
var stepsOfReviews = map[string][]string{
	"open":   {"memory", "inputs", "recall", "campaign", "write", "commit"},
	"import": {"memory", "inputs", "recall", "campaign", "mend", "input", "campaign", "write", "commit"},
	"remind": {"memory", "inputs", "recall", "campaign", "campaign", "write", "commit"},
	"close":  {"memory", "inputs", "recall", "campaign", "commit"},
	"status": {"memory", "inputs", "recall", "campaign"},
}
