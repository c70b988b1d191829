package main

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"rollcall/collectors"
	"rollcall/internal/access"
)

// reading tells on stderr how far the reading of the systems has come: a bar for
// each on a terminal, a line of the log a minute anywhere else.
type reading struct {
	log   *slog.Logger
	now   func() time.Time
	began time.Time
	out   *os.File      // where bars can be drawn; nil: lines
	bars  *mpb.Progress // while they are drawn
	every time.Duration
	done  chan struct{}
	ended sync.WaitGroup

	mu    sync.Mutex
	order []access.System
	at    map[access.System]*counts
}

// counts are the requests of one system so far, and as planned so far.
type counts struct {
	answered, planned int
	bar               *mpb.Bar
}

func newReading(e *environ) *reading {
	return &reading{log: e.log, out: e.bars(), now: e.now, began: e.now(), every: time.Minute, done: make(chan struct{}), at: map[access.System]*counts{}}
}

// of is what a system's collector tells; nobody is told without a reading.
func (r *reading) of(system access.System) collectors.Progress {
	if r == nil {
		return nil
	}
	c := &counts{}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.order = append(r.order, system)
	r.at[system] = c
	return func(answered, planned int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		c.answered, c.planned = answered, max(answered, planned)
		if c.bar != nil {
			c.bar.SetTotal(int64(c.planned), false)
			c.bar.SetCurrent(int64(c.answered))
		}
	}
}

// start begins to tell; the returned function ends it.
func (r *reading) start() (stop func()) {
	if r.out == nil {
		r.ended.Go(r.lines)
	} else {
		r.draw()
	}
	return func() {
		close(r.done)
		r.ended.Wait()
		if r.bars == nil {
			return
		}
		for _, s := range r.order {
			r.at[s].bar.Abort(true)
		}
		r.bars.Wait()
	}
}

// draw makes a bar for each system. A run that reads none of them has none.
func (r *reading) draw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bars = mpb.New(mpb.WithOutput(r.out), mpb.WithRefreshRate(200*time.Millisecond))
	for _, s := range r.order {
		r.at[s].bar = r.bars.AddBar(0, mpb.PrependDecorators(decor.Name(string(s)+" ", decor.WCSyncSpaceR), decor.CountersNoUnit("%d of about %d requests")),
			mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO)), mpb.BarRemoveOnComplete())
	}
}

// lines tells every minute, until the end.
func (r *reading) lines() {
	tick := time.NewTicker(r.every)
	defer tick.Stop()
	for {
		select {
		case <-r.done:
			return
		case <-tick.C:
			r.line()
		}
	}
}

func (r *reading) line() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.order {
		c := r.at[s]
		if c.planned == 0 || c.answered >= c.planned {
			continue
		}
		r.log.Info(fmt.Sprintf("reading %s: %d of about %d requests%s", s, c.answered, c.planned, r.left(c)), "system", s, "answered", c.answered, "planned", c.planned)
	}
}

// left is how long the rest takes at the pace so far.
func (r *reading) left(c *counts) string {
	if c.answered == 0 {
		return ""
	}
	rest := r.now().Sub(r.began) * time.Duration(c.planned-c.answered) / time.Duration(c.answered)
	return fmt.Sprintf(", about %s left", rest.Round(time.Second))
}

// counting tells on a terminal how far something with a known end is, once it takes
// longer than a moment. Anywhere else it is silent.
type counting struct {
	what  string
	out   *os.File // nil: silent
	now   func() time.Time
	began time.Time
	bars  *mpb.Progress
	bar   *mpb.Bar
}

// moment is how long somebody waits without wondering.
const moment = 2 * time.Second

func (e *environ) counting(what string) *counting {
	return &counting{what: what, out: e.bars(), now: e.now, began: e.now()}
}

func (c *counting) tell(done, all int) {
	if c.out == nil || c.bar == nil && c.now().Sub(c.began) < moment {
		return
	}
	if c.bar == nil {
		c.bars = mpb.New(mpb.WithOutput(c.out), mpb.WithRefreshRate(200*time.Millisecond))
		c.bar = c.bars.AddBar(int64(all), mpb.PrependDecorators(decor.Name(c.what+" "), decor.CountersNoUnit("%d of %d")),
			mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO)), mpb.BarRemoveOnComplete())
	}
	c.bar.SetTotal(int64(all), false)
	c.bar.SetCurrent(int64(done))
}

func (c *counting) end() {
	if c.bar == nil {
		return
	}
	c.bar.Abort(true)
	c.bars.Wait()
}

// waiting shows on a terminal that something without a known end is at work, once it
// takes longer than a moment; the returned function ends it.
func (e *environ) waiting(what string) (done func()) {
	out := e.bars()
	if out == nil {
		return func() {}
	}
	over := make(chan struct{})
	var shown sync.WaitGroup
	shown.Go(func() {
		select {
		case <-over:
			return
		case <-time.After(moment):
		}
		bars := mpb.New(mpb.WithOutput(out), mpb.WithRefreshRate(200*time.Millisecond))
		bar := bars.New(0, mpb.SpinnerStyle(), mpb.PrependDecorators(decor.Name(what+" ")), mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_GO)), mpb.BarRemoveOnComplete())
		<-over
		bar.Abort(true)
		bars.Wait()
	})
	return func() {
		close(over)
		shown.Wait()
	}
}
