package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rollcall/collectors/policy"
	"rollcall/internal/access"
	"rollcall/reconcile"
)

var agreeDay = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// worker is the one person of the worlds here, and holds everything there is.
var worker = access.Identity{Source: "employees", EmployeeID: "1", Name: "Ann", Title: "Groß [Ops]", Department: "a/b", WorkerType: "w", Status: access.StatusActive, Row: 2}

// everything has a right of every kind, two accounts of AWS, and a name that looks
// like a pattern of another language.
func everything() []access.Observation {
	seen := []access.Observation{{System: "okta"}, {System: "aws"}}
	for n := range seen {
		o := &seen[n]
		o.Reads = []access.Read{{System: o.System, Kind: "all", Complete: true, Lists: true}}
		o.Accounts = []access.Account{{System: o.System, ID: "A", HRID: "1", Login: "ann", Status: access.AccountActive, VendorStatus: "ACTIVE"}}
		for k, kind := range access.EntitlementKinds {
			e := access.Entitlement{System: o.System, Kind: kind.Kind, ID: fmt.Sprint("id", k), Name: []string{"x", "[ab]", `a\b`, "Ünit/x"}[k%4]}
			if (o.System == "okta") != (k < 4) {
				continue
			}
			if o.System == "aws" {
				e.Scope, e.ScopeName = []string{"111", "222"}[k%2], []string{"Prod", "[Test]"}[k%2]
			}
			o.Grants = append(o.Grants, access.Grant{Entitlement: uint32(len(o.Entitlements))})
			o.Entitlements = append(o.Entitlements, e)
		}
	}
	return seen
}

// covered counts the grants that a night takes to be expected by the rule.
func covered(r access.Rule) int {
	w := reconcile.World{Now: agreeDay, Systems: everything(), Policy: access.Policy{RoleMap: access.RoleMap{Rules: []access.Rule{r}}},
		Rosters: []reconcile.SourceRoster{{Rows: []access.Identity{worker}, Verdict: access.RosterVerdict{Source: "employees", InForce: access.AcceptedRoster{SHA256: "1"}}}}}
	n := 0
	for _, o := range reconcile.Decide(w).Systems {
		for _, v := range o.Verdicts {
			if v.Expected() {
				n++
			}
		}
	}
	return n
}

// told is what reader and lint say of one line of a role map: HOLD, or a note of
// the kind, and the line as read if it counts.
func told(t *testing.T, cells []string) (says []string, rules []access.Rule) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll([][]string{{"role", "title", "department", "worker_type", "system", "scope", "kind", "entitlement", "requirement", "risk"}, cells}); err != nil {
		t.Fatal(err)
	}
	m, problems := policy.ReadRoleMap("rolemap.csv", b.Bytes(), "okta", "aws")
	f := policy.Facts{Today: agreeDay.Truncate(24 * time.Hour), Lists: []access.Source{"employees"}, People: []access.Identity{worker}}
	for _, o := range everything() {
		f.Systems = append(f.Systems, policy.SystemFacts{Name: o.System, Type: string(o.System), Entitlements: o.Entitlements, Accounts: o.Accounts})
	}
	for _, p := range append(problems, policy.Lint(access.Policy{RoleMap: m}, f)...) {
		switch {
		case p.Severity == access.Hold:
			says = append(says, "no right")
		case strings.HasPrefix(p.Says, "Nobody in HR's lists"):
			says = append(says, "nobody")
		case strings.HasPrefix(p.Says, "The last night found nothing"):
			says = append(says, "no right")
		}
	}
	return says, m.Rules
}

// agree: a line that is said to be about nobody, or about no right, covers nothing
// in a night, and one of which neither is said covers something.
func agree(t *testing.T, title, department, workerType, system, scope, kind, entitlement string) bool {
	says, rules := told(t, []string{"r", title, department, workerType, system, scope, kind, entitlement, "allowed", "standard"})
	r := access.Rule{Title: title, Department: department, WorkerType: workerType, System: system, Scope: scope, Kind: kind, Entitlement: entitlement}
	if len(rules) == 1 {
		r = rules[0]
	}
	people, rights := r, r
	people.System, people.Scope, people.Kind, people.Entitlement = "", "", "", ""
	rights.Title, rights.Department, rights.WorkerType = "", "", ""
	if nobody := covered(people) == 0; len(rules) == 1 && nobody != slices.Contains(says, "nobody") {
		t.Errorf("%+v is about nobody in a night: %t; it is told: %q", r, nobody, says)
	}
	nothing := covered(rights) == 0
	if nothing != slices.Contains(says, "no right") {
		t.Errorf("%+v is about no right in a night: %t; it is told: %q", r, nothing, says)
	}
	return nothing
}

func TestLintJudgesAPatternAsTheNightDoes(t *testing.T) {
	nothings, something := 0, 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 9))
		near := func(words ...string) string { // a word with some characters changed
			s := []rune(words[r.IntN(len(words))])
			for n := range s {
				if r.IntN(12) == 0 {
					s[n] = []rune("*?[]\\/aX-")[r.IntN(9)]
				}
			}
			return string(s)
		}
		if agree(t, near("", "groß [ops]", "*"), near("", "A/B"), near("", "W"), near("", "okta", "aws", "*", "[o]kt*", "?[w]s"), near("", "", "prod", "111", "[test]"),
			near("", "group", "iam_*", "sso_app", "[g]roup*"), near("*", "x", "[ab]", "a\\b", "ünit/x", "id3")) {
			nothings++
		} else {
			something++
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if nothings < 300 || something < 300 {
		t.Errorf("%d lines about nothing, %d about something: the patterns prove nothing", nothings, something)
	}
}

func FuzzLintJudgesAPatternAsTheNightDoes(f *testing.F) {
	f.Add("*[ops]", "a?b", "", "[o]kta", "", "group", "[ab]")
	f.Add("", "", "", "*", "[Test]", "*", `a\b`)
	f.Fuzz(func(t *testing.T, title, department, workerType, system, scope, kind, entitlement string) {
		for _, s := range []string{title, department, workerType, system, scope, kind, entitlement} {
			// What a cell may hold at all is the business of the reader of CSV files.
			if len(s) > 20 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r > 0x24f || r < '!' && r != ' ' }) || s != strings.TrimSpace(s) || strings.ContainsAny(s, `=+-@"#`) {
				return
			}
		}
		if entitlement != "" {
			agree(t, title, department, workerType, system, scope, kind, entitlement)
		}
	})
}
