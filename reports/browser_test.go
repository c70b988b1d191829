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
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// These tests open a worksheet's page in Chromium, as a reviewer does: from a folder,
// by a file:// address. They need the program chromium and, for the judge of
// accessibility, axe-core in tools/node_modules; `make test-all` fetches that.

// window is one window of a browser, with what it said and asked for.
type window struct {
	t         *testing.T
	ctx       context.Context
	downloads string
	mu        sync.Mutex
	saved     chan string
	said      []string // errors, warnings and exceptions of the page
	asked     []string // addresses that it loaded
}

func chromium(t *testing.T) context.Context {
	t.Helper()
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// open opens a file in a window of its own; the first one of ctx starts the browser.
func openPage(t *testing.T, ctx context.Context, path string) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	w := &window{t: t, ctx: ctx, downloads: t.TempDir(), saved: make(chan string, 8)}
	events := true
	w.do(chromedp.EmulateViewport(1280, 900))
	for _, err := range []error{
		chromedp.Listen(ctx, w.hear), chromedp.ListenBrowser(ctx, w.hear),
		send(ctx, network.Enable, network.EnableParams{}), send(ctx, cdplog.Enable, cdp.Empty{}), send(ctx, runtime.Enable, cdp.Empty{}),
		send(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}),
		sendBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: w.downloads, EventsEnabled: &events}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.do(chromedp.Navigate("file://" + path))
	return w
}

func send[P any](ctx context.Context, c cdp.Command[P, cdp.Empty], params P) error {
	_, err := chromedp.Call(ctx, c, params)
	return err
}

func sendBrowser[P any](ctx context.Context, c cdp.Command[P, cdp.Empty], params P) error {
	_, err := chromedp.CallBrowser(ctx, c, params)
	return err
}

func (w *window) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		w.said = append(w.said, fmt.Sprintf("console: %s", e.Args[0].Value))
	case *runtime.EventExceptionThrown:
		w.said = append(w.said, "exception: "+e.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		w.said = append(w.said, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		w.asked = append(w.asked, e.Request.URL)
	case *browser.EventDownloadProgress:
		if e.State == browser.DownloadProgressStateCompleted {
			w.saved <- e.GUID
		}
	case *page.EventJavascriptDialogOpening:
		w.said = append(w.said, "dialog: "+e.Message)
	}
}

func (w *window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *window) click(selector string) {
	w.t.Helper()
	w.do(chromedp.Click(chromedp.CSS(selector)))
}

// press types keys as a keyboard does: a page that takes a key for itself keeps its
// letter from being written.
func (w *window) press(keys string) {
	w.t.Helper()
	for _, r := range keys {
		events := kb.Encode(r)
		down, up := *events[0], *events[len(events)-1]
		if len(events) == 3 { // the one between is the letter by itself
			down.Text = events[1].Text
		}
		for _, event := range []input.DispatchKeyEventParams{down, up} {
			if err := send(w.ctx, input.DispatchKeyEvent, event); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

func (w *window) write(selector, text string) {
	w.t.Helper()
	w.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// scheme asks for light or dark, as a system does.
func (w *window) scheme(name string) {
	w.t.Helper()
	if err := send(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}); err != nil {
		w.t.Fatal(err)
	}
}

// poll waits until an expression is true.
func poll(expression string) chromedp.Action[chromedp.Void] {
	wait := chromedp.Poll[bool](expression)
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := wait(ctx, t)
		return err
	})
}

// ask gives what an expression is on the page.
func ask[T any](w *window, expression string) T {
	w.t.Helper()
	out, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *window) text(selector string) string {
	w.t.Helper()
	return ask[string](w, fmt.Sprintf("document.querySelector(%q).innerText", selector))
}

func (w *window) todo(id string) string { w.t.Helper(); return w.text("#todo-" + id) }

// quiet fails the test if the page said anything to the console or asked for more than itself.
func (w *window) quiet() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.said {
		w.t.Errorf("the page said: %s", s)
	}
	for _, a := range w.asked {
		if !strings.HasPrefix(a, "file:///") && !strings.HasPrefix(a, "blob:null/") {
			w.t.Errorf("the page asked for %s", a)
		}
	}
}

// decisionsFile is what the page saves.
type decisionsFile struct {
	Schema   string `json:"schema"`
	Campaign string `json:"campaign"`
	Sheet    string `json:"sheet"`
	SignedBy string `json:"signed_by"`
	Rows     []decisionsRow
}

type decisionsRow struct {
	ID       string `json:"id"`
	MAC      string `json:"mac"`
	Decision string `json:"decision"`
	Reason   string `json:"reason"`
	ChangeTo string `json:"change_to"`
	PassTo   string `json:"pass_to"`
	Comment  string `json:"comment"`
}

// download presses a button that saves a file, and reads it.
func (w *window) download(button string) (b []byte, got decisionsFile) {
	w.t.Helper()
	w.click(button)
	select {
	case <-w.ctx.Done():
		w.t.Fatal("no file was saved")
	case <-w.saved:
	}
	files, err := filepath.Glob(filepath.Join(w.downloads, "*.json"))
	if err != nil || len(files) != 1 {
		w.t.Fatalf("saved: %v %v", files, err)
	}
	b = read(w.t, files[0])
	if err := os.Remove(files[0]); err != nil {
		w.t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		w.t.Fatal(err)
	}
	return b, got
}

// row is the button or field of one row.
func row(id, inside string) string { return fmt.Sprintf("#row-%s %s", id, inside) }

func choice(id, word string) string { return row(id, fmt.Sprintf("[data-choice=%q]", word)) }

func TestAReviewerFillsThePageInByMouse(t *testing.T) {
	dir, sheets, _ := issue(t)
	w := openPage(t, chromium(t), filepath.Join(dir, sheets[0].ID+".html"))
	w.click(choice("c1", "Keep")) // privileged
	if got := w.todo("c1"); got != "Give a reason" {
		t.Errorf("a privileged row that is kept says %q", got)
	}
	w.write(row("c1", "[data-field=reason]"), "on call for Okta")
	w.click(choice("c2", "Keep")) // flagged, with nothing suggested
	if got := w.todo("c2"); got != "Give a reason" {
		t.Errorf("a flagged row that is kept says %q", got)
	}
	w.click(choice("c2", "Change"))
	if got := w.todo("c2"); got != "Say what instead" {
		t.Errorf("a change without a what says %q", got)
	}
	w.write(row("c2", "[data-field=change_to]"), "read only")
	w.write(row("c2", "[data-field=reason]"), "only reads the reports")
	w.click(choice("c3", "Not mine"))
	if got := w.todo("c3"); got != "Say who" {
		t.Errorf("a hand-over without a who says %q", got)
	}
	w.write(row("c3", "[data-field=pass_to]"), "otto@example.com")
	w.write(row("c3", "[data-field=reason]"), "too short")
	if got := w.todo("c3"); got != "Give a reason" {
		t.Errorf("a reason of nine characters says %q", got)
	}
	w.click(choice("c4", "Remove"))
	w.click(choice("c5", "Remove"))
	w.click(choice("c5", "Remove")) // again: open
	w.write(row("c4", "[data-field=comment]"), `<script>alert(1)</script> "quoted"`)
	if got := w.text("#counts"); got != "4 of 10 rows decided · 2 to decide first · 1 incomplete" {
		t.Errorf("the count says %q", got)
	}
	if got := w.todo("c5"); got != "Decide first" {
		t.Errorf("a row that was opened again says %q", got)
	}
	w.click("#save") // without a name nothing is saved
	if got := ask[string](w, "document.activeElement.id"); got != "signed_by" {
		t.Errorf("without a name the cursor is at %q", got)
	}
	w.write("#signed_by", "Mara Boss")
	b, got := w.download("#save")
	want := decisionsFile{Schema: "rollcall-worksheet-2", Campaign: "2026-q4", Sheet: sheets[0].ID, SignedBy: "Mara Boss"}
	for _, r := range sheets[0].Rows {
		want.Rows = append(want.Rows, decisionsRow{ID: r.ID, MAC: r.MAC})
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
	w.quiet()
}

func TestAReviewerFillsThePageInByKeyboardAlone(t *testing.T) {
	dir, sheets, _ := issue(t)
	w := openPage(t, chromium(t), filepath.Join(dir, sheets[0].ID+".html"))
	w.press("j")
	w.press("1")
	w.press("e")
	w.press("kept for jobs 1 to 4") // letters and digits are text now
	w.press(kb.Escape)
	w.press(kb.ArrowDown)
	w.press("R")
	w.press("j")
	w.press("j")
	w.press("k") // back to the third
	w.press("4")
	w.press("e")
	w.press("otto@example.com")
	w.press(kb.Escape)
	w.press("e")
	w.press("not in my team")
	w.press(kb.Escape)
	w.press("j")
	w.press("K")
	w.press("0") // open again
	w.press("j")
	w.press("2")
	want := map[string]string{"c1": "Done", "c2": "Done", "c3": "Done", "c4": "Decide first", "c5": "Say what instead", "c6": "Decide first"}
	for id, todo := range want {
		if got := w.todo(id); got != todo {
			t.Errorf("%s says %q, want %q", id, got, todo)
		}
	}
	if got := ask[string](w, "document.querySelector('#row-c1 [data-field=reason]').value"); got != "kept for jobs 1 to 4" {
		t.Errorf("the reason reads %q", got)
	}
	w.press("/")
	w.press("build machines")
	if got := w.text("#shown"); got != "2 of 10 rows shown" {
		t.Errorf("the search says %q", got)
	}
	w.press(kb.Escape)
	w.click(".help > details > summary")
	w.click("#keys")
	w.click("#row-c4 .about")
	w.press("1")
	if got := w.text("#counts"); !strings.HasPrefix(got, "4 of 10 ") {
		t.Errorf("keys that are off decide: %q", got)
	}
	w.quiet()
}

func TestThePageKeepsTheAnswersOverAReload(t *testing.T) {
	dir, sheets, _ := issue(t)
	ctx := chromium(t)
	w := openPage(t, ctx, filepath.Join(dir, sheets[0].ID+".html"))
	w.click(choice("c1", "Keep"))
	w.write(row("c1", "[data-field=reason]"), "on call for Okta")
	w.write("#signed_by", "Mara")
	before := ask[string](w, "localStorage.getItem(Object.keys(localStorage).find((k) => !k.endsWith(':opened')))")
	w.do(chromedp.Reload())
	if got := w.todo("c1"); got != "Done" {
		t.Errorf("after the reload the row says %q", got)
	}
	if !strings.Contains(w.text("#said"), "are back") || !strings.Contains(before, "on call for Okta") {
		t.Errorf("%q, kept was %s", w.text("#said"), before)
	}
	_, got := w.download("#save")
	if got.SignedBy != "Mara" || got.Rows[0].Reason != "on call for Okta" {
		t.Errorf("saved after the reload: %+v", got)
	}
	other := filepath.Join(dir, sheets[1].ID+".html")
	w.do(chromedp.Navigate("file://" + other))
	if got := w.text("#counts"); !strings.HasPrefix(got, "0 of 2 ") {
		t.Errorf("another worksheet begins with %q", got)
	}
	w.quiet()
}

func TestASecondTabWarnsAndNeverOverwrites(t *testing.T) {
	dir, sheets, _ := issue(t)
	path := filepath.Join(dir, sheets[0].ID+".html")
	first := openPage(t, chromium(t), path)
	second := openPage(t, first.ctx, path)
	for name, w := range map[string]*window{"first": first, "second": second} {
		w.do(chromedp.WaitVisible(chromedp.CSS("#warning")))
		if got := w.text("#warning"); !strings.Contains(got, "open in another tab") {
			t.Errorf("the %s tab says %q", name, got)
		}
	}
	second.click(choice("c1", "Remove"))
	first.do(chromedp.WaitVisible(chromedp.CSS("#warning button")))
	first.click(choice("c2", "Keep"))
	first.click("#warning button")
	first.do(chromedp.WaitVisible(chromedp.CSS("#row-c1[data-state=done]")))
	if got := first.todo("c2"); got != "Decide first" {
		t.Errorf("what the first tab did not keep is there: %q", got)
	}
}

func TestADraftIsLoadedAgainAndAStrangersFileIsNot(t *testing.T) {
	dir, sheets, _ := issue(t)
	w := openPage(t, chromium(t), filepath.Join(dir, sheets[0].ID+".html"))
	w.click(choice("c1", "Not mine"))
	w.write(row("c1", "[data-field=pass_to]"), "otto@example.com")
	draft, _ := w.download("#draft")
	w.click(choice("c1", "Not mine"))
	w.click(choice("c2", "Remove"))
	load := func(b []byte) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), "draft.json")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		w.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('#said').textContent = ''"), chromedp.SetUploadFiles(chromedp.CSS("#load"), []string{file}), poll("document.querySelector('#said').textContent !== ''"))
		return w.text("#said")
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
	_, again := w.download("#draft")
	if r := again.Rows[0]; r.Decision != "Not mine" || r.PassTo != "otto@example.com" || again.Rows[1].Decision != "" {
		t.Errorf("after the draft: %+v", again.Rows[:2])
	}
	w.quiet()
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
	w := openPage(t, chromium(t), path)
	w.click(choice("s0", "Keep"))
	w.click(row("s0", ".same"))
	for id, want := range map[string]string{"s1": "Done", "s2": "Done", "c2": "Decide first"} {
		if got := w.todo(id); got != want {
			t.Errorf("%s says %q, want %q", id, got, want)
		}
	}
	if got := w.text("#said"); !strings.Contains(got, "2 more rows of this person: Keep. 1 are left") {
		t.Errorf("it says %q", got)
	}
	w.click("#said button")
	if got := w.text("#counts"); !strings.HasPrefix(got, "1 of 4 ") {
		t.Errorf("after Undo: %q", got)
	}
	w.click(choice("s0", "Remove"))
	w.click(row("s0", ".same"))
	if got := w.todo("c2"); got != "Done" {
		t.Errorf("Remove for all left %q", got)
	}
	w.quiet()
}

func TestFiltersShowWhatIsAskedFor(t *testing.T) {
	dir, sheets, _ := issue(t)
	w := openPage(t, chromium(t), filepath.Join(dir, sheets[0].ID+".html"))
	visible := func() []string {
		return ask[[]string](w, "[...document.querySelectorAll('article:not([hidden])')].map((a) => a.dataset.id)")
	}
	w.click("#flagged")
	if d := cmp.Diff([]string{"c1", "c2", "c3", "c4", "c5", "c6"}, visible()); d != "" {
		t.Error(d)
	}
	w.click(choice("c2", "Remove"))
	w.click("#open")
	if d := cmp.Diff([]string{"c1", "c3", "c4", "c5", "c6"}, visible()); d != "" {
		t.Error(d)
	}
	w.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('#system').selectedIndex = 2; document.querySelector('#system').dispatchEvent(new Event('input'))"))
	if d := cmp.Diff([]string{"c6"}, visible()); d != "" {
		t.Error(d)
	}
	w.write("#find", "nobody at all")
	if got := visible(); len(got) > 0 || w.text("#none") == "" {
		t.Errorf("shown: %v", got)
	}
	w.quiet()
}

// violation is what axe-core says of a page.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

func TestThePageIsAccessible(t *testing.T) {
	axe := string(read(t, filepath.Join("..", "tools", "node_modules", "axe-core", "axe.min.js")))
	dir, sheets, _ := issue(t)
	ctx := chromium(t)
	for _, scheme := range []string{"light", "dark"} {
		w := openPage(t, ctx, filepath.Join(dir, sheets[0].ID+".html"))
		ctx = w.ctx
		w.scheme(scheme)
		w.click(choice("c1", "Keep"))
		w.click(choice("c2", "Change"))
		w.click(choice("c3", "Not mine"))
		w.click(choice("c4", "Remove"))
		w.do(chromedp.Evaluate[chromedp.Void]("document.querySelectorAll('details').forEach((d) => { d.open = true })"), chromedp.Evaluate[chromedp.Void](axe+";0"))
		found := ask[[]violation](w, "axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations)")
		for _, v := range found {
			for _, n := range v.Nodes[:min(2, len(v.Nodes))] {
				t.Errorf("%s: %s (%s): %s\n%.300s\n%s", scheme, v.ID, v.Impact, v.Help, n.HTML, n.FailureSummary)
			}
		}
		names := ask[[]string](w, "[...document.querySelectorAll('article [role=group]')].map((g) => document.getElementById(g.getAttribute('aria-labelledby')).innerText)")
		if !slices.Contains(names, nameScript+": x") && len(names) != len(sheets[0].Rows) {
			t.Errorf("%s: groups are called %q", scheme, names)
		}
	}
}
