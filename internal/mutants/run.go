package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// tests is the compiled copy, and what is known of its tests.
type tests struct {
	program, folder, scratch string
	all                      []test
	reach                    map[int][]int // change -> places in all, the quickest first
}

type test struct {
	name string
	took time.Duration
}

// quick is how much of what the tests of a change take is asked at first: most changes are noticed there.
const quick = 300 * time.Millisecond

// room is the most memory a test may have, in KiB, where the system knows such a limit: a change may fill
// it without end.
const room = 6 << 20

func compile(ctx context.Context, a asked, c copied, scratch string) (*tests, error) {
	replace := map[string]string{}
	for path, text := range c.files {
		to := filepath.Join(scratch, filepath.Base(path))
		if err := os.WriteFile(to, text, 0o600); err != nil {
			return nil, err
		}
		replace[path] = to
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	at := filepath.Join(scratch, "overlay.json")
	if err := os.WriteFile(at, overlay, 0o600); err != nil {
		return nil, err
	}
	t := &tests{program: filepath.Join(scratch, "package.test"), folder: a.folder, scratch: scratch, reach: map[int][]int{}}
	build := exec.CommandContext(ctx, "go", "test", "-c", "-tags", a.tags, "-overlay", at, "-o", t.program, ".")
	build.Dir = a.folder
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile the changed package: %w\n%s", err, out)
	}
	if _, err := os.Stat(t.program); err != nil {
		return nil, fmt.Errorf("%s has no test: %w", t.folder, err)
	}
	return t, nil
}

// explore runs each test alone, without any change, and notes by which changes it comes.
func (t *tests) explore(ctx context.Context, a asked, count int, stderr io.Writer) error {
	names, err := t.names(ctx, a)
	if err != nil {
		return err
	}
	for i, name := range names {
		file := filepath.Join(t.scratch, "reached")
		began := time.Now()
		if out, err := t.run(ctx, []string{name}, time.Hour, "MUTANTS_REACHED="+file); err != nil {
			return fmt.Errorf("%s fails without any change: %w\n%s", name, err, out)
		}
		t.all = append(t.all, test{name, time.Since(began)})
		text, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := os.RemoveAll(file); err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			id, err := strconv.Atoi(strings.TrimSpace(line))
			if err != nil || id > count {
				return fmt.Errorf("%s came by %q, which is no change", name, line)
			}
			if id > 0 {
				t.reach[id] = append(t.reach[id], i)
			}
		}
	}
	for _, by := range t.reach {
		slices.SortStableFunc(by, func(a, b int) int { return cmp.Compare(t.all[a].took, t.all[b].took) })
	}
	fmt.Fprintf(stderr, "%d changes, %d tests; %d changes are run by one at least\n", count, len(names), len(t.reach))
	return nil
}

func (t *tests) names(ctx context.Context, a asked) (out []string, err error) {
	list := exec.CommandContext(ctx, t.program, "-test.list", ".")
	list.Dir = t.folder
	text, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list the tests: %w", err)
	}
	skip, err := regexp.Compile(a.skip)
	if err != nil {
		return nil, fmt.Errorf("-skip: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name := strings.TrimSpace(line)
		if strings.HasPrefix(name, "Benchmark") || a.skip != "" && skip.MatchString(name) {
			continue
		}
		out = append(out, name)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no test", t.folder)
	}
	return out, nil
}

// asleep is how many times longer than tests may work they may last: on a machine that is busy with other work
// they wait, which says nothing of the change.
const asleep = 6

// run asks some tests; an error says that one failed, or took too long: as long of a processor, or many times as
// long by the clock, for what waits for ever. The tests end themselves, too, should this program be killed.
func (t *tests) run(ctx context.Context, names []string, limit time.Duration, env string) ([]byte, error) {
	ctx, done := context.WithTimeout(ctx, asleep*limit)
	defer done()
	c := exec.CommandContext(ctx, "sh", "-c", fmt.Sprintf(`ulimit -v %d 2>/dev/null; ulimit -t %d; exec "$@"`, room, int(limit.Seconds())), "sh", t.program,
		"-test.short", "-test.failfast", "-test.timeout", (asleep * limit).String(), "-test.run", "^("+strings.Join(names, "|")+")$")
	c.Dir, c.Env = t.folder, append(os.Environ(), env)
	c.WaitDelay = time.Second
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.Bytes(), err
}

// result is what became of a change.
type result struct {
	change
	reached bool // some test comes by it
	noticed bool // and fails
}

// judge tries each change. A test that no longer ends has noticed it, too.
func (t *tests) judge(ctx context.Context, a asked, changes []change, stderr io.Writer) ([]result, error) {
	out := make([]result, len(changes))
	next := make(chan int)
	var wait sync.WaitGroup
	for range max(a.workers, 1) {
		wait.Go(func() {
			for i := range next {
				c := changes[i]
				out[i] = result{change: c, reached: len(t.reach[c.id]) > 0, noticed: t.notices(ctx, c)}
			}
		})
	}
	began := time.Now()
	for i := range changes {
		if ctx.Err() != nil {
			break
		}
		next <- i
		if (i+1)%200 == 0 {
			fmt.Fprintf(stderr, "%d of %d after %v\n", i+1, len(changes), time.Since(began).Round(time.Second))
		}
	}
	close(next)
	wait.Wait()
	return out, ctx.Err()
}

// notices asks the quick tests first, and only then the others.
func (t *tests) notices(ctx context.Context, c change) bool {
	var quickly, slowly []string
	var first, then time.Duration
	for _, i := range t.reach[c.id] {
		if first+t.all[i].took <= quick || len(quickly) == 0 {
			quickly, first = append(quickly, t.all[i].name), first+t.all[i].took
		} else {
			slowly, then = append(slowly, t.all[i].name), then+t.all[i].took
		}
	}
	switched := "MUTANT=" + strconv.Itoa(c.id)
	for _, some := range []struct {
		names []string
		took  time.Duration
	}{{quickly, first}, {slowly, then}} {
		if len(some.names) == 0 || ctx.Err() != nil {
			continue
		}
		if _, err := t.run(ctx, some.names, 10*some.took+10*time.Second, switched); err != nil {
			return true
		}
	}
	return false
}

// report lists what is left, and counts by file.
func report(results []result, stdout io.Writer) {
	type counts struct{ all, noticed, unreached int }
	files := map[string]*counts{}
	var names []string
	for _, r := range results {
		c := files[r.file]
		if c == nil {
			c = &counts{}
			files[r.file], names = c, append(names, r.file)
		}
		c.all++
		switch {
		case r.noticed:
			c.noticed++
		case r.reached:
			fmt.Fprintf(stdout, "left\t%s\n", r.change)
		default:
			c.unreached++
			fmt.Fprintf(stdout, "not run\t%s\n", r.change)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		c := files[name]
		fmt.Fprintf(stdout, "file\t%s\t%d changes\t%d noticed\t%d left\t%d of them not run\n", name, c.all, c.noticed, c.all-c.noticed, c.unreached)
	}
}
