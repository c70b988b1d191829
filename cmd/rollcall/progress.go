package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"rollcall/collectors"
	"rollcall/internal/access"
)

// reading tells on stderr how far the reading of the systems has come: a bar for
// each on a terminal, a line a minute anywhere else.
type reading struct {
	w     io.Writer
	now   func() time.Time
	began time.Time
	bars  *mpb.Progress // nil: lines
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
	r := &reading{w: e.stderr, now: e.now, began: e.now(), every: time.Minute, done: make(chan struct{}), at: map[access.System]*counts{}}
	if f, ok := e.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		r.bars = mpb.New(mpb.WithOutput(f), mpb.WithRefreshRate(200*time.Millisecond))
	}
	return r
}

// of is what a system's collector tells; nobody is told without a reading.
func (r *reading) of(system access.System) collectors.Progress {
	if r == nil {
		return nil
	}
	c := &counts{}
	if r.bars != nil {
		c.bar = r.bars.AddBar(0, mpb.PrependDecorators(decor.Name(string(system)+" ", decor.WCSyncSpaceR), decor.CountersNoUnit("%d of about %d requests")),
			mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO)), mpb.BarRemoveOnComplete())
	}
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
	if r.bars == nil {
		r.ended.Go(r.lines)
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
		fmt.Fprintf(r.w, "reading %s: %d of about %d requests%s\n", s, c.answered, c.planned, r.left(c))
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
	c := &counting{what: what, now: e.now, began: e.now()}
	if f, ok := e.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		c.out = f
	}
	return c
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
