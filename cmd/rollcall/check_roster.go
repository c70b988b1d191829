package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
)

// checkRoster reads one list as HR does before sending it.
func checkRoster(e *environ, c *cli.Context) error {
	file := c.String("roster")
	one, cfg, err := e.rosterFor(c, file)
	if err != nil {
		return err
	}
	b, err := readInput(file)
	if err != nil {
		return refuse("read the list: %w: check the name of the file", err)
	}
	one.File = filepath.Base(file)
	k := &checkup{}
	list := k.roster(e, one, b)
	if cfg != nil {
		if k.Tonight, err = e.foretell(c.Context, *cfg, one, list, k.Problems); err != nil {
			return err
		}
	}
	if out := c.String("out"); out != "" {
		src := rosterSource(one, e.now())
		book, err := problemsBook(one.File, e.now(), k.Problems, roster.Bad(src, b, k.Problems), nil)
		if err != nil {
			return err
		}
		if err := writeFile(out, book); err != nil {
			return refuse("write the workbook: %w", err)
		}
	}
	return e.tell(k, c.Bool("json"))
}

// rosterFor says how the file is to be read. Only a configuration that nobody
// asked for may be absent; one that is there has to be right.
func (e *environ) rosterFor(c *cli.Context, file string) (config.Roster, *config.Config, error) {
	source := access.Source(c.String("source"))
	_, err := os.Stat(c.String("config"))
	if errors.Is(err, fs.ErrNotExist) && !c.IsSet("config") {
		if source == "" {
			source = "employees"
		}
		return config.Roster{Name: source}, nil, nil
	}
	cfg, err := e.config(c)
	if err != nil {
		return config.Roster{}, nil, err
	}
	one, err := pickRoster(cfg, file, source)
	return one, &cfg, err
}

// pickRoster finds the list of the configuration that a file is: by name, by
// place, or because there is only one.
func pickRoster(cfg config.Config, file string, source access.Source) (config.Roster, error) {
	var names []string
	for _, r := range cfg.Rosters {
		names = append(names, string(r.Name))
	}
	at := slices.IndexFunc(cfg.Rosters, func(r config.Roster) bool {
		return source == r.Name || source == "" && filepath.Clean(cfg.Path(r.File)) == filepath.Clean(file)
	})
	switch {
	case at >= 0:
		return cfg.Rosters[at], nil
	case source != "":
		return config.Roster{}, refuse("there is no list %q in %s (known: %s): correct --source", source, cfg.File, strings.Join(names, ", "))
	case len(cfg.Rosters) == 1:
		return cfg.Rosters[0], nil
	}
	return config.Roster{}, refuse("%s has several lists (%s): say which one this is with --source", cfg.File, strings.Join(names, ", "))
}
