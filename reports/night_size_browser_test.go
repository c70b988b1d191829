//go:build browser

package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/browsertest"
)

// With ten thousand findings "Show all of them" took five seconds while each row was laid out.
func TestRowsFarFromViewAreNotLaidOutAndStayRowsOfATable(t *testing.T) {
	n, f := reported()
	for i := range 500 {
		n.Findings = append(n.Findings, access.Finding{ID: fmt.Sprintf("f-%d", i), Kind: access.UnexpectedGrant, Severity: "medium", Disposition: access.ToReview, Person: testPeople()[0].Key(),
			Account: access.AccountKey{System: "okta", ID: "00u1"}, EntitlementKind: "group", Entitlement: fmt.Sprint("Group ", i), Reason: "no rule gives an Engineer this"})
	}
	w := openNight(t, n, f)
	w.Click("#whole")
	w.Until(`document.getElementById("whole").hidden`)
	seen := `[...document.querySelectorAll("#rows tbody tr")].filter((r) => r.cells[0].checkVisibility({ contentVisibilityAuto: true })).length`
	if shown := len(visibleRows(w)); shown < 500 || browsertest.Ask[int](w, seen) > 100 {
		t.Errorf("%d rows are shown, and %d are laid out", shown, browsertest.Ask[int](w, seen))
	}
	roles := `[...new Set([...document.querySelectorAll("#rows, #rows *")].map((e) => e.getAttribute("role")).filter((r) => r))].sort().join(" ")`
	if got := browsertest.Ask[string](w, roles); got != "cell columnheader row rowgroup table" {
		t.Errorf("the roles are %q", got)
	}
	w.Run(`document.querySelector("#rows tbody tr").scrollIntoView()`)
	astray := `[...document.querySelectorAll("#rows th")].filter((h, i) => Math.abs(h.getBoundingClientRect().left - document.querySelector("#rows tbody tr").cells[i].getBoundingClientRect().left) > 1).length`
	if got := browsertest.Ask[int](w, astray); got != 0 {
		t.Errorf("%d headings do not stand over their column", got)
	}
	w.Quiet()
}

// manyFindings is a night with so many.
func manyFindings(count int) *access.Night {
	n := quietNight()
	kinds := []access.FindingKind{access.UnexpectedGrant, access.DormantAccess, access.OrphanAccount, access.NoMFA, access.StaleKey}
	for i := range count {
		id := fmt.Sprintf("%05d", i)
		n.Findings = append(n.Findings, access.Finding{ID: "f-" + id, Kind: kinds[i%len(kinds)], Severity: []string{"high", "medium", "low"}[i%3], Disposition: access.ToReview, Login: "person." + id + "@example.com",
			Account: access.AccountKey{System: []access.System{"okta", "aws"}[i%2], ID: access.AccountID("00u" + id)}, EntitlementKind: access.OktaGroup, Entitlement: "group-" + id,
			Reason: "no rule of the role map gives person " + id + " (Engineer, Engineering) this, and nobody has used it in 93 days", Cites: "rolemap.csv", FirstSeen: dayOf("2026-11-01")})
	}
	return n
}

// What the screen lays out does not grow with the night: that is what keeps filters
// quick. How quick is only logged.
func TestTenThousandFindingsStaySmooth(t *testing.T) {
	w := openNight(t, manyFindings(mostRows+5), Footer{})
	w.Run(`window.timed = (act) => { const from = performance.now(); act(); document.body.offsetHeight; return performance.now() - from };
		window.find = (text) => { const f = document.getElementById('find'); f.value = text; f.dispatchEvent(new Event('input')) }`)
	took := browsertest.Ask[[]float64](w, "['p', 'pe', 'person.0', '0099', 'group-05', 'nothing', ''].map((text) => timed(() => find(text)))")
	if got := len(visibleRows(w)); got != shownAtOnce {
		t.Errorf("%d rows are laid out at once", got)
	}
	w.Run("find('00999')")
	if got := visibleRows(w); len(got) != 1 {
		t.Errorf("%d rows found", len(got))
	}
	w.Run("find('')")
	w.Click("#more")
	if got := len(visibleRows(w)); got != 2*shownAtOnce {
		t.Errorf("%d rows after asking for more", got)
	}
	whole := browsertest.Ask[float64](w, "timed(() => document.getElementById('whole').click())")
	if got := len(visibleRows(w)); got != mostRows {
		t.Errorf("%d rows after asking for all", got)
	}
	worst := slices.Max(took)
	t.Logf("a filter took %.0f ms at the most (%.0f); to lay out all %d rows, %.0f ms", worst, took, mostRows, whole)
	if worst > whole {
		t.Errorf("a filter takes longer (%.0f ms) than laying out everything (%.0f ms)", worst, whole)
	}
	if !strings.Contains(w.Text("main"), "5 more are in the archive") {
		t.Error("it does not say that some are not there")
	}
	w.Quiet()
}
