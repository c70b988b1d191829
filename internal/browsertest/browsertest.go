// Package browsertest opens pages in a real Chromium, as people do: from a folder, by a
// file:// address. It is for tests only, and must never let a page reach what a user's own
// browser holds: each browser begins with an empty profile. Tests need the program chromium and, for the
// judge of accessibility, axe-core in tools/node_modules; `make test-all` fetches that.
// Its invariant: whatever a page says to the console or asks for is heard.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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
)

// Window is one window of a browser, with what its page said and asked for.
type Window struct {
	// Context is the window's: another window that is opened with it shares the browser.
	Context context.Context
	// Downloads is the folder where the page's files are saved; Saved tells of each.
	Downloads string
	Saved     chan string

	t     *testing.T
	mu    sync.Mutex
	said  []string // errors, warnings and exceptions of the page
	asked []string // addresses that it loaded
}

// Chromium gives what the first window starts the browser with.
func Chromium(t *testing.T) context.Context {
	t.Helper()
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// Open opens a file in a window of its own, 1280 by 900; the first one of ctx starts the
// browser.
func Open(t *testing.T, ctx context.Context, path string) *Window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	w := &Window{t: t, Context: ctx, Downloads: t.TempDir(), Saved: make(chan string, 8)}
	events := true
	w.Size(1280, 900)
	for _, err := range []error{
		chromedp.Listen(ctx, w.hear), chromedp.ListenBrowser(ctx, w.hear),
		send(ctx, network.Enable, network.EnableParams{}), send(ctx, cdplog.Enable, cdp.Empty{}), send(ctx, runtime.Enable, cdp.Empty{}),
		send(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}),
		sendBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: w.Downloads, EventsEnabled: &events}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Do(chromedp.Navigate("file://" + path))
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

func (w *Window) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		w.said = append(w.said, fmt.Sprintf("console: %v", e.Args))
	case *runtime.EventExceptionThrown:
		w.said = append(w.said, "exception: "+e.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		w.said = append(w.said, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		w.asked = append(w.asked, e.Request.URL)
	case *browser.EventDownloadProgress:
		if e.State == browser.DownloadProgressStateCompleted {
			w.Saved <- e.GUID
		}
	case *page.EventJavascriptDialogOpening:
		w.said = append(w.said, "dialog: "+e.Message)
	}
}

// Do does what chromedp can.
func (w *Window) Do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.Context, actions...); err != nil {
		w.t.Fatal(err)
	}
}

// Size makes the window as wide and as high, in pixels.
func (w *Window) Size(width, height int) {
	w.t.Helper()
	w.Do(chromedp.EmulateViewport(int64(width), int64(height)))
}

// still brings what a CSS selector finds into view, and is true once it has stood where it
// is for some frames: rows that are laid out only when they come into view move it.
const still = `(async () => {
	const it = document.querySelector(%q)
	for (let was, same = 0, n = 0; it && same < 3 && n < 600; n++) {
		it.scrollIntoView({ block: "center", behavior: "instant" })
		await new Promise(requestAnimationFrame)
		const at = it.getBoundingClientRect().top
		same = at === was ? same + 1 : 0
		was = at
	}
	return true
})()`

// Click clicks on what a CSS selector finds, once it stands still, as a person would.
func (w *Window) Click(selector string) {
	w.t.Helper()
	Ask[bool](w, fmt.Sprintf(still, selector))
	w.Do(chromedp.Click(chromedp.CSS(selector)))
}

// Write writes into a field.
func (w *Window) Write(selector, text string) {
	w.t.Helper()
	w.Do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Press types keys as a keyboard does: a page that takes a key for itself keeps its
// letter from being written.
func (w *Window) Press(keys string) {
	w.t.Helper()
	for _, r := range keys {
		events := kb.Encode(r)
		down, up := *events[0], *events[len(events)-1]
		if len(events) == 3 { // the one between is the letter by itself
			down.Text = events[1].Text
		}
		for _, event := range []input.DispatchKeyEventParams{down, up} {
			if err := send(w.Context, input.DispatchKeyEvent, event); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// Show asks for light or dark, as a system does, and for the screen or for paper (print).
func (w *Window) Show(scheme, media string) {
	w.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
	if err := send(w.Context, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media, Features: features}); err != nil {
		w.t.Fatal(err)
	}
}

// Run runs a script, and drops what it gives.
func (w *Window) Run(script string) {
	w.t.Helper()
	w.Do(chromedp.Evaluate[chromedp.Void](script + ";0"))
}

// Ask gives what an expression is on the page; a promise is waited for.
func Ask[T any](w *Window, expression string) T {
	w.t.Helper()
	out, err := chromedp.Run(w.Context, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// Until waits until an expression is true.
func (w *Window) Until(expression string) {
	w.t.Helper()
	if _, err := chromedp.Run(w.Context, chromedp.Poll[bool](expression)); err != nil {
		w.t.Fatal(err)
	}
}

// Text is what can be read where a CSS selector points.
func (w *Window) Text(selector string) string {
	w.t.Helper()
	return Ask[string](w, fmt.Sprintf("document.querySelector(%q).innerText", selector))
}

// Quiet fails the test if the page said anything to the console, or asked for more than
// itself and the addresses that begin so.
func (w *Window) Quiet(also ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.said {
		w.t.Errorf("the page said: %s", s)
	}
	for n, a := range w.asked {
		own := n == 0 || a == w.asked[0]
		for _, start := range also {
			own = own || strings.HasPrefix(a, start)
		}
		if !own {
			w.t.Errorf("the page asked for %s", a)
		}
	}
}

// violation is what axe-core says of a page.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// Accessible has axe-core judge the page as it is shown now; about says in the test's
// words how that is.
func (w *Window) Accessible(about string) {
	w.t.Helper()
	axe, err := os.ReadFile(filepath.Join(root(), "tools", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.Run(string(axe))
	for _, v := range Ask[[]violation](w, "axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations)") {
		for _, n := range v.Nodes[:min(2, len(v.Nodes))] {
			w.t.Errorf("%s: %s (%s): %s\n%.300s\n%s", about, v.ID, v.Impact, v.Help, n.HTML, n.FailureSummary)
		}
	}
}

// PDF is the page on paper.
func (w *Window) PDF() []byte {
	w.t.Helper()
	b, err := chromedp.Run(w.Context, chromedp.PrintToPDF())
	if err != nil || len(b) < 5_000 {
		w.t.Fatalf("%d bytes of PDF, %v", len(b), err)
	}
	return b
}

// Picture is what the window shows, as a small PNG; what does not fit into the window is
// shown as an error, unless the page may be scrolled across.
func (w *Window) Picture() []byte {
	w.t.Helper()
	b, err := chromedp.Run(w.Context, chromedp.CaptureScreenshot())
	if err != nil || len(b) < 5_000 {
		w.t.Fatalf("%d bytes of picture, %v", len(b), err)
	}
	if wide, window := Ask[int](w, "document.documentElement.scrollWidth"), Ask[int](w, "innerWidth"); wide > window {
		w.t.Errorf("the page is %d wide in a window of %d", wide, window)
	}
	if b, err = Smaller(b); err != nil {
		w.t.Fatal(err)
	}
	return b
}
