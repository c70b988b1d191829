package archive

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/access"
)

func TestACampaignRunChangesNothingElseThatIsRemembered(t *testing.T) {
	root := archiveOf(t, 1)
	before := mustRemember(t, root)
	a := New(NewFolder(root), testKey)
	for n := 1; n <= 3; n++ {
		if err := recordPart(a, n); err != nil {
			t.Fatal(err)
		}
	}
	after := mustRemember(t, root)
	c := after.Campaigns["2026-q1"]
	if len(c.Runs) != 3 || c.Runs[0] != (access.CampaignRun{ID: campaignRun(1, "").ID, Sequence: 2}) || c.Runs[2].Sequence != 4 {
		t.Errorf("runs %v", c.Runs)
	}
	c.Runs = nil
	if d := gocmp.Diff(fixtureCampaign(), c); d != "" {
		t.Errorf("the campaign (-want +got):\n%s", d)
	}
	if r := after.Removals["000002"]; r.Name != "eng" || r.Due != dayOn(9) {
		t.Errorf("removals %v", after.Removals)
	}
	if x := after.Kept["000002"]; x.Entitlement != "00g1" || x.ExpiresOn != dayOn(31) || x.File != "review 2026-q1" || x.ApprovedBy != "Ada" {
		t.Errorf("kept %v", after.Kept)
	}
	before.Previous, before.Looked = campaignRun(3, "").ID, runID(1)
	for n := 1; n <= 3; n++ {
		before.Journals[campaignRun(n, "").ID] = true
	}
	if d := gocmp.Diff(before, after, cmpopts.IgnoreFields(access.Memory{}, "Campaigns", "Removals", "Kept")); d != "" {
		t.Errorf("the rest (-before +after):\n%s", d)
	}
}

// Whatever the caller made of the nights' memory meanwhile is not a campaign's to keep.
func TestACampaignRunKeepsNothingOfTheNightsFromItsCaller(t *testing.T) {
	root := archiveOf(t, 1)
	before := mustRemember(t, root)
	c := fixtureCampaign()
	_, err := New(NewFolder(root), testKey).RecordCampaign(campaignRun(1, runID(1)), access.CampaignRecord{Campaign: c},
		access.Memory{Accounts: map[access.System]int{"okta": 9000}})
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(before.Accounts, mustRemember(t, root).Accounts); d != "" {
		t.Error(d)
	}
}

func TestCampaignsAreRememberedByTheNightThatFollows(t *testing.T) {
	root := campaignBetween(t, false)
	m := mustRemember(t, root)
	n := fixtureNight(2)
	n.Run.Previous = m.Previous
	n.Inputs = nil
	if err := recordAs(New(NewFolder(root), testKey), n, m); err != nil {
		t.Fatal(err)
	}
	after := mustRemember(t, root)
	if d := gocmp.Diff(access.Memory{Campaigns: m.Campaigns, Removals: m.Removals, Kept: m.Kept},
		access.Memory{Campaigns: after.Campaigns, Removals: after.Removals, Kept: after.Kept}); d != "" || len(after.Kept) == 0 {
		t.Error(d)
	}
}

// What reads the last run means the last one that looked at systems.
func TestAfterACampaignTheLastNightIsStillTheLastNight(t *testing.T) {
	plain := opened(t, archiveOf(t, 1))
	a := opened(t, campaignBetween(t, false))
	want, errPlain := plain.LastRun()
	got, err := a.LastRun()
	if err = errors.Join(err, errPlain); err != nil || got.Run.ID != runID(1) {
		t.Fatalf("last run %s: %v", got.Run.ID, err)
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("last run (-without the campaign +with it):\n%s", d)
	}
	everybody := func(access.Account) bool { return true }
	_, wantSeen, errPlain := plain.LastSeen(everybody)
	run, gotSeen, err := a.LastSeen(everybody)
	if err = errors.Join(err, errPlain); err != nil || run != runID(1) {
		t.Fatalf("last seen in %s: %v", run, err)
	}
	if d := gocmp.Diff(wantSeen, gotSeen); d != "" {
		t.Errorf("last seen:\n%s", d)
	}
	wantMemory, errPlain := plain.Memory(nil)
	gotMemory, err := a.Memory(nil)
	if err = errors.Join(err, errPlain); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(wantMemory.GrantsSeen, gotMemory.GrantsSeen); d != "" || len(gotMemory.GrantsSeen) == 0 {
		t.Errorf("grants seen:\n%s", d)
	}
	if gotMemory.Previous != campaignRun(3, "").ID || gotMemory.LastLook() != runID(1) {
		t.Errorf("the next run would follow %q, and look for open ends of %q", gotMemory.Previous, gotMemory.LastLook())
	}
}

// A run closes what the last one that looked had left open, and is replayed with it.
func TestARunAfterACampaignKnewTheJournalOfTheLastNight(t *testing.T) {
	root := campaignBetween(t, true)
	a := opened(t, root)
	last, err := a.lastNight()
	if err != nil || last.RunID == runID(1) {
		t.Fatalf("the last night is %s: %v", last.RunID, err)
	}
	j, err := PastRun{a, last}.Journals()
	if err != nil {
		t.Fatal(err)
	}
	if of, err := j.List(journalFolder(runID(1))); err != nil || len(of) == 0 {
		t.Errorf("of the night before the campaign it knew %q: %v", of, err)
	}
}

func TestACampaignIsNoNight(t *testing.T) {
	a := opened(t, campaignBetween(t, false))
	ids := func(n int, wanted func(string) bool) (out []access.RunID, all int) {
		t.Helper()
		runs, all, err := a.NightsOf(n, wanted)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			out = append(out, r.ID())
			if _, _, err := r.Night(); err != nil {
				t.Error(err)
			}
		}
		return out, all
	}
	for name, wanted := range map[string]func(string) bool{"all": nil, "by trigger": func(trigger string) bool { return trigger == "nightly" }} {
		if got, all := ids(5, wanted); !slices.Equal(got, []access.RunID{runID(1)}) || all != 1 {
			t.Errorf("%s: %v of %d", name, got, all)
		}
	}
	n := fixtureNight(2)
	n.Run.Previous = campaignRun(3, "").ID
	m, err := a.Memory(nil)
	if err != nil {
		t.Fatal(err)
	}
	n.Inputs = nil
	if err := recordAs(New(a.store, testKey), n, m); err != nil {
		t.Fatal(err)
	}
	if got, all := ids(5, nil); !slices.Equal(got, []access.RunID{runID(1), runID(2)}) || all != 2 {
		t.Errorf("%v of %d", got, all)
	}
	if got, _ := ids(1, nil); !slices.Equal(got, []access.RunID{runID(2)}) {
		t.Errorf("%v", got)
	}
}

func TestACampaignOverANightThatWasReplacedIsNotBelieved(t *testing.T) {
	root := campaignBetween(t, false)
	file := filepath.Join(root, manifestName(1))
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(b, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	a := New(NewFolder(root), nil)
	if _, err := a.LastRun(); err == nil || !strings.Contains(err.Error(), manifestName(1)+" was altered") {
		t.Errorf("%v", err)
	}
}
