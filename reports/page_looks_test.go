//go:build browser

package reports

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func (w *window) picture(t *testing.T, name string) {
	t.Helper()
	b, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil || len(b) < 10_000 {
		t.Fatalf("%s: %d bytes, %v", name, len(b), err)
	}
	keep(t, name, b)
}

func TestThePageLooksAsInTheGuide(t *testing.T) {
	path, _ := pictured(t, 60)
	for _, p := range []struct {
		name, scheme  string
		width, height int64
	}{{"page.png", "light", 1200, 900}, {"page-dark.png", "dark", 1200, 900}, {"page-narrow.png", "light", 420, 900}} {
		w := openPage(t, chromium(t), path+".html")
		w.scheme(p.scheme)
		w.do(chromedp.EmulateViewport(p.width, p.height))
		w.click(choice("q4-0001", "Keep"))
		w.click(choice("q4-0002", "Remove"))
		w.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('.help').open = false; scrollTo(0, 0)"))
		w.picture(t, p.name)
		if wide := ask[int](w, "document.documentElement.scrollWidth"); wide > int(p.width) {
			t.Errorf("%s: the page is %d wide", p.name, wide)
		}
	}
}
