package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
)

// told gives the page of the newest run by the link of the list of runs, as whoever kept
// that link finds it.
func (w *townsfolk) told() (page string) {
	w.t.Helper()
	list := w.read("reports/index.html")
	link := regexp.MustCompile(`The newest: <a href="([^"]+)"`).FindStringSubmatch(list)
	if link == nil {
		w.t.Fatalf("the list of runs has no newest:\n%s", list)
	}
	return w.read(filepath.Join("reports", link[1]))
}

func TestEveryRunThatTellsLeavesAPageThatTheListOfRunsLeadsTo(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	says := func(what string, words ...string) {
		t.Helper()
		page := w.told()
		for _, s := range words {
			if !strings.Contains(page, s) {
				t.Errorf("after %s the newest page does not say %q", what, s)
			}
		}
		w.clock.Sleep(t.Context(), time.Minute)
	}
	says("an observe night", "<h1>Night report</h1>", "rollcall only looked", `href="worksheets/`, "1 night is remembered")
	w.leave("leo")
	w.want(w.now("plan", "--out", filepath.Join(w.dir, "p.json")), exitDone)
	says("a plan", "<h1>Plan: what a night would do</h1>", "nothing was archived", "would be blocked")
	w.want(w.now("apply", "--plan", filepath.Join(w.dir, "p.json")), exitDone)
	says("an apply", "<h1>A plan, carried out</h1>", "blocked and verified")
	w.leave("leo", "mia")
	w.want(w.now("sweep"), exitDone)
	says("a sweep", "<h1>Sweep between two nights</h1>", "this run did not read the systems", "blocked and verified")
	if list := w.read("reports/index.html"); strings.Count(list, "<tr><th scope=\"row\"")+strings.Count(list, "<tr class=\"look\"><th scope=\"row\"") != 4 {
		t.Errorf("the list of runs:\n%s", list)
	}
	runs := w.runs()
	w.want(w.now("sweep"), exitDone, "No news")
	if pages, _ := filepath.Glob(filepath.Join(w.dir, "reports", "*", "index.html")); len(pages) != 4 || w.runs() != runs {
		t.Errorf("a sweep without news left a page: %q", pages)
	}
}

func TestThePageLinksToRunbooksOnlyWhereTheyWereWritten(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	if page := w.told(); strings.Contains(page, "runbooks/") || !strings.Contains(page, "rollcall runbook") {
		t.Error("it links to runbooks that nobody wrote")
	}
	w.must(os.Mkdir(filepath.Join(w.dir, "runbooks"), 0o750))
	w.write("runbooks/periodic-review.html", "<p>steps</p>")
	w.write("runbooks/index.html", "<p>all</p>")
	w.clock.Sleep(t.Context(), time.Minute)
	w.watched()
	page := w.told()
	if !strings.Contains(page, `href="../../runbooks/periodic-review.html"`) || strings.Contains(page, "onboarding.html") || strings.Contains(page, "rollcall runbook") {
		t.Error("it does not link to the runbooks that there are, and to no others")
	}
}
