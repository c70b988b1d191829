package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/collectors"
	"rollcall/collectors/aws"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
)

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
