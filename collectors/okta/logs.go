package okta

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
)

// What is asked of the System Log in one question. Okta documents no limit of a
// filter's length: 40 ids, each as actor and as target, make an address of some
// 5,000 characters, and servers commonly take 8,000.
const (
	logPage     = 1000
	idsInFilter = 40
	// logLag is read once more by the next run: the log is near real time, and no
	// promise says how near.
	logLag = 10 * time.Minute
)

// LogScopes are what a Collector asks for to read the System Log, in a token of its
// own: Okta gives none at all to an app that asks for a scope it was not granted, and
// who may not read the log must still be able to read the rest.
func LogScopes() []string { return []string{"okta.logs.read"} }

// Uses reads in the System Log how the watched accounts were used, and of no others,
// and gives the observation with that and its certificate. What could not be read is a
// gap of it, and those accounts are not among Watched. obs is left as it was.
func (k *Collector) Uses(ctx context.Context, obs access.Observation, watches []access.Watch) access.Observation {
	r := k.newLogReading()
	obs.Uses, obs.Watched = nil, nil
	for _, some := range questions(watches) {
		events, err := r.poll(ctx, usesFilter(some), some[0].Since)
		if err != nil {
			r.family.miss(fmt.Sprintf("what the system log (%s) says of %d account(s)", LogScopes()[0], len(some)), err)
			continue
		}
		for _, w := range some {
			obs.Uses = append(obs.Uses, usesOf(w, events)...)
			obs.Watched = append(obs.Watched, access.Watched{Account: w.Account, Until: r.until})
		}
	}
	slices.SortFunc(obs.Uses, compareEvents)
	slices.SortFunc(obs.Watched, func(a, b access.Watched) int { return strings.Compare(a.Account.String(), b.Account.String()) })
	obs.Aside = []access.Read{r.certificate(obs)}
	return obs
}

// Events reads in the System Log what became of changes that were sent: every event
// about their accounts since. What is not there yet may come later.
func (k *Collector) Events(ctx context.Context, sent []access.Sent) ([]access.Event, error) {
	r := k.newLogReading()
	about, since := map[string]access.AccountKey{}, time.Time{}
	for _, one := range sent {
		about[string(one.Account.ID)] = one.Account
		if one.Verb == access.OktaDeleteToken { // the event is about the token
			about[one.EntitlementID] = one.Account
		}
		if since.IsZero() || one.At.Before(since) {
			since = one.At
		}
	}
	var out []access.Event
	var errs []error
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(about)), 2*idsInFilter) {
		events, err := r.poll(ctx, anyOf("target.id", ids), since.Add(-logLag)) // their clock is not ours
		errs = append(errs, err)
		for _, e := range events {
			if account, is := e.about(about); is {
				out = append(out, e.event(account))
			}
		}
	}
	slices.SortFunc(out, compareEvents)
	return slices.CompactFunc(out, func(a, b access.Event) bool { return a.ID == b.ID }), errors.Join(errs...)
}

// Probe asks the System Log about nobody, to learn whether it may be read.
func (k *Collector) Probe(ctx context.Context, obs access.Observation) access.Observation {
	r := k.newLogReading()
	if _, err := r.poll(ctx, `actor.id eq "rollcall-check"`, k.cfg.Now().Add(-time.Minute)); err != nil {
		r.family.miss("the system log ("+LogScopes()[0]+")", err)
	}
	obs.Aside = []access.Read{r.certificate(obs)}
	return obs
}

// logReading is what one look into the System Log asks.
type logReading struct {
	*Collector
	family *family
	until  time.Time // by Okta's clock, before when nothing more is to come
}

func (k *Collector) newLogReading() *logReading {
	r := &logReading{Collector: k, family: newFamily(systemLog)}
	r.family.started = k.cfg.Now().UTC()
	return r
}

func (r *logReading) certificate(obs access.Observation) access.Read {
	r.family.finished = r.cfg.Now().UTC()
	return r.family.certificate(r.cfg.System, callerIn(obs))
}

// poll reads what the log has had since a time, to the end. Without until, Okta goes
// by when the log had an event and skips none that came late; then there is always a
// next page, and the end is one without events.
// https://developer.okta.com/docs/reference/system-log-query/#polling-requests
func (r *logReading) poll(ctx context.Context, filter string, since time.Time) ([]wireEvent, error) {
	path := "/api/v1/logs?limit=" + strconv.Itoa(logPage) +
		"&since=" + url.QueryEscape(since.UTC().Format("2006-01-02T15:04:05.000Z")) + "&filter=" + url.QueryEscape(filter)
	var all []wireEvent
	rows := 0
	seen, err := r.logs.walk(r.family.within(ctx), path, nil, func(p page) (string, error) {
		r.began(p.header)
		if rows == 0 {
			return "", nil
		}
		next, err := nextInHeader(p)
		if err == nil && next == "" {
			err = errors.New("a page of the system log names no next one, though a poll always has one")
		}
		return next, err
	}, func(at string, body []byte) (string, error) {
		var some []wireEvent
		if err := decode(at, body, &some); err != nil {
			return "", err
		}
		for _, e := range some {
			if e.UUID == "" || e.Published.IsZero() {
				return "", fmt.Errorf("read answer of %s: an event (%q, %q) has no id or no time", at, e.UUID, e.EventType)
			}
		}
		if rows, all = len(some), append(all, some...); len(all) > r.logs.maxRows {
			return "", r.logs.tooMany(path)
		}
		return "", nil // an event that comes again is the same one: the end is a page without any
	})
	if err != nil {
		return nil, err
	}
	r.family.saw(path, seen, len(all))
	return all, nil
}

// began notes when the first page was answered.
func (r *logReading) began(h http.Header) {
	if !r.until.IsZero() {
		return
	}
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		at = r.family.started
	}
	r.until = at.UTC().Add(-logLag)
}

// questions divides what is watched into as few questions as there can be. An account
// with a From may be asked about together with one whose Since is older: what is too
// old is left out. One without would be told old things anew.
func questions(watches []access.Watch) [][]access.Watch {
	watches = slices.Clone(watches)
	slices.SortFunc(watches, func(a, b access.Watch) int {
		return cmp.Or(cmp.Compare(bit(a.From.IsZero()), bit(b.From.IsZero())), a.Since.Compare(b.Since), strings.Compare(a.Account.String(), b.Account.String()))
	})
	var out [][]access.Watch
	for _, w := range watches {
		if n := len(out) - 1; n >= 0 && len(out[n]) < idsInFilter && together(out[n][0], w) {
			out[n] = append(out[n], w)
			continue
		}
		out = append(out, []access.Watch{w})
	}
	return out
}

func together(first, w access.Watch) bool {
	return first.From.IsZero() == w.From.IsZero() && (!w.From.IsZero() || first.Since.Equal(w.Since))
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// anyOf is the filter for an attribute that has one of some values.
func anyOf(attribute string, values []string) string {
	said := make([]string, len(values))
	for i, v := range values {
		said[i] = attribute + ` eq "` + v + `"`
	}
	return strings.Join(said, " or ")
}

// callerIn is as whom an observation was read.
func callerIn(obs access.Observation) string {
	for _, r := range obs.Reads {
		if r.Caller != "" {
			return r.Caller
		}
	}
	return "the reading credential"
}

func compareEvents(a, b access.Event) int {
	return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID), strings.Compare(a.Account.String(), b.Account.String()))
}
