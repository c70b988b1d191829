//go:build browser

package main

import (
	"bytes"
	"html/template"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/browsertest"
	"rollcall/internal/goldentest"
)

// With -update these tests draw the pictures of the night report and of the terminal in
// docs/img; `make pictures` does that. They show the demo as it is played.

// shot is one picture: a file, and how the window looks at it. To have one more, add a
// line.
type shot struct {
	name, file, scheme string
	at                 string // what the window is scrolled to; empty: the top
	width, height      int    // height 0: as high as the page
}

func (s shot) take(t *testing.T, w *browsertest.Window) {
	t.Helper()
	w.Show(s.scheme, "screen")
	w.Size(s.width, max(s.height, 100))
	if s.height == 0 {
		w.Size(s.width, browsertest.Ask[int](w, "document.documentElement.scrollHeight"))
	}
	w.Run("scrollTo(0, 0)")
	if s.at != "" {
		w.Run("document.querySelector('" + s.at + "').scrollIntoView()")
	}
	browsertest.Keep(t, goldentest.Update(), s.name, w.Picture())
}

// playedDemo plays the two nights and some more, and gives what the terminal showed of
// the two.
func playedDemo(t *testing.T, more int) (d *demo, shown string) {
	t.Helper()
	var out bytes.Buffer
	e := &environ{getenv: func(string) string { return "" }, stdout: &out, stderr: &out, now: time.Now, log: slog.New(demoLog{&out}), args: []string{"rollcall"}}
	d = &demo{e: e, dir: t.TempDir(), keep: true, clock: &demoClock{}}
	if err := d.start(false); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.twoNights(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown = strings.ReplaceAll(out.String(), d.dir, "my-demo")
	for range more {
		if err := d.nextNight(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return d, shown
}

func TestTheNightReportLooksAsInTheGuide(t *testing.T) {
	d, shown := playedDemo(t, 6)
	runs, err := filepath.Glob(d.path("reports", "*", "index.html"))
	if err != nil || len(runs) != 8 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	second, last := runs[1], runs[7]
	ctx := browsertest.Chromium(t)
	for _, s := range []shot{
		{"night.png", second, "light", "", 1240, 1330},
		{"night-leavers-dark.png", second, "dark", "#leavers", 1240, 1000},
		{"night-narrow.png", second, "light", "", 420, 1100},
		{"night-trend.png", last, "light", "#trend", 1240, 700},
		{"night-findings-dark.png", second, "dark", "#findings", 1240, 900},
		{"runs.png", d.path("reports", "index.html"), "light", "", 1240, 640},
		{"runbook.png", d.inMyDemo(t, "runbooks/offboarding.html"), "light", "", 1240, 1330},
		{"runbook-step-dark.png", d.inMyDemo(t, "runbooks/urgent-removal.html"), "dark", "#step-1", 1240, 1000},
		{"runbooks.png", d.inMyDemo(t, "runbooks/index.html"), "light", "", 1240, 1100},
		{"terminal.png", asTerminal(t, shown), "light", "", 940, 0},
		{"terminal-dark.png", asTerminal(t, shown), "dark", "", 940, 0},
	} {
		w := browsertest.Open(t, ctx, s.file)
		ctx = w.Context
		s.take(t, w)
		w.Quiet()
	}
}

// inMyDemo is a page of the demo's as it is where somebody keeps the demo in my-demo.
func (d *demo) inMyDemo(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(d.path(name))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(file, bytes.ReplaceAll(b, []byte(d.dir), []byte("my-demo")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// asTerminal makes a page of what a terminal showed: the second night, and what to open.
func asTerminal(t *testing.T, shown string) string {
	t.Helper()
	begin, next := strings.Index(shown, "Night 2,"), strings.Index(shown, "What to open next")
	if begin < 0 || next < 0 {
		t.Fatalf("the demo showed:\n%s", shown)
	}
	night := strings.SplitAfter(shown[begin:], "\n")
	text := "$ rollcall demo --keep my-demo\n...\n" + strings.Join(night[:42], "") + "...\n" + strings.Join(strings.SplitAfter(shown[next:], "\n")[:12], "")
	var page bytes.Buffer
	err := template.Must(template.New("terminal").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Terminal</title><style>
:root { color-scheme: light dark; --paper: #fdfdfb; --ink: #22272e; --edge: #c9ced6; --dot: #9aa3ae }
@media (prefers-color-scheme: dark) { :root { --paper: #14191f; --ink: #dde3ea; --edge: #3d4853; --dot: #6b7683 } }
body { margin: 0; padding: 20px; background: var(--paper) }
.window { border: 1px solid var(--edge); border-radius: 8px; padding: 10px 16px 14px; color: var(--ink) }
.dots { letter-spacing: 6px; color: var(--dot); font-size: 13px }
pre { margin: 8px 0 0; font: 13.5px/1.4 "DejaVu Sans Mono", ui-monospace, monospace; white-space: pre-wrap }
</style><div class="window"><div class="dots">●●●</div><pre>{{.}}</pre></div></html>`)).Execute(&page, text)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "terminal.html")
	if err := os.WriteFile(file, page.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
