// Package counted runs a system in a process of its own and counts what it is asked
// for, so that a collector is never judged by what it says of itself, nor by the
// memory of what it reads. It must never answer otherwise than the system does, but
// late where it is told to. Its one invariant: every request is counted once.
package counted

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/population"
)

// Target is the system that is read: which, how large, and whether it keeps to the
// published rate limits. Size is one of the population's, unless a size of its own is
// given.
type Target struct {
	System, Size string
	Limits       bool
	Python       string               `json:",omitempty"`
	OktaSize     *population.OktaSize `json:",omitempty"`
	AWSSize      *population.AWSSize  `json:",omitempty"`
}

// Served is what the server says when it is ready: where it is, and how large.
type Served struct {
	URL  string
	Okta *population.OktaCounts `json:",omitempty"`
	AWS  *population.AWSCounts  `json:",omitempty"`
}

// Serve is the sandbox's process. It reads a target, answers with what it
// serves, and then each question; it ends with its input.
func Serve(stdin io.Reader, stdout io.Writer) error {
	lines := json.NewDecoder(bufio.NewReader(stdin))
	var t Target
	if err := lines.Decode(&t); err != nil {
		return fmt.Errorf("read what to serve: %w", err)
	}
	m, what, stop, err := build(t)
	if err != nil {
		return err
	}
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: m, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	defer func() { _ = server.Close() }()      // the process ends anyway
	go func() { _ = server.Serve(listener) }() // ends with Close
	what.URL = "http://" + listener.Addr().String()
	out := json.NewEncoder(stdout)
	if err := out.Encode(what); err != nil {
		return fmt.Errorf("say what is served: %w", err)
	}
	for {
		var q question
		if err := lines.Decode(&q); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the next question: %w", err)
		}
		answer, err := m.reply(q)
		if err != nil {
			return err
		}
		if err := out.Encode(answer); err != nil {
			return fmt.Errorf("say what was counted: %w", err)
		}
	}
}

// question is asked of a system beside its own way: what it was asked for so far (the
// next answers come as late as it says), or to judge.
type question struct {
	Latency time.Duration
	Judge   bool
	People  []string `json:",omitempty"` // by employee id
}

func (m *meter) reply(q question) (any, error) {
	switch {
	case !q.Judge:
		return m.restart(q.Latency)
	case m.judge == nil:
		return nil, errors.New("nobody may change this system, so that it judges nothing")
	}
	people := map[string]bool{}
	for _, id := range q.People {
		people[id] = true
	}
	return m.judge(people)
}

// build makes the population of a target. stop ends what runs beside it.
func build(t Target) (m *meter, what Served, stop func(), err error) {
	stop = func() {}
	switch t.System {
	case "okta":
		m, what, err = buildOkta(t)
	case "aws":
		m, what, err = buildAWS(t)
	case "moto":
		return buildMoto(t)
	default:
		err = fmt.Errorf("there is no system %q to serve", t.System)
	}
	return m, what, stop, err
}

// sizeOf is the size that a target has, or the one that it names; or why there is none.
func sizeOf[Size any](t Target, own *Size, all []Size, name func(Size) string) (none Size, err error) {
	if own != nil {
		return *own, nil
	}
	for _, z := range all {
		if name(z) == t.Size {
			return z, nil
		}
	}
	return none, fmt.Errorf("there is no %s of size %q", t.System, t.Size)
}

func buildOkta(t Target) (*meter, Served, error) {
	z, err := sizeOf(t, t.OktaSize, population.OktaSizes, func(z population.OktaSize) string { return z.Name })
	if err != nil {
		return nil, Served{}, err
	}
	opts := fakeokta.Options{}
	if !t.Limits {
		opts.RateLimits = fakeokta.Raised(50_000_000)
		opts.RateLimits[fakeokta.AppsBucket] = 10_000_000 // in proportion, for the plan looks at them
	}
	org, err := population.Okta(z, opts)
	if err != nil {
		return nil, Served{}, err
	}
	counts := population.CountOkta(org.Rows(), true)
	if t.Limits {
		return newMeter(org, oktaEndpoint), Served{Okta: &counts}, nil
	}
	m := newMeter(newMemo(org), oktaEndpoint)
	if z.Blocks {
		m.judge, err = judgeOkta(org)
	}
	return m, Served{Okta: &counts}, err
}

func buildAWS(t Target) (*meter, Served, error) {
	z, err := sizeOf(t, t.AWSSize, population.AWSSizes, func(z population.AWSSize) string { return z.Name })
	if err != nil {
		return nil, Served{}, err
	}
	org, err := population.AWS(z, fakeaws.Options{})
	if err != nil {
		return nil, Served{}, err
	}
	counts := population.CountAWS(org.State(), population.AWSManagement, z.OUs)
	m := newMeter(org, awsEndpoint)
	if z.Blocks {
		m.anew = func() error { return aDayLater(org) }
		m.judge, err = judgeAWS(org)
		return m, Served{AWS: &counts}, err
	}
	before, err := org.Snapshot()
	if err != nil {
		return nil, Served{}, err
	}
	m.anew = func() error { return org.Restore(before) } // a credential report stands for four hours
	return m, Served{AWS: &counts}, nil
}

// aDayLater leaves what was done, and has no credential reports and sessions any more.
func aDayLater(org *fakeaws.Server) error {
	s := org.State()
	s.Reports, s.Sessions = nil, nil
	now, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return org.Restore(now)
}
