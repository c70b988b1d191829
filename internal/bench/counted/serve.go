package main

import (
	"bufio"
	"encoding/json"
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

// target is the system that is read: which, how large, and whether it keeps to
// the published rate limits.
type target struct {
	System, Size string
	Limits       bool
	Python       string `json:",omitempty"`
}

// served is what the server says when it is ready: where it is, and how large.
type served struct {
	URL  string
	Okta *population.OktaCounts `json:",omitempty"`
	AWS  *population.AWSCounts  `json:",omitempty"`
}

// serve is the sandbox's process. It reads a target, answers with what it
// serves, and then with the requests so far for each latency that it is given;
// it ends with its input.
func serve(stdin io.Reader, stdout io.Writer) error {
	lines := json.NewDecoder(bufio.NewReader(stdin))
	var t target
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
		var latency time.Duration
		if err := lines.Decode(&latency); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the next latency: %w", err)
		}
		counted, err := m.restart(latency)
		if err != nil {
			return err
		}
		if err := out.Encode(counted); err != nil {
			return fmt.Errorf("say what was counted: %w", err)
		}
	}
}

// build makes the population of a target. stop ends what runs beside it.
func build(t target) (m *meter, what served, stop func(), err error) {
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

func buildOkta(t target) (*meter, served, error) {
	for _, z := range population.OktaSizes {
		if z.Name != t.Size {
			continue
		}
		opts := fakeokta.Options{}
		if !t.Limits {
			opts.RateLimits = fakeokta.Raised(50_000_000)
			opts.RateLimits[fakeokta.AppsBucket] = 10_000_000 // in proportion, for the plan looks at them
		}
		org, err := population.Okta(z, opts)
		if err != nil {
			return nil, served{}, err
		}
		counts := population.CountOkta(org.Rows(), true)
		if t.Limits {
			return newMeter(org, oktaEndpoint), served{Okta: &counts}, nil
		}
		return newMeter(newMemo(org), oktaEndpoint), served{Okta: &counts}, nil
	}
	return nil, served{}, fmt.Errorf("there is no okta of size %q", t.Size)
}

func buildAWS(t target) (*meter, served, error) {
	for _, z := range population.AWSSizes {
		if z.Name != t.Size {
			continue
		}
		org, err := population.AWS(z, fakeaws.Options{})
		if err != nil {
			return nil, served{}, err
		}
		counts := population.CountAWS(org.State(), population.AWSManagement, z.OUs)
		before, err := org.Snapshot()
		if err != nil {
			return nil, served{}, err
		}
		m := newMeter(org, awsEndpoint)
		m.anew = func() error { return org.Restore(before) } // a credential report stands for four hours
		return m, served{AWS: &counts}, nil
	}
	return nil, served{}, fmt.Errorf("there is no aws of size %q", t.Size)
}
