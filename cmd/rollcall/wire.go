package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"rollcall/collectors"
	"rollcall/collectors/aws"
	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
)

// outside is what a test or the demo puts in the place of the real world.
type outside struct {
	sleep          func(context.Context, time.Duration) error
	awsCredentials sdk.CredentialsProvider
	awsRates       aws.Rates
	oktaShare      float64
	// records wraps the journal, so that a test can stop the process at any
	// record.
	records func(jobs.Records) jobs.Records
	// okta wraps the demo's Okta, so that a test can judge what passes.
	okta func(http.Handler) http.Handler
	// leaseTime is how long a lease on an archive in S3 lasts; 0: as usual. Of what it
	// has to outlast, a part as small is asked for.
	leaseTime time.Duration
	// http wraps what a system's collector and revoker send.
	http func(system access.System) http.RoundTripper
	// logins lets the log name made-up people.
	logins bool
}

// night is one run, wired.
type night struct {
	cfg     config.Config
	job     *jobs.Job
	archive *nightArchive
	dir     string // where this run's reports go
	siem    *siem
	// bad are the rows of each HR list that have problems.
	bad map[access.Source]roster.BadRows
	// waiting counts what nobody has in hand; nil: it is not known.
	waiting map[access.Urgency]int
}

// wire builds a run from the configuration. Only a run that may act gets
// revokers, and with them the second credential.
func (e *environ) wire(ctx context.Context, cfg config.Config, trigger string, mode access.Mode) (*night, error) {
	keep, err := e.openArchive(ctx, cfg)
	if err != nil {
		return nil, err
	}
	e.warnExposed(cfg)
	run := e.newRun(cfg, trigger, mode)
	n := &night{cfg: cfg, archive: &nightArchive{Archive: keep, waiting: e.waiting}, dir: filepath.Join(cfg.Path(cfg.Reports.Dir), string(run.ID)), siem: e.siem(cfg, run)}
	w, systems, err := e.readers(ctx, cfg, run)
	if err != nil {
		return nil, err
	}
	n.bad = w.bad
	records := jobs.Records(keep.Store())
	if e.outside.records != nil {
		records = e.outside.records(records)
	}
	n.job = &jobs.Job{
		Run: run, Now: e.now, Sleep: e.sleeper(), Settings: settings(cfg, mode), Inputs: w.inputs,
		Collect: func(ctx context.Context) []access.Observation { return w.collect(ctx, systems) },
		Detail: func(ctx context.Context, o []access.Observation, a [][]int) []access.Observation {
			ctx, cancel := context.WithTimeout(ctx, cfg.Collect.MaxTime)
			defer cancel()
			return detail(ctx, systems, o, a)
		},
		Uses: func(ctx context.Context, o []access.Observation, watches [][]access.Watch) []access.Observation {
			ctx, cancel := context.WithTimeout(ctx, min(logTime, cfg.Collect.MaxTime))
			defer cancel()
			return uses(ctx, systems, o, watches)
		},
		Events: func(ctx context.Context, sent []access.Sent) ([]access.Event, error) {
			ctx, cancel := context.WithTimeout(ctx, min(logTime, cfg.Collect.MaxTime))
			defer cancel()
			return events(ctx, systems, sent)
		},
		Archive: n.archive, Records: records, Report: n.report,
		Notices: noticeRules(cfg),
		Clock:   func() error { return w.clocks.doubt(run.StartedAt) },
		Changed: func(o access.Outcome) {
			e.changed(o)
			n.siem.told(o)
		},
		Say: func(format string, args ...any) { e.log.Info(fmt.Sprintf(format, args...)) },
	}
	switch {
	case mode != access.Enforce:
	case trigger == "restore":
		n.job.Restorers, err = w.restorers(ctx)
	case trigger != "plan":
		n.job.Revokers, err = w.revokers(ctx)
	}
	return n, err
}

// newRun is the head of a run that begins now.
func (e *environ) newRun(cfg config.Config, trigger string, mode access.Mode) access.Run {
	now := e.now()
	run := access.Run{ID: newRunID(now), StartedAt: now.UTC(), Mode: mode, Trigger: trigger,
		ToolVersion: strings.TrimPrefix(thisProgram().String(), "rollcall "), ConfigSHA256: cfg.SHA256, Actor: whoami()}
	if e.run != nil {
		e.run.Store(&run.ID)
	}
	return run
}

// readers makes the collectors of every system, which can only read.
func (e *environ) readers(ctx context.Context, cfg config.Config, run access.Run) (wiring, []collectors.Collector, error) {
	reach, err := e.network(cfg)
	if err != nil {
		return wiring{}, nil, err
	}
	w := wiring{e: e, cfg: cfg, run: run, net: reach, reading: newReading(e), clocks: newClocks(e.now), bad: map[access.Source]roster.BadRows{}}
	systems, err := w.collectors(ctx)
	return w, systems, err
}

func (e *environ) sleeper() func(context.Context, time.Duration) error {
	if e.outside.sleep != nil {
		return e.outside.sleep
	}
	return collectors.Sleep
}

// newRunID sorts by time and is unique.
func newRunID(now time.Time) access.RunID {
	var b [3]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return access.RunID(now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:]))
}

// whoami is who runs the job, for the record.
func whoami() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown-host"
	}
	if u, err := user.Current(); err == nil {
		return u.Username + "@" + host
	}
	return fmt.Sprintf("uid-%d@%s", os.Getuid(), host)
}
