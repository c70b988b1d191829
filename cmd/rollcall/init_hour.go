package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
)

// firstHour writes what a company answers, and goes on as far as it is let.
func (e *environ) firstHour(c *cli.Context) error {
	dir := c.String("dir")
	file := filepath.Join(dir, "rollcall.yaml")
	a := e.asks(c.Context)
	there, err := readFrom(file, config.MaxBytes)
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
