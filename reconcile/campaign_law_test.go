package reconcile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// Laws about campaigns, in worlds of chance: whoever the managers, owners and
// approvers are, and whatever comes back.

func TestRandomCampaigns(t *testing.T) {
	openedCount := 0
	for seed := range seeds(worlds) {
		o, err := openRandom(seed)
		if err != nil {
			if !slices.ContainsFunc([]string{"nobody may review", "nothing is in the scope", "approver"}, func(s string) bool { return strings.Contains(err.Error(), s) }) {
				t.Fatalf("seed %d: %v", seed, err)
			}
			continue
		}
		openedCount++
		for _, law := range []struct {
			name string
			law  func(*testing.T, random, opened)
		}{
			{"nobody drops out", nobodyDropsOut}, {"nobody reviews themselves", nobodyReviewsThemselves}, {"the books of a campaign balance", campaignBooksBalance},
			{"the order of the input says nothing about who is asked", campaignOrderIsIrrelevant}, {"row ids are unique and stable", rowIDsAreUnique},
			{"what comes back counts as it is written, and a blank is never Keep", answersCountAsWritten},
		} {
			law.law(t, newRandom(seed), o)
			if t.Failed() {
				t.Fatalf("broken: %s (seed %d)", law.name, seed)
			}
		}
	}
	if uint64(openedCount) < seeds(worlds)/3 {
		t.Errorf("only %d of %d campaigns opened: the worlds prove nothing", openedCount, seeds(worlds))
	}
}

// nobodyDropsOut: every right that is held directly by somebody who has not left, and
// every account that is nobody's, is asked about once in each of its duties.
func nobodyDropsOut(t *testing.T, _ random, o opened) {
	duties := map[string][]access.Duty{}
	risks := map[string]access.Risk{}
	for _, s := range o.rec.Sheets {
		for _, row := range s.Rows {
			key := subject(row.Item.Account.Key(), row.Item.Kind, row.Item.Scope, row.Item.EntitlementID)
			duties[key] = append(duties[key], row.Duty)
			risks[key] = row.Item.Risk
		}
	}
	scoped := !reflect.DeepEqual(o.rec.Campaign.Scope, access.CampaignScope{})
	want := map[string]bool{}
	for _, sys := range o.d.Systems {
		for a, acc := range sys.Accounts {
			m := sys.Matches[a]
			if acc.Status == access.AccountDisabled {
				continue
			}
			if m.Person.Zero() && m.How != access.MatchedRoot {
				want[subject(acc.Key(), "", acc.Scope, "")] = acc.Privileged
			}
		}
		for _, g := range sys.Grants {
			acc, e, m := sys.Accounts[g.Account], sys.Entitlements[g.Entitlement], sys.Matches[g.Account]
			if g.Direct() && !m.Person.Zero() && acc.Status != access.AccountDisabled && !leftIn(o, m.Person) {
				want[subject(acc.Key(), e.Kind, e.Scope, e.ID)] = e.Privileged
			}
		}
	}
	for key, privileged := range want {
		got := slices.Sorted(slices.Values(duties[key]))
		switch {
		case len(got) == 0 && !scoped:
			t.Errorf("%q is on no worksheet", key)
		case len(got) > 0 && (privileged || risks[key] == access.RiskPrivileged) && !slices.Equal(got, []access.Duty{access.DutyManager, access.DutyOwner}):
			t.Errorf("%q is privileged, and is asked of %v", key, got)
		case len(got) > 1 && risks[key] != access.RiskPrivileged:
			t.Errorf("%q is on %d worksheets", key, len(got))
		}
	}
	for key := range duties {
		if _, ok := want[key]; !ok {
			t.Errorf("%q is asked about, and is nobody's right", key)
		}
	}
}

func leftIn(o opened, k access.PersonKey) bool {
	for _, p := range o.d.People {
		if p.Key() == k {
			return p.Standing == access.StandingLeft || p.Standing == access.StandingGarden && o.w.Settings.RevokeGardenLeave
		}
	}
	return false
}

// nobodyReviewsThemselves: not by id, by an id that HR says is theirs too, nor by an
// address of theirs; and whoever is asked works here, if HR knows them.
func nobodyReviewsThemselves(t *testing.T, _ random, o opened) {
	sameAs := map[access.PersonKey]access.PersonKey{}
	mails := map[access.PersonKey][]string{}
	standing := map[access.PersonKey]access.Standing{}
	one := func(k access.PersonKey) access.PersonKey {
		if s, ok := sameAs[k]; ok {
			return s
		}
		return k
	}
	for _, p := range o.d.People {
		if !p.SameAs.Zero() {
			sameAs[p.Key()] = p.SameAs
		}
		standing[p.Key()] = p.Standing
	}
	for _, p := range o.d.People {
		mails[one(p.Key())] = append(mails[one(p.Key())], addresses(p.Identity)...)
	}
	for _, s := range o.rec.Sheets {
		if st, known := standing[one(s.Reviewer)]; known && st != access.StandingActive && st != access.StandingScheduled {
			t.Errorf("%s asks %s, who is %s", s.ID, s.Reviewer, st)
		}
		for _, row := range s.Rows {
			who := one(row.Item.Person.Key())
			if who.Zero() {
				continue
			}
			if one(s.Reviewer) == who || slices.Contains(mails[who], strings.ToLower(s.ReviewerMail)) {
				t.Errorf("%s (%s) is asked about %s, who they are", s.ReviewerName, s.ReviewerMail, who)
			}
		}
	}
}

func campaignBooksBalance(t *testing.T, _ random, o opened) {
	rows := 0
	for _, s := range o.rec.Sheets {
		rows += len(s.Rows)
	}
	totals := map[string]int{"rows of all worksheets": rows}
	for _, sys := range o.w.Systems {
		totals["grants of "+string(sys.System)], totals["accounts of "+string(sys.System)] = len(sys.Grants), len(sys.Accounts)
	}
	for _, b := range o.rec.Campaign.Books {
		if !b.Holds() || b.Total != totals[b.What] {
			t.Errorf("%s: %d, of %v; there are %d", b.What, b.Total, b.Parts, totals[b.What])
		}
		for _, p := range b.Parts {
			if p.Name == "" {
				t.Errorf("%s: %d went nowhere", b.What, p.Count)
			}
		}
		delete(totals, b.What)
	}
	if len(totals) > 0 || rows != o.rec.Campaign.Rows {
		t.Errorf("no books of %v; rows %d, said to be %d", totals, rows, o.rec.Campaign.Rows)
	}
}

func campaignOrderIsIrrelevant(t *testing.T, r random, o opened) {
	w := r.shuffled(o.w)
	sheets, c, rerouted, err := OpenCampaign(w, Decide(w), o.rec.Campaign, o.delegates, nil)
	seal(sheets)
	if err != nil || !reflect.DeepEqual(unread(sheets), unread(o.rec.Sheets)) || !reflect.DeepEqual(c, o.rec.Campaign) || !slices.Equal(rerouted, o.rerouted) {
		t.Errorf("another order asks something else (%v):\n%s", err, gocmp.Diff(unread(o.rec.Sheets), unread(sheets))+gocmp.Diff(o.rec.Campaign, c)+gocmp.Diff(o.rerouted, rerouted))
	}
}

// unread drops the index of a read from the rows: it is one of the order.
func unread(sheets []access.Sheet) []access.Sheet {
	sheets = slices.Clone(sheets)
	for n := range sheets {
		sheets[n].Rows = slices.Clone(sheets[n].Rows)
		for k := range sheets[n].Rows {
			sheets[n].Rows[k].Item.Account.Read = 0
		}
	}
	return sheets
}

func rowIDsAreUnique(t *testing.T, _ random, o opened) {
	ids, names := map[string]bool{}, map[string]bool{}
	for _, s := range o.rec.Sheets {
		if names[s.ID] {
			t.Errorf("two worksheets are named %s", s.ID)
		}
		names[s.ID] = true
		for _, row := range s.Rows {
			if ids[row.ID] || row.ID == row.Item.RowID {
				t.Errorf("two rows have the id %s", row.ID)
			}
			ids[row.ID] = true
		}
	}
}

// answersCountAsWritten: each row is filled in by chance; what is recorded is what was
// written, and what was not written is open until the close, and then anything but Keep.
func answersCountAsWritten(t *testing.T, r random, o opened) {
	now := o.rec.Campaign.OpenedAt.Add(48 * time.Hour)
	written := map[string]string{}
	in := NewReceiving(o.rec, o.st, CampaignRules{})
	rec := o.rec
	for _, s := range o.rec.Sheets {
		back := r.filled(s, written)
		got := in.Receive(back, now)
		sameInAnyOrder(t, r, rec, back, o.st, got, now)
		rec = got.AddTo(rec)
		if again := NewReceiving(rec, o.st, CampaignRules{}).Receive(back, now); got.File.Refused == nil && (again.File.Refused == nil || len(again.Decisions) > 0) {
			t.Errorf("%s counts twice", s.ID)
		}
	}
	final := Final(rec)
	for id, d := range final {
		if c, _ := ParseChoice(written[id]); c != d.Choice {
			t.Errorf("%s: %q was written, and %s counts", id, written[id], d.Choice)
		}
	}
	p := Progress(rec, o.st, CampaignRules{}, now)
	if p.Issued != o.rec.Campaign.Rows || p.Answered != len(final) || len(p.Burndown) != 3 || p.Burndown[2].Open != p.Open {
		t.Errorf("%d rows were issued: %+v", o.rec.Campaign.Rows, p)
	}
	closed, err := CloseCampaign(rec, nil, CampaignRules{RemovePrivileged: r.chance(50)}, "ann@host", now)
	if err != nil || len(closed.Decisions) != p.Open {
		t.Errorf("%d rows are open, and the close decides %d (%v)", p.Open, len(closed.Decisions), err)
	}
	for _, d := range closed.Decisions {
		if d.Choice == access.ChooseKeep || d.Choice == access.ChooseNothing {
			t.Errorf("%s: nobody answered, and it is %s", d.RowID, d.Choice)
		}
	}
	rec = closed.AddTo(rec)
	for _, outcome := range Outcomes(rec) {
		for _, row := range outcome.Rows {
			if c, _ := ParseChoice(written[row.ID]); outcome.Choice == access.ChooseKeep && c != access.ChooseKeep {
				t.Errorf("%s is kept, and %q was written on one of its rows", outcome.Item.RowID, written[row.ID])
			}
		}
	}
	if c := Checks(rec, nil, o.st, CampaignRules{}, now); !c.Checks[1].Holds {
		t.Errorf("%+v", c.Checks[1])
	}
}

// sameInAnyOrder: a file that was sorted in another way says the same, and judging files
// one after another is judging each with the record that those before it left.
func sameInAnyOrder(t *testing.T, r random, rec access.CampaignRecord, back access.ReturnedSheet, st *Staff, got Received, now time.Time) {
	back.Rows = permuted(back.Rows, r.Perm(len(back.Rows)))
	again := NewReceiving(rec, st, CampaignRules{}).Receive(back, now)
	byRow := func(a, b access.Decision) int {
		return strings.Compare(a.RowID+string(a.Choice), b.RowID+string(b.Choice))
	}
	byLine := func(a, b access.RowProblem) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	for _, one := range []*Received{&got, &again} {
		one.Decisions, one.File.Problems = slices.SortedFunc(slices.Values(one.Decisions), byRow), slices.SortedFunc(slices.Values(one.File.Problems), byLine)
	}
	if diff := gocmp.Diff(got, again); diff != "" {
		t.Errorf("in another order it says something else:\n%s", diff)
	}
}
