package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
	"rollcall/internal/sandbox/company"
	"rollcall/jobs"
	"rollcall/reconcile"
)

const demoHelp = `Plays two nights of a made-up company of about 300 people, with an Okta and an AWS
that run inside this command on this machine only. Nothing real is touched.

The first night observes. Then HR sends the file of the next day, in which some
people left, and the second night acts. The folder with everything that a night
reads and writes is named at the end.

--keep DIR keeps all of it in DIR, the state of the two systems too. Edit a CSV
there and run the same command again: it plays one more night, a day later, with
what the files say then, and closes only what is new.

--serve (with --keep) leaves the two systems up afterwards, so that every other
command can be tried on them from another terminal. Ctrl-C ends it.`

func demoCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "demo", Usage: "two nights of a made-up company, on systems that run inside this command", Description: demoHelp,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "keep", Usage: "the `DIR` to keep everything in; one that has a demo plays its next night"},
			&cli.BoolFlag{Name: "serve", Usage: "leave the two systems up until interrupted (with --keep)", DisableDefaultText: true},
		},
		Action: func(c *cli.Context) error {
			if c.Bool("serve") && c.String("keep") == "" {
				return refuse("--serve needs --keep DIR: the other commands need a folder that stays")
			}
			return e.demo(c.Context, c.String("keep"), c.Bool("serve"))
		},
	}
}

// demo plays a new company, or one more night of a kept one.
func (e *environ) demo(ctx context.Context, keep string, serve bool) (err error) {
	d := &demo{e: e, dir: keep, keep: keep != "", stays: serve, clock: &demoClock{}}
	goingOn, err := d.open()
	if err != nil {
		return err
	}
	unlock, err := d.lock(goingOn)
	if err != nil {
		return exitError{exitAborted, err}
	}
	defer unlock()
	if err := d.start(goingOn); err != nil {
		return exitError{exitAborted, fmt.Errorf("start the sandbox: %w", err)}
	}
	defer func() {
		if stopErr := d.stop(); stopErr != nil {
			err = errors.Join(err, exitError{exitAborted, fmt.Errorf("save the sandbox: %w", stopErr)})
		}
	}()
	if goingOn {
		err = d.nextNight(ctx)
	} else {
		err = d.twoNights(ctx)
	}
	if err == nil && serve {
		d.serve(ctx)
	}
	return err
}

// demo is one play.
type demo struct {
	e       *environ
	dir     string
	keep    bool // the caller named the folder
	stays   bool // the systems stay up afterwards
	clock   *demoClock
	state   demoState
	company *company.Company
	servers []*http.Server
}

// demoState is what a kept demo remembers besides the systems themselves.
type demoState struct {
	First  time.Time `json:"first_night"`
	Played int       `json:"nights_played"`
	Okta   string    `json:"okta"` // host:port
	AWS    string    `json:"aws"`
}

// night is when night n (from 0) begins.
func (s demoState) night(n int) time.Time { return s.First.In(demoZone()).AddDate(0, 0, n) }

// open makes the folder, or finds the demo in it. What is neither empty nor a
// demo is somebody's, and refused.
func (d *demo) open() (kept bool, err error) {
	if d.dir == "" {
		d.dir, err = os.MkdirTemp("", "rollcall-demo-")
		if err != nil {
			return false, exitError{exitAborted, fmt.Errorf("make a folder for the demo: %w", err)}
		}
		return false, nil
	}
	entries, err := os.ReadDir(d.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0:
		return false, nil
	case err != nil:
		return false, refuse("read %s: %w: name a folder with --keep", d.dir, err)
	}
	if err := d.load(); err != nil {
		return false, refuse("%s is not empty and holds no demo that can go on (%w): name a new folder, or delete this one yourself", d.dir, err)
	}
	return true, nil
}

// lock keeps a second demo out of the folder, which would change the systems of
// the first behind its back. What was read before is read again.
func (d *demo) lock(goingOn bool) (unlock func(), err error) {
	unlock, err = jobs.Lock(d.path("sandbox"), fmt.Sprintf("demo by %s, process %d", whoami(), os.Getpid()))
	if err == nil && goingOn {
		err = d.load()
	}
	return unlock, err
}

// path is a place in the demo's folder.
func (d *demo) path(parts ...string) string {
	return filepath.Join(append([]string{d.dir}, parts...)...)
}

// twoNights is the story from its beginning.
func (d *demo) twoNights(ctx context.Context) error {
	if err := d.writeFiles(); err != nil {
		return exitError{exitAborted, fmt.Errorf("write the demo's files: %w", err)}
	}
	d.sayBegin()
	code, err := d.play(ctx)
	if err != nil {
		return err
	}
	if code != exitDone {
		return exitError{exitAborted, fmt.Errorf("the first night ended with exit code %d, and 0 was expected: see its summary above", code)}
	}
	if err := d.nextDay(); err != nil {
		return exitError{exitAborted, fmt.Errorf("bring the next day: %w", err)}
	}
	if code, err = d.play(ctx); err != nil {
		return err
	}
	d.explain(code)
	if amiss := d.company.Amiss(); code != exitHeld || len(amiss) > 0 {
		return exitError{exitAborted, fmt.Errorf("the story did not go as it should (exit code %d, expected %d): %v", code, exitHeld, amiss)}
	}
	return d.sayEnd()
}

// nextDay is what happens between the two nights: IT makes a login, HR sends
// its files, and somebody lets rollcall act.
func (d *demo) nextDay() error {
	d.company.Overnight()
	for _, f := range d.company.Day2 {
		if err := writeFile(d.path(f.Name), f.Text); err != nil {
			return err
		}
	}
	if err := d.editConfig("mode: observe", "mode: enforce"); err != nil {
		return err
	}
	d.sayNextDay()
	return nil
}

// nextNight is one more night of a kept demo, with what its files say now.
func (d *demo) nextNight(ctx context.Context) error {
	d.sayAgain()
	code, err := d.play(ctx)
	if err != nil {
		return err
	}
	d.explain(code)
	return d.sayEnd()
}

// play is one night, by the same code as the command nightly, on the demo's
// clock. The code is the night's own; an error means that it did not take place.
func (d *demo) play(ctx context.Context) (code int, err error) {
	d.clock.set(d.state.night(d.state.Played))
	cfg, err := d.configured()
	if err != nil {
		return 0, err
	}
	_ = d.writeRunbooks() // the night's page links to those that there are; sayEnd tells of an error
	d.sayNight(cfg.Mode)
	code, err = d.code(d.inside().nightly(ctx, cfg, "nightly", nil, reconcile.Drops{Percent: cfg.Collect.DropPercent}, false))
	if err != nil {
		return code, err
	}
	d.state.Played++
	return code, d.save()
}

// configured is what the demo's configuration says now.
func (d *demo) configured() (config.Config, error) {
	return readConfig(d.path("rollcall.yaml"), ": put it back, or begin anew with another --keep DIR")
}

// code parts the errors of a night that did not take place from the exit codes
// of one that did.
func (d *demo) code(err error) (int, error) {
	code := exitCode(err)
	if code == exitAborted || code == exitRefused {
		return code, err
	}
	return code, nil
}
