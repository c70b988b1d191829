package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/reports/archive"
)

// keeper opens the town's archive as the jobs do.
func (w *townsfolk) keeper() *archive.Archive {
	w.t.Helper()
	key, err := archive.ParsePrivateKey([]byte(w.read("signing.pem")))
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := archive.Open(filepath.Join(w.dir, "archive"), key)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// review records a campaign about ann's group Staff, as far as it has come: asked, and
// then answered.
func (w *townsfolk) review(answered bool) {
	w.t.Helper()
	a := w.keeper()
	m, err := a.Memory(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.clock.pass(time.Minute)
	now := w.clock.Now().UTC()
	c := access.Campaign{ID: "2041-q1", Title: "First quarter", OpenedAt: now, Due: access.Day{At: time.Date(2041, 3, 20, 0, 0, 0, 0, time.UTC)}}
	ann := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "E01", Name: "ann Test"}}
	row := access.Issued{ID: "k1", Worksheet: "bo_1", Duty: access.DutyManager, Item: access.Item{RowID: "s", Person: ann, System: "okta", Kind: access.OktaGroup, EntitlementID: "00gstaff", Entitlement: "Staff",
		Account: access.Account{System: "okta", ID: "00uann", Login: "ann@example.test"}}}
	part := access.CampaignRecord{Campaign: c, Sheets: []access.Sheet{{ID: "bo_1", ReviewerName: "Bo Boss", Because: "manager of ann Test", IssuedAt: now, Rows: []access.Issued{row}}}}
	if answered {
		part.Sheets = nil
		part.Decisions = []access.Decision{{Campaign: c.ID, RowID: "k1", Worksheet: "bo_1", ReviewerName: "Bo Boss", Choice: access.ChooseKeep, Reason: "still works on the door", ReceivedAt: now}}
	}
	run := access.Run{ID: newRunID(now), StartedAt: now, FinishedAt: now, Trigger: "review", Previous: m.Previous}
	if _, err := a.RecordCampaign(run, part, m); err != nil {
		w.t.Fatal(err)
	}
}

func TestWhyTellsWhatReviewsSaid(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	if r := w.now("why", "--person", "E01"); r.code != exitDone || contains(r, "what reviews said") {
		t.Errorf("before the first review: %s", r)
	}
	w.review(false)
	w.want(w.now("why", "--person", "E01", "--entitlement", "staff"), exitDone, "what was said on the last night (2041-03-04)", "what reviews said (1 campaign):",
		"reviewed: group Staff in okta by ann@example.test, by campaign 2041-q1", "open: Bo Boss is asked (manager of ann Test), since 2041-03-04, to answer by 2041-03-20")
	w.want(w.now("why", "--person", "E01", "--entitlement", "Old hands"), exitDone, "what reviews said (1 campaign): nothing about this")
	w.want(w.now("why", "--person", "E02"), exitDone, "what reviews said (1 campaign): nothing about this")
	w.review(true)
	r := w.now("why", "--person", "E01")
	w.want(r, exitDone, "2041-03-04: Keep, by Bo Boss: still works on the door")
	if contains(r, "is asked") {
		t.Errorf("answered, and still open: %s", r)
	}
	w.want(w.now("why", "--person", "E01", "--json"), exitDone, `"campaigns":1,"reviews":[{"campaign_id":"2041-q1"`, `"answers":[{"on":"2041-03-04","decision":"validate","by":"Bo Boss","reason":"still works on the door"}]`)
	w.want(w.night("nightly"), exitDone)
	w.want(w.now("why", "--person", "E01"), exitDone, "what was said on the last 2 nights (2041-03-04 to 2041-03-05)", "2041-03-04: Keep, by Bo Boss")
	w.altered("items/*/*/*.parquet")
	w.want(w.now("why", "--person", "E01"), exitAborted, "group Staff", "what past reviews said is not told", "was altered", "rollcall audit verify")
}

func contains(r ran, says string) bool { return strings.Contains(flat(r.stdout+r.stderr), flat(says)) }

func TestACampaignBetweenTwoNightsIsNoNewsAndNoNight(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.review(false)
	quiet, requests := w.swept()
	w.want(quiet, exitDone, "No news", "as of 2041-03-04 01:00 UTC")
	if requests != 0 || w.runs() != 2 {
		t.Errorf("%d requests, %d runs", requests, w.runs())
	}
	w.leave("leo")
	w.want(must(w.swept()), exitDone, "suspend")
	w.inOkta("leo", fakeokta.Suspended)
	w.review(true)
	before := w.memory()
	w.want(w.night("nightly"), exitDone)
	after := w.memory()
	if d := cmp.Diff(before.Campaigns, after.Campaigns); d != "" || len(after.Campaigns["2041-q1"].Runs) != 2 {
		t.Errorf("the campaign after the night: %s", d)
	}
	for grant, day := range before.GrantsSeen {
		if got, still := after.GrantsSeen[grant]; still && got != day {
			t.Errorf("a grant was first seen on %d, and now on %d", day, got)
		}
	}
	newer := filepath.Join(w.dir, "rolemap.csv")
	w.want(w.rolemap("diff", "--new", newer, "--nights", "9", "--json"), exitDone, `"nights_asked":9,"nights_archived":3`)
	w.want(w.rolemap("diff", "--new", newer, "--nights", "9"), exitDone, "on the last 2 nights (2041-03-04 to 2041-03-05)")
	w.verified()
}

func must(r ran, _ int) ran { return r }

func TestABlockIsUndoneAfterACampaign(t *testing.T) {
	w, run := mended(t)
	w.review(false)
	w.want(w.restore("--run", string(run), "--reason", "HR's mistake, ticket 42"), exitHeld, "restored lift the suspension, leo@example.test in okta")
	w.inOkta("leo", fakeokta.Active)
	if w.memory().Campaigns["2041-q1"].ID == "" {
		t.Error("the restore forgot the campaign")
	}
	w.verified()
}
