package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/csvfile"
	"rollcall/internal/phrase"
	"rollcall/reconcile"
)

// steps reads, suggests and plays the first night. What is done already is only told,
// and what is wrong stops it: the next time it begins there.
func (e *environ) steps(c *cli.Context, file string) error {
	cfg, err := readConfig(file, "")
	if err != nil {
		return err
	}
	if cfg.Mode != access.Observe {
		return refuse("%s says mode: %s, and what begins here only observes: run rollcall nightly --config %s yourself", file, cfg.Mode, file)
	}
	steps := []struct {
		name string
		do   func(*cli.Context, config.Config) error
	}{
		{"HR's lists, and the files in which people decide", e.stepLists},
		{"the systems, with the credentials that read", e.stepConnect},
		{"a first role map", e.stepRoleMap},
		{"the first night, which only observes", e.stepNight},
	}
	for n, step := range steps {
		if c.Context.Err() != nil {
			return notGoneOn(file, exitError{exitAborted, errors.New("stopped between two steps")})
		}
		fmt.Fprintf(e.stdout, "\nStep %d of %d: %s\n", n+1, len(steps), step.name)
		if err := step.do(c, cfg); err != nil {
			return notGoneOn(file, err)
		}
	}
	return e.sayThree(cfg)
}

// notGoneOn adds to what stopped a step how it goes on.
func notGoneOn(file string, err error) error {
	return exitError{exitCode(err), fmt.Errorf("%w\nWhat is done stays. Then go on with: rollcall init --connect --dir %s (an answer that was wrong: give it again, such as --okta-url ADDRESS)", err, filepath.Dir(file))}
}

// stepLists reads what people wrote. Only what keeps a list or a rule from being used
// is told here.
func (e *environ) stepLists(c *cli.Context, cfg config.Config) error {
	if err := ownLists(cfg); err != nil {
		return err
	}
	k := checkAll(c.Context, e, cfg)
	for _, f := range k.Files {
		if f.Lines > 0 {
			fmt.Fprintf(e.stdout, "   %s\n", f)
		}
	}
	var stops []access.Problem
	for _, p := range k.Problems {
		if p.Severity == access.Stop && p.File != cfg.Policy.Contacts { // no night rests on whom to call
			stops = append(stops, p)
		}
	}
	if len(stops) > 0 {
		fmt.Fprintf(e.stdout, "\n%s", csvfile.Message(stops, len(stops)))
		return refuse("%d of these keep a file from being used: mend what is marked STOP", len(stops))
	}
	if n := len(k.Problems); n > 0 {
		fmt.Fprintf(e.stdout, "   %s to look at later: rollcall check --config %s\n", phrase.Counted(n, "thing"), cfg.File)
	}
	return nil
}

// stepConnect tries the credentials on everything that a night reads.
func (e *environ) stepConnect(c *cli.Context, cfg config.Config) error {
	k := &checkup{}
	if err := e.connect(c.Context, cfg, k); err != nil {
		return err
	}
	for _, s := range cfg.Systems {
		e.tellSystem(s, k.Reads)
	}
	if n := k.gaps(); n > 0 {
		return exitError{exitIncomplete, fmt.Errorf("%d of %d scopes could not be read to the end: mend what they name", n, len(k.Reads))}
	}
	return nil
}

// stepRoleMap suggests one, unless there is somebody's.
func (e *environ) stepRoleMap(c *cli.Context, cfg config.Config) error {
	if !sampleMap(cfg) {
		fmt.Fprintf(e.stdout, "   %s has lines already and stays as it is\n", cfg.Path(cfg.Policy.RoleMap))
		return nil
	}
	return e.putSuggested(c, cfg)
}

// stepNight plays the first night, once.
func (e *environ) stepNight(c *cli.Context, cfg config.Config) error {
	if runs, _, err := e.pastNights(c.Context, cfg, 1, wholeNight); err != nil {
		return aborted(fmt.Errorf("look for earlier nights: %w", err))
	} else if len(runs) > 0 {
		fmt.Fprintf(e.stdout, "   there was a night already (%s), so that none is played now\n", runs[0].ID())
		return nil
	}
	quiet := *e
	quiet.stdout = io.Discard // its summary is in a file, and would bury what comes last
	err := quiet.nightly(c.Context, cfg, "nightly", nil, reconcile.Drops{Percent: cfg.Collect.DropPercent}, false)
	if code := exitCode(err); code == exitDone || code == exitHeld {
		return nil // what an observe night holds is told below
	}
	return err
}
