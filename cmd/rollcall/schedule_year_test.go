package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/faults"
)

// How long a year is, how many are played and from which seed on: `make soak`
// plays whole ones.
var (
	nights    = flag.Int("nights", 20, "how many nights a year has")
	years     = flag.Int("years", 2, "how many years to play")
	firstYear = flag.Uint64("year", 1, "the seed of the first of them")
)

// graceDays is remove.after_days of the years.
const graceDays = 7

// TestAYearOfNightsCutsOffNobodyWhoWorksHereAndKeepsNoLeaverIn lets a company live:
// people are hired, move, leave and come back; HR's lists are wrong, damaged, old or
// missing; systems are down for nights; what a guard holds is approved, or not. Each
// night is held against what the sandbox knows (schedule_oracle_test.go,
// schedule_year_oracle_test.go).
func TestAYearOfNightsCutsOffNobodyWhoWorksHereAndKeepsNoLeaverIn(t *testing.T) {
	quicken(t)
	todo := make(chan uint64, *years)
	for n := range *years {
		todo <- *firstYear + uint64(n)
	}
	close(todo)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for seed := range todo {
				t.Run("year "+strconv.FormatUint(seed, 10), func(t *testing.T) { playYear(t, seed) })
			}
		})
	}
	wg.Wait()
}

// playYear plays one year to its end, or to the first night that did what none may.
func playYear(t *testing.T, seed uint64) {
	began := time.Now()
	y := newYear(t, seed)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("play it again: go test ./cmd/rollcall -run %s -timeout 0 -count 1 -years 1 -year %d -nights %d\nits last days:\n%s\n%s",
				strings.Split(t.Name(), "/")[0], seed, *nights, strings.Join(y.story[max(0, len(y.story)-120):], "\n"), strings.Join(y.lately, "\n"))
		}
	})
	y.night(0, "observe.yaml", nil, end{})
	for n := 1; n < *nights && !t.Failed(); n++ {
		y.day(n)
	}
	for n := *nights; n < *nights+graceDays+3 && !t.Failed(); n++ { // nothing happens any more, and everything has to be done
		y.approve(1)
		y.lists(y.staff.tonight(y.r, false))
		y.night(n, "rollcall.yaml", nil, end{})
	}
	if t.Failed() {
		return
	}
	y.settled()
	y.audited()
	y.accounted()
	fmt.Printf("year %d: %d nights and %d sweeps in %s; exit codes 0-5: %v; accounts changed: %d, things removed: %d; %s\n",
		seed, y.sum.nights, y.sweeps, time.Since(began).Round(time.Second), y.sum.codes, y.sum.blocked, y.sum.removed, y.told())
}

// year is a village that goes on living.
type year struct {
	*village
	story   []string
	lately  []string // what HR's lists said last
	sum     tallied
	written map[access.Source]sheet   // as the lists lie in their files
	old     map[access.Source][]sheet // that lay there before
	outages []outage
	hired   int
	sweeps  int
	runs    int                 // committed
	mended  map[*soul]time.Time // when somebody's mistaken row is to be put right
	sound   map[*soul]said      // and what it is to say then
	back    map[*soul]time.Time // when somebody who is back is let in again
	events  map[string]int
	seen    seen
}

// outage is something that is broken until a day.
type outage struct {
	misfortune
	until time.Time
}

// newYear is a company of tens of people.
func newYear(t *testing.T, seed uint64) *year {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 4))
	v := &village{townsfolk: &townsfolk{t: t, clock: &tick{now: firstNight}, dir: t.TempDir()}, r: r, staff: crowd(r)}
	v.build()
	for _, name := range []string{"observe.yaml", "rollcall.yaml"} {
		v.adapt(name, false, fmt.Sprintf("remove: {mode: enforce, after_days: %d, ruled_groups: %t, apps_and_roles: %t}\n", graceDays, r.IntN(2) == 0, r.IntN(2) == 0))
	}
	v.answering()
	v.endow(seed)
	y := &year{village: v, written: map[access.Source]sheet{}, old: map[access.Source][]sheet{}, mended: map[*soul]time.Time{},
		sound: map[*soul]said{}, back: map[*soul]time.Time{}, events: map[string]int{}, seen: newSeen()}
	y.lists(y.staff.tonight(r, false))
	return y
}

// say notes what happened to the company.
func (y *year) say(kind, format string, args ...any) {
	y.events[kind]++
	y.story = append(y.story, y.clock.Now().Format("2006-01-02 15:04")+" "+kind+": "+fmt.Sprintf(format, args...))
}

// told counts what happened, for whoever wonders whether anything did.
func (y *year) told() string {
	var all []string
	for kind, n := range y.events {
		all = append(all, fmt.Sprintf("%s %d", kind, n))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// at moves the clock on to an hour of the nth day, unless waiting has.
func (y *year) at(n int, hour time.Duration) {
	until := firstNight.Truncate(24*time.Hour).AddDate(0, 0, n).Add(hour)
	y.clock.pass(max(0, until.Sub(y.clock.Now())))
}

// day is the day before the nth night, and that night.
func (y *year) day(n int) {
	y.at(n-1, 9*time.Hour)
	y.approve(0.6)
	y.letIn()
	if weekday := y.clock.Now().Weekday(); weekday != time.Saturday && weekday != time.Sunday {
		y.at(n-1, 18*time.Hour)
		y.live()
		if n > 5 && y.events["closure"] == 0 { // each year has one, however short it is
			y.closure()
		}
		y.export()
		if y.chance(0.25) {
			y.sweep()
		}
	}
	if y.t.Failed() {
		return
	}
	e := end{}
	if y.chance(0.05) {
		e = y.ends()
	}
	y.at(n, time.Hour)
	y.night(n, "rollcall.yaml", y.weather(), e)
}

func (y *year) chance(p float64) bool { return y.r.Float64() < p }

// lists puts HR's lists into their files.
func (y *year) lists(sheets map[access.Source]sheet) {
	y.t.Helper()
	for source, s := range sheets {
		if last := y.written[source]; last.legible {
			y.old[source] = append(y.old[source], last)
		}
		y.written[source] = s
		y.put(string(source)+".csv", s.text)
	}
}

// weather are the faults of tonight: what is down for days, and what happens once.
func (y *year) weather() (evil []misfortune) {
	now := y.clock.Now()
	y.outages = slices.DeleteFunc(y.outages, func(o outage) bool { return !now.Before(o.until) })
	if len(y.outages) == 0 && y.chance(0.05) {
		o := outage{y.breaks(), now.AddDate(0, 0, 1+y.r.IntN(4))}
		y.outages = append(y.outages, o)
		y.say("outage", "%s, until %s", o.says, o.until.Format(time.DateOnly))
	}
	for _, o := range y.outages {
		evil = append(evil, o.misfortune)
	}
	if y.chance(0.1) {
		evil = append(evil, y.misfortunes()...)
	}
	return evil
}

// breaks is a system that is down, a scope that is denied, or a credential that ended.
func (y *year) breaks() misfortune {
	system := pick(y.r, []access.System{"aws", "okta"})
	what := pick(y.r, []string{"503", "connection closed", "403", "denied", "401", "expired", "throttled", "429 with its reset"})
	family := ""
	if what == "403" || what == "denied" {
		family = pick(y.r, families[system])
	}
	for _, kind := range evils[system] {
		if kind.name == what {
			rule := kind.rule(y.r, y.clock.Now())
			rule.Match = struck(system, family)
			return misfortune{system, rule, fmt.Sprintf("%s: %s on %q, every time", system, what, family)}
		}
	}
	return misfortune{system, faults.Unavailable(), string(system) + ": down"} // it has another name there
}
