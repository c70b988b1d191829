package reports

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/goldentest"
)

var testFooter = Footer{ArchiveHead: "sha256:0123", Files: []string{"b.xlsx", "a\x1b.csv"}, Plan: "reports/run 1/plan.json", Config: "conf/rollcall.yaml"}

func summaries(t *testing.T, n *access.Night) map[string]string {
	t.Helper()
	j, err := SummaryJSON(n, testFooter)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"summary.txt": Summary(n, testFooter), "summary.md": SummaryMarkdown(n, testFooter), "summary.json": string(j)}
}

func TestSummariesAreAsAgreed(t *testing.T) {
	for name, got := range summaries(t, testNight()) {
		goldentest.Same(t, "testdata/"+name, got)
	}
}

func TestSummariesOfTheSameNightAreTheSame(t *testing.T) {
	first := summaries(t, testNight())
	for range 20 {
		for name, got := range summaries(t, testNight()) {
			if got != first[name] {
				t.Fatalf("%s differs from one making to the next", name)
			}
		}
	}
}

func TestNoSummaryNamesWhoLeavesLater(t *testing.T) {
	for name, got := range summaries(t, testNight()) {
		for _, secret := range []string{"Zelda", "Gwen", "Gardener", "0010600", "0010601", "p0010601@", "2026-12-18", "2027-01-31", "00u61", "00u62", "garden", "Sick note", "Paula"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s tells %q", name, secret)
			}
		}
	}
}

func TestTheCIPageTellsLessOfWhatWasInALine(t *testing.T) {
	md := SummaryMarkdown(testNight(), testFooter)
	for _, detail := range []string{"Excel changed the ID", "Nobody approved", "invalid time zone"} {
		if strings.Contains(md, detail) {
			t.Errorf("it tells %q", detail)
		}
	}
	if !strings.Contains(md, "27 % fewer rows") || !strings.Contains(md, "row 9, column Employee ID") {
		t.Error("it does not say where the problems are")
	}
}

func TestTheCIPageHoldsNoMarkupFromOutside(t *testing.T) {
	for l := range strings.Lines(SummaryMarkdown(testNight(), testFooter)) {
		if strings.Contains(l, "<") || strings.Contains(l, "\x1b") {
			t.Errorf("markup: %q", l)
		}
	}
}

func TestTerminalLinesAreAtMost100ColumnsAndHoldNoEscape(t *testing.T) {
	for l := range strings.Lines(Summary(testNight(), testFooter)) {
		l = strings.TrimSuffix(l, "\n")
		if n := cells(l); n > columns {
			t.Errorf("%d columns: %q", n, l)
		}
		if strings.ContainsAny(l, "\x1b\x00\a\u202e") {
			t.Errorf("an escape: %q", l)
		}
	}
}

func TestTheCardIsPrintedWhenAndOnlyWhenAPersonIsNeeded(t *testing.T) {
	quiet := leaverNight(access.Enforce, access.Outcome{Result: access.Done, VerifiedAt: at("2026-11-23 02:11")})
	coded := leaverNight(access.Enforce)
	coded.Run.ExitCode = 3
	loud := leaverNight(access.Enforce)
	loud.Findings = []access.Finding{{Kind: access.UsedAfterExit, Disposition: access.ToReport}}
	for want, n := range map[bool][]*access.Night{false: {quiet}, true: {coded, loud}} {
		for _, n := range n {
			for name, got := range summaries(t, n) {
				if strings.Contains(strings.ToLower(got), "have ready") != want && name != "summary.json" || strings.Contains(got, `"call": null`) == want && name == "summary.json" {
					t.Errorf("%s: card is not %v:\n%s", name, want, got)
				}
			}
		}
	}
}

func TestEveryExitCodeHasItsMeaning(t *testing.T) {
	seen := map[string]bool{}
	for code := range 6 {
		if m := exitMeans(code, false); seen[m] || m == exitMeans(99, false) {
			t.Errorf("code %d means %q", code, m)
		}
		seen[exitMeans(code, false)] = true
	}
}

func TestBooksThatDoNotBalanceAreSaidSo(t *testing.T) {
	if s := Summary(testNight(), testFooter); !strings.Contains(s, "accounts of okta: 2 = 2 matched + 0 unmatched: holds") ||
		!strings.Contains(s, "grants of |okta|: 4 = 3 issued: DOES NOT BALANCE") {
		t.Error(s)
	}
}

func TestAnEmptyNightCanBeTold(t *testing.T) {
	for name, got := range summaries(t, &access.Night{}) {
		if got == "" || strings.Contains(got, "%!") || strings.Contains(got, "null,") && !strings.Contains(got, `"call": null,`) {
			t.Errorf("%s: %s", name, got)
		}
	}
	j, err := SummaryJSON(&access.Night{}, Footer{})
	if err != nil || !json.Valid(j) || strings.Count(string(j), "null") != 1 {
		t.Errorf("%s %v", j, err)
	}
}

func TestAPlanSaysWhatWouldBeDoneAndNothingAsIfItWere(t *testing.T) {
	n := leaverNight(access.Enforce)
	n.Run.Trigger = "plan"
	for code := range 6 {
		n.Run.ExitCode = code
		got := Summary(n, Footer{})
		for _, night := range []string{"not attempted", "the rest was done", "NOT all blocked"} {
			if strings.Contains(got, night) {
				t.Errorf("a plan with exit %d says %q:\n%s", code, night, got)
			}
		}
		for _, says := range []string{"would be blocked", "would suspend"} {
			if !strings.Contains(got, says) {
				t.Errorf("a plan with exit %d does not say %q:\n%s", code, says, got)
			}
		}
	}
	n.Run.Mode = access.Observe
	if got := Summary(n, Footer{}); !strings.Contains(got, "would be blocked, if the mode were enforce") {
		t.Errorf("a plan in observe mode:\n%s", got)
	}
}

func TestAnApprovalThatIsOverIsOnlyCountedUnlessItsGuardTrips(t *testing.T) {
	n := testNight()
	spent := n.Approvals[1]
	spent.Spent, spent.Scope = "run-0", "github"
	n.Approvals = []access.ApprovalVerdict{spent}
	if s := tell(n, Footer{}); len(s.Approvals) != 0 || !slices.ContainsFunc(s.Notes, func(n string) bool { return strings.Contains(n, "nothing waits for: 1.") }) {
		t.Errorf("%+v, notes %q", s.Approvals, s.Notes)
	}
	n.Approvals[0].Scope = "aws" // which trips
	if s := tell(n, Footer{}); len(s.Approvals) != 1 {
		t.Errorf("a spent one of a guard that trips is not told: %+v", s.Approvals)
	}
}

func TestAWordForAShellIsOneWord(t *testing.T) {
	for _, c := range [][2]string{{"okta", "okta"}, {"all systems", "'all systems'"}, {"it's", `'it'\''s'`}, {"$(rm -rf)", "'$(rm -rf)'"}, {"", "''"}, {"a;b", "'a;b'"}} {
		if got := ShellWord(c[0]); got != c[1] {
			t.Errorf("%q is %s, want %s", c[0], got, c[1])
		}
	}
}

func TestNoGuardSaysALimitOfNothing(t *testing.T) {
	n := testNight()
	n.Plan.Trips = append(n.Plan.Trips, access.GuardError{Guard: "protected", Scope: "aws", Says: "it is protected", Count: 1, Cohort: n.Plan.Trips[0].Cohort})
	n.Rosters[1].Refusal.Count, n.Rosters[1].Refusal.Limit = 0, 0
	n.Rosters[1].Refusal.Saw, n.Rosters[1].Refusal.Passes = "a list of 2026-11-19", "one of 2026-11-20 or later"
	const list, none = "a list of 2026-11-19; what passes by itself is one of 2026-11-20 or later", "1, and no number of them passes by itself"
	plain := strings.NewReplacer("&#45;", "-", "\n", " ", "  ", "")
	for name, text := range summaries(t, n) {
		text = plain.Replace(text)
		if strings.Contains(text, "limit is 0") || name != "summary.md" && (!strings.Contains(text, list) || !strings.Contains(text, none)) {
			t.Errorf("%s:\n%s", name, text)
		}
		if name == "summary.md" && (!strings.Contains(text, "| a list of 2026-11-19 | one of 2026-11-20 or later | 0 |") || !strings.Contains(text, "| 1 | none | 1 |")) {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	if page := nightPage(t, n, Footer{}); !strings.Contains(page, list+". It holds") || !strings.Contains(page, none+". It holds") || strings.Contains(page, "limit is 0") {
		t.Error("the page says another measure")
	}
}
