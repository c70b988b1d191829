package reconcile

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// counted is a system whose reads had so many records, each read to its end.
func counted(reads ...access.Read) access.Observation {
	o := access.Observation{System: "aws"}
	for _, r := range reads {
		r.System, r.ClaimedTotal = "aws", -1
		if r.Gap == "" {
			r.Complete = true
		}
		o.Reads = append(o.Reads, r)
	}
	return o
}

// after gives the counts that the next run finds.
func after(w World, outcomes ...access.Outcome) map[string]access.Counted {
	w.Counts = Count(w.Systems, "tonight")
	return Remember(w, Decide(w), outcomes, "tonight").Counts
}

func gapOf(o access.Observation, name string) string {
	for _, r := range o.Reads {
		if r.Name() == name && !r.Complete {
			return r.Gap
		}
	}
	return ""
}

func TestAListThatIsMuchShorterThanLastTimeIsAGap(t *testing.T) {
	for _, c := range []struct {
		had, has, percent int
		gap               bool
	}{
		{had: 100, has: 80}, {had: 100, has: 79, gap: true}, {had: 100, has: 100}, {had: 100, has: 5000},
		{had: 10, has: 0}, {had: 11, has: 0, gap: true}, {had: 40, has: 30}, {had: 40, has: 29, gap: true},
		{had: 1000, has: 900, percent: 9, gap: true}, {had: 1000, has: 900, percent: 10}, {had: 12, has: 0, percent: 99, gap: true},
	} {
		last := Count([]access.Observation{counted(access.Read{Kind: "assignments", Records: c.had})}, "run-1")
		out := Doubt([]access.Observation{counted(access.Read{Kind: "assignments", Records: c.has})}, last, Drops{Percent: c.percent})
		if got := gapOf(out[0], "aws/assignments"); (got != "") != c.gap {
			t.Errorf("%d after %d (%d %%): gap %q", c.has, c.had, c.percent, got)
		} else if c.gap && (!strings.Contains(got, "run-1") || !strings.Contains(got, "rollcall nightly --confirm-drop aws/assignments=")) {
			t.Errorf("the gap does not say what to do: %s", got)
		}
	}
}

func TestADropIsNoGapWhereTheSystemSaysHowMuchThereIs(t *testing.T) {
	last := Count([]access.Observation{counted(access.Read{Kind: "users", Records: 500})}, "run-1")
	o := counted(access.Read{Kind: "users", Records: 3})
	o.Reads[0].ClaimedTotal = 3
	if out := Doubt([]access.Observation{o}, last, Drops{}); !out[0].Reads[0].Complete {
		t.Errorf("gap: %s", out[0].Reads[0].Gap)
	}
}

func TestAConfirmedDropIsBelievedDownToTheCountThatWasConfirmed(t *testing.T) {
	last := Count([]access.Observation{counted(access.Read{Kind: "assignments", Records: 400})}, "run-1")
	drops := Drops{Confirmed: map[string]int{"aws/assignments": 81, "aws/asignments": 81, "okta/apps": 1}, By: "hal@ops"}
	for has, gap := range map[int]bool{90: false, 81: false, 80: true} {
		out := Doubt([]access.Observation{counted(access.Read{Kind: "assignments", Records: has})}, last, drops)
		if got := gapOf(out[0], "aws/assignments"); (got != "") != gap {
			t.Errorf("%d: gap %q", has, got)
		}
		notes := strings.Join(out[0].Notes, "\n")
		if !gap && !strings.Contains(notes, "hal@ops") {
			t.Errorf("who confirmed is not noted: %s", notes)
		}
		if !strings.Contains(notes, "--confirm-drop aws/asignments had no effect") || strings.Contains(notes, "okta/apps") {
			t.Errorf("notes: %s", notes)
		}
	}
}

func TestAPartThatIsNotThereAnyMoreIsDoubtedOnlyWhenAllElseWasRead(t *testing.T) {
	last := Count([]access.Observation{counted(access.Read{Kind: "organization", Records: 2}, access.Read{Scope: "1", Kind: "iam", Lists: true, Records: 11}, access.Read{Scope: "2", Kind: "iam", Lists: true, Records: 3})}, "run-1")
	whole := counted(access.Read{Kind: "organization", Records: 2})
	cut := counted(access.Read{Kind: "organization", Gap: "refused"})
	out := Doubt([]access.Observation{whole}, last, Drops{})[0]
	if got := gapOf(out, "aws/1/iam"); !strings.Contains(got, "--confirm-drop aws/1/iam=0") {
		t.Errorf("gap %q", got)
	}
	if listed(out) {
		t.Error("the accounts count as listed, though those of one part are missing")
	}
	if gapOf(out, "aws/2/iam") != "" || !slices.ContainsFunc(out.Notes, func(n string) bool { return strings.Contains(n, "aws/2/iam is not read any more") }) {
		t.Errorf("a small part that is gone: %q, notes %q", gapOf(out, "aws/2/iam"), out.Notes)
	}
	if out := Doubt([]access.Observation{cut}, last, Drops{})[0]; len(out.Reads) != 1 {
		t.Errorf("behind a gap something is called gone: %+v", out.Reads)
	}
	if out := Doubt([]access.Observation{whole}, last, Drops{Confirmed: map[string]int{"aws/1/iam": 0}, By: "hal"})[0]; gapOf(out, "aws/1/iam") != "" {
		t.Errorf("confirmed, and still a gap: %q", gapOf(out, "aws/1/iam"))
	}
}

func TestAGapNeverBecomesWhatIsNormal(t *testing.T) {
	first := World{Systems: []access.Observation{counted(access.Read{Kind: "assignments", Records: 400}, access.Read{Scope: "1", Kind: "iam", Records: 30})}}
	memory := access.Memory{Counts: after(first)}
	for n := range 3 {
		w := World{Memory: memory, Systems: Doubt([]access.Observation{counted(access.Read{Kind: "assignments", Records: 80})}, memory.Counts, Drops{})}
		if gapOf(w.Systems[0], "aws/assignments") == "" {
			t.Fatalf("on night %d the short list was believed", n+2)
		}
		memory.Counts = after(w)
		if d := cmp.Diff(after(first), memory.Counts); d != "" {
			t.Errorf("remembered (-before +after):\n%s", d)
		}
	}
	w := World{Memory: memory, Systems: Doubt([]access.Observation{counted(access.Read{Kind: "assignments", Records: 80})}, memory.Counts,
		Drops{Confirmed: map[string]int{"aws/assignments": 80, "aws/1/iam": 0}})}
	want := map[string]access.Counted{"aws/assignments": {System: "aws", Kind: "assignments", Records: 80, Run: "tonight"}}
	if d := cmp.Diff(want, after(w)); d != "" {
		t.Errorf("after the drop was confirmed (-want +got):\n%s", d)
	}
}

func TestWhatRollcallTookAwayIsNoDrop(t *testing.T) {
	o := counted(access.Read{Kind: "assignments", Records: 100}, access.Read{Kind: "sso_users", Lists: true, Records: 9})
	o.Accounts = []access.Account{{System: "aws", ID: "U1", Kind: access.IdentityCenter, Status: access.AccountActive, Read: 1}}
	o.Entitlements = []access.Entitlement{{System: "aws", Scope: "1", Kind: access.PermissionSet, ID: "PS1"}}
	o.Grants = []access.Grant{{}}
	act := access.Action{Stage: access.Block, Verb: access.SSODeleteAssignment, Account: o.Accounts[0].Key(), EntitlementKind: access.PermissionSet, EntitlementID: "PS1", GrantScope: "1"}
	counts := after(World{Systems: []access.Observation{o}}, access.Outcome{Action: act, Result: access.Done}, access.Outcome{Action: act, Result: access.Failed})
	if got := counts["aws/assignments"].Records; got != 99 {
		t.Errorf("remembered %d, want 99", got)
	}
	if got := counts["aws/sso_users"].Records; got != 9 {
		t.Errorf("remembered %d users, want 9", got)
	}
}

func TestASystemThatTonightDoesNotHaveKeepsItsCounts(t *testing.T) {
	memory := access.Memory{Counts: after(World{Systems: []access.Observation{counted(access.Read{Kind: "assignments", Records: 400})}})}
	if d := cmp.Diff(memory.Counts, after(World{Memory: memory})); d != "" {
		t.Errorf("remembered (-before +after):\n%s", d)
	}
}

func TestWhatIsGivenToDoubtStaysAsItWas(t *testing.T) {
	last := Count([]access.Observation{counted(access.Read{Kind: "assignments", Records: 100})}, "run-1")
	given := []access.Observation{counted(access.Read{Kind: "assignments", Records: 1})}
	if out := Doubt(given, last, Drops{}); gapOf(out[0], "aws/assignments") == "" || gapOf(given[0], "aws/assignments") != "" {
		t.Errorf("doubted %+v, given %+v", out[0].Reads, given[0].Reads)
	}
}

func TestOnlyAReadThatCameToItsEndIsDoubtedForItsLength(t *testing.T) {
	last := Count([]access.Observation{counted(access.Read{Kind: "assignments", Records: 400})}, "run-1")
	out := Doubt([]access.Observation{counted(access.Read{Kind: "assignments", Gap: "refused", Records: 3})}, last, Drops{Confirmed: map[string]int{"aws/assignments": 3}})
	if gapOf(out[0], "aws/assignments") != "refused" || len(out[0].Notes) > 0 {
		t.Errorf("gap %q, notes %q", gapOf(out[0], "aws/assignments"), out[0].Notes)
	}
	none := counted(access.Read{Kind: "assignments"})
	none.Reads[0].ClaimedTotal = 0 // the system itself says that there is none
	if out := Doubt([]access.Observation{none}, last, Drops{}); gapOf(out[0], "aws/assignments") != "" {
		t.Errorf("gap %q", gapOf(out[0], "aws/assignments"))
	}
}

func TestAConfirmedDropThatTookEffectIsNotCalledWithoutEffect(t *testing.T) {
	last := Count([]access.Observation{counted(access.Read{Kind: "assignments", Records: 400})}, "run-1")
	out := Doubt([]access.Observation{counted(access.Read{Kind: "assignments", Records: 1})}, last, Drops{Confirmed: map[string]int{"aws/assignments": 1}, By: "hal"})
	if len(out[0].Notes) != 1 || !strings.Contains(out[0].Notes[0], "aws/assignments gave 1 record, and 400 records on run-1: hal says") {
		t.Errorf("notes %q", out[0].Notes)
	}
}

func TestAPartThatIsGoneIsToldOfItsSystemOnceAndConfirmedAsGoneAlone(t *testing.T) {
	okta := access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "users", Complete: true, Records: 90, ClaimedTotal: -1}}}
	aws := counted(access.Read{Kind: "organization", Records: 2}, access.Read{Scope: "1", Kind: "iam", Records: 60}, access.Read{Scope: "2", Kind: "iam"})
	last := Count([]access.Observation{okta, aws}, "run-1")
	aws.Reads = aws.Reads[:1]
	for from, gap := range map[int]bool{0: false, 5: true} {
		out := Doubt([]access.Observation{okta, aws}, last, Drops{Confirmed: map[string]int{"aws/1/iam": from}, By: "hal"})
		if len(out[0].Reads) != 1 || len(out[0].Notes) > 0 {
			t.Errorf("of Okta: %+v, %q", out[0].Reads, out[0].Notes)
		}
		if got := gapOf(out[1], "aws/1/iam"); (got != "") != gap {
			t.Errorf("confirmed down to %d: gap %q", from, got)
		}
		if notes := strings.Join(out[1].Notes, "\n"); strings.Contains(notes, "aws/2/iam") || strings.Contains(notes, "hal says") == gap {
			t.Errorf("confirmed down to %d: notes %q", from, notes)
		}
	}
}

func TestOnlyWhatWasDoneAndIsListedIsTakenFromTheCounts(t *testing.T) {
	o := access.Observation{System: "okta", Accounts: []access.Account{{System: "okta", ID: "u"}, {System: "okta", ID: "v"}},
		Reads: []access.Read{{System: "okta", Kind: "users", Lists: true, Complete: true, Records: 9}, {System: "okta", Kind: "admin_roles", Complete: true, Records: 20}, {System: "okta", Kind: "api_tokens", Complete: true, Records: 20},
			{System: "okta", Kind: "app_users", Complete: true, Records: 20}, {System: "okta", Kind: "policies", Complete: true, Records: 20}},
		Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaAdminRole, ID: "r", Read: 1}, {System: "okta", Kind: access.OktaAPIToken, ID: "t", Read: 2}, {System: "okta", Kind: access.OktaApp, ID: "a", Read: 3},
			{System: "okta", Kind: access.OktaAdminRole, ID: "carried", Read: 1}, {System: "okta", Kind: access.OktaGroup, ID: "g"}, {System: "okta", Kind: access.IAMPolicy, ID: "p", Read: 4}},
		Grants: []access.Grant{{Entitlement: 0}, {Entitlement: 1}, {Entitlement: 2}, {Entitlement: 3, Carrier: 5}, {Account: 1, Entitlement: 2}, {Account: 1, Entitlement: 1}}}
	end := access.Action{Stage: access.Remove, Verb: access.OktaDeactivate, Account: o.Accounts[0].Key()}
	other := end
	other.Verb = access.OktaSuspend
	detach := access.Action{Verb: access.IAMDetachPolicy, Account: o.Accounts[0].Key(), EntitlementKind: access.IAMPolicy, EntitlementID: "p"}
	for name, c := range map[string]struct {
		outcome access.Outcome
		want    [4]int // roles, tokens, applications, policies
	}{
		"a deactivation":             {access.Outcome{Action: end, Result: access.Done}, [4]int{19, 19, 19, 20}},
		"one that failed":            {access.Outcome{Action: end, Result: access.Failed}, [4]int{20, 20, 20, 20}},
		"a suspension":               {access.Outcome{Action: other, Result: access.Done}, [4]int{20, 20, 20, 20}},
		"what no list has less then": {access.Outcome{Action: detach, Result: access.Done}, [4]int{20, 20, 20, 20}},
	} {
		counts := after(World{Systems: []access.Observation{o}}, c.outcome)
		got := [4]int{counts["okta/admin_roles"].Records, counts["okta/api_tokens"].Records, counts["okta/app_users"].Records, counts["okta/policies"].Records}
		if got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
