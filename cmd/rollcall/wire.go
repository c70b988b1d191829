package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"rollcall/collectors"
	"rollcall/collectors/aws"
	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports"
	"rollcall/reports/archive"
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
}

// wire builds a run from the configuration. Only a run that may act gets
// revokers, and with them the second credential.
func (e *environ) wire(ctx context.Context, cfg config.Config, trigger string, mode access.Mode) (*night, error) {
	keep, err := e.openArchive(ctx, cfg)
	if err != nil {
		return nil, err
	}
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
	return func(ctx context.Context, d time.Duration) error {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
			return nil
		}
	}
}

// openArchive opens the archive with its signing key.
func (e *environ) openArchive(ctx context.Context, cfg config.Config) (*archive.Archive, error) {
	pem, err := e.secret(ctx, cfg, cfg.Archive.SigningKey)
	if err != nil {
		return nil, refuse("the key that signs the archive: %w (make one with rollcall init, or openssl genpkey -algorithm ed25519)", err)
	}
	key, err := archive.ParsePrivateKey([]byte(pem))
	if err != nil {
		return nil, refuse("the key that signs the archive (%s): %w", cfg.Archive.SigningKey, err)
	}
	a, err := e.archiveWith(ctx, cfg, key)
	if err != nil {
		return nil, aborted(fmt.Errorf("open the archive: %w", err))
	}
	return a, nil
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

// settings are the company's choices as reconcile wants them.
func settings(cfg config.Config, mode access.Mode) reconcile.Settings {
	g := cfg.Guards
	return reconcile.Settings{
		DormantDays: cfg.Policy.DormantDays, KeyDays: cfg.Policy.KeyDays, MoverDays: cfg.Policy.MoverDays,
		Zone: cfg.Company.Location(), RevokeGardenLeave: cfg.Policy.GardenLeave == config.GardenRevoke, Protected: cfg.Policy.Protected, Mode: mode, ApprovalAge: cfg.Approvals.MaxAge,
		Limits: reconcile.Limits{NightMin: g.Blast.NightMin, NightPercent: g.Blast.NightPercent, WeekMin: g.Blast.WeekMin, WeekPercent: g.Blast.WeekPercent,
			RemoveNightMin: g.Remove.NightMin, RemoveNightPercent: g.Remove.NightPercent, RemoveWeekMin: g.Remove.WeekMin, RemoveWeekPercent: g.Remove.WeekPercent,
			Concentration: g.Concentration, Irreversible: g.Irreversible, ReviewMin: g.Review.NightMin, ReviewPercent: g.Review.NightPercent},
		Reviewed: reconcile.Reviewed{Enforce: cfg.Review.Removals == access.Enforce, NoticeDays: cfg.Review.NoticeDays},
		Removal: reconcile.Removal{Enforce: cfg.Remove.Mode == access.Enforce, AfterDays: cfg.Remove.AfterDays,
			RuledGroups: cfg.Remove.RuledGroups, AppsAndRoles: cfg.Remove.AppsAndRoles, Movers: cfg.Remove.Movers, DeleteUsers: cfg.Remove.DeleteUsers},
	}
}

func canaries(cfg config.Config) map[access.System][]string {
	out := map[access.System][]string{}
	for _, s := range cfg.Systems {
		out[s.Name] = s.Canaries
	}
	return out
}

// wiring makes the parts of one run.
type wiring struct {
	e   *environ
	cfg config.Config
	run access.Run
	net network
	// reading is told how far the collectors are.
	reading *reading
	clocks  *clocks
	bad     map[access.Source]roster.BadRows
}

// collect reads every system, for as long as the configuration allows.
func (w wiring) collect(ctx context.Context, systems []collectors.Collector) []access.Observation {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Collect.MaxTime)
	defer cancel()
	defer w.reading.start()()
	return collectors.All(ctx, systems, canaries(w.cfg))
}

func (w wiring) transport(s access.System) http.RoundTripper {
	if w.e.outside.http == nil {
		return nil
	}
	return w.e.outside.http(s)
}

func (w wiring) collectors(ctx context.Context) ([]collectors.Collector, error) {
	var out []collectors.Collector
	for _, s := range w.cfg.Systems {
		c, err := makers[s.Type].collector(w, ctx, s)
		if err != nil {
			return nil, refuse("system %s: %w", s.Name, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// revokers are the second hand: other types, other credentials.
func (w wiring) revokers(ctx context.Context) (map[access.System]jobs.Revoker, error) {
	out := map[access.System]jobs.Revoker{}
	for _, s := range w.cfg.Systems {
		r, err := makers[s.Type].revoker(w, ctx, s)
		if err != nil {
			return nil, refuse("the mode is enforce, so system %s needs its revoking credential: %w", s.Name, err)
		}
		out[s.Name] = r
	}
	return out, nil
}

// removes reports whether this run may send what cannot be undone.
func (w wiring) removes() bool {
	return w.cfg.Remove.Mode == access.Enforce || w.cfg.Review.Removals == access.Enforce
}

// restorers are the third hand, of the systems that have one configured.
func (w wiring) restorers(ctx context.Context) (map[access.System]jobs.Restorer, error) {
	out := map[access.System]jobs.Restorer{}
	for _, s := range w.cfg.Systems {
		r, err := makers[s.Type].restorer(w, ctx, s)
		if err != nil {
			return nil, refuse("the credential that restores in system %s: %w", s.Name, err)
		}
		if r != nil {
			out[s.Name] = r
		}
	}
	return out, nil
}

// detailer is a collector that can read the credentials of single accounts.
type detailer interface {
	Detail(ctx context.Context, obs access.Observation, accounts []int) (access.Observation, error)
}

// detail reads the credentials of the accounts that are about to be blocked. A
// system where that fails keeps what it had, with a read that says so.
func detail(ctx context.Context, systems []collectors.Collector, seen []access.Observation, accounts [][]int) []access.Observation {
	for n := range seen {
		d, can := detailerOf(systems, seen[n].System)
		if !can || len(accounts[n]) == 0 {
			continue
		}
		obs, err := d.Detail(ctx, seen[n], accounts[n])
		if err != nil {
			obs = seen[n]
			obs.Reads = append(obs.Reads, access.Read{System: obs.System, Kind: "credentials", ClaimedTotal: -1, Gap: err.Error()})
		}
		seen[n] = obs
	}
	return seen
}

// detailerOf finds the collector of a system, if it can read single accounts.
func detailerOf(systems []collectors.Collector, name access.System) (detailer, bool) {
	return collectorThatCan[detailer](systems, name)
}

// collectorThatCan finds the collector of a system, if it can do more than collect.
func collectorThatCan[T any](systems []collectors.Collector, name access.System) (one T, can bool) {
	for _, c := range systems {
		if c.System() == name {
			one, can = c.(T)
		}
	}
	return one, can
}

// logTime is as long as a log may take: blocks wait for what it says of use, and the
// commit for the events. What is not read by then is a gap, or comes with the next night.
const logTime = 5 * time.Minute

// logReader is a collector whose system keeps a log that says who used what.
type logReader interface {
	Uses(ctx context.Context, obs access.Observation, watches []access.Watch) access.Observation
	Events(ctx context.Context, sent []access.Sent) ([]access.Event, error)
	Probe(ctx context.Context, obs access.Observation) access.Observation
}

// uses reads how the watched accounts were used. A system that keeps no such log
// stays as it was.
func uses(ctx context.Context, systems []collectors.Collector, seen []access.Observation, watches [][]access.Watch) []access.Observation {
	seen = slices.Clone(seen)
	for n := range seen {
		if r, can := collectorThatCan[logReader](systems, seen[n].System); can && len(watches[n]) > 0 {
			seen[n] = r.Uses(ctx, seen[n], watches[n])
		}
	}
	return seen
}

// events reads what became of changes that were sent, system by system.
func events(ctx context.Context, systems []collectors.Collector, sent []access.Sent) (all []access.Event, err error) {
	for _, c := range systems {
		r, can := c.(logReader)
		of := slices.DeleteFunc(slices.Clone(sent), func(s access.Sent) bool { return s.Account.System != c.System() })
		if !can || len(of) == 0 {
			continue
		}
		some, failed := r.Events(ctx, of)
		all, err = append(all, some...), errors.Join(err, failed)
	}
	return all, err
}

// known makes a run go by what the last run saw of the systems, and read none. One
// that the configuration has no longer is left out, as in a night.
func (n *night) known() {
	n.job.Recall = func() (reconcile.LastRun, error) {
		last, err := n.archive.LastRun()
		last.Systems = slices.DeleteFunc(last.Systems, func(o access.Observation) bool {
			return !slices.ContainsFunc(n.cfg.Systems, func(s config.System) bool { return s.Name == o.System })
		})
		return last, err
	}
}

// nightArchive is the archive as a job wants it.
type nightArchive struct {
	*archive.Archive
	snapshot *archive.Snapshot
	waiting  func(what string) (done func()) // nil: nobody waits
}

// busy tells whoever waits that the archive is at work.
func (a *nightArchive) busy(what string) (done func()) {
	if a.waiting == nil {
		return func() {}
	}
	return a.waiting(what)
}

// Memory is what the last committed run left, with the rosters' rows.
func (a *nightArchive) Memory() (access.Memory, error) { return a.Archive.Memory(roster.Decode) }

// Facts begins the record of the run and writes all that comes before effects.
func (a *nightArchive) Facts(n *access.Night) error {
	defer a.busy("writing what was read")()
	s, err := a.Begin(n.Run)
	if err != nil {
		return err
	}
	a.snapshot = s
	return s.Facts(n)
}

// Finish writes the rest and commits.
func (a *nightArchive) Finish(n *access.Night, next access.Memory) (string, error) {
	defer a.busy("writing the record")()
	for i, w := range n.Worksheets {
		a.snapshot.Issued(i, w.SHA256)
	}
	if err := a.snapshot.Finish(n, next); err != nil {
		return "", err
	}
	_, head, _, err := a.Head()
	return head, err
}

// report writes the worksheets and notes their digests.
func (n *night) report(record *access.Night) error {
	files, err := reports.WriteWorksheets(filepath.Join(n.dir, "worksheets"), record)
	if err != nil {
		return err
	}
	for i := range files {
		record.Worksheets[i].File = files[i].XLSX
		record.Worksheets[i].SHA256 = files[i].XLSXSHA256
	}
	return n.rosterProblems(record)
}

// rosterProblems writes, for each HR list with something to mend or to answer,
// the workbook that goes back to whoever sent it.
func (n *night) rosterProblems(record *access.Night) error {
	for _, v := range record.Rosters {
		questions := reports.QuestionsOf(v.Source, record.People)
		grave := slices.ContainsFunc(v.Problems, func(p access.Problem) bool { return p.Severity != access.Note })
		if !grave && len(questions) == 0 {
			continue
		}
		b, err := problemsBook(v.File, record.Run.StartedAt, v.Problems, n.bad[v.Source], questions)
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(n.dir, "hr", "roster_problems_"+string(v.Source)+".xlsx"), b); err != nil {
			return fmt.Errorf("write the problems of %s: %w", v.File, err)
		}
	}
	return nil
}

func problemsBook(file string, at time.Time, problems []access.Problem, bad roster.BadRows, questions []reports.Question) ([]byte, error) {
	r := reports.RosterProblems{File: file, At: at, Problems: problems, Headings: bad.Headings, Questions: questions}
	for _, row := range bad.Rows {
		r.Rows = append(r.Rows, reports.ProblemRow{Row: row.Row, Cells: row.Cells})
	}
	return r.Workbook()
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// verificationKeys reads the public keys that the chain is verified with.
func verificationKeys(file string) ([]ed25519.PublicKey, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, refuse("read the public key: %w", err)
	}
	keys, err := archive.ParsePublicKeys(b)
	if err != nil {
		return nil, refuse("the public key %s: %w", file, err)
	}
	return keys, nil
}
