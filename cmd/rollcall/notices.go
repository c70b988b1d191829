package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

func noticesCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "notices", Usage: "who has to be told of what a run found: send, list, take up, test",
		Subcommands: []*cli.Command{noticesSendCommand(e), noticesListCommand(e), noticesAckCommand(e), noticesTestCommand(e)},
	}
}

const noticesSendHelp = `Sends what is due now: what a run left behind that could not send it, what is critical and
still open (again after 30 minutes; an hour on, also to the next ones of notices.escalate),
what waited for business hours, and the one message a day of what is not urgent. It also
tells that no night was committed for 26 hours.

nightly, sweep, apply, revoke and restore do the same at their end. Let cron run this every
10 minutes. It takes no lock, reads no system, and needs no key that signs.

It ends with 5 when something did not go out: it is tried again.`

// noticing is one command about notices, wired.
type noticing struct {
	*jobs.Post
	keep *archive.Archive
	book access.NoticeBook // as the last run left it
}

// notices wires a command about notices.
func (e *environ) notices(ctx context.Context, c *cli.Context) (*noticing, config.Config, error) {
	cfg, err := e.config(c)
	if err != nil {
		return nil, cfg, err
	}
	if !cfg.Notices.On() {
		return nil, cfg, refuse("%s has no notices, so that nobody is told of anything: docs/notices.md says what to write there", cfg.File)
	}
	n := &noticing{}
	if n.keep, err = e.past(ctx, cfg); err == nil {
		n.book, err = n.keep.Notices()
	}
	if err != nil {
		return nil, cfg, exitError{exitAborted, fmt.Errorf("read who has to be told of what: %w: run rollcall nightly once, or rollcall audit verify", err)}
	}
	n.Post = e.post(ctx, cfg, n.keep)
	n.Run = newRunID(e.now())
	return n, cfg, nil
}

func noticesSendCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "send", Usage: "send what is due now", Description: noticesSendHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			n, _, err := e.notices(c.Context, c)
			if err != nil {
				return err
			}
			posted := n.Deliver(c.Context, n.book)
			e.sayUntellable(posted)
			if err := e.tellPosted(posted, c.Bool("json")); err != nil {
				return err
			}
			if err := posted.Err(); err != nil {
				return exitError{exitFailed, err}
			}
			return nil
		},
	}
}

func (e *environ) tellPosted(p jobs.Posted, asJSON bool) error {
	if asJSON {
		return writeJSON(e, struct {
			Sent   []access.NoticeRecord `json:"sent"`
			Failed []access.NoticeRecord `json:"failed"`
		}{append([]access.NoticeRecord{}, p.Sent...), append([]access.NoticeRecord{}, p.Failed...)})
	}
	if len(p.Sent)+len(p.Failed) == 0 {
		fmt.Fprintln(e.stdout, "Nothing is due.")
	}
	for _, r := range p.Sent {
		fmt.Fprintf(e.stdout, "told %s by %s (%s): %s\n", r.Recipient, r.Channel, r.Purpose, strings.Join(r.Concerns, ", "))
	}
	for _, r := range p.Failed {
		fmt.Fprintf(e.stdout, "NOT told %s by %s: %s: %s\n", r.Recipient, r.Channel, strings.Join(r.Concerns, ", "), r.Error)
	}
	return nil
}

const noticesListHelp = `Lists what is open, and who was told of it, when, how often and by which channel; and
what is cured of which not everybody was told yet. Names of people are in the report of the
run, not here.`

func noticesListCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "what is open, and who was told of it", Description: noticesListHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			n, _, err := e.notices(c.Context, c)
			if err != nil {
				return err
			}
			book, err := jobs.Book(n.book, n.Records, e.now())
			if err != nil {
				e.log.Warn(err.Error())
			}
			open := openNotices(book, n.Rules)
			if c.Bool("json") {
				return writeJSON(e, open)
			}
			e.listNotices(open)
			return nil
		},
	}
}

// openNotice is one concern as list tells it.
type openNotice struct {
	Key   string        `json:"key"`
	Title string        `json:"title"`
	Says  []string      `json:"says"`
	Since time.Time     `json:"since"`
	Run   access.RunID  `json:"run_id"`
	Cured time.Time     `json:"cured_at,omitzero"`
	Told  []access.Told `json:"told"`
	AckBy string        `json:"acknowledged_by,omitempty"`
	AckAt time.Time     `json:"acknowledged_at,omitzero"`
}

func openNotices(b access.NoticeBook, r reconcile.NoticeRules) []openNotice {
	out := []openNotice{}
	for _, c := range b.Open {
		one := openNotice{Key: r.Key(c), Title: reconcile.Title(c), Says: append([]string{}, c.Open...), Since: c.Since, Run: c.SeenIn, Cured: c.CuredAt, Told: []access.Told{},
			AckBy: b.Acked[c.ID()].By, AckAt: b.Acked[c.ID()].At}
		for _, t := range b.Told {
			if t.Concern == c.ID() {
				one.Told = append(one.Told, t)
			}
		}
		out = append(out, one)
	}
	return out
}

func (e *environ) listNotices(open []openNotice) {
	stamp := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
	if len(open) == 0 {
		fmt.Fprintln(e.stdout, "Nothing is open.")
	}
	for _, o := range open {
		fmt.Fprintf(e.stdout, "%s\n  %s, since %s (run %s)\n", o.Key, o.Title, stamp(o.Since), o.Run)
		if !o.Cured.IsZero() {
			fmt.Fprintf(e.stdout, "  cured, as was seen at %s\n", stamp(o.Cured))
		}
		for _, line := range o.Says {
			fmt.Fprintf(e.stdout, "  %s\n", line)
		}
		if o.AckBy != "" {
			fmt.Fprintf(e.stdout, "  %s has it in hand since %s\n", o.AckBy, stamp(o.AckAt))
		}
		for _, t := range o.Told {
			if t.Times > 0 {
				fmt.Fprintf(e.stdout, "  told %s by %s: %d times, last at %s\n", t.Recipient, strings.Join(t.Channels, ", "), t.Times, stamp(t.Last))
			}
			if !t.TriedAt.IsZero() {
				fmt.Fprintf(e.stdout, "  NOT told %s: no channel took it at %s\n", t.Recipient, stamp(t.TriedAt))
			}
		}
		if len(o.Told) == 0 {
			fmt.Fprintln(e.stdout, "  nobody was told yet")
		}
	}
}

const noticesAckHelp = `Says that somebody has a matter in hand: it is told nobody again, and to no next ones, until
it is cured or comes back. Who said so is on record. The key is in the message, and in
rollcall notices list.`

func noticesAckCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "ack", Usage: "somebody has it in hand: no more repeats", Description: noticesAckHelp,
		Flags: []cli.Flag{configFlag(), &cli.StringFlag{Name: "key", Usage: "the `KEY` of the matter"}, &cli.StringFlag{Name: "by", Usage: "`WHO` has it in hand"}},
		Action: func(c *cli.Context) error {
			for _, need := range []string{"key", "by"} {
				if c.String(need) == "" {
					return refuse("--%s is missing: rollcall notices ack --key KEY --by WHO; the keys are in rollcall notices list", need)
				}
			}
			n, _, err := e.notices(c.Context, c)
			if err != nil {
				return err
			}
			book, err := jobs.Book(n.book, n.Records, e.now())
			if err != nil {
				return exitError{exitAborted, err}
			}
			id, found := n.Rules.ConcernOf(book, c.String("key"))
			if !found {
				return refuse("nothing that is open has the key %q: rollcall notices list has the keys", c.String("key"))
			}
			if err := n.Ack(id, c.String("by")); err != nil {
				return exitError{exitAborted, err}
			}
			fmt.Fprintf(e.stdout, "%s has %s in hand: it is told nobody again until it is cured or comes back.\n", c.String("by"), c.String("key"))
			return nil
		},
	}
}

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
			fmt.Fprintf(e.stdout, "%s: DOES NOT WORK: %v\n", name, err)
			wrong = append(wrong, fmt.Errorf("%s", name))
			continue
		}
		fmt.Fprintf(e.stdout, "%s: works\n", name)
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

// checkNotices names every audience that no channel reaches, and hours that are not
// understood. Who has no contact at all, checkContacts tells.
func checkNotices(k *checkup, cfg config.Config, contacts []access.Contact) {
	for _, c := range contacts {
		if _, err := reconcile.ParseHours(c.Hours); err != nil {
			k.Problems = append(k.Problems, access.Problem{Severity: access.Note, File: c.File, Row: c.Row, Column: "hours", Value: c.Hours,
				Says: "We do not understand these hours: " + err.Error() + ".", Meanwhile: "Monday to Friday, 9 to 17, is taken.", Mend: "Write them as Mon-Fri 09:00-17:30."})
		}
	}
	rules := noticeRules(cfg)
	if rules == nil {
		return
	}
	rules.Contacts = contacts
	for _, a := range reconcile.NoticeAudiences() {
		channels := cfg.Notices.Tell[a.Audience]
		people := a.Audience == access.ForManager || a.Audience == access.ForReviewer
		addressed := slices.ContainsFunc(channels, func(name string) bool { return rules.Channels[name].Addressed })
		switch {
		case len(channels) == 0:
			k.note(cfg.File, fmt.Sprintf("notices.tell has no channel for %s.", a.Audience), fmt.Sprintf("They are told nothing; the most urgent of it is %s.", strings.ReplaceAll(string(a.Urgency), "_", " ")), "Add the channels by which they are told.")
		case people && !addressed:
			k.note(cfg.File, fmt.Sprintf("notices.tell has no channel for %s that sends mail.", a.Audience), "They are people of HR's lists, and are reached by nothing else.", "Add one with smtp.")
		case people:
		case addressed && len(rules.Addresses(a.Audience)) == 0:
			k.note(cmp.Or(cfg.Policy.Contacts, cfg.File), fmt.Sprintf("There is no e-mail address of %s.", a.Audience), "The channel that sends mail is passed over.", "Write one into business_hours_contact.")
		}
	}
}
