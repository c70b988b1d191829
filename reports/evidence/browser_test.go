//go:build browser && cgo

package evidence

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// These tests open the page of a pack in Chromium as an auditor does, from a folder.

var update = flag.Bool("update", false, "draw the pictures of docs/evidence-pack.md")

// window is a window of a browser, with what it said and asked for.
type window struct {
	t     *testing.T
	ctx   context.Context
	mu    sync.Mutex
	said  []string
	asked []string
}

func opened(t *testing.T, path string) *window {
	t.Helper()
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	w := &window{t: t, ctx: ctx}
	w.do(chromedp.EmulateViewport(1200, 900))
	for _, err := range []error{chromedp.Listen(ctx, w.hear), send(ctx, network.Enable, network.EnableParams{}), send(ctx, cdplog.Enable, cdp.Empty{}), send(ctx, runtime.Enable, cdp.Empty{})} {
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

func (w *window) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		w.said = append(w.said, "console")
	case *runtime.EventExceptionThrown:
		w.said = append(w.said, "exception: "+e.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		w.said = append(w.said, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		w.asked = append(w.asked, e.Request.URL)
	}
}

func (w *window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

func ask[T any](w *window, expression string) T {
	w.t.Helper()
	out, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// shown asks for light or dark, for the screen or for paper.
func (w *window) shown(scheme, media string) {
	w.t.Helper()
	if err := send(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}); err != nil {
		w.t.Fatal(err)
	}
}

// quiet fails the test if the page said anything, or asked for more than itself.
func (w *window) quiet() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.said {
		w.t.Errorf("the page said: %s", s)
	}
	for _, a := range w.asked {
		if !strings.HasPrefix(a, "file:///") {
			w.t.Errorf("the page asked for %s", a)
		}
	}
	if len(w.asked) != 1 {
		w.t.Errorf("it loaded %q", w.asked)
	}
}

type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

func TestThePageOfAPackIsAccessibleAndKeepsToItself(t *testing.T) {
	axe, err := os.ReadFile(filepath.Join("..", "..", "tools", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := played(t, "2026-02-01", "2026-03-20")
	dir, _ := packed(t, a, request("2026-02-01", "2026-03-20"))
	w := opened(t, filepath.Join(dir, indexName))
	w.quiet()
	if title := ask[string](w, "document.title"); title != "Evidence of access control, 2026-02-01 to 2026-03-20" {
		t.Errorf("a name changed the title to %q", title)
	}
	w.do(chromedp.Evaluate[chromedp.Void](string(axe) + ";0"))
	for _, scheme := range []string{"light", "dark"} {
		w.shown(scheme, "screen")
		for _, wide := range []int64{1200, 400} {
			w.do(chromedp.EmulateViewport(wide, 900))
			if got := ask[int](w, "document.documentElement.scrollWidth"); got > int(wide) {
				t.Errorf("%s: at a width of %d the page is %d wide", scheme, wide, got)
			}
			w.do(chromedp.Evaluate[chromedp.Void]("document.querySelectorAll('details').forEach((d) => { d.open = true })"))
			for _, v := range ask[[]violation](w, "axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations)") {
				for _, n := range v.Nodes[:min(2, len(v.Nodes))] {
					t.Errorf("%s, %d wide: %s (%s): %s\n%.300s\n%s", scheme, wide, v.ID, v.Impact, v.Help, n.HTML, n.FailureSummary)
				}
			}
		}
	}
}

func TestPaperShowsWhatTheScreenFolds(t *testing.T) {
	a, _ := played(t, "2026-03-01", "2026-03-05")
	dir, _ := packed(t, a, request("2026-03-01", "2026-03-05"))
	w := opened(t, filepath.Join(dir, indexName))
	const unfolded = "document.querySelector('details').offsetHeight > 2 * document.querySelector('summary').offsetHeight"
	if ask[bool](w, unfolded) {
		t.Error("the table is not folded on the screen")
	}
	w.shown("dark", "print")
	if !ask[bool](w, unfolded) {
		t.Error("the table is not on paper")
	}
	if got := ask[string](w, "getComputedStyle(document.body).backgroundColor"); got != "rgb(255, 255, 255)" {
		t.Errorf("paper is %s", got)
	}
	made, err := chromedp.Run(w.ctx, chromedp.PrintToPDF())
	if err != nil || len(made) < 10_000 {
		t.Errorf("%d bytes of PDF, %v", len(made), err)
	}
	if keep := os.Getenv("KEEP_PDF"); keep != "" {
		_ = os.WriteFile(keep, made, 0o600)
	}
	w.quiet()
}

// With -update this draws the pictures of docs/evidence-pack.md; `make pictures` does that.
func TestThePackLooksAsInTheGuide(t *testing.T) {
	a, _ := played(t, "2026-01-01", "2026-03-31")
	dir, _ := packed(t, a, request("2026-01-01", "2026-03-31"))
	w := opened(t, filepath.Join(dir, indexName))
	for _, p := range []struct {
		name, scheme, at string
		width, height    int64
	}{{"pack.png", "light", "body", 1200, 1500}, {"pack-leavers.png", "light", "#leavers", 1200, 1350}, {"pack-access-dark.png", "dark", "#access", 1200, 620}, {"pack-narrow.png", "light", "body", 420, 1100}} {
		w.shown(p.scheme, "screen")
		w.do(chromedp.EmulateViewport(p.width, p.height), chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).scrollIntoView()", p.at)))
		b, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
		if err != nil || len(b) < 10_000 {
			t.Fatalf("%s: %d bytes, %v", p.name, len(b), err)
		}
		if *update {
			if err := os.WriteFile(filepath.Join("..", "..", "docs", "img", p.name), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
