package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/collectors"
	"rollcall/collectors/aws"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
)

// How many schedules, and from which seed on: `make soak` plays more.
var (
	seeds = flag.Int("seeds", 240, "how many fault schedules to play")
	first = flag.Uint64("seed", 1, "the first of them")
)

// toPlay is how many of them: with -short no more than 20, which take some seconds.
func toPlay() int {
	if testing.Short() {
		return min(*seeds, 20)
	}
	return *seeds
}

// regressions are seeds that once failed, and those that first showed what a
// wrong line of code does: they are played whatever -seeds says.
var regressions = map[uint64]string{
	29:  "a block that rests on a list which was not read to its end",
	40:  "a protected account that is acted on",
	42:  "a change that is not over called done",
	151: "an id that two lists have taken for one person's",
	152: "an old list that takes force again",
}

// TestNoFaultScheduleCutsOffTheActiveOrKeepsALeaverInUnsaid plays nights with
// random faults, lists and deaths, and holds each against what the sandbox
// knows (schedule_oracle_test.go).
func TestNoFaultScheduleCutsOffTheActiveOrKeepsALeaverInUnsaid(t *testing.T) {
	todo := make(chan uint64)
	go func() {
		defer close(todo)
		for n := range toPlay() {
			todo <- *first + uint64(n)
		}
		for _, seed := range slices.Sorted(maps.Keys(regressions)) {
			if seed < *first || seed >= *first+uint64(toPlay()) {
				todo <- seed
			}
		}
	}()
	quicken(t)
	began := time.Now()
	var all tallied
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for seed := range todo {
				t.Run("seed "+strconv.FormatUint(seed, 10), func(t *testing.T) {
					began := time.Now()
					defer func() {
						if t.Failed() {
							all.fail(seed)
						}
					}()
					all.add(seed, playOne(t, seed), time.Since(began))
				})
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	fmt.Printf("%d schedules, %d nights in %s: %.1f schedules a second; exit codes 0-5: %v; accounts changed: %d, things removed: %d; slowest seeds: %v; failed: %v\n",
		all.schedules, all.nights, took.Round(time.Second), float64(all.schedules)/took.Seconds(), all.codes, all.blocked, all.removed, all.slowest, all.failed)
	if all.schedules >= 100 && (all.blocked == 0 || all.removed == 0 || all.codes[exitDone]*all.codes[exitAborted]*all.codes[exitHeld]*all.codes[exitIncomplete]*all.codes[exitFailed] == 0) {
		t.Error("the schedules are too tame: no night ended in some way that nights end")
	}
}

// quicken spends memory instead of time: nights write hundreds of small files,
// and wait for the disk at each.
func quicken(t *testing.T) {
	before := debug.SetGCPercent(400)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	const inMemory = "/dev/shm" // on Linux
	if info, err := os.Stat(inMemory); err == nil && info.IsDir() {
		t.Setenv("TMPDIR", inMemory)
	}
}

// tallied adds up what the schedules did, so that one can see that they did
// anything.
type tallied struct {
	mu                         sync.Mutex
	schedules, nights, blocked int
	removed                    int
	codes                      [6]int
	slowest                    []slow
	failed                     []uint64
}

type slow struct {
	seed uint64
	took time.Duration
}

func (s slow) String() string { return fmt.Sprintf("%d (%s)", s.seed, s.took) }

func (a *tallied) fail(seed uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failed = append(a.failed, seed)
}

func (a *tallied) add(seed uint64, o *tallied, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.slowest = append(a.slowest, slow{seed, took.Round(time.Millisecond)})
	slices.SortFunc(a.slowest, func(x, y slow) int { return cmp.Compare(y.took, x.took) })
	a.slowest = a.slowest[:min(len(a.slowest), 5)]
	a.schedules++
	a.nights += o.nights
	a.blocked += o.blocked
	a.removed += o.removed
	for n, c := range o.codes {
		a.codes[n] += c
	}
}

// playOne plays one schedule: a baseline, most of the time; one to three nights
// on which anything may go wrong; and one on which nothing does. Collectors read side by side, so that a fault which
// counts requests may hit others when the seed is played again.
func playOne(t *testing.T, seed uint64) *tallied {
	v := newVillage(t, seed)
	sum := &tallied{}
	var story []string
	calm := 2 // without a baseline the first holds everything back
	if v.r.IntN(5) > 0 {
		calm = 1
		story = append(story, v.turned("observe.yaml", false, nil, end{}, sum)...)
	}
	for range 1 + v.r.IntN(3) {
		v.clock.pass(24 * time.Hour)
		v.staff.turn(v.r, v.clock.Now(), 4)
		story = append(story, v.turned("rollcall.yaml", true, v.misfortunes(), v.ends(), sum)...)
	}
	for range calm {
		v.clock.pass(24 * time.Hour)
		story = append(story, v.turned("rollcall.yaml", false, nil, end{}, sum)...)
	}
	if t.Failed() {
		t.Logf("play it again: go test ./cmd/rollcall -run %s -count 5 -seeds 1 -seed %d\n%s", strings.Split(t.Name(), "/")[0], seed, strings.Join(story, "\n"))
	}
	return sum
}

// turned plays one night, holds it against the truth, and gives its story.
func (v *village) turned(settings string, spoil bool, evil []misfortune, e end, sum *tallied) []string {
	v.t.Helper()
	sheets := v.staff.tonight(v.r, spoil)
	for _, source := range sources {
		v.put(string(source)+".csv", sheets[source].text)
	}
	registers, unusable := v.registers(sheets, spoil)
	w := v.run(settings, sheets, evil, e)
	w.unusable = unusable
	story := append([]string{fmt.Sprintf("night of %s, %s: exit code %d, %v", v.clock.Now().Format(time.DateTime), e, w.code, w.err)}, registers...)
	story = append(append(story, v.fates(w)...), v.tale(w, evil)...)
	for _, problem := range v.problems(w) {
		v.t.Errorf("night of %s: %s", v.clock.Now().Format(time.DateOnly), problem)
	}
	if evil == nil && e == (end{}) {
		v.calm(w)
	}
	if w.committed {
		v.staff.force = w.judged.force
	}
	if v.previous() != "" {
		v.audited()
	}
	sum.count(w)
	return story
}

// fates are what the lists say of everybody who is not just at work.
func (v *village) fates(w witness) (story []string) {
	for _, who := range v.staff.all() {
		if says := v.staff.says[who]; says.fate != works {
			story = append(story, fmt.Sprintf("  HR of %s (%s): %s %s; refused lists: %v", name(who), who.login, says.fate, says.day.Format(time.DateOnly), w.judged.refused))
		}
	}
	return story
}

// tale tells a night to whoever reads a failure.
func (v *village) tale(w witness, evil []misfortune) (story []string) {
	for _, m := range evil {
		story = append(story, "  "+m.says)
	}
	if w.night != nil {
		for _, o := range w.night.Outcomes {
			if o.Result != access.Done && o.Result != access.Skipped {
				story = append(story, fmt.Sprintf("  %s of %s: %s, %s", o.Action.Verb, o.Action.Login, o.Result, o.Detail))
			}
		}
	}
	for _, r := range w.reads() {
		if !r.Complete {
			story = append(story, "  gap in "+r.Name()+": "+r.Gap)
		}
	}
	return story
}

// count adds a night.
func (a *tallied) count(w witness) {
	a.nights++
	a.codes[w.code]++
	if w.night != nil {
		for _, o := range w.night.Outcomes {
			if o.Action.Stage == access.Remove && o.Result == access.Done {
				a.removed++
			}
		}
	}
	for k, was := range w.before.of {
		if w.after.of[k] != was {
			a.blocked++
		}
	}
}

// commandLine lets one schedule at a time use it: the flag for help is a global
// of urfave/cli, to which every run writes.
var commandLine sync.Mutex

func (v *village) audited() {
	v.t.Helper()
	commandLine.Lock()
	defer commandLine.Unlock()
	v.verified()
}

// calm is what a night has to be on which nothing went wrong.
func (v *village) calm(w witness) {
	v.t.Helper()
	if w.err != nil || (w.code == exitIncomplete && !w.unusable) || (w.code == exitFailed && !v.never) {
		v.t.Errorf("a night without a fault: exit code %d, %v", w.code, w.err)
	}
}

// put writes a list, or takes it away.
func (v *village) put(name, text string) {
	v.t.Helper()
	if name == "employees.csv" {
		name = "roster.csv"
	}
	if text != "" {
		v.write(name, text)
		return
	}
	if err := os.Remove(filepath.Join(v.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		v.t.Fatal(err)
	}
}

// previous is the last committed run, "" before the first.
func (v *village) previous() access.RunID {
	v.t.Helper()
	if _, err := os.Stat(filepath.Join(v.dir, "archive", "manifests")); errors.Is(err, os.ErrNotExist) {
		return ""
	}
	return v.memory().Previous
}

// environ is the program with the sandbox outside, without a network.
func (v *village) environ(e end, cancel context.CancelFunc, faulty bool) *environ {
	var n atomic.Int64
	to := map[access.System]http.RoundTripper{"okta": wireless{v.okta}, "aws": wireless{v.aws}}
	if faulty {
		for system, injector := range v.faults {
			to[system] = wireless{e.counted(injector, &n, cancel)}
		}
	}
	return &environ{args: []string{"rollcall", "nightly"}, getenv: environment, stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard,
		now: v.clock.Now, log: slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)),
		outside: outside{sleep: v.clock.Sleep, awsCredentials: credentials.NewStaticCredentialsProvider("AKIAJOB", "s", ""),
			awsRates: aws.Rates{IdentityCenter: 1e6, IAM: 1e6}, oktaShare: 1,
			records: func(next jobs.Records) jobs.Records { return &dying{Records: next, end: e} },
			http:    func(s access.System) http.RoundTripper { return to[s] }}}
}

// truth is what the collectors say of the systems as they are, undisturbed.
func (v *village) truth(cfg config.Config) []access.Observation {
	v.t.Helper()
	aws, err := v.aws.Snapshot()
	if err != nil {
		v.t.Fatal(err)
	}
	all, err := wiring{e: v.environ(end{}, nil, false), cfg: cfg, run: access.Run{ID: "truth", StartedAt: v.clock.Now()}}.collectors(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	at := v.clock.Now()
	out := collectors.All(v.t.Context(), all, nil)
	v.clock.pass(at.Sub(v.clock.Now())) // nobody waited for this
	if err := v.aws.Restore(aws); err != nil {
		v.t.Fatal(err)
	}
	return out
}

// run plays a night as the nightly command does, and keeps what it saw.
func (v *village) run(settings string, sheets map[access.Source]sheet, evil []misfortune, e end) witness {
	v.t.Helper()
	cfg := v.settings(settings)
	w := witness{judged: v.staff.judge(sheets, v.clock.Now()), truth: v.truth(cfg), before: v.scene()}
	v.witnessed(&w, evil, func(ctx context.Context, cancel context.CancelFunc) (*access.Night, []access.Observation, error) {
		return v.environ(e, cancel, true).watched(ctx, cfg, evil == nil)
	})
	return w
}

func (v *village) settings(name string) config.Config {
	v.t.Helper()
	file := filepath.Join(v.dir, name)
	b, err := os.ReadFile(file)
	if err != nil {
		v.t.Fatal(err)
	}
	cfg, err := config.Load(file, b)
	if err != nil {
		v.t.Fatal(err)
	}
	return cfg
}

// witnessed lets a run happen among misfortunes, and keeps what came of it.
func (v *village) witnessed(w *witness, evil []misfortune, run func(context.Context, context.CancelFunc) (*access.Night, []access.Observation, error)) {
	v.t.Helper()
	was := v.previous()
	for _, m := range evil {
		v.faults[m.system].Add(m.rule)
	}
	ctx, cancel := context.WithCancel(v.t.Context())
	defer cancel()
	w.night, w.saw, w.err = run(ctx, cancel)
	w.code = exitCode(w.err)
	var coded exitError
	if errors.As(w.err, &coded) && coded.err == nil {
		w.err = nil // the summary has said it
	}
	for _, injector := range v.faults {
		injector.Clear()
	}
	w.after, w.committed = v.scene(), v.previous() != was
}

// watched is nightly, of which one sees what it collected. Worksheets take a
// fifth of a night and bear on none of the rules, so that few nights have them.
func (e *environ) watched(ctx context.Context, cfg config.Config, sheets bool) (night *access.Night, saw []access.Observation, err error) {
	held, err := e.lock(ctx, cfg, "nightly")
	if err != nil {
		return nil, nil, err
	}
	defer held.unlock()
	n, err := e.wire(ctx, cfg, "nightly", cfg.Mode)
	if err != nil {
		return nil, nil, err
	}
	collect := n.job.Collect
	n.job.Collect = func(ctx context.Context) []access.Observation {
		collected := collect(ctx)
		saw = slices.Clone(collected) // details replace what was collected
		return collected
	}
	if !sheets {
		n.job.Report = nil
	}
	result, err := n.job.Nightly(ctx)
	if err != nil {
		return result.Night, saw, aborted(err)
	}
	return result.Night, saw, e.tellNight(n, result, false)
}
