//go:build browser

package reports

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"rollcall/internal/access"
	"rollcall/internal/browsertest"
)

// These tests open night reports in Chromium, as whoever reads them in the morning does.

func openNight(t *testing.T, n *access.Night, f Footer) *browsertest.Window {
	t.Helper()
	return browsertest.Open(t, browsertest.Chromium(t), lying(t, nightPage(t, n, f)))
}

// choose picks an option as a person does.
func choose(w *browsertest.Window, id, value string) {
	w.Run(fmt.Sprintf("{ const s = document.getElementById(%q); s.value = %q; s.dispatchEvent(new Event('input', { bubbles: true })) }", id, value))
}

// visibleRows are the ids of the findings that are shown.
func visibleRows(w *browsertest.Window) []string {
	return browsertest.Ask[[]string](w, "[...document.querySelectorAll('#rows tbody tr')].filter((r) => r.offsetHeight > 0).map((r) => r.querySelector('small').textContent.replace(/.*finding /, ''))")
}

func TestTheNightReportSaysWhatHappenedAndWhoActs(t *testing.T) {
	n, f := reported()
	w := openNight(t, n, f)
	if got := browsertest.Ask[string](w, "document.title"); got != "Night report, Monday 23 November 2026: Something went wrong" {
		t.Errorf("a name changed the title to %q", got)
	}
	w.Run("document.querySelectorAll('details').forEach((d) => { d.open = true })")
	said := strings.Join(strings.Fields(w.Text("main")), " ")
	for _, want := range []string{
		"Read 1 of 2 lists from HR", "now, at any hour security, IT on call", "Used after the person had left: Ann", "Step by step: urgent removal", "(runbook: guard tripped)",
		"Sam Security", "page it-oncall", "<script>alert(1)</script> (employees/0010500)", "Access ended 2026-11-20 23:00", "late: open for 2 days 3 h", "2 of 3 parts of the systems were read",
		"403 on iam:ListUsers", "412 people last time, 301 today", "refused", "rollcall approve", "does NOT add up", "=cmd|'/c calc'!A1", "ran to its end: 7", "M missed: no night was committed: 1",
	} {
		if !strings.Contains(strings.ToLower(said), strings.ToLower(want)) {
			t.Errorf("it does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(said)
	}
	if got := browsertest.Ask[int](w, "document.querySelectorAll('svg').length"); got != 2 {
		t.Errorf("%d pictures", got)
	}
	links := browsertest.Ask[[]string](w, "[...document.querySelectorAll('main a')].map((a) => a.getAttribute('href'))")
	for _, want := range []string{"#findings", "summary.txt", "hr/roster_problems_contractors.xlsx", "worksheets/access-review%200.xlsx", "../../runbooks/urgent-removal.html"} {
		if !slices.Contains(links, want) {
			t.Errorf("no link to %s: %q", want, links)
		}
	}
	w.Quiet()
}

func TestFindingsAreSearchedAndFiltered(t *testing.T) {
	n, f := reported()
	w := openNight(t, n, f)
	all := visibleRows(w)
	if len(all) != len(n.Findings)-1 || all[0] != "f10" { // the most serious first; one is about somebody who leaves later
		t.Errorf("shown: %q", all)
	}
	for _, c := range []struct {
		find string
		want []string
	}{{"SCRIPT@example", []string{"f13"}}, {"0010500 okta", []string{"f10"}}, {"f11", []string{"f11"}}, {"nobody at all", nil}, {"  ", all}} {
		w.Run("document.getElementById('find').value = ''")
		w.Write("#find", c.find)
		if got := visibleRows(w); !slices.Equal(got, c.want) {
			t.Errorf("%q finds %q, want %q", c.find, got, c.want)
		}
	}
	w.Click("#clear")
	choose(w, "kind", "Access that no rule gives")
	if got := visibleRows(w); !slices.Equal(got, []string{"f01", "f02"}) {
		t.Errorf("by what: %q", got)
	}
	choose(w, "serious", "High")
	if got, says := visibleRows(w), w.Text("#shown"); !slices.Equal(got, []string{"f01"}) || !strings.HasPrefix(says, "1 of ") {
		t.Errorf("by what and how serious: %q, %q", got, says)
	}
	w.Click(`.matrix button[data-place="aws"][data-serious="Medium"]`)
	if got := visibleRows(w); !slices.Equal(got, []string{"f06"}) {
		t.Errorf("by the table: %q", got)
	}
	choose(w, "then", "security looks at once")
	if got := visibleRows(w); len(got) != 0 || !strings.HasPrefix(w.Text("#shown"), "0 of ") {
		t.Errorf("by what happens: %q", got)
	}
	w.Click("#clear")
	if got := visibleRows(w); !slices.Equal(got, all) {
		t.Errorf("after all: %q", got)
	}
	w.Quiet()
}

// reach presses Tab until the element is in focus, and says whether it got there.
func reach(w *browsertest.Window, selector string) bool {
	for range 120 {
		w.Press(kb.Tab)
		if browsertest.Ask[bool](w, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return true
		}
	}
	return false
}

func TestTheNightReportIsUsedByKeyboardAlone(t *testing.T) {
	n, f := reported()
	w := openNight(t, n, f)
	w.Press(kb.Tab)
	if got := browsertest.Ask[string](w, "document.activeElement.className"); got != "skip" {
		t.Errorf("Tab goes to %q first", got)
	}
	w.Press(kb.Enter)
	if got := browsertest.Ask[string](w, "document.activeElement.id"); got != "main" {
		t.Errorf("the link to skip goes to %q", got)
	}
	for _, selector := range []string{"a[href='#next']", "a[href='../../runbooks/urgent-removal.html']", "details > summary", "pre", ".picture", ".matrix button"} {
		if !reach(w, selector) {
			t.Errorf("Tab does not reach %s", selector)
		}
	}
	w.Press(kb.Enter) // the first number of the table
	if got := visibleRows(w); len(got) == 0 || len(got) == len(n.Findings)-1 {
		t.Errorf("Enter on a number shows %q", got)
	}
	if got := browsertest.Ask[string](w, "document.activeElement.id"); got != "find" {
		t.Errorf("then the focus is at %q", got)
	}
	w.Press("zzz")
	if got := visibleRows(w); len(got) != 0 {
		t.Errorf("what is typed does not search: %q", got)
	}
	w.Quiet()
}

func TestTheNightReportIsAccessible(t *testing.T) {
	full, f := reported()
	plan, _ := reported()
	plan.Run.Trigger, plan.Outcomes = "plan", nil
	ctx := browsertest.Chromium(t)
	for name, page := range map[string]string{"full": nightPage(t, full, f), "plan": nightPage(t, plan, f), "quiet": nightPage(t, quietNight(), Footer{})} {
		w := browsertest.Open(t, ctx, lying(t, page))
		ctx = w.Context
		for _, scheme := range []string{"light", "dark"} {
			w.Show(scheme, "screen")
			for _, wide := range []int{1280, 400} {
				w.Size(wide, 900)
				if got := browsertest.Ask[int](w, "document.documentElement.scrollWidth"); got > wide {
					t.Errorf("%s, %s: at a width of %d the page is %d wide", name, scheme, wide, got)
				}
				w.Run("document.querySelectorAll('details').forEach((d) => { d.open = true })")
				w.Accessible(fmt.Sprintf("%s, %s, %d wide", name, scheme, wide))
			}
		}
		w.Quiet()
	}
}

func TestTheListOfRunsIsAccessible(t *testing.T) {
	n, f := reported()
	newest, err := SummaryJSON(n, f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := RunsPage([]ToldRun{{"run-2", newest}, {"run-1", newest}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	w := browsertest.Open(t, browsertest.Chromium(t), lying(t, string(b)))
	for _, scheme := range []string{"light", "dark"} {
		w.Show(scheme, "screen")
		w.Accessible(scheme)
	}
	if got := browsertest.Ask[int](w, "document.querySelectorAll('tbody a').length"); got != 2 {
		t.Errorf("%d runs", got)
	}
	w.Quiet()
}

func TestANightWithNothingSaysSo(t *testing.T) {
	w := openNight(t, quietNight(), Footer{})
	said := w.Text("body")
	for _, want := range []string{"In order", "Nobody has to do anything", "Nobody who has left has anything open", "No guard holds anything", "Nothing was found"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	w.Quiet()
}

func TestANightThatCouldNotReadASystemSaysWhatIsNotKnown(t *testing.T) {
	n := quietNight()
	n.Run.Verdict, n.Run.ExitCode = "incomplete", 4
	n.People = testPeople()
	n.Systems[0].Reads[0].Complete, n.Systems[0].Reads[0].Lists, n.Systems[0].Reads[0].Gap = false, true, "stopped on page 3: 500 <b>Internal</b>"
	w := openNight(t, n, Footer{})
	said := w.Text("body")
	for _, want := range []string{"Not everything could be read", "In what could be read, nobody who has left had anything open", "okta/users was not read to its end: whether any of the 2 people who have left", "0 of 1 parts", "500 <b>Internal</b>", "rollcall could not read all of okta/users"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	w.Quiet()
}

// paper gives the text of the page as it is printed.
func paper(t *testing.T, w *browsertest.Window) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.pdf")
	writeBytes(t, file, w.PDF())
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return string(bytes.ReplaceAll(out, []byte("\f"), nil))
}

func TestPaperHasEverySectionAndEveryRow(t *testing.T) {
	n, f := reported()
	n.Findings = append(n.Findings, manyFindings(500).Findings...)
	w := openNight(t, n, f)
	if got := len(visibleRows(w)); got != shownAtOnce {
		t.Errorf("%d rows are shown on the screen", got)
	}
	text := paper(t, w)
	for _, section := range []string{"What happened", "Who acts next", "People who have left", "What is held, and why", "The past nights", "What was read", "Everything that was found", "Files and records", "Every part that was read", "aws/123456789012/iam", "Have ready"} {
		if !strings.Contains(text, section) {
			t.Errorf("paper has no %q", section)
		}
	}
	missing := 0
	for i := range 500 {
		if !strings.Contains(text, fmt.Sprintf("f-%05d", i)) {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d rows are not on paper", missing)
	}
	if strings.Contains(text, "Clear the filters") {
		t.Error("paper has buttons")
	}
	w.Quiet()
}

func writeBytes(t *testing.T, file string, b []byte) {
	t.Helper()
	if err := putFile(file, b); err != nil {
		t.Fatal(err)
	}
}
