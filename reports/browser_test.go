//go:build browser

package reports

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/browsertest"
)

// These tests open a worksheet's page in Chromium, as a reviewer does.

// window is a window with a worksheet's page.
type window struct{ *browsertest.Window }

func openPage(t *testing.T, ctx context.Context, path string) window {
	t.Helper()
	return window{browsertest.Open(t, ctx, path)}
}

func (w window) todo(id string) string { return w.Text("#todo-" + id) }

// quiet: the page may make a file to save, of its own.
func (w window) quiet(t *testing.T) { t.Helper(); w.Quiet("file:///", "blob:null/") }

// download presses a button that saves a file, and reads it.
func (w window) download(t *testing.T, button string) (b []byte, got savedPage) {
	t.Helper()
	w.Click(button)
	select {
	case <-w.Context.Done():
		t.Fatal("no file was saved")
	case <-w.Saved:
	}
	files, err := filepath.Glob(filepath.Join(w.Downloads, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("saved: %v %v", files, err)
	}
	b = read(t, files[0])
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	return b, got
}

// row is the button or field of one row.
func row(id, inside string) string { return fmt.Sprintf("#row-%s %s", id, inside) }

func choice(id, word string) string { return row(id, fmt.Sprintf("[data-choice=%q]", word)) }

// It is long because it is one sitting of one reviewer, from the first click to the file
// that is read back: each answer counts in what follows.
func TestAReviewerFillsThePageInByMouse(t *testing.T) {
	dir, sheets, _ := issue(t)
	w := openPage(t, browsertest.Chromium(t), filepath.Join(dir, sheets[0].ID+".html"))
	w.Click(choice("c1", "Keep")) // privileged
	if got := w.todo("c1"); got != "Give a reason" {
		t.Errorf("a privileged row that is kept says %q", got)
	}
	w.Write(row("c1", "[data-field=reason]"), "on call for Okta")
	w.Click(choice("c2", "Keep")) // flagged, with nothing suggested
	if got := w.todo("c2"); got != "Give a reason" {
		t.Errorf("a flagged row that is kept says %q", got)
	}
	w.Click(choice("c2", "Change"))
	if got := w.todo("c2"); got != "Say what instead" {
		t.Errorf("a change without a what says %q", got)
	}
	w.Write(row("c2", "[data-field=change_to]"), "read only")
	w.Write(row("c2", "[data-field=reason]"), "only reads the reports")
	w.Click(choice("c3", "Not mine"))
	if got := w.todo("c3"); got != "Say who" {
		t.Errorf("a hand-over without a who says %q", got)
	}
	w.Write(row("c3", "[data-field=pass_to]"), "otto@example.com")
	w.Write(row("c3", "[data-field=reason]"), "too short")
	if got := w.todo("c3"); got != "Give a reason" {
		t.Errorf("a reason of nine characters says %q", got)
	}
	w.Click(choice("c4", "Remove"))
	w.Click(choice("c5", "Remove"))
	w.Click(choice("c5", "Remove")) // again: open
	w.Write(row("c4", "[data-field=comment]"), `<script>alert(1)</script> "quoted"`)
	if got := w.Text("#counts"); got != "4 of 10 rows decided · 2 to decide first · 1 incomplete" {
		t.Errorf("the count says %q", got)
	}
	if got := w.todo("c5"); got != "Decide first" {
		t.Errorf("a row that was opened again says %q", got)
	}
	w.Click("#save") // without a name nothing is saved
	if got := browsertest.Ask[string](w.Window, "document.activeElement.id"); got != "signed_by" {
		t.Errorf("without a name the cursor is at %q", got)
	}
	w.Write("#signed_by", "Mara Boss")
	b, got := w.download(t, "#save")
	want := savedPage{Schema: "rollcall-worksheet-2", Campaign: "2026-q4", Sheet: sheets[0].ID, SignedBy: "Mara Boss"}
	for _, r := range sheets[0].Rows {
		want.Rows = append(want.Rows, pageRaw{ID: r.ID, MAC: r.MAC})
	}
	fill := func(i int, decision, reason, change, pass, comment string) {
		r := &want.Rows[i]
		r.Decision, r.Reason, r.ChangeTo, r.PassTo, r.Comment = decision, reason, change, pass, comment
	}
	fill(0, "Keep", "on call for Okta", "", "", "")
	fill(1, "Change", "only reads the reports", "read only", "", "")
	fill(2, "Not mine", "too short", "", "otto@example.com", "")
	fill(3, "Remove", "", "", "", `<script>alert(1)</script> "quoted"`)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s\n%s", d, b)
	}
	back := ReadReturned(sheets[0].ID+".decisions.json", b)
	if back.Refused != nil || back.Format != "html" || back.SignedBy != "Mara Boss" || len(back.Rows) != len(sheets[0].Rows) || back.Rows[1].ChangeTo != "read only" {
		t.Errorf("what the page saved is read back as %+v", back)
	}
	w.quiet(t)
}

func TestAReviewerFillsThePageInByKeyboardAlone(t *testing.T) {
	dir, sheets, _ := issue(t)
	w := openPage(t, browsertest.Chromium(t), filepath.Join(dir, sheets[0].ID+".html"))
	w.Press("j")
	w.Press("1")
	w.Press("e")
	w.Press("kept for jobs 1 to 4") // letters and digits are text now
	w.Press(kb.Escape)
	w.Press(kb.ArrowDown)
	w.Press("R")
	w.Press("j")
	w.Press("j")
	w.Press("k") // back to the third
	w.Press("4")
	w.Press("e")
	w.Press("otto@example.com")
	w.Press(kb.Escape)
	w.Press("e")
	w.Press("not in my team")
	w.Press(kb.Escape)
	w.Press("j")
	w.Press("K")
	w.Press("0") // open again
	w.Press("j")
	w.Press("2")
	want := map[string]string{"c1": "Done", "c2": "Done", "c3": "Done", "c4": "Decide first", "c5": "Say what instead", "c6": "Decide first"}
	for id, todo := range want {
		if got := w.todo(id); got != todo {
			t.Errorf("%s says %q, want %q", id, got, todo)
		}
	}
	if got := browsertest.Ask[string](w.Window, "document.querySelector('#row-c1 [data-field=reason]').value"); got != "kept for jobs 1 to 4" {
		t.Errorf("the reason reads %q", got)
	}
	w.Press("/")
	w.Press("build machines")
	if got := w.Text("#shown"); got != "2 of 10 rows shown" {
		t.Errorf("the search says %q", got)
	}
	w.Press(kb.Escape)
	w.Click(".help > details > summary")
	w.Click("#keys")
	w.Click("#row-c4 .about")
	w.Press("1")
	if got := w.Text("#counts"); !strings.HasPrefix(got, "4 of 10 ") {
		t.Errorf("keys that are off decide: %q", got)
	}
	w.quiet(t)
}

// sameDraft gives a sheet on which one person has an ordinary row three times and a
// flagged one once.
func personsPage(t *testing.T) (string, access.Sheet) {
	t.Helper()
	book, sheets := testCampaign()
	rows := []access.Issued{sheets[0].Rows[1]}
	for i := range 3 {
		r := sheets[0].Rows[7]
		r.ID, r.Item.Person = "s"+strconv.Itoa(i), rows[0].Item.Person
		rows = append(rows, r)
	}
	sheets = sheets[:1]
	sheets[0].Rows = rows
	dir := t.TempDir()
	if err := WriteCampaign(dir, book, sheets); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, sheets[0].ID+".html"), sheets[0]
}

func TestSameForAllOfAPersonNeverKeepsWhatIsToBeDecidedFirst(t *testing.T) {
	path, _ := personsPage(t)
	w := openPage(t, browsertest.Chromium(t), path)
	w.Click(choice("s0", "Keep"))
	w.Click(row("s0", ".same"))
	for id, want := range map[string]string{"s1": "Done", "s2": "Done", "c2": "Decide first"} {
		if got := w.todo(id); got != want {
			t.Errorf("%s says %q, want %q", id, got, want)
		}
	}
	if got := w.Text("#said"); !strings.Contains(got, "2 more rows of this person: Keep. 1 are left") {
		t.Errorf("it says %q", got)
	}
	w.Click("#said button")
	if got := w.Text("#counts"); !strings.HasPrefix(got, "1 of 4 ") {
		t.Errorf("after Undo: %q", got)
	}
	w.Click(choice("s0", "Remove"))
	w.Click(row("s0", ".same"))
	if got := w.todo("c2"); got != "Done" {
		t.Errorf("Remove for all left %q", got)
	}
	w.quiet(t)
}

func TestFiltersShowWhatIsAskedFor(t *testing.T) {
	dir, sheets, _ := issue(t)
	w := openPage(t, browsertest.Chromium(t), filepath.Join(dir, sheets[0].ID+".html"))
	visible := func() []string {
		return browsertest.Ask[[]string](w.Window, "[...document.querySelectorAll('article:not([hidden])')].map((a) => a.dataset.id)")
	}
	w.Click("#flagged")
	if d := cmp.Diff([]string{"c1", "c2", "c3", "c4", "c5", "c6"}, visible()); d != "" {
		t.Error(d)
	}
	w.Click(choice("c2", "Remove"))
	w.Click("#open")
	if d := cmp.Diff([]string{"c1", "c3", "c4", "c5", "c6"}, visible()); d != "" {
		t.Error(d)
	}
	w.Do(chromedp.Evaluate[chromedp.Void]("document.querySelector('#system').selectedIndex = 2; document.querySelector('#system').dispatchEvent(new Event('input'))"))
	if d := cmp.Diff([]string{"c6"}, visible()); d != "" {
		t.Error(d)
	}
	w.Write("#find", "nobody at all")
	if got := visible(); len(got) > 0 || w.Text("#none") == "" {
		t.Errorf("shown: %v", got)
	}
	w.quiet(t)
}

func TestThePageIsAccessible(t *testing.T) {
	dir, sheets, _ := issue(t)
	ctx := browsertest.Chromium(t)
	for _, scheme := range []string{"light", "dark"} {
		w := openPage(t, ctx, filepath.Join(dir, sheets[0].ID+".html"))
		ctx = w.Context
		w.Show(scheme, "")
		w.Click(choice("c1", "Keep"))
		w.Click(choice("c2", "Change"))
		w.Click(choice("c3", "Not mine"))
		w.Click(choice("c4", "Remove"))
		w.Run("document.querySelectorAll('details').forEach((d) => { d.open = true })")
		w.Accessible(scheme)
		names := browsertest.Ask[[]string](w.Window, "[...document.querySelectorAll('article [role=group]')].map((g) => document.getElementById(g.getAttribute('aria-labelledby')).innerText)")
		if !slices.Contains(names, nameScript+": x") && len(names) != len(sheets[0].Rows) {
			t.Errorf("%s: groups are called %q", scheme, names)
		}
	}
}
