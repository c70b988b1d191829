package reconcile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// It is long because it is one table: each line bends the same night in one way, and the
// bends are named right above it.
func TestAccessThatIsOpenForLongerThanAgreedIsToldUnlessTonightEndedIt(t *testing.T) {
	removed := blockOf("a", "00u1", access.Done)
	removed.Action.Stage = access.Remove
	late := func(o ...access.Outcome) func(*access.Night) { return func(n *access.Night) { n.Outcomes = o } }
	ends := func(after, seen time.Duration) func(*access.Night) {
		return func(n *access.Night) {
			n.People[0].AccessEndsAt, n.People[0].FirstSeenLeftAt = time.Time{}, time.Time{}
			if after > 0 {
				n.People[0].AccessEndsAt = n.Run.StartedAt.Add(-after)
			}
			if seen > 0 {
				n.People[0].FirstSeenLeftAt = n.Run.StartedAt.Add(-seen)
			}
		}
	}
	finding := func(kind access.FindingKind, d access.Disposition) func(*access.Night) {
		return func(n *access.Night) { n.Findings[0].Kind, n.Findings[0].Disposition = kind, d }
	}
	for _, tt := range []struct {
		name string
		bend func(*access.Night)
		want string
	}{
		{"nothing was done", late(), "leaver_past_sla"},
		{"held", finding(access.LeaverAccess, access.ToHold), "leaver_past_sla"},
		{"a person has to end it", finding(access.LeaverAccess, access.ToUrgent), "leaver_by_hand"},
		{"protected", finding(access.ProtectedLeaver, access.ToUrgent), "leaver_past_sla protected_leaver"},
		{"blocked tonight", late(blockOf("a", "00u1", access.Done)), "leaver_revoked"},
		{"blocked before", late(blockOf("a", "00u1", access.AlreadyAbsent)), "leaver_revoked"},
		{"another account was blocked", late(blockOf("a", "00u2", access.Done)), "leaver_past_sla leaver_revoked"},
		{"only something was removed", late(removed), "leaver_past_sla"},
		{"one of two blocks failed", late(blockOf("a", "00u1", access.Done), blockOf("b", "00u1", access.Failed)), "leaver_block_failed leaver_past_sla"},
		{"one of two blocks was skipped", late(blockOf("a", "00u1", access.Done), blockOf("b", "00u1", access.Skipped)), "leaver_past_sla"},
		{"a block of another account was skipped", late(blockOf("a", "00u1", access.Done), blockOf("b", "00u2", access.Skipped)), ""},
		{"another account is held", func(n *access.Night) {
			late(blockOf("a", "00u1", access.Done))(n)
			n.Plan.Held = []access.Held{{Guard: "reads", Action: blockOf("b", "00u2", access.Done).Action}}
		}, ""},
		{"somebody else's is held", func(n *access.Night) {
			late(blockOf("a", "00u1", access.Done))(n)
			other := blockOf("b", "00u2", access.Done).Action
			other.Person.EmployeeID = "E99"
			n.Plan.Held = []access.Held{{Guard: "reads", Action: other}}
		}, "leaver_revoked"},
		{"another account is left to people", func(n *access.Night) {
			late(blockOf("a", "00u1", access.Done))(n)
			n.Findings = append(n.Findings, access.Finding{ID: "f-2", Kind: access.HeldPerson, Disposition: access.ToHold, Person: leoLeft().Key()})
		}, ""},
		{"the block was skipped", late(blockOf("b", "00u1", access.Skipped)), "leaver_past_sla"},
		{"as long as agreed", ends(24*time.Hour, 0), ""},
		{"a second longer", ends(24*time.Hour+time.Second, 0), "leaver_past_sla"},
		{"no day is known, and it was seen too long ago", ends(0, 25*time.Hour), "leaver_past_sla"},
		{"the day counts, and not since when it was seen", ends(time.Hour, 25*time.Hour), ""},
		{"nobody knows since when", ends(0, 0), ""},
		{"nobody knows whose", func(n *access.Night) { n.People = nil }, ""},
	} {
		c := newHousehold(t)
		n := c.night()
		n.Findings = []access.Finding{{ID: "f-1", Kind: access.LeaverAccess, Disposition: access.ToRevoke, Person: leoLeft().Key(), Account: leosAccount, Login: "leo@example.test"}}
		tt.bend(n)
		if got := c.kindsOf(n); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestOnlyAPrivilegedAccountOfNobodyWhomNoAnswerIsAwaitedForIsUrgent(t *testing.T) {
	for _, kind := range []access.FindingKind{access.OrphanAccount, access.AmbiguousMatch} {
		for _, privileged := range []bool{true, false} {
			for _, d := range []access.Disposition{access.ToUrgent, access.ToReview, access.ToHold} {
				c := newHousehold(t)
				n := c.night()
				n.Systems[0].Accounts[0].Privileged = privileged
				n.Systems[0].Accounts = append(n.Systems[0].Accounts, access.Account{System: "okta", ID: "00u2", Privileged: !privileged})
				n.Findings = []access.Finding{{ID: "f-1", Kind: kind, Disposition: d, Account: leosAccount}}
				if got := c.kindsOf(n); (got == NoticeUnknownAdmin) != (privileged && d != access.ToHold) {
					t.Errorf("%s, privileged %v, %s: %q", kind, privileged, d, got)
				}
			}
		}
	}
}

func TestEachUseOfABreakGlassAccountIsAMatterOfItsOwn(t *testing.T) {
	c := newHousehold(t)
	n := c.night()
	n.Findings = []access.Finding{{ID: "f-1", Kind: access.BreakGlassUsed, Account: leosAccount}}
	if got := c.concern(n, NoticeBreakGlass); got.Subject != "f-1-2026-11-23" || !slices.Equal(got.Rests, []string{"scope:okta/", "rosters"}) || !strings.HasPrefix(got.Open[0], "Account 00u1 in okta was used since the last night. It is that of nobody who is known.") {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsNotProvenTonight(t *testing.T) {
	adopted := func(id string, r access.Result) access.Outcome {
		o := blockOf(id, "00u1", r)
		o.AdoptedFrom = "run-0"
		return o
	}
	byHand := func(o access.Outcome, s access.Stage) access.Outcome {
		o.Action.Order, o.Action.Stage = &access.Order{}, s
		return o
	}
	for name, tt := range map[string]struct {
		all  []access.Outcome
		want int
	}{
		"done, there already, skipped":              {[]access.Outcome{blockOf("a", "00u1", access.Done), blockOf("b", "00u1", access.AlreadyAbsent), blockOf("c", "00u1", access.Skipped)}, 0},
		"failed, pending, unknown":                  {[]access.Outcome{blockOf("a", "00u1", access.Failed), blockOf("b", "00u1", access.Pending), blockOf("c", "00u1", access.Unknown)}, 3},
		"an interrupted run's that failed":          {[]access.Outcome{adopted("a", access.Failed)}, 0},
		"an interrupted order's that failed":        {[]access.Outcome{byHand(adopted("a", access.Failed), access.Block)}, 1},
		"an order's that was skipped":               {[]access.Outcome{byHand(blockOf("a", "00u1", access.Skipped), access.Block)}, 1},
		"and its giving back, skipped":              {[]access.Outcome{byHand(blockOf("a", "00u1", access.Skipped), access.Restore)}, 0},
		"an interrupted run's that nobody saw":      {[]access.Outcome{adopted("a", access.Unknown)}, 1},
		"and tonight's own did it":                  {[]access.Outcome{adopted("a", access.Unknown), blockOf("a", "00u1", access.Done)}, 0},
		"and tonight's own found it so":             {[]access.Outcome{adopted("a", access.Unknown), blockOf("a", "00u1", access.AlreadyAbsent)}, 0},
		"and tonight's own did another one":         {[]access.Outcome{adopted("a", access.Unknown), blockOf("b", "00u1", access.Done)}, 1},
		"and tonight's own failed too":              {[]access.Outcome{adopted("a", access.Unknown), blockOf("a", "00u1", access.Failed)}, 2},
		"and another interrupted run did it":        {[]access.Outcome{adopted("a", access.Unknown), adopted("a", access.Done)}, 1},
		"tonight's own is no earlier one of itself": {[]access.Outcome{blockOf("a", "00u1", access.Unknown), blockOf("a", "00u1", access.Done)}, 1},
	} {
		if got := Unproven(tt.all); len(got) != tt.want {
			t.Errorf("%s: %d are not proven: %+v", name, len(got), got)
		}
	}
}

// TestWhatAnOrderLeftOpenIsOverWhereItsAccountIsSeenEnded and not by what becomes of another one.
func TestWhatAnOrderLeftOpenIsOverWhereItsAccountIsSeenEnded(t *testing.T) {
	k := access.AccountKey{System: "okta", ID: "00u1"}
	okta := func(mine, other access.AccountStatus) access.Judged {
		return access.Judged{Observation: access.Observation{Accounts: []access.Account{{System: "okta", ID: "00u0", Kind: access.OktaUser, Status: other}, {System: "okta", ID: "00u1", Kind: access.OktaUser, Status: mine}}}}
	}
	center := func(holder uint32, upstream string) access.Judged {
		return access.Judged{Observation: access.Observation{
			Accounts:     []access.Account{{System: "okta", ID: "00u0", Kind: access.IdentityCenter}, {System: "okta", ID: "00u1", Kind: access.IdentityCenter, Upstream: upstream, Status: access.AccountActive}},
			Entitlements: []access.Entitlement{{Kind: access.SSOGroup, Editable: true}}, Grants: []access.Grant{{Account: holder}}}}
	}
	const active, suspended, disabled = access.AccountActive, access.AccountSuspended, access.AccountDisabled
	for name, c := range map[string]struct {
		o    access.Judged
		want bool
	}{
		"it works": {okta(active, suspended), false}, "it is suspended": {okta(suspended, active), true}, "it is disabled": {okta(disabled, active), true},
		"no list has it": {access.Judged{}, true}, "it is in a group": {center(1, ""), false}, "another one is": {center(0, ""), true},
		"it is in one that is pushed": {center(1, "okta"), true},
	} {
		if got := seenEnded(&access.Night{Systems: []access.Judged{c.o}}, k.String()); got != c.want {
			t.Errorf("%s: ended %t", name, got)
		}
	}
}
