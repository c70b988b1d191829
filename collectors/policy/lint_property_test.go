package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/access/accesstest"
)

// slowly is what a role map says on one day, worked out line by line: who may
// hold which right, and which required lines somebody with some rights fails.
// It matches by slowMatch, so that it and the lint can only agree by both being
// right.
func slowly(rules []access.Rule, people []access.Identity, rights []access.Entitlement, held [][]int, day time.Time) []string {
	var says []string
	for i, p := range people {
		for _, r := range rules {
			if !r.ExpiresOn.IsZero() && r.ExpiresOn.At.Before(day) || !slowMatch(r.Title, p.Title) || !slowMatch(r.Department, p.Department) || !slowMatch(r.WorkerType, p.WorkerType) {
				continue
			}
			has := false
			for n, e := range rights {
				if slowMatch(r.System, string(e.System)) && (slowMatch(r.Scope, e.Scope) || slowMatch(r.Scope, e.ScopeName)) &&
					slowMatch(r.Kind, string(e.Kind)) && (slowMatch(r.Entitlement, e.ID) || slowMatch(r.Entitlement, e.Name)) {
					says = append(says, fmt.Sprintf("%d may hold %d", i, n))
					has = has || slices.Contains(held[i], n)
				}
			}
			if r.Requirement == access.Required && !has {
				says = append(says, fmt.Sprintf("%d lacks %s", i, meaningOf(r)))
			}
		}
	}
	slices.Sort(says)
	return slices.Compact(says)
}

// meaningOf names what a required line asks for; * and an empty cell are one.
func meaningOf(r access.Rule) string {
	var parts []string
	for _, s := range []string{r.System, r.Scope, r.Kind, r.Entitlement} {
		if s == "" {
			s = "*"
		}
		parts = append(parts, string(normal(s)))
	}
	return strings.Join(parts, "/")
}

// slowMatch is no code of the program.
var slowMatch = accesstest.Glob

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// smallWorld is a role map, people and rights with few words, so that lines
// often say the same.
func smallWorld(r *rand.Rand) (rules []access.Rule, people []access.Identity, rights []access.Entitlement, held [][]int) {
	ends := []access.Day{{}, {}, {}, {At: lintDay.AddDate(0, 0, -1)}, {At: lintDay}, {At: lintDay.AddDate(0, 0, 10)}}
	for n := range 2 + r.IntN(7) {
		rules = append(rules, access.Rule{Line: access.Line{File: "rolemap.csv", Row: n + 2}, Role: "r",
			Title: pick(r, "", "*", "a*", "ab", "A?", "*b"), Department: pick(r, "", "", "d", "?"), WorkerType: pick(r, "", "", "w"),
			System: pick(r, "", "okta", "aws", "*"), Scope: pick(r, "", "", "1", "p*"), Kind: pick(r, "", "group", "g*", "iam_group"), Entitlement: pick(r, "*", "x", "x*", "X?", "?", "*y"),
			Requirement: pick(r, access.Allowed, access.Required), Risk: access.RiskStandard, ExpiresOn: pick(r, ends...)})
	}
	for range 1 + r.IntN(4) {
		people = append(people, access.Identity{Title: pick(r, "a", "ab", "b", ""), Department: pick(r, "d", "dd"), WorkerType: pick(r, "w", "v")})
	}
	for n := range 1 + r.IntN(5) {
		e := access.Entitlement{System: "okta", Kind: "group", ID: fmt.Sprint("id", n), Name: pick(r, "x", "xy", "y", "xyz")}
		if r.IntN(2) == 0 {
			e.System, e.Scope, e.ScopeName, e.Kind = "aws", pick(r, "1", "2"), pick(r, "prod", "test"), "iam_group"
		}
		rights = append(rights, e)
	}
	for range people {
		var has []int
		for n := range rights {
			if r.IntN(3) == 0 {
				has = append(has, n)
			}
		}
		held = append(held, has)
	}
	return rules, people, rights, held
}

// A line that is called unreachable, or the same as an earlier one, can be
// deleted: today and on every later day the same is allowed and required.
func TestALineCalledUnreachableCanBeDeletedWithoutAnyChange(t *testing.T) {
	called := 0
	for seed := range uint64(30_000) {
		rules, people, rights, held := smallWorld(rand.New(rand.NewPCG(seed, 4)))
		l := newLinter(access.Policy{RoleMap: access.RoleMap{Rules: rules}}, Facts{Today: lintDay})
		sameLines(l)
		unreachableRules(l)
		for _, q := range l.problems {
			called++
			without := slices.DeleteFunc(slices.Clone(rules), func(r access.Rule) bool { return r.Row == q.Row })
			for _, day := range []time.Time{lintDay, lintDay.AddDate(0, 0, 5), lintDay.AddDate(0, 0, 11)} {
				if d := cmp.Diff(slowly(rules, people, rights, held, day), slowly(without, people, rights, held, day)); d != "" {
					t.Fatalf("seed %d, %s: without row %d:\n%s\n%+v", seed, day, q.Row, d, rules)
				}
			}
		}
	}
	if called < 1000 {
		t.Errorf("only %d lines were called unreachable", called)
	}
}

// All of them at once can be deleted too.
func TestAllUnreachableLinesCanBeDeletedTogether(t *testing.T) {
	for seed := range uint64(10_000) {
		rules, people, rights, held := smallWorld(rand.New(rand.NewPCG(seed, 5)))
		l := newLinter(access.Policy{RoleMap: access.RoleMap{Rules: rules}}, Facts{Today: lintDay})
		sameLines(l)
		unreachableRules(l)
		without := slices.DeleteFunc(slices.Clone(rules), func(r access.Rule) bool {
			return slices.ContainsFunc(l.problems, func(q access.Problem) bool { return q.Row == r.Row })
		})
		if d := cmp.Diff(slowly(rules, people, rights, held, lintDay), slowly(without, people, rights, held, lintDay)); d != "" {
			t.Fatalf("seed %d:\n%s", seed, d)
		}
	}
}

// A pattern that lies within another matches nothing that the other does not.
func FuzzAPatternWithinAnotherMatchesNoMore(f *testing.F) {
	for _, c := range [][3]string{{"ab*", "a*", "abc"}, {"*?", "?*", "x"}, {"", "*", ""}, {"a?c", "a*c", "axc"}, {"?*?", "??*", "xy"}, {"A", "a", "a"}, {"é", "?", "é"}} {
		f.Add(c[0], c[1], c[2])
	}
	f.Fuzz(func(t *testing.T, inner, outer, s string) {
		if len(inner)+len(outer)+len(s) > 24 || !utf8.ValidString(inner+outer+s) {
			return
		}
		if globWithin(inner, outer) && slowMatch(inner, s) && !slowMatch(outer, s) {
			t.Errorf("%q is within %q, but only the first matches %q", inner, outer, s)
		}
		if !globWithin(inner, inner) || !globWithin(inner, "") || slowMatch(outer, s) != access.Glob(outer, s) {
			t.Errorf("%q %q %q", inner, outer, s)
		}
	})
}
