//go:build browser && cgo

package evidence

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"rollcall/internal/browsertest"
)

// These tests open the page of a pack in Chromium as an auditor does, from a folder.

var update = flag.Bool("update", false, "draw the pictures of docs/evidence-pack.md")

func opened(t *testing.T, path string) *browsertest.Window {
	t.Helper()
	w := browsertest.Open(t, browsertest.Chromium(t), path)
	w.Size(1200, 900)
	return w
}

func TestThePageOfAPackIsAccessibleAndKeepsToItself(t *testing.T) {
	a, _ := played(t, "2026-02-01", "2026-03-20")
	dir, _ := packed(t, a, request("2026-02-01", "2026-03-20"))
	w := opened(t, filepath.Join(dir, indexName))
	w.Quiet()
	if title := browsertest.Ask[string](w, "document.title"); title != "Evidence of access control, 2026-02-01 to 2026-03-20" {
		t.Errorf("a name changed the title to %q", title)
	}
	for _, scheme := range []string{"light", "dark"} {
		w.Show(scheme, "screen")
		for _, wide := range []int{1200, 400} {
			w.Size(wide, 900)
			if got := browsertest.Ask[int](w, "document.documentElement.scrollWidth"); got > wide {
				t.Errorf("%s: at a width of %d the page is %d wide", scheme, wide, got)
			}
			w.Run("document.querySelectorAll('details').forEach((d) => { d.open = true })")
			w.Accessible(fmt.Sprintf("%s, %d wide", scheme, wide))
		}
	}
}

func TestPaperShowsWhatTheScreenFolds(t *testing.T) {
	a, _ := played(t, "2026-03-01", "2026-03-05")
	dir, _ := packed(t, a, request("2026-03-01", "2026-03-05"))
	w := opened(t, filepath.Join(dir, indexName))
	const unfolded = "document.querySelector('details').offsetHeight > 2 * document.querySelector('summary').offsetHeight"
	if browsertest.Ask[bool](w, unfolded) {
		t.Error("the table is not folded on the screen")
	}
	w.Show("dark", "print")
	if !browsertest.Ask[bool](w, unfolded) {
		t.Error("the table is not on paper")
	}
	if got := browsertest.Ask[string](w, "getComputedStyle(document.body).backgroundColor"); got != "rgb(255, 255, 255)" {
		t.Errorf("paper is %s", got)
	}
	made := w.PDF()
	if keep := os.Getenv("KEEP_PDF"); keep != "" {
		_ = os.WriteFile(keep, made, 0o600)
	}
	w.Quiet()
}

// With -update this draws the pictures of docs/evidence-pack.md; `make pictures` does that.
func TestThePackLooksAsInTheGuide(t *testing.T) {
	a, _ := played(t, "2026-01-01", "2026-03-31")
	dir, _ := packed(t, a, request("2026-01-01", "2026-03-31"))
	w := opened(t, filepath.Join(dir, indexName))
	for _, p := range []struct {
		name, scheme, at string
		width, height    int
	}{{"pack.png", "light", "body", 1200, 1500}, {"pack-leavers.png", "light", "#leavers", 1200, 1350}, {"pack-access-dark.png", "dark", "#access", 1200, 620}, {"pack-narrow.png", "light", "body", 420, 1100}} {
		w.Show(p.scheme, "screen")
		w.Size(p.width, p.height)
		w.Run(fmt.Sprintf("document.querySelector(%q).scrollIntoView()", p.at))
		browsertest.Keep(t, *update, p.name, w.Picture())
	}
}
