package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// Facts are what the lines of policy are held against. Each part may be absent:
// what would need it is then not looked for, and Unjudged says so.
type Facts struct {
	Today            time.Time // midnight UTC of the company's date
	ExceptionMaxDays int       // 0: no limit
	Systems          []SystemFacts
	// Lists were read; People are their rows. Unread are lists that could not be.
	Lists, Unread []access.Source
	People        []access.Identity
	ContactsFile  string // empty: contacts are not looked at
	Unusable      []Unusable
}

// Unusable is a file of policy that is there and of which nothing could be used.
type Unusable struct{ What, File string } // What: rolemap, exceptions, sod, nonhuman, contacts

// SystemFacts is what is known of one configured system.
type SystemFacts struct {
	Name access.System
	Type string // okta or aws
	// Unread is why it is not known what there is in the system; empty: the
	// entitlements and accounts are all there are.
	Unread       string
	Entitlements []access.Entitlement
	Accounts     []access.Account
}

// soonDays is how long before its end a line is told.
const soonDays = 30

// lints are the questions, in the order in which they are told of one line.
// Each finds one kind of flaw and changes nothing.
var lints = []struct {
	name string
	look func(*linter)
}{
	{"impossible-kind", impossibleKinds},
	{"scope-of-unscoped-system", impossibleScopes},
	{"wildcard-allows-admin", wildcardsThatAllowAdmin},
	{"same-line-twice", sameLines},
	{"unreachable-rule", unreachableRules},
	{"overlapping-required", overlappingRequired},
	{"rule-matches-nobody", rulesForNobody},
	{"rule-matches-nothing", rulesForNothing},
	{"privileged-without-approval", privilegedUnapproved},
	{"risk-below-fact", risksBelowFact},
	{"contradicting-risk", contradictingRisks},
	{"meaning-missing", meaningsMissing},
	{"expired-rule", expiredRules},
	{"expired-exception", expiredExceptions},
	{"exception-too-long", longExceptions},
	{"exception-without-reason", unreasonedExceptions},
	{"exception-approved-by-receiver", selfApproved},
	{"exception-for-nobody", exceptionsForNobody},
	{"exception-twice", exceptionsTwice},
	{"exception-covered-by-rule", needlessExceptions},
	{"exception-matches-nothing", exceptionsForNothing},
	{"nonhuman-owner-gone", ownersGone},
	{"nonhuman-review-overdue", reviewsOverdue},
	{"nonhuman-account-gone", accountsGone},
	{"sod-within-one-role", pairsGivenByPolicy},
	{"sod-matches-nothing", pairsOfNothing},
	{"sod-sides-overlap", pairsThatOverlap},
	{"contacts-missing", contactsMissing},
}

// Lint tells what in the policy is surely or probably not meant: in the order
// of files and rows. A HOLD is a line that can have no effect, a WIDE one that
// allows more than it plainly says, all else is a NOTE. It changes nothing of
// what the policy grants.
func Lint(p access.Policy, f Facts) []access.Problem {
	l := newLinter(p, f)
	for _, one := range lints {
		one.look(l)
	}
	slices.SortStableFunc(l.problems, func(a, b access.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row))
	})
	return l.problems
}

// linter holds policy and facts, made ready for comparing.
type linter struct {
	p        access.Policy
	f        Facts
	problems []access.Problem

	rights   []right
	covers   [][]int32 // for each rule: the rights that it covers
	profiles []crowd
	people   map[access.PersonKey][]access.Identity
}

// right is an entitlement in lower case, so that each is folded only once.
type right struct {
	folded access.Entitlement
	is     *access.Entitlement
}

// crowd is how many people have a profile.
type crowd struct {
	access.Profile
	heads int
}

func newLinter(p access.Policy, f Facts) *linter {
	l := &linter{p: p, f: f, people: map[access.PersonKey][]access.Identity{}, covers: make([][]int32, len(p.RoleMap.Rules))}
	for s := range f.Systems {
		for n := range f.Systems[s].Entitlements {
			e := &f.Systems[s].Entitlements[n]
			l.rights = append(l.rights, right{folded(*e), e})
		}
	}
	for n, r := range p.RoleMap.Rules {
		l.covers[n] = l.covered(r.Right())
	}
	heads := map[access.Profile]int{}
	for _, row := range f.People {
		l.people[row.Key()] = append(l.people[row.Key()], row)
		if row.Status != access.StatusLeft {
			heads[row.Profile()]++
		}
	}
	for one, n := range heads {
		l.profiles = append(l.profiles, crowd{one, n})
	}
	slices.SortFunc(l.profiles, func(a, b crowd) int {
		return cmp.Or(cmp.Compare(a.Title, b.Title), cmp.Compare(a.Department, b.Department), cmp.Compare(a.WorkerType, b.WorkerType))
	})
	return l
}

func folded(e access.Entitlement) access.Entitlement {
	e.System, e.Kind = access.System(strings.ToLower(string(e.System))), access.EntitlementKind(strings.ToLower(string(e.Kind)))
	e.Scope, e.ScopeName, e.ID, e.Name = strings.ToLower(e.Scope), strings.ToLower(e.ScopeName), strings.ToLower(e.ID), strings.ToLower(e.Name)
	return e
}

// covered gives the rights that a pattern covers.
func (l *linter) covered(p access.Right) []int32 {
	p = access.Right{System: strings.ToLower(p.System), Scope: strings.ToLower(p.Scope), Kind: strings.ToLower(p.Kind), Entitlement: strings.ToLower(p.Entitlement)}
	var found []int32
	for n := range l.rights {
		if p.Covers(l.rights[n].folded) {
			found = append(found, int32(n))
		}
	}
	return found
}

// live gives the rules that have not ended, with their place in the file.
func (l *linter) live(yield func(int, access.Rule) bool) {
	for n, r := range l.p.RoleMap.Rules {
		if !l.over(r.ExpiresOn) && !yield(n, r) {
			return
		}
	}
}

// over reports whether a last day is past.
func (l *linter) over(d access.Day) bool { return !d.IsZero() && d.At.Before(l.f.Today) }

// soon reports whether a last day comes within 30 days.
func (l *linter) soon(d access.Day) bool {
	return !d.IsZero() && !l.over(d) && d.At.Before(l.f.Today.AddDate(0, 0, soonDays+1))
}

// known reports whether everything is known that a pattern of systems could
// mean.
func (l *linter) known(system string) bool {
	any := false
	for _, s := range l.f.Systems {
		if access.Glob(system, string(s.Name)) {
			if s.Unread != "" {
				return false
			}
			any = true
		}
	}
	return any
}

// counts is what follows from most lints: nothing.
const counts = "The line counts as it stands."

func (l *linter) add(s access.Severity, line access.Line, column, value, says, meanwhile, mend string) {
	l.problems = append(l.problems, access.Problem{Severity: s, File: line.File, Row: line.Row, Column: column, Value: value, Says: says, Meanwhile: meanwhile, Mend: mend})
}

// note tells of a line that counts as it stands.
func (l *linter) note(line access.Line, column, value, mend, says string, args ...any) {
	l.add(access.Note, line, column, value, fmt.Sprintf(says, args...), counts, mend)
}

// Unjudged says in plain sentences what was not looked for because the facts
// for it are absent.
func (f Facts) Unjudged() []string {
	var out, why []string
	systems := map[string][]string{}
	for _, s := range f.Systems {
		if s.Unread != "" {
			if systems[s.Unread] == nil {
				why = append(why, s.Unread)
			}
			systems[s.Unread] = append(systems[s.Unread], string(s.Name))
		}
	}
	for _, w := range why {
		out = append(out, fmt.Sprintf("%s: %s. Lines that match nothing there any more, accounts that are gone and wildcards that allow admin rights were not looked for.", strings.Join(systems[w], ", "), w))
	}
	for _, s := range f.Unread {
		out = append(out, fmt.Sprintf("The list %s could not be used. Rules that match nobody, and lines about people who are not there, were not looked for.", s))
	}
	for _, u := range f.Unusable {
		if missed := missedWithout[u.What]; missed != "" {
			out = append(out, fmt.Sprintf("%s could not be used. %s not looked for.", u.File, missed))
		}
	}
	return out
}

// missedWithout is what cannot be found without a file of policy. Of the others
// nothing is asked.
var missedWithout = map[string]string{
	"rolemap":    "What is wrong with rules, exceptions that a role makes needless and pairs that a role allows were",
	"exceptions": "What is wrong with exceptions was",
	"sod":        "What is wrong with pairs was",
	"nonhuman":   "What is wrong with registered accounts was",
	"contacts":   "Systems for which nobody could be called were",
}
