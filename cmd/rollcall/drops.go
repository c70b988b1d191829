package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reconcile"
)

// dropFlag lets a person say, for one run, that a list is rightly shorter.
func dropFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "confirm-drop",
		Usage: "for this run, believe that a list is shorter than last time: `NAME=COUNT` as the gap says it, such as aws/assignments=81 (COUNT or more records are believed)"}
}

// drops are the limits of the configuration and what the command line confirms.
func (e *environ) drops(c *cli.Context, cfg config.Config) (reconcile.Drops, error) {
	d := reconcile.Drops{Percent: cfg.Collect.DropPercent, Confirmed: map[string]int{}, By: whoami()}
	for _, said := range c.StringSlice("confirm-drop") {
		name, count, _ := strings.Cut(said, "=")
		n, err := strconv.Atoi(count)
		if err != nil || n < 0 {
			return d, refuse("--confirm-drop is %q: write NAME=COUNT as the gap says it, such as aws/assignments=81", said)
		}
		system, kind, _ := strings.Cut(name, "/")
		if kind == "" || !slices.ContainsFunc(cfg.Systems, func(s config.System) bool { return s.Name == access.System(system) }) {
			return d, refuse("--confirm-drop names %q, and no system of %s is called %q: copy the name from the gap", name, cfg.File, system)
		}
		d.Confirmed[name] = n
	}
	return d, nil
}
