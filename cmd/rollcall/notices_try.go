package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
)

const noticesTestHelp = `Sends one harmless message by every channel of the configuration, pagers included, and says
which works. Mail goes to the addresses that contacts.csv has for the audiences of the
channel. It ends with 5 when one does not work.`

func noticesTestCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "test", Usage: "one harmless message by every channel", Description: noticesTestHelp,
		Flags: []cli.Flag{configFlag()},
		Action: func(c *cli.Context) error {
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			if !cfg.Notices.On() {
				return refuse("%s has no notices, so that there is no channel to test: docs/notices.md says what to write there", cfg.File)
			}
			return e.testChannels(c.Context, cfg)
		},
	}
}

func (e *environ) testChannels(ctx context.Context, cfg config.Config) error {
	post := e.post(ctx, cfg, nil)
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(cfg.Notices.Channels)) {
		if err := e.testChannel(ctx, post, name); err != nil {
			tellf(e.stdout, "%s: DOES NOT WORK: %v\n", name, err)
			wrong = append(wrong, fmt.Errorf("%s", name))
			continue
		}
		tellf(e.stdout, "%s: works\n", name)
	}
	if len(wrong) > 0 {
		return exitError{exitFailed, fmt.Errorf("%d of %d channels do not work: mend what is said of them, then test again", len(wrong), len(cfg.Notices.Channels))}
	}
	return nil
}

func (e *environ) testChannel(ctx context.Context, post *jobs.Post, name string) error {
	channel := post.Channels[name]
	if channel == nil {
		return errors.New("it could not be made, as was said above")
	}
	var to []string
	for _, a := range access.Audiences {
		if slices.Contains(post.Rules.Tell[a], name) {
			to = append(to, post.Rules.Addresses(a)...)
		}
	}
	slices.Sort(to)
	to = slices.Compact(to)
	if post.Rules.Channels[name].Addressed && len(to) == 0 {
		return errors.New("contacts.csv has no e-mail address for those whom it tells")
	}
	_, err := channel.Send(ctx, post.Rules.TestMessage(name, to, e.now()))
	return err
}
