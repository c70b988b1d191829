package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/notify"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// noticeRules are the company's choices about notices as reconcile wants them; nil:
// nobody is told of anything.
func noticeRules(cfg config.Config) *reconcile.NoticeRules {
	if !cfg.Notices.On() {
		return nil
	}
	r := &reconcile.NoticeRules{Environment: cfg.Notices.Environment, Tell: cfg.Notices.Tell, Escalate: cfg.Notices.Escalate, SLA: cfg.Notices.SLA,
		Zone: cfg.Company.Location(), Reports: cmp.Or(cfg.Notices.ReportsURL, cfg.Path(cfg.Reports.Dir)), Runbooks: cfg.Notices.RunbooksURL,
		Channels: map[string]reconcile.ChannelTraits{}}
	for name, c := range cfg.Notices.Channels {
		r.Channels[name] = channelTraits[c.Type]
	}
	return r
}

// post wires what tells people. A channel that cannot be used is left out, with why: what
// it was to tell goes by the next one. Without an archive nothing is on record.
func (e *environ) post(ctx context.Context, cfg config.Config, keep *archive.Archive) *jobs.Post {
	p := &jobs.Post{Rules: *noticeRules(cfg), Channels: map[string]jobs.Channel{}, Records: noRecords{}, Now: e.now,
		Say: func(format string, args ...any) { e.log.Info(fmt.Sprintf(format, args...)) }}
	policy, _ := readPolicy(cfg) // its problems are the night's and check's
	p.Rules.Contacts = policy.Contacts
	for name, c := range cfg.Notices.Channels {
		channel, err := e.channel(ctx, cfg, c)
		if err != nil {
			e.log.Warn(fmt.Sprintf("the channel %s cannot be used: %v", name, err))
			continue
		}
		p.Channels[name] = channel
	}
	if keep == nil {
		return p
	}
	p.Records = keep.Store()
	if _, head, _, err := keep.Head(); err == nil {
		p.Rules.Head = head
	}
	return p
}

// noRecords is an archive that cannot be written: what is urgent goes out all the same.
type noRecords struct{}

var errNoArchive = errors.New("the archive cannot be opened")

func (noRecords) Create(string, []byte) error   { return errNoArchive }
func (noRecords) Read(string) ([]byte, error)   { return nil, errNoArchive }
func (noRecords) List(string) ([]string, error) { return nil, nil }

// noticeTime is how long telling people may take after a run, also after one that was
// told to stop.
const noticeTime = 10 * time.Minute

// tellPeople sends what is due after a run that is committed. What goes wrong changes
// nothing of the run: it is said on stderr, and noted for the summary. It gives whether
// everybody who had to know something urgent was told.
func (e *environ) tellPeople(ctx context.Context, n *night, record *access.Night) (reached bool) {
	if !n.cfg.Notices.On() {
		return true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noticeTime)
	defer cancel()
	post := e.post(ctx, n.cfg, n.archive.Archive)
	post.Run = record.Run.ID
	book, err := n.archive.Notices()
	posted := post.Deliver(ctx, book)
	if err == nil {
		n.waiting = reconcile.Waiting(posted.Book)
	}
	if err = errors.Join(err, posted.Err()); err != nil {
		e.log.Error("NOT EVERYBODY WAS TOLD: " + err.Error())
		record.Notes = append(record.Notes, "Not everybody was told (rollcall notices list says who was): "+strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	e.sayUntellable(posted)
	return !posted.Unreached
}

func (e *environ) sayUntellable(p jobs.Posted) {
	for _, a := range p.Untellable {
		e.log.Warn(fmt.Sprintf("there is something to tell %s, and notices.tell has no channel for them", a))
	}
}

// notBegun tells people of a run that could not begin, and gives back why.
func (e *environ) notBegun(ctx context.Context, cfg config.Config, trigger string, mode access.Mode, why error) error {
	e.tellAborted(ctx, cfg, e.newRun(cfg, trigger, mode), why)
	return why
}

// tellAborted tells people that a run was aborted, or could not be recorded.
func (e *environ) tellAborted(ctx context.Context, cfg config.Config, run access.Run, why error) {
	if !cfg.Notices.On() || why == nil || errors.Is(why, jobs.ErrLocked) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noticeTime)
	defer cancel()
	var book access.NoticeBook
	keep, err := e.past(ctx, cfg)
	if err == nil {
		book, err = keep.Notices()
	}
	post := e.post(ctx, cfg, keep)
	post.Run = run.ID
	var posted jobs.Posted
	if err != nil {
		posted = post.Unread(ctx, run, why)
	} else {
		posted = post.Aborted(ctx, book, run, why)
	}
	if err = errors.Join(err, posted.Err()); err != nil {
		e.log.Error("NOT EVERYBODY WAS TOLD that the run was aborted: " + err.Error())
	}
}

// heartbeat says to whoever watches from outside that a night was committed, and that
// everybody who had to know something urgent was told: else its silence is the alarm.
func (e *environ) heartbeat(ctx context.Context, cfg config.Config, run access.Run, reached bool) {
	s := cfg.Notices.Heartbeat
	if s.Zero() {
		return
	}
	if !reached {
		e.log.Error("no heartbeat is sent, so that whoever watches from outside notices: somebody could not be told of something urgent")
		return
	}
	address, err := e.secret(ctx, cfg, s)
	reach, alsoErr := e.network(cfg)
	if err = errors.Join(err, alsoErr); err == nil {
		var h *notify.Heartbeat
		if h, err = notify.NewHeartbeat(address, notify.World{Transport: transportOf(reach), Now: e.now, Sleep: e.sleeper()}); err == nil {
			err = h.Beat(ctx, fmt.Sprintf("run %s, exit code %d", run.ID, run.ExitCode))
		}
	}
	if err != nil {
		e.log.Error("the heartbeat was not heard: " + err.Error())
	}
}

// mostRefused is how many reminders in a row a channel may refuse before the others are
// written for somebody to send.
const mostRefused = 2

// remindBy sends a reminder of a review by the channels of whom it is for; none took it: "".
func (r *reviewing) remindBy(ctx context.Context, post *jobs.Post, d reconcile.Digest, m access.Message) (channel string) {
	if post == nil || d.Mail == "" {
		return ""
	}
	audience := reminderAudience(d)
	m.To = []string{d.Mail}
	for _, name := range r.cfg.Notices.Tell[audience] {
		if post.Channels[name] == nil || !channelTraits[r.cfg.Notices.Channels[name].Type].Addressed {
			continue // it would be read by everybody, and not by them
		}
		if r.refused[name] >= mostRefused {
			continue // it is down, and the night waits
		}
		if _, err := post.Channels[name].Send(ctx, m); err != nil {
			r.refused[name]++
			r.e.log.Warn(fmt.Sprintf("the channel %s did not take the reminder for %s: %v", name, d.Recipient, err))
			continue
		}
		r.refused[name] = 0
		return name
	}
	return ""
}

func reminderAudience(d reconcile.Digest) access.Audience {
	for _, n := range d.Notices {
		switch n.Kind {
		case reconcile.NoticeManager:
			return access.ForManager
		case reconcile.NoticeOwner:
			return access.ForOwner
		}
	}
	return access.ForReviewer
}

// reminderMessage is the text of a reminder as a message. No worksheet is mailed: it says
// where each one lies.
func (r *reviewing) reminderMessage(rec access.CampaignRecord, d reconcile.Digest, text string) access.Message {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	m := access.Message{Kind: d.Notices[0].Kind, Urgency: access.UrgencyDigest, At: r.e.now().UTC(), Run: r.Run.ID,
		Key: r.cfg.Notices.Environment + "/review/" + access.Digest([]byte(d.Recipient + r.e.now().In(r.cfg.Company.Location()).Format(time.DateOnly) + string(rec.Campaign.ID)))[:24]}
	m.Key = strings.TrimPrefix(m.Key, "/")
	for len(lines) > 0 && lines[0] != "" { // To: and Subject:
		if subject, is := strings.CutPrefix(lines[0], "Subject: "); is {
			m.Title = subject
		}
		lines = lines[1:]
	}
	var part access.MessagePart
	for _, line := range lines {
		if line != "" {
			part.Lines = append(part.Lines, line)
		}
	}
	places := access.MessagePart{Head: "Where the worksheets are"}
	for _, n := range d.Notices {
		places.Lines = append(places.Lines, filepath.Join(r.dir(rec.Campaign.ID), "worksheets", n.Sheet+".xlsx"))
	}
	m.Parts = []access.MessagePart{part, places}
	return m
}
