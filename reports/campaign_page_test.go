package reports

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rollcall/internal/goldentest"
)

// The script and the style are files of their own; the golden file holds the rest.
func TestACampaignsPageIsAsAgreed(t *testing.T) {
	dir, sheets, _ := issue(t)
	page := string(read(t, filepath.Join(dir, sheets[1].ID+".html")))
	for _, part := range []string{pageScript, pageStyle} {
		if strings.Count(page, part) != 1 {
			t.Fatal("the page does not hold its script and style as they are")
		}
		page = strings.Replace(page, part, "", 1)
	}
	page = regexp.MustCompile(`sha256-[^ ]*&#39;`).ReplaceAllString(page, "sha256-&#39;")
	page = strings.ReplaceAll(page, sheets[1].SHA256, strings.Repeat("0", 64)) // a newer excelize writes other bytes
	goldentest.Same(t, "testdata/campaign.html", page)
}

func TestWhatPeopleAreCalledStaysTextOnThePage(t *testing.T) {
	dir, sheets, _ := issue(t)
	for _, s := range sheets {
		page := string(read(t, filepath.Join(dir, s.ID+".html")))
		if n := strings.Count(page, "<script"); n != 2 {
			t.Errorf("%d scripts", n)
		}
		if strings.Contains(page, "<b>") || strings.Contains(page, "\x1b") || strings.Contains(page, "\x00") {
			t.Error("a name came through as markup or control characters")
		}
		for _, outside := range []string{" src=", "<link", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML", "eval(", "<a href=\"http"} {
			if strings.Contains(page, outside) {
				t.Errorf("the page holds %q", outside)
			}
		}
		if !strings.Contains(page, `content="default-src &#39;none&#39;;`) {
			t.Error("no policy that forbids the rest")
		}
	}
}
