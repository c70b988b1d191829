package jobs

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

func TestAReviewOpensOverWhatTheLastNightSawAndIsRecordedAsItWasWritten(t *testing.T) {
	c := newCouncil(t)
	last := c.hamlet.last
	r := c.review()
	out, err := r.Open(t.Context(), c.campaign("2026-q1"))
	if err != nil {
		t.Fatal(err)
	}
	rec, p := c.recorded["2026-q1"], c.written[0]
	if out.Head != "head of "+string(r.Run.ID) || rec.Campaign.Night != last.Run.ID || !rec.Campaign.SeenAt.Equal(last.SeenAt()) || rec.Campaign.Rows != 8 || out.Campaign.Rows != 8 {
		t.Errorf("head %q, the night is %s of %s, %d rows", out.Head, rec.Campaign.Night, rec.Campaign.SeenAt, rec.Campaign.Rows)
	}
	if len(out.Sheets) != 2 || len(rec.Sheets) != 2 || len(p.Sheets) != 2 || p.Last != nil || p.Campaign.Rows != 8 || !p.Night.SeenAt.Equal(last.SeenAt()) || len(p.Night.Systems) != 1 || len(p.Night.People) != 8 || p.Night.Run.ID != r.Run.ID {
		t.Errorf("%d sheets, %d recorded, written %+v", len(out.Sheets), len(rec.Sheets), p)
	}
	for _, s := range rec.Sheets {
		for _, row := range s.Rows {
			if row.MAC != "seal of "+row.ID {
				t.Errorf("%s is recorded without its seal", row.ID)
			}
		}
	}
	if len(out.Rerouted) != 1 || !strings.Contains(out.Rerouted[0], "ann") {
		t.Errorf("who is asked in somebody else's place: %q", out.Rerouted)
	}
	run := c.commits[0]
	if run.Previous != last.Run.ID || !run.FinishedAt.Equal(r.Now()) || run.Verdict != "done" || run.ExitCode != ExitDone || run.Actor != "dana@desk" {
		t.Errorf("the run is %+v", run)
	}
	if m := c.memory; len(m.Campaigns) != 1 || !m.Campaigns["2026-q1"].Open() || m.Campaigns["2026-q1"].Rows != 8 {
		t.Errorf("remembered: %+v", m.Campaigns)
	}
	if len(c.sent()) != 0 {
		t.Errorf("a review changed something: %q", c.sent())
	}
}

func TestAReviewThatCannotBeginSaysWhyAndWritesNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		bend func(*council, *access.Campaign)
		says string
	}{
		"no night":         {func(c *council, _ *access.Campaign) { c.hamlet.last = reconcile.LastRun{} }, "no night has run yet"},
		"the same name":    {func(_ *council, one *access.Campaign) { one.ID = "2026-q1" }, "the review 2026-q1 was opened on 2026-03-02 already"},
		"nobody to decide": {func(_ *council, one *access.Campaign) { one.Approver, one.ApproverMail = " ", "" }, "has no approver"},
		"nothing to compare with": {func(_ *council, one *access.Campaign) { one.Scope.Since = "2025-q4" },
			"there is no review 2025-q4 to compare with (known: 2026-q1)"},
	} {
		c := opened(t)
		one := c.campaign("2026-q2")
		tt.bend(c, &one)
		written, parts := len(c.written), len(c.parts)
		_, err := c.review().Open(t.Context(), one)
		var refused Refused
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.says) || len(c.written) != written || len(c.parts) != parts {
			t.Errorf("%s: %v, %d worksheets written", name, err, len(c.written)-written)
		}
	}
}

func TestWithoutANameTheOnlyOpenReviewIsMeant(t *testing.T) {
	c := newCouncil(t)
	look := func(id access.CampaignID) (access.CampaignID, string) {
		out, _, err := c.review().Look(t.Context(), id)
		if err != nil {
			var refused Refused
			if !errors.As(err, &refused) {
				t.Errorf("not a refusal: %v", err)
			}
			return "", err.Error()
		}
		return out.Campaign.ID, ""
	}
	wants := func(ask, want access.CampaignID, says string) {
		t.Helper()
		if got, err := look(ask); got != want || !strings.Contains(err, says) || (says == "") != (err == "") {
			t.Errorf("%q gives %q: %s", ask, got, err)
		}
	}
	wants("", "", "0 reviews are open: say which one with --campaign (known: none)")
	wants("2026-q1", "", "there is no review 2026-q1 (known: none): rollcall review open begins one")
	c.open(t, "2026-q1")
	wants("", "2026-q1", "")
	c.open(t, "2026-q2")
	wants("", "", "2 reviews are open: say which one with --campaign (known: 2026-q1, 2026-q2)")
	wants("2026-q1", "2026-q1", "")
	wants("2026-q3", "", "there is no review 2026-q3 (known: 2026-q1, 2026-q2)")
	if _, err := c.review().Close(t.Context(), "2026-q1", true); err != nil {
		t.Fatal(err)
	}
	wants("", "2026-q2", "")
	wants("2026-q1", "2026-q1", "")
}

func TestAnswersTakeEffectWithTheImportAndWhatIsNotOnesOwnIsAskedOfTheNext(t *testing.T) {
	c := opened(t)
	sheet, kept := c.sheetOf(t, "2026-q1", "ann"), c.inputs
	out := c.takes(t, "2026-q1", answer(sheet, "one", map[string]string{"leo": "Remove", "mia": "Not mine", "jon": "Keep"}))
	if out.Head == "" || len(out.Files) != 1 || out.Files[0].File.Counted != 3 || out.Progress.Open != 6 || out.Progress.Answered != 2 || out.Campaign.ID != "2026-q1" {
		t.Errorf("%+v", out)
	}
	if c.inputs != kept+1 {
		t.Errorf("%d files were kept as they were received", c.inputs-kept)
	}
	if got := c.removals(); !slices.Equal(got, []string{"leo@example.test"}) {
		t.Errorf("to be removed: %q", got)
	}
	if len(c.memory.Kept) != 1 {
		t.Errorf("allowed for a time: %+v", c.memory.Kept)
	}
	passed := c.sheetOf(t, "2026-q1", "cid")
	if len(passed.Rows) != 1 || passed.Rows[0].Item.Person.Name != "mia" || passed.Rows[0].MAC == "" || passed.From != sheet.ID {
		t.Errorf("passed on: %+v", passed)
	}
	p := c.written[len(c.written)-1]
	if len(c.written) != 2 || len(p.Sheets) != 1 || p.Campaign.ID != "2026-q1" || p.Last != nil || len(p.Night.Systems) != 1 {
		t.Errorf("written: %+v", p)
	}
	part := c.parts[1]
	if len(part.Files) != 1 || len(part.Decisions) != 3 || len(part.Sheets) != 1 || part.Campaign.ID != "2026-q1" {
		t.Errorf("on record are %d files, %d decisions, %d sheets", len(part.Files), len(part.Decisions), len(part.Sheets))
	}
	out = c.takes(t, "2026-q1", answer(sheet, "two", map[string]string{"leo": "Keep", "jon": "Remove"}), answer(passed, "three", map[string]string{"mia": "Remove"}))
	if got := c.removals(); !slices.Equal(got, []string{"jon@example.test", "mia@example.test"}) || len(c.memory.Kept) != 1 {
		t.Errorf("what was answered anew: removed %q, kept %+v", got, c.memory.Kept)
	}
	if len(out.Files) != 2 || out.Files[0].File.SHA256 != "two" || out.Files[1].File.SHA256 != "three" || len(c.written) != 2 || c.shown != 3 {
		t.Errorf("%d files, %d worksheets were shown to be recognised", len(out.Files), c.shown)
	}
}

func TestWhatIsRecordedOfAFileThatCameIn(t *testing.T) {
	c := opened(t)
	sheet := c.sheetOf(t, "2026-q1", "ann")
	good := answer(sheet, "good", map[string]string{"leo": "Remove"})
	stranger := answer(sheet, "stranger", map[string]string{"leo": "Keep"})
	stranger.Sheet.Sender = "cid@example.test"
	other := answer(sheet, "other", nil)
	other.Sheet.Sender = "cid@example.test"
	cut := stranger
	cut.Cut, cut.Sheet.SHA256 = true, "cut"
	wrong := answer(sheet, "wrong", map[string]string{"leo": "Perhaps", "mia": "Remove"})
	for _, tt := range []struct {
		name     string
		file     Came
		recorded bool
		mended   bool
		refused  bool
	}{
		{"one that counts", good, true, false, false},
		{"the same once more", good, false, false, true},
		{"one that somebody else sent", stranger, true, false, true},
		{"the same once more", stranger, false, false, true},
		{"another of theirs", other, true, false, true},
		{"one that is cut off", cut, false, false, true},
		{"one in which something is to be mended", wrong, true, true, false},
	} {
		c.calls, c.mended, c.mendsOf = nil, nil, nil
		before, files, kept := len(c.parts), len(c.recorded["2026-q1"].Files), c.inputs
		out := c.takes(t, "2026-q1", tt.file)
		if (len(c.parts) > before) != tt.recorded || (out.Head != "") != tt.recorded || (len(c.recorded["2026-q1"].Files) > files) != tt.recorded || (c.inputs > kept) != tt.recorded {
			t.Errorf("%s: recorded %d times, head %q, %d bytes kept", tt.name, len(c.parts)-before, out.Head, c.inputs-kept)
		}
		if (len(c.mended) == 1) != tt.mended || tt.mended && c.mendsOf[0] != "2026-q1" || (out.Files[0].File.Refused != nil) != tt.refused {
			t.Errorf("%s: mended %q, refused %+v", tt.name, c.mended, out.Files[0].File.Refused)
		}
	}
	if got := c.removals(); !slices.Equal(got, []string{"leo@example.test", "mia@example.test"}) {
		t.Errorf("to be removed: %q", got)
	}
	if _, err := c.review().Close(t.Context(), "2026-q1", true); err != nil {
		t.Fatal(err)
	}
	for _, recorded := range []bool{true, false} { // it counted, and would not any more: that is on record, once
		if out := c.takes(t, "2026-q1", good); (out.Head != "") != recorded || out.Files[0].File.Refused == nil {
			t.Errorf("after the end: head %q, %+v", out.Head, out.Files[0].File)
		}
	}
}

func TestAnErrorOfTheFilesEndsAnImportAndNothingOfItCounts(t *testing.T) {
	c := opened(t)
	sheet := c.sheetOf(t, "2026-q1", "ann")
	out, err := c.review().Import(t.Context(), "2026-q1", came(errIO, answer(sheet, "one", map[string]string{"leo": "Remove"})))
	if !errors.Is(err, errIO) || out.Head != "" || len(c.parts) != 1 || len(c.memory.Removals) != 0 {
		t.Errorf("%v, head %q, %d parts, removed %+v", err, out.Head, len(c.parts), c.memory.Removals)
	}
}

// What was done about a removal, and what other reviews decided, is not forgotten with the next file.
func TestTheNextFileForgetsNothingThatWasDoneOrThatAnotherReviewDecided(t *testing.T) {
	c := opened(t)
	sheet := c.sheetOf(t, "2026-q1", "ann")
	c.takes(t, "2026-q1", answer(sheet, "one", map[string]string{"leo": "Remove", "dan": "Keep"}))
	done := map[string]access.Removal{}
	for id, r := range c.memory.Removals {
		r.Announced, r.SentAt, r.DoneAt, r.GoneAt, r.GoneIn, r.Overruled = access.Day{At: midnight}, midnight, midnight.Add(1), midnight.Add(2), "run-77", "2026-x"
		done[id] = r
	}
	if len(done) != 1 {
		t.Fatalf("%+v", done)
	}
	c.memory.Removals = done
	c.memory.Removals["other"] = access.Removal{Campaign: "2025-q4", RowID: "other", Subject: "s", Login: "other"}
	c.memory.Kept["review-2025-q4-x"] = access.Exception{ID: "review-2025-q4-x", Line: access.Line{File: "review 2025-q4"}}
	c.takes(t, "2026-q1", answer(sheet, "two", map[string]string{"mia": "Remove"}))
	if got := c.removals(); !slices.Equal(got, []string{"leo@example.test", "mia@example.test", "other"}) {
		t.Errorf("to be removed: %q", got)
	}
	for id, r := range done {
		now := c.memory.Removals[id]
		if id != "other" && (now.Announced != r.Announced || now.SentAt != r.SentAt || now.DoneAt != r.DoneAt || now.GoneAt != r.GoneAt || now.GoneIn != r.GoneIn || now.Overruled != r.Overruled) {
			t.Errorf("what was done is forgotten: %+v", now)
		}
	}
	if len(c.memory.Kept) != 2 {
		t.Errorf("kept: %+v", c.memory.Kept)
	}
}

// Of two decisions about the same right the later one counts, in whatever review.
func TestALaterReviewThatKeepsARightOverrulesTheRemovalOfTheOneBefore(t *testing.T) {
	c := opened(t)
	c.takes(t, "2026-q1", answer(c.sheetOf(t, "2026-q1", "ann"), "one", map[string]string{"leo": "Remove"}))
	c.open(t, "2026-q2")
	c.takes(t, "2026-q2", answer(c.sheetOf(t, "2026-q2", "ann"), "two", map[string]string{"leo": "Keep"}))
	for _, r := range c.memory.Removals {
		if r.Overruled != "2026-q2" {
			t.Errorf("%+v", r)
		}
	}
	if len(c.memory.Removals) != 1 || len(c.memory.Campaigns) != 2 {
		t.Errorf("%+v", c.memory.Removals)
	}
}
