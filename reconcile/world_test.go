package reconcile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

// A world in testdata is a txtar archive; its comment says the rule.
//
//	world             settings and memory, one per line (see setting)
//	SOURCE.csv        tonight's roster of a source; before/SOURCE.csv is the list in force,
//	                  vanished/SOURCE.csv are people that it lost on an earlier night
//	rolemap.csv, exceptions.csv, answers.csv, links.csv, nonhuman.csv, contacts.csv, sod.csv
//	system/NAME       what a collector saw, one fact per line (see fact)
//	must              what the rule demands, by hand: "+ text" is in the outcome, "- text" is not
//	findings, plan, people, rosters, approvals, worksheets, systems, watches: the outcome, by -update; the last
//	                  five only where the file asks for them by having the section
type fixture struct {
	t       *testing.T
	w       World
	guards  map[access.Source]RosterGuard
	asOf    map[access.Source]time.Time
	digest  map[access.Source]string
	stops   map[access.Source][]access.Problem
	absent  map[access.PersonKey]int
	sources []access.Source
	since   time.Time
	bare    bool // no baseline
	files   map[string]string
}

func loadWorld(t *testing.T, a *txtar.Archive) World {
	t.Helper()
	return loadFixture(t, a).w
}

func loadFixture(t *testing.T, a *txtar.Archive) *fixture {
	t.Helper()
	f := &fixture{
		t: t, guards: map[access.Source]RosterGuard{}, asOf: map[access.Source]time.Time{}, digest: map[access.Source]string{},
		stops: map[access.Source][]access.Problem{}, files: map[string]string{},
		absent: map[access.PersonKey]int{},
	}
	f.w.Now = f.time("2026-11-23T02:00:00Z")
	f.w.Settings.Mode = access.Enforce
	f.since = f.time("2026-11-20T02:00:00Z")
	f.w.Memory = access.Memory{
		Accounts: map[access.System]int{}, Accepted: map[access.Source]access.AcceptedRoster{}, InForce: map[access.Source][]access.Identity{},
		Vanished: map[access.PersonKey]access.Vanished{}, FirstSeenLeft: map[access.PersonKey]time.Time{}, Blocked: map[access.AccountKey]access.BlockRecord{},
	}
	for _, part := range a.Files {
		f.files[part.Name] = string(part.Data)
		source, list := strings.CutSuffix(part.Name, ".csv")
		switch source {
		case "rolemap", "exceptions", "answers", "links", "nonhuman", "contacts", "sod":
			list = false
		}
		if list && !strings.Contains(source, "/") {
			f.sources = append(f.sources, access.Source(source))
		}
		if name, ok := strings.CutPrefix(part.Name, "system/"); ok {
			f.w.Systems = append(f.w.Systems, f.system(access.System(name), string(part.Data)))
		}
	}
	for _, words := range lines(f.files["world"]) {
		f.setting(words)
	}
	for _, o := range f.w.Systems {
		if _, has := f.w.Memory.Accounts[o.System]; !has && !f.bare {
			f.w.Memory.Accounts[o.System] = 1000
		}
	}
	f.policy()
	for _, s := range f.sources {
		f.w.Rosters = append(f.w.Rosters, f.roster(s))
	}
	return f
}

// word is one word of a line, in which "..." keeps spaces.
var word = regexp.MustCompile(`(?:[^\s"]|"[^"]*")+`)

func lines(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		words := word.FindAllString(line, -1)
		for n := range words {
			words[n] = strings.ReplaceAll(words[n], `"`, "")
		}
		if len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			out = append(out, words)
		}
	}
	return out
}

func (f *fixture) time(s string) time.Time {
	f.t.Helper()
	d, err := access.ParseDay(s)
	if err != nil {
		f.t.Fatalf("time %q: %v", s, err)
	}
	return d.At
}

func (f *fixture) number(s string) int {
	f.t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		f.t.Fatalf("number %q: %v", s, err)
	}
	return n
}

func personKey(s string) access.PersonKey {
	source, id, _ := strings.Cut(s, "/")
	return access.PersonKey{Source: access.Source(source), EmployeeID: access.EmployeeID(id)}
}

// accountKey reads system:scope:id.
func accountKey(s string) access.AccountKey {
	p := append(strings.SplitN(s, ":", 3), "", "")
	return access.AccountKey{System: access.System(p[0]), Scope: p[1], ID: access.AccountID(p[2])}
}

func (f *fixture) day(s string) access.Day {
	f.t.Helper()
	d, err := access.ParseDay(s)
	if err != nil {
		f.t.Fatalf("day %q: %v", s, err)
	}
	return d
}

func (f *fixture) line(r map[string]string) access.Line {
	return access.Line{File: r["file"], Row: f.number(r["row"])}
}

// options splits key=value words from flags.
func options(words []string) map[string]string {
	out := map[string]string{}
	for _, w := range words {
		k, v, _ := strings.Cut(w, "=")
		out[k] = v
	}
	return out
}

// shown prints a key in the short form of the fixtures.
func shown(k fmt.Stringer) string {
	if s := k.String(); s != "" && s != "::" {
		return s
	}
	return "-"
}
