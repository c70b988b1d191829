package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/csvfile"
	"rollcall/reconcile"
)

// firstHour writes what a company answers, and goes on as far as it is let.
func (e *environ) firstHour(c *cli.Context) error {
	dir := c.String("dir")
	file := filepath.Join(dir, "rollcall.yaml")
	a := e.asks(c.Context)
	there, err := os.ReadFile(file)
	switch {
	case err == nil:
		err = e.again(c, a, file, there)
	case errors.Is(err, fs.ErrNotExist):
		err = e.begin(c, a, dir)
	default:
		err = refuse("read %s: %w: choose another folder with --dir", file, err)
	}
	if errors.Is(err, errStopped) {
		return exitError{exitAborted, errors.New("stopped: nothing was written, so run it again to begin anew")}
	}
	if on, askErr := e.goesOn(c, a, err); err != nil || askErr != nil || !on {
		return errors.Join(err, askErr)
	}
	return e.steps(c, file)
}

// goesOn reports whether the systems are to be read now.
func (e *environ) goesOn(c *cli.Context, a *asker, before error) (bool, error) {
	if before != nil || c.Bool("connect") || a == nil {
		return c.Bool("connect"), nil
	}
	on, err := a.yes("\nGo on now: try the credentials, suggest a role map, and run the first night, which only observes?", true)
	if err != nil {
		return false, exitError{exitAborted, fmt.Errorf("stopped: what was written stays; go on with rollcall init --connect --dir %s", c.String("dir"))}
	}
	return on, nil
}

// begin writes the first files.
func (e *environ) begin(c *cli.Context, a *asker, dir string) error {
	known := &config.Answers{}
	answered, err := flagAnswers(c, dir, known)
	if err != nil {
		return err
	}
	switch {
	case a != nil:
		if answered, err = a.answers(dir, known); err != nil {
			return err
		}
	case answered:
		if err := completeAnswers(dir, known); err != nil {
			return err
		}
	}
	if !answered {
		known = nil
	}
	files, err := startFiles(e.now(), known)
	if err != nil {
		return err
	}
	if known != nil {
		if _, err := config.Load(filepath.Join(dir, "rollcall.yaml"), files[0].text); err != nil {
			return refuse("these answers give no configuration that can be used, and nothing was written:\n%w", err)
		}
	}
	written, err := writeMissing(dir, files)
	if err != nil {
		return err
	}
	e.sayWritten(dir, written)
	if known == nil && !c.Bool("connect") {
		e.sayNext(dir)
	} else if !c.Bool("connect") {
		fmt.Fprintf(e.stdout, "\nNext: rollcall init --connect --dir %s\n", dir)
	}
	return nil
}

// again goes on with a configuration that is there. New answers replace those of an
// earlier init, and never what somebody wrote.
func (e *environ) again(c *cli.Context, a *asker, file string, text []byte) error {
	dir := filepath.Dir(file)
	cfg, err := config.Load(file, text)
	if err != nil {
		return refuse("the configuration is refused:\n%w", err)
	}
	was, untouched := config.Filled(cfg, text)
	now, _ := config.Filled(cfg, text) // of its own: the flags are put into it
	given, err := flagAnswers(c, dir, &now)
	if err != nil {
		return err
	}
	if a != nil && !given && !c.Bool("connect") && untouched {
		anew, err := a.yes(file+" is there already. Answer the questions anew?", false)
		if err != nil {
			return err
		}
		if anew {
			if _, err := a.answers(dir, &now); err != nil {
				return err
			}
		}
	}
	switch {
	case reflect.DeepEqual(was, now) && !given && !c.Bool("connect") && a == nil:
		return refuse("%s has rollcall.yaml already, and nothing is overwritten: go on with rollcall init --connect --dir %s, or choose another folder with --dir", dir, dir)
	case reflect.DeepEqual(was, now):
		fmt.Fprintf(e.stdout, "%s is there already and stays as it is.\n", file)
		return nil
	case !untouched:
		return refuse("%s was edited since init wrote it, so the answers of the flags are not put into it: change it there, and run it again without them", file)
	}
	return e.rewrite(file, now)
}

// rewrite puts new answers in the place of those of an earlier init.
func (e *environ) rewrite(file string, a config.Answers) error {
	text, err := config.Fill(a)
	if err != nil {
		return err
	}
	if _, err := config.Load(file, text); err != nil {
		return refuse("these answers give no configuration that can be used, and %s stays as it is:\n%w", file, err)
	}
	if err := writeFile(file, text); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	fmt.Fprintf(e.stdout, "%s has the new answers.\n", file)
	return nil
}

// steps reads, suggests and plays the first night. What is done already is only told,
// and what is wrong stops it: the next time it begins there.
func (e *environ) steps(c *cli.Context, file string) error {
	cfg, err := configAt(file)
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
		fmt.Fprintf(e.stdout, "   %s to look at later: rollcall check --config %s\n", counted(n, "thing"), cfg.File)
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

// whoGrants is where it says how a right is granted, by the type of a system.
var whoGrants = map[string]string{
	config.TypeOkta: "Who grants it: a super administrator of Okta. How: deploy/okta.md, steps 2 to 4.",
	config.TypeAWS:  "Who grants it: an administrator of the AWS organisation. How: deploy/aws/README.md.",
}

// tellSystem says in one line that a system was read, or each thing that is missing with
// the scopes that it keeps from being read. check --connect tells each request.
func (e *environ) tellSystem(s config.System, reads []access.Read) {
	scopes, records, caller := 0, 0, ""
	missing, order := map[string][]string{}, []string{}
	for _, r := range reads {
		if r.System != s.Name {
			continue
		}
		scopes, records, caller = scopes+1, records+r.Records, cmp.Or(caller, r.Caller)
		if r.Complete {
			continue
		}
		what := rootOf(r.Gap)
		if missing[what] == nil {
			order = append(order, what)
		}
		missing[what] = append(missing[what], r.Name())
	}
	if len(order) == 0 {
		fmt.Fprintf(e.stdout, "   %s: all %d scopes were read to their end, %s, as %s\n", s.Name, scopes, counted(records, "record"), cmp.Or(caller, "somebody who is not told"))
		return
	}
	silent := ""
	for _, what := range order {
		fmt.Fprintf(e.stdout, "   NOT read: %s\n      %s\n", strings.Join(missing[what], ", "), what)
		if strings.HasPrefix(what, noAnswer) {
			silent = what
		}
	}
	if silent != "" {
		fmt.Fprintf(e.stdout, "   Is the address of %s in rollcall.yaml the right one, and may this machine reach it (HTTPS_PROXY, network.ca_bundle)?\n", s.Name)
		return
	}
	fmt.Fprintf(e.stdout, "   %s\n", whoGrants[s.Type])
}

// noAnswer is how a collector tells that a system could not be reached at all.
const noAnswer = "no answer: "

// rootOf is the part of a gap that says what to mend, where it has one.
func rootOf(gap string) string {
	if _, mend, found := strings.Cut(gap, "; to mend it, "); found {
		return mend
	}
	if _, why, found := strings.Cut(gap, noAnswer); found {
		why, _, _ = strings.Cut(why, ";")
		return noAnswer + why
	}
	if strings.HasPrefix(gap, "it rests on ") {
		return "these rest on what could not be read"
	}
	return gap
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

// configAt reads a configuration.
func configAt(file string) (config.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return config.Config{}, refuse("read the configuration: %w", err)
	}
	cfg, err := config.Load(file, text)
	if err != nil {
		return config.Config{}, refuse("the configuration is refused:\n%w", err)
	}
	return cfg, nil
}
