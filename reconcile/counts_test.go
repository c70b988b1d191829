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
