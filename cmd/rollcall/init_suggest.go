package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
	"rollcall/internal/wholefile"
)

// initSuggest puts a suggested role map in the place of the sample, or beside a
// role map that is people's own work.
func (e *environ) initSuggest(c *cli.Context) error {
	if c.IsSet("dir") {
		return refuse("--dir is for the files to start from: with --suggest, name your configuration with --config")
	}
	if err := usableSuggestFlags(c); err != nil {
		return err
	}
	cfg, err := e.config(c)
	if err != nil {
		return err
	}
	return e.putSuggested(c, cfg)
}

// putSuggested reads what people hold, and writes the role map.
func (e *environ) putSuggested(c *cli.Context, cfg config.Config) error {
	if err := ownLists(cfg); err != nil {
		return err
	}
	beside := filepath.Join(filepath.Dir(cfg.Path(cfg.Policy.RoleMap)), "rolemap_suggested.csv")
	if !sampleMap(cfg) {
		if err := notThere(beside, "move it away to have another one"); err != nil {
			return err
		}
	}
	s, unread, err := e.suggest(c, cfg)
	if err != nil {
		return err
	}
	if unread == nil && sampleMap(cfg) { // asked again: reading takes its time, and somebody may write meanwhile
		return e.writeSuggestion(c, s, cfg.Path(cfg.Policy.RoleMap), writeFile, nextInForce)
	}
	return errors.Join(e.writeSuggestion(c, s, beside, writeAbsent, nextBeside), unread)
}

// ownLists refuses a list of HR's that is still the sample: nobody in it has an
// account here.
func ownLists(cfg config.Config) error {
	for _, one := range cfg.Rosters {
		if b, err := readInput(cfg.Path(one.File)); err == nil && isSample("roster.csv", b) {
			return refuse("%s is still the sample that init wrote: put HR's list in its place, then run it again", one.File)
		}
	}
	return nil
}

// sampleMap reports whether the role map is still the one that init wrote, or its headings.
func sampleMap(cfg config.Config) bool {
	if cfg.Policy.RoleMap == "" {
		return false
	}
	b, err := readInput(cfg.Path(cfg.Policy.RoleMap))
	return err == nil && (isSample("rolemap.csv", b) || isBlank("rolemap.csv", b))
}

// isSample reports whether a file is to the byte what init wrote on some day.
func isSample(name string, b []byte) bool {
	sample, err := samples.ReadFile("sample/" + name)
	if err != nil {
		return false
	}
	was, errWas := time.Parse(time.DateOnly, string(sampleDates.Find(sample)))
	is, errIs := time.Parse(time.DateOnly, string(sampleDates.Find(b)))
	return errors.Join(errWas, errIs) == nil && bytes.Equal(b, movedTo(sample, sampleDay.Add(is.Sub(was))))
}

// writeAbsent writes a file that must not be there.
func writeAbsent(name string, b []byte) error {
	err := wholefile.New(name, b, 0o640)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w, and nothing is overwritten: move it away", err)
	}
	return err
}
