package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/collectors/aws"
	"rollcall/internal/sandbox/company"
	"rollcall/internal/zones"
)

// demoClock runs at the speed of the real one, from wherever it was set. Waiting
// moves it, so that nobody waits.
type demoClock struct {
	mu    sync.Mutex
	ahead time.Duration
	// stands: it moves only when somebody waits or sets it, so that what is played twice
	// says the same times twice.
	stands bool
}

func (c *demoClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.behind().Add(c.ahead)
}

// behind is the clock that this one goes by.
func (c *demoClock) behind() time.Time {
	if c.stands {
		return time.Unix(0, 0)
	}
	return time.Now()
}

func (c *demoClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = t.Sub(c.behind())
}

// real lets the clock show the real time again.
func (c *demoClock) real() { c.set(time.Now()) }

func (c *demoClock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	return ctx.Err()
}

// inside is the environment of a night in the demo: its clock, its systems, and
// no trace on the page of a CI run.
func (d *demo) inside() *environ {
	in := *d.e
	in.now = d.clock.now
	in.getenv = func(name string) string {
		if name == "GITHUB_STEP_SUMMARY" {
			return ""
		}
		return d.e.getenv(name)
	}
	in.log = slog.New(demoLog{d.e.stderr})
	in.outside.logins = true
	in.outside.sleep = d.clock.sleep
	in.outside.awsCredentials = credentials.NewStaticCredentialsProvider(company.AWSKeyID, company.AWSSecret, "")
	in.outside.awsRates = aws.Rates{IdentityCenter: 1e6, IAM: 1e6}
	in.outside.oktaShare = 1
	return &in
}

// start makes the company, brings a kept one to where it was, and serves its
// systems on this machine.
func (d *demo) start(kept bool) error {
	if !kept {
		d.state.First = lastTwo(d.e.now()).AddDate(0, 0, -nightsBack)
		d.clock.set(d.state.First)
	}
	d.company = company.Build(d.state.First, company.Clocks{Okta: d.clock.now, AWS: time.Now})
	if kept {
		if err := d.restore(); err != nil {
			return err
		}
	}
	if !kept && d.stays {
		d.state.Okta, d.state.AWS = servedOkta, servedAWS
	}
	before, org := d.state, http.Handler(d.company.Okta())
	if d.e.outside.okta != nil {
		org = d.e.outside.okta(org)
	}
	if err := errors.Join(d.listen(&d.state.Okta, org), d.listen(&d.state.AWS, d.company.AWS())); err != nil {
		return errors.Join(err, d.close())
	}
	if kept {
		return errors.Join(d.moved(before.Okta, d.state.Okta), d.moved(before.AWS, d.state.AWS))
	}
	return nil
}

// nightsBack is how many nights ago the story begins: few, so that what --serve
// lets other commands do on the real clock is not far from the story's own days.
const nightsBack = 2

// lastTwo is the last two o'clock at night in the company's zone: the nights are
// in the past, so that what is due by the real clock is due.
func lastTwo(now time.Time) time.Time {
	now = now.In(demoZone())
	two := time.Date(now.Year(), now.Month(), now.Day(), 2, 0, 0, 0, now.Location())
	if two.After(now) {
		two = two.AddDate(0, 0, -1)
	}
	return two
}

// demoZone is where the company's days end.
func demoZone() *time.Location {
	zone, err := zones.Load(company.Zone)
	if err != nil { // the program carries the zones with it
		return time.UTC
	}
	return zone
}

// Where a sandbox that stays up is found, if nobody else has the ports.
const (
	thisMachine = "127.0.0.1"
	servedOkta  = thisMachine + ":4601"
	servedAWS   = thisMachine + ":4602"
)

// listen serves on this machine only: on the address of the last time if it is
// free, else on another one.
func (d *demo) listen(address *string, h http.Handler) error {
	var l net.Listener
	err := errors.New("no address yet")
	if *address != "" {
		l, err = net.Listen("tcp", *address)
	}
	if err != nil {
		if l, err = net.Listen("tcp", thisMachine+":0"); err != nil {
			return err
		}
	}
	*address = l.Addr().String()
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	d.servers = append(d.servers, s)
	go func() { _ = s.Serve(l) }() // it ends when the demo closes it
	return nil
}

// moved tells the configuration when a system had to take another address.
func (d *demo) moved(from, to string) error {
	if from == to {
		return nil
	}
	fmt.Fprintf(d.e.stdout, "The address %s is taken; %s takes its place in rollcall.yaml.\n", from, to)
	return d.editConfig("http://"+from, "http://"+to)
}

// stop saves the systems and takes them down.
func (d *demo) stop() error { return errors.Join(d.save(), d.close()) }

func (d *demo) close() error {
	var errs []error
	for _, s := range d.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// save writes the systems' state and the demo's own.
func (d *demo) save() error {
	okta, cloud, err := d.company.Snapshot()
	if err != nil {
		return err
	}
	own, err := json.MarshalIndent(d.state, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(writeFile(d.path("sandbox", "okta.json"), okta), writeFile(d.path("sandbox", "aws.json"), cloud),
		writeFile(d.path("sandbox", "demo.json"), append(own, '\n')))
}

// load reads what a kept demo remembers.
func (d *demo) load() error {
	b, err := readInput(d.path("sandbox", "demo.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &d.state); err != nil {
		return fmt.Errorf("read sandbox/demo.json: %w", err)
	}
	if d.state.First.IsZero() || d.state.Played < 2 {
		return errors.New("its first two nights were not played to the end")
	}
	for _, address := range []string{d.state.Okta, d.state.AWS} {
		if host, _, err := net.SplitHostPort(address); err != nil || host != thisMachine {
			return fmt.Errorf("sandbox/demo.json names the address %q, which is not one of this machine alone", address)
		}
	}
	return nil
}

func (d *demo) restore() error {
	okta, err := readInput(d.path("sandbox", "okta.json"))
	if err != nil {
		return err
	}
	cloud, err := readInput(d.path("sandbox", "aws.json"))
	if err != nil {
		return err
	}
	return d.company.Restore(okta, cloud)
}
