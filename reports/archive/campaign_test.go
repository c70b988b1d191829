package archive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/access"
)

func TestACampaignIsReadBackAsItWasRecorded(t *testing.T) {
	a, err := Open(campaignBetween(t, true), nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(a.store, testKey).Memory(nil)
	if err != nil {
		t.Fatal(err)
	}
	// The night's memory is the fixture's, and so knows of no campaign: its runs are told
	// by the run before it.
	c := fixtureCampaign()
	for n := 1; n <= 3; n++ {
		c.Runs = append(c.Runs, access.CampaignRun{ID: campaignRun(n, "").ID, Sequence: 1 + n})
	}
	if _, known := m.Campaigns[c.ID]; known {
		t.Fatalf("%v", m.Campaigns)
	}
	got, err := a.Campaign(c)
	if err != nil {
		t.Fatal(err)
	}
	want := access.CampaignRecord{Campaign: c, Sheets: fixtureSheets()}
	slices.Reverse(want.Sheets) // by id
	want.Files, want.Decisions = fixtureAnswers()
	slices.Reverse(want.Decisions) // by receipt
	want.Notices = []access.Notice{{Kind: "review_day7", Recipient: "ada@x.test", Channel: "file", Subject: "2026-q1/w-ada", SentAt: nightTime.UTC(), Result: "written"}}
	if d := gocmp.Diff(want, got, cmpopts.EquateApproxTime(0)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

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

func TestAFileThatCameBackIsKeptAsReceivedAndListed(t *testing.T) {
	root := campaignBetween(t, false)
	a := New(NewFolder(root), testKey)
	h, err := a.load(3)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{returnedText, "xls"} {
		if _, listed := h.file(inputName(access.Digest([]byte(text)))); !listed {
			t.Errorf("%q is not listed", text)
		}
		if b, err := a.Input(access.Digest([]byte(text))); err != nil || string(b) != text {
			t.Errorf("%q: %v", b, err)
		}
	}
	next, err := a.Memory(nil)
	if err != nil {
		t.Fatal(err)
	}
	files, _ := fixtureAnswers()
	files[0].SHA256 = access.Digest([]byte("not put"))
	run := campaignRun(2, next.Previous)
	run.ID = "20260302T100000Z-c"
	if _, err := a.RecordCampaign(run, access.CampaignRecord{Campaign: fixtureCampaign(), Files: files}, next); err == nil || !strings.Contains(err.Error(), "back.csv was not put into the archive") {
		t.Errorf("%v", err)
	}
}

func TestWhatCannotBeToldLaterIsNotRecordedOfACampaign(t *testing.T) {
	for says, spoil := range map[string]func(*access.Run, *access.CampaignRecord){
		"an id":                       func(_ *access.Run, p *access.CampaignRecord) { p.Campaign.ID = "" },
		"its run an end":              func(r *access.Run, _ *access.CampaignRecord) { r.FinishedAt = time.Time{} },
		"was not issued":              func(_ *access.Run, p *access.CampaignRecord) { p.Sheets[0].IssuedAt = time.Time{} },
		"is there twice":              func(_ *access.Run, p *access.CampaignRecord) { p.Sheets[0].Rows[1].ID = p.Sheets[0].Rows[0].ID },
		"is of worksheet \"other\"":   func(_ *access.Run, p *access.CampaignRecord) { p.Sheets[0].Rows[1].Worksheet = "other" },
		"no SHA-256 of its bytes":     func(_ *access.Run, p *access.CampaignRecord) { p.Files[0].SHA256 = "../x" },
		"is of campaign \"2025-q4\"":  func(_ *access.Run, p *access.CampaignRecord) { p.Decisions[0].Campaign = "2025-q4" },
		"was decided, and never iss":  func(_ *access.Run, p *access.CampaignRecord) { p.Decisions[0].RowID = "000009" },
		"another run finished meanwh": func(r *access.Run, _ *access.CampaignRecord) { r.Previous = "other" },
	} {
		a := New(NewFolder(archiveOf(t, 1)), testKey)
		run, part := campaignRun(1, runID(1)), access.CampaignRecord{Campaign: fixtureCampaign(), Sheets: fixtureSheets()}
		part.Files, part.Decisions = fixtureAnswers()
		spoil(&run, &part)
		if _, err := a.RecordCampaign(run, part, access.Memory{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
		if sequence, _, _, err := a.Head(); err != nil || sequence != 1 {
			t.Errorf("%s: %d runs, %v", says, sequence, err)
		}
	}
	if _, err := New(NewFolder(t.TempDir()), testKey).RecordCampaign(campaignRun(1, ""), access.CampaignRecord{Campaign: fixtureCampaign()}, access.Memory{}); err == nil || !strings.Contains(err.Error(), "no night") {
		t.Errorf("an empty archive: %v", err)
	}
}

func TestACampaignOfAnotherRunIsNotReadBack(t *testing.T) {
	a := New(NewFolder(campaignBetween(t, false)), testKey)
	c := fixtureCampaign()
	c.Runs = []access.CampaignRun{{ID: campaignRun(1, "").ID, Sequence: 3}}
	if _, err := a.Campaign(c); err == nil || !strings.Contains(err.Error(), "audit verify") {
		t.Errorf("%v", err)
	}
}

func TestOneBitOfACampaignFlippedIsFoundAndNamed(t *testing.T) {
	root := campaignBetween(t, true)
	if r := mustVerify(t, root); len(r.Notes) != 0 || r.Manifests != 5 {
		t.Errorf("%+v", r)
	}
	names, err := NewFolder(root).List("")
	if err != nil {
		t.Fatal(err)
	}
	theirs := slices.DeleteFunc(names, func(name string) bool {
		return !strings.Contains(name, "Z-c") && name != inputName(access.Digest([]byte(returnedText))) && name != manifestName(3)
	})
	if len(theirs) != 1+2+1+1+2*3+1+1 { // items, worksheets twice, decisions, notices, runs and states thrice, the file, a manifest
		t.Errorf("%q", theirs)
	}
	a := New(NewFolder(root), testKey)
	c := fixtureCampaign()
	for n := 1; n <= 3; n++ {
		c.Runs = append(c.Runs, access.CampaignRun{ID: campaignRun(n, "").ID, Sequence: 1 + n})
	}
	for _, name := range theirs {
		path := filepath.Join(root, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		flip(t, path, int(info.Size())/2)
		r, err := verified(root, testPub)
		if got := paths(r); err != nil || !slices.Contains(got, name) {
			t.Errorf("%s: faults %v, %v", name, got, err)
		}
		table, _, _ := strings.Cut(name, "/")
		if slices.Contains([]string{"items", "worksheets", "decisions", "notices", "manifests"}, table) {
			if _, err := a.Campaign(c); err == nil {
				t.Errorf("%s was altered, and the campaign was read back", name)
			}
		}
		flip(t, path, int(info.Size())/2)
	}
}

func TestACampaignRunThatDiesAtAnyWriteLeavesTheArchiveAsBefore(t *testing.T) {
	first := archiveOf(t, 1)
	if err := recordCampaign(NewFolder(first), 1); err != nil {
		t.Fatal(err)
	}
	count := func(root string) int {
		m := &mortal{Store: NewFolder(root), dieAt: 1 << 30}
		if err := recordPart(New(m, testKey), 2); err != nil {
			t.Fatal(err)
		}
		return m.writes
	}
	copied := func() string {
		root := t.TempDir()
		if err := os.CopyFS(root, os.DirFS(first)); err != nil {
			t.Fatal(err)
		}
		return root
	}
	last := count(copied())
	if last < 8 {
		t.Fatalf("only %d writes", last)
	}
	for at := 1; at <= last; at++ {
		for _, how := range []string{"before", "halfway", "after"} {
			t.Run(fmt.Sprintf("%d-%s", at, how), func(t *testing.T) {
				root := copied()
				before := mustRemember(t, root)
				if err := recordPart(New(&mortal{Store: NewFolder(root), dieAt: at, how: how}, testKey), 2); !errors.Is(err, errPower) {
					t.Fatalf("the run ended with %v", err)
				}
				committed := at == last && how == "after"
				mustVerify(t, root)
				if diff := gocmp.Diff(before, mustRemember(t, root)); (diff == "") == committed {
					t.Errorf("committed %v, memory changed by %s", committed, diff)
				}
				if committed {
					return
				}
				m := mustRemember(t, root)
				again := campaignRun(2, m.Previous)
				again.ID += "-again"
				if _, err := New(NewFolder(root), testKey).RecordCampaign(again, access.CampaignRecord{Campaign: fixtureCampaign()}, m); err != nil {
					t.Errorf("a run after it: %v", err)
				}
				mustVerify(t, root)
			})
		}
	}
}

func TestOfPastReviewsOnlyWhatIsAboutSomebodyIsReadBack(t *testing.T) {
	root := campaignBetween(t, false)
	a := New(NewFolder(root), nil)
	bob := access.PersonKey{Source: "employees", EmployeeID: "200"}
	got, _, err := a.ReviewsOf([]access.PersonKey{bob, {Source: "agency", EmployeeID: "100"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Campaign.ID != "2025-q4" || len(got[0].Sheets) != 0 {
		t.Fatalf("%+v", got)
	}
	sheets := fixtureSheets()[:1]
	_, decisions := fixtureAnswers()
	if d := gocmp.Diff(sheets, got[1].Sheets); d != "" {
		t.Errorf("sheets (-want +got):\n%s", d)
	}
	if d := gocmp.Diff(decisions[1:], got[1].Decisions); d != "" {
		t.Errorf("decisions (-want +got):\n%s", d)
	}
	items := "items/date=2026-03-02/run=" + string(campaignRun(1, "").ID) + "/part-00000.parquet"
	flip(t, filepath.Join(root, items), 30)
	if _, _, err := a.ReviewsOf([]access.PersonKey{bob}); err == nil || !strings.Contains(err.Error(), items+" was altered") || !strings.Contains(err.Error(), "2026-q1") {
		t.Errorf("%v", err)
	}
}
