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
