package main

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/reports/archive"
	"rollcall/reports/metrics"
)

const statusHelp = `Says when the last good night was, from the archive alone: for a monitoring system that
asks from outside of the job, so that a night which never starts is noticed too. It asks
no system, takes no lock, changes nothing and needs no secret but what reads the archive.

A night is good when it read everything and failed at nothing (exit code 0, or 3: a guard
held something, which has notices of its own). It ends with 0 when the last night was
good, is not older than --max-age, and the end of the archive's chain is signed as it
should be; with 5 when not; with 1 when the archive cannot be read. Nights that are
missing before the last one are told, and are for rollcall audit verify to judge.

A monitoring system that knows four states takes 5 for critical: docs/operations.md has a
line for Nagios, cron and Kubernetes.`

func statusCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "when the last good night was, for monitoring from outside", Description: statusHelp,
		Flags: append(archiveFlags(), jsonFlag(), &cli.DurationFlag{Name: "max-age", Value: 26 * time.Hour, Usage: "how long ago, such as `26h`, the last good night may have ended"}),
		Action: func(c *cli.Context) error {
			if c.Duration("max-age") <= 0 {
				return refuse("--max-age is %s: write a time such as 26h", c.Duration("max-age"))
			}
			cfg, keys, err := e.watchedArchive(c)
			if err != nil {
				return err
			}
			s, err := e.status(c.Context, cfg, keys, c.Duration("max-age"))
			if err != nil {
				return aborted(fmt.Errorf("the archive %s cannot be read, so that nothing is known of its nights: %w; check its place (--archive, or archive.root), and that this machine reaches it", archiveRoot(cfg), err))
			}
			return e.tellStatus(s, c.Bool("json"))
		},
	}
}

// watchedArchive is auditedArchive where the public key may be somewhere else.
func (e *environ) watchedArchive(c *cli.Context) (config.Config, []ed25519.PublicKey, error) {
	cfg, keys, err := e.auditedArchive(c)
	if errors.Is(err, fs.ErrNotExist) && c.String("key") == "" && cfg.File != "" {
		return cfg, nil, nil
	}
	return cfg, keys, err
}

// status is what monitoring is told.
type status struct {
	OK     bool   `json:"ok"`
	Says   string `json:"says"`
	MaxAge string `json:"max_age"`
	// Problems are why it is not OK; Notes are for who asks why.
	Problems []string   `json:"problems"`
	Notes    []string   `json:"notes"`
	Last     *lastNight `json:"last_night"`
	LastGood *lastNight `json:"last_good_night"`
	Signed   *bool      `json:"signed"` // null: there is no key here to check it with
}

// lastNight is one night as monitoring is told of it.
type lastNight struct {
	RunID      access.RunID `json:"run_id"`
	Mode       access.Mode  `json:"mode"`
	StartedAt  time.Time    `json:"started_at"`
	FinishedAt time.Time    `json:"finished_at"`
	AgeSeconds int64        `json:"age_seconds"`
	Verdict    string       `json:"verdict"`
	ExitCode   int          `json:"exit_code"`
}

// looksBack is how many nights are looked through for a good one.
const looksBack = 14

// aNight reports whether a run of that trigger was a night.
func aNight(trigger string) bool { return wholeNight(trigger) && trigger != "restore" }

// status reads how the last nights ended.
func (e *environ) status(ctx context.Context, cfg config.Config, keys []ed25519.PublicKey, maxAge time.Duration) (status, error) {
	s := status{MaxAge: maxAge.String(), Problems: []string{}, Notes: []string{}}
	keep, err := e.pastArchive(ctx, cfg)
	if err != nil {
		return s, err
	}
	var nights []archive.PastRun
	if keep != nil {
		if nights, _, err = keep.NightsOf(looksBack, aNight); err != nil {
			return s, err
		}
	}
	if len(nights) == 0 {
		s.problem("no night has been recorded in %s", archiveRoot(cfg))
		return s.judged(), nil
	}
	s.signed(keep, keys)
	var began []time.Time
	for _, n := range slices.Backward(nights) {
		run, err := n.Ended()
		if err != nil {
			return s, err
		}
		began = append(began, run.StartedAt)
		s.take(run, e.now())
	}
	s.overdue(maxAge)
	s.missed(began)
	return s.judged(), nil
}

func (s *status) problem(format string, args ...any) {
	s.Problems = append(s.Problems, fmt.Sprintf(format, args...))
}

// signed checks the end of the chain, if there is a key here.
func (s *status) signed(keep *archive.Archive, keys []ed25519.PublicKey) {
	if len(keys) == 0 {
		s.Notes = append(s.Notes, "its signature was not checked: the public key is not here (--key)")
		return
	}
	err := keep.SignedBy(keys)
	ok := err == nil
	if s.Signed = &ok; !ok {
		s.problem("the end of the archive's chain is not signed as it should be: %v", err)
	}
}

// take takes one night, the newest first.
func (s *status) take(run access.Run, now time.Time) {
	night := &lastNight{run.ID, run.Mode, run.StartedAt.UTC(), run.FinishedAt.UTC(), int64(now.Sub(run.FinishedAt).Seconds()), run.Verdict, run.ExitCode}
	if s.Last == nil {
		s.Last = night
	}
	if s.LastGood == nil && metrics.Good(run.ExitCode) {
		s.LastGood = night
	}
}

// overdue says what is wrong with the last night.
func (s *status) overdue(maxAge time.Duration) {
	age := func(n *lastNight) time.Duration { return time.Duration(n.AgeSeconds) * time.Second }
	switch last := s.Last; {
	case age(last) > maxAge:
		s.problem("the last night ended %s ago, and %s is the most: find out why none has run since", howLong(age(last)), howLong(maxAge))
	case age(last) < -time.Hour:
		s.problem("the last night ended %s from now: the clock of this machine is wrong, or that of the night's", howLong(-age(last)))
	}
	if s.Last != s.LastGood {
		s.problem("the last night was not good: %s (exit code %d); its summary says what to do", s.Last.Verdict, s.Last.ExitCode)
	}
}

// missed notes days between two nights on which there was none.
func (s *status) missed(began []time.Time) {
	for n := 1; n < len(began); n++ {
		if newer, older := began[n-1], began[n]; newer.Sub(older) > 36*time.Hour {
			s.Notes = append(s.Notes, fmt.Sprintf("no night began between %s and %s", phrase.Minute(older), phrase.Minute(newer)))
		}
	}
}

// howLong is a length of time as people say it.
func howLong(d time.Duration) string {
	d = d.Round(time.Minute)
	return strings.TrimSuffix(d.String(), "0s")
}

// judged puts it into one line, which is all that some monitoring systems show.
func (s status) judged() status {
	s.OK = len(s.Problems) == 0
	var says []string
	if s.Last != nil {
		says = append(says, fmt.Sprintf("the last night (run %s, %s) ended %s: %s", s.Last.RunID, s.Last.Mode, phrase.Minute(s.Last.FinishedAt), s.Last.Verdict))
	}
	switch {
	case s.OK:
		s.Says = "OK: " + strings.Join(says, "; ")
		return s
	case s.Last != nil && s.LastGood == nil:
		says = append(says, fmt.Sprintf("none of the last %d nights was good", looksBack))
	case s.Last != s.LastGood:
		says = append(says, fmt.Sprintf("the last good one ended %s", phrase.Minute(s.LastGood.FinishedAt)))
	}
	s.Says = "NOT OK: " + strings.Join(append(slices.Clone(s.Problems), says...), "; ")
	return s
}

func (e *environ) tellStatus(s status, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(e.stdout).Encode(s); err != nil {
			return aborted(err)
		}
	} else {
		p := e.page()
		p.line("%s", s.Says)
		for _, n := range s.Notes {
			p.line("note: %s", n)
		}
	}
	if !s.OK {
		return exitError{code: exitFailed}
	}
	return nil
}
