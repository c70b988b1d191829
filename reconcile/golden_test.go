package reconcile

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
	"rollcall/internal/goldentest"
)

// TestDecisions plays every world of testdata: the file's name is the rule.
func TestDecisions(t *testing.T) {
	eachWorld(t, "testdata/*.txtar", play)
}

// eachWorld tries a rule on each file of a pattern.
func eachWorld(t *testing.T, pattern string, rule func(t *testing.T, file string, a *txtar.Archive)) {
	t.Helper()
	goldentest.Each(t, pattern, 1, func(t *testing.T, file string) { rule(t, file, txtar.Parse(goldentest.Read(t, file))) })
}

func play(t *testing.T, file string, a *txtar.Archive) {
	w := loadWorld(t, a)
	d := Decide(w)
	sameAgain(t, w, d)
	booksBalance(t, d)
	got := outcome(w, d)
	must(t, a, got)
	if goldentest.Update() {
		write(t, file, a, got)
		return
	}
	for _, part := range a.Files {
		want, judged := got[part.Name]
		if judged {
			if diff := cmp.Diff(string(part.Data), want); diff != "" {
				t.Errorf("%s (-golden +now; -update rewrites it):\n%s", part.Name, diff)
			}
		}
	}
	for _, name := range []string{"findings", "plan", "people"} {
		if section(a, name) < 0 {
			t.Errorf("%s has no section %s: run with -update and read what it writes", file, name)
		}
	}
}

func section(a *txtar.Archive, name string) int {
	for n, part := range a.Files {
		if part.Name == name {
			return n
		}
	}
	return -1
}

func must(t *testing.T, a *txtar.Archive, got map[string]string) {
	t.Helper()
	all := "\n"
	for _, name := range []string{"rosters", "people", "systems", "findings", "plan", "approvals", "worksheets", "watches"} {
		all += got[name]
	}
	demanded(t, a, all, "\n")
}

func write(t *testing.T, file string, a *txtar.Archive, got map[string]string) {
	t.Helper()
	for _, name := range []string{"rosters", "people", "systems", "findings", "plan", "approvals", "worksheets", "watches"} {
		n := section(a, name)
		switch {
		case n >= 0:
			a.Files[n].Data = []byte(got[name])
		case name == "findings" || name == "plan" || name == "people":
			a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(got[name])})
		}
	}
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sameAgain: the same world gives the same decision, to the byte.
func sameAgain(t *testing.T, w World, d Decision) {
	t.Helper()
	again := Decide(w)
	if !reflect.DeepEqual(d, again) {
		t.Errorf("deciding twice differs:\n%s", cmp.Diff(d, again))
	}
	x, errX := json.Marshal(d.Plan)
	y, errY := json.Marshal(again.Plan)
	if errX != nil || errY != nil || string(x) != string(y) {
		t.Errorf("the plan's bytes differ (%v, %v):\n%s\n%s", errX, errY, x, y)
	}
}

func booksBalance(t *testing.T, d Decision) {
	t.Helper()
	if want := 1 + 2*len(d.Systems); len(d.Balances) < want {
		t.Errorf("%d books, want those of each list, of the accounts and grants of each system, and of the worksheets: %d at least", len(d.Balances), want)
	}
	for _, b := range d.Balances {
		if !b.Holds() {
			t.Errorf("%s do not add up: %d, of %v", b.What, b.Total, b.Parts)
		}
	}
}

// outcome renders a decision in lines that people can read and compare.
func outcome(w World, d Decision) map[string]string {
	return map[string]string{
		"rosters": renderRosters(w), "people": renderPeople(d), "systems": renderSystems(w, d), "findings": renderFindings(d),
		"plan": renderPlan(d.Plan), "approvals": renderApprovals(d), "worksheets": renderWorksheets(d), "watches": renderWatches(w),
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02T15:04Z")
}

func renderRosters(w World) string {
	var b strings.Builder
	for _, r := range w.Rosters {
		v := r.Verdict
		switch {
		case v.Refusal != nil:
			fmt.Fprintf(&b, "refused %s, in force %s: %s\n", v.Source, v.InForce.Original, v.Refusal.Says)
		case v.Same:
			fmt.Fprintf(&b, "same %s\n", v.Source)
		default:
			fmt.Fprintf(&b, "accepted %s rows=%d gone=%d\n", v.Source, v.InForce.Rows, v.InForce.Gone)
		}
	}
	return b.String()
}

func renderPeople(d Decision) string {
	var b strings.Builder
	for _, p := range d.People {
		fmt.Fprintf(&b, "%s %s ends=%s: %s [%s]\n", p.Key(), p.Standing, stamp(p.AccessEndsAt), p.Why, p.Cites)
	}
	return b.String()
}

// renderSystems prints whose every account is and why every grant is held.
func renderSystems(w World, d Decision) string {
	var b strings.Builder
	for _, s := range d.Systems {
		for n, m := range s.Matches {
			fmt.Fprintf(&b, "%s is %s %s%s\n", s.Accounts[n].Key(), m.How, shown(m.Person), candidatesOf(m))
		}
		for n, v := range s.Verdicts {
			g := s.Grants[n]
			e := s.Entitlements[g.Entitlement]
			fmt.Fprintf(&b, "%s holds %s:%s expected=%t", s.Accounts[g.Account].Key(), e.Kind, e.ID, v.Expected())
			if v.Rule() != 0 {
				fmt.Fprintf(&b, " by rule row %d", w.Policy.RoleMap.Rules[v.Rule()-1].Row)
			}
			if v.Exception() != 0 {
				fmt.Fprintf(&b, " by exception %s", w.Policy.Exceptions[v.Exception()-1].ID)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func candidatesOf(m access.Match) string {
	if len(m.Candidates) == 0 {
		return ""
	}
	return "(" + joinKeys(m.Candidates) + ")"
}

func renderFindings(d Decision) string {
	var b strings.Builder
	for _, f := range d.Findings {
		fmt.Fprintf(&b, "%s %s %s %s", f.Kind, f.Disposition, shown(f.Person), shown(f.Account))
		if f.Entitlement != "" {
			fmt.Fprintf(&b, " %s:%s", f.EntitlementKind, f.Entitlement)
		}
		fmt.Fprintf(&b, " (%s): %s [%s]\n", f.Severity, f.Reason, f.Cites)
	}
	return b.String()
}

func renderPlan(p access.Plan) string {
	var b strings.Builder
	for _, a := range p.Actions {
		fmt.Fprintf(&b, "run %s\n", renderAction(a))
	}
	for _, h := range p.Held {
		fmt.Fprintf(&b, "held by %s: %s\n", h.Guard, renderAction(h.Action))
	}
	for _, g := range p.Trips {
		fmt.Fprintf(&b, "trip %s %s %d/%d accounts=%d: %s\n", g.Guard, g.Scope, g.Count, g.Limit, len(g.Cohort), g.Says)
	}
	for _, g := range p.Behind {
		fmt.Fprintf(&b, "behind it %s %s %d/%d accounts=%d: %s\n", g.Guard, g.Scope, g.Count, g.Limit, len(g.Cohort), g.Says)
	}
	return b.String()
}

// renderApprovals prints what became of each approval.
func renderApprovals(d Decision) string {
	var b strings.Builder
	for _, v := range d.Approvals {
		counts := "does not count"
		if v.Counts {
			counts = "counts"
		}
		fmt.Fprintf(&b, "%s of %s %s %s: %s\n", v.ID, v.Guard, v.Scope, counts, v.Says)
	}
	return b.String()
}

// renderWatches prints whose use is read in the systems' own logs.
func renderWatches(w World) string {
	var b strings.Builder
	for _, some := range Watches(w) {
		for _, one := range some {
			fmt.Fprintf(&b, "watch %s since %s, from %s\n", one.Account, stamp(one.Since), stamp(one.From))
		}
	}
	return b.String()
}

func renderAction(a access.Action) string {
	s := fmt.Sprintf("%s %s", a.Verb, a.Account)
	if a.EntitlementID != "" {
		s += fmt.Sprintf(" %s:%s", a.EntitlementKind, a.EntitlementID)
	}
	if a.First {
		s += " first"
	}
	if !a.Undoable {
		s += " for-ever"
	}
	s += " rests=" + strings.Join(a.Rests, ",")
	if a.Order != nil {
		s += fmt.Sprintf(" ordered-by=%s for %s (%s)", a.Order.By, a.Order.Reason, a.Order.Ticket)
	}
	if ids := a.ApprovalIDs(); len(ids) > 0 {
		s += " by=" + strings.Join(ids, ",")
	}
	return s
}

func renderWorksheets(d Decision) string {
	var b strings.Builder
	for _, w := range d.Worksheets {
		fmt.Fprintf(&b, "%s %s: %s\n", shown(w.Reviewer), w.ReviewerName, w.Because)
		for _, i := range w.Items {
			fmt.Fprintf(&b, "  %s %s %s:%s | %s | %s | suggested=%s carries=%s peers=%d/%d\n", shown(i.Person.Key()), i.Account.Key(), i.Kind, i.Entitlement,
				i.FindingKind, i.HowHeld, i.Suggested, strings.Join(i.Carries, ","), i.PeersHave, i.PeersAll)
		}
	}
	return b.String()
}
