//go:build browser

package runbook

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/browsertest"
)

// TestPagesCanBeReadByEverybody opens every page as people do, from a folder: in light, in
// dark and on a small screen. Nothing is asked for, nothing is said, and no name runs.
func TestPagesCanBeReadByEverybody(t *testing.T) {
	dir := t.TempDir()
	for name, text := range files(t) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	chromium := browsertest.Chromium(t)
	var first *browsertest.Window
	for _, name := range append([]access.Runbook{"index"}, access.Runbooks...) {
		ctx := chromium
		if first != nil {
			ctx = first.Context
		}
		w := browsertest.Open(t, ctx, filepath.Join(dir, name.Page()))
		if first == nil {
			first = w
		}
		for _, scheme := range []string{"dark", "light"} {
			w.Show(scheme, "screen")
			w.Accessible(string(name) + ", " + scheme)
		}
		w.Size(360, 740)
		if wide := browsertest.Ask[int](w, "document.documentElement.scrollWidth"); wide > 360 {
			t.Errorf("%s is %d wide on a small screen", name, wide)
		}
		if !strings.Contains(w.Text("body"), "<script>alert(1)</script>") {
			t.Errorf("%s does not show the name as it is", name)
		}
		w.Quiet()
		w.PDF()
	}
}

// TestAnAnchorLeadsToItsStep is how summaries and notices point into a page.
func TestAnAnchorLeadsToItsStep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "offboarding.html")
	if err := os.WriteFile(path, []byte(files(t)["offboarding.html"]), 0o600); err != nil {
		t.Fatal(err)
	}
	w := browsertest.Open(t, browsertest.Chromium(t), path+"#step-3")
	if top := browsertest.Ask[float64](w, "document.querySelector('#step-3').getBoundingClientRect().top"); top < 0 || top > 100 {
		t.Errorf("step 3 begins %v below the window's top", top)
	}
	w.Press("\t")
	if on := browsertest.Ask[string](w, "document.activeElement.closest('section')?.id ?? ''"); on != "step-3" {
		t.Errorf("the next key is in %q", on)
	}
}
