//go:build browser

package reports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"rollcall/internal/browsertest"
)

func TestThePageKeepsTheAnswersOverAReload(t *testing.T) {
	dir, sheets, _ := issue(t)
	ctx := browsertest.Chromium(t)
	w := openPage(t, ctx, filepath.Join(dir, sheets[0].ID+".html"))
	w.Click(choice("c1", "Keep"))
	w.Write(row("c1", "[data-field=reason]"), "on call for Okta")
	w.Write("#signed_by", "Mara")
	before := browsertest.Ask[string](w.Window, "localStorage.getItem(Object.keys(localStorage).find((k) => !k.endsWith(':opened')))")
	w.Do(chromedp.Reload())
	if got := w.todo("c1"); got != "Done" {
		t.Errorf("after the reload the row says %q", got)
	}
	if !strings.Contains(w.Text("#said"), "are back") || !strings.Contains(before, "on call for Okta") {
		t.Errorf("%q, kept was %s", w.Text("#said"), before)
	}
	_, got := w.download(t, "#save")
	if got.SignedBy != "Mara" || got.Rows[0].Reason != "on call for Okta" {
		t.Errorf("saved after the reload: %+v", got)
	}
	other := filepath.Join(dir, sheets[1].ID+".html")
	w.Do(chromedp.Navigate("file://" + other))
	if got := w.Text("#counts"); !strings.HasPrefix(got, "0 of 2 ") {
		t.Errorf("another worksheet begins with %q", got)
	}
	w.quiet(t)
}

func TestASecondTabWarnsAndNeverOverwrites(t *testing.T) {
	dir, sheets, _ := issue(t)
	path := filepath.Join(dir, sheets[0].ID+".html")
	first := openPage(t, browsertest.Chromium(t), path)
	second := openPage(t, first.Context, path)
	for name, w := range map[string]window{"first": first, "second": second} {
		w.Do(chromedp.WaitVisible(chromedp.CSS("#warning")))
		if got := w.Text("#warning"); !strings.Contains(got, "open in another tab") {
			t.Errorf("the %s tab says %q", name, got)
		}
	}
	second.Click(choice("c1", "Remove"))
	first.Do(chromedp.WaitVisible(chromedp.CSS("#warning button")))
	first.Click(choice("c2", "Keep"))
	first.Click("#warning button")
	first.Do(chromedp.WaitVisible(chromedp.CSS("#row-c1[data-state=done]")))
	if got := first.todo("c2"); got != "Decide first" {
		t.Errorf("what the first tab did not keep is there: %q", got)
	}
}

func TestADraftIsLoadedAgainAndAStrangersFileIsNot(t *testing.T) {
	dir, sheets, _ := issue(t)
	w := openPage(t, browsertest.Chromium(t), filepath.Join(dir, sheets[0].ID+".html"))
	w.Click(choice("c1", "Not mine"))
	w.Write(row("c1", "[data-field=pass_to]"), "otto@example.com")
	draft, _ := w.download(t, "#draft")
	w.Click(choice("c1", "Not mine"))
	w.Click(choice("c2", "Remove"))
	load := func(b []byte) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), "draft.json")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		w.Do(chromedp.Evaluate[chromedp.Void]("document.querySelector('#said').textContent = ''"), chromedp.SetUploadFiles(chromedp.CSS("#load"), []string{file}))
		w.Until("document.querySelector('#said').textContent !== ''")
		return w.Text("#said")
	}
	for _, bad := range []string{"no JSON", `{"schema":"other","rows":[]}`, strings.Replace(string(draft), "mara-boss", "somebody", 1)} {
		if got := load([]byte(bad)); !strings.Contains(got, "nothing was changed") {
			t.Errorf("%.40q was loaded: %s", bad, got)
		}
	}
	if got := w.todo("c2"); got != "Done" {
		t.Errorf("a file that was not loaded changed a row to %q", got)
	}
	if got := load(draft); !strings.HasPrefix(got, "1 answers were loaded") {
		t.Errorf("the draft: %s", got)
	}
	_, again := w.download(t, "#draft")
	if r := again.Rows[0]; r.Decision != "Not mine" || r.PassTo != "otto@example.com" || again.Rows[1].Decision != "" {
		t.Errorf("after the draft: %+v", again.Rows[:2])
	}
	w.quiet(t)
}
