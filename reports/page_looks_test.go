//go:build browser

package reports

import (
	"testing"

	"rollcall/internal/browsertest"
)

func TestThePageLooksAsInTheGuide(t *testing.T) {
	path, _ := pictured(t, 60)
	for _, p := range []struct {
		name, scheme  string
		width, height int
	}{{"page.png", "light", 1200, 900}, {"page-dark.png", "dark", 1200, 900}, {"page-narrow.png", "light", 420, 900}} {
		w := openPage(t, browsertest.Chromium(t), path+".html")
		w.Show(p.scheme, "")
		w.Size(p.width, p.height)
		w.Click(choice("q4-0001", "Keep"))
		w.Click(choice("q4-0002", "Remove"))
		w.Run("document.querySelector('.help').open = false; scrollTo(0, 0)")
		keep(t, p.name, w.Picture())
	}
}
