package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestALineTellsHowFarEachSystemIsAndHowLongTheRestTakes(t *testing.T) {
	var out bytes.Buffer
	clock := &tick{now: firstNight}
	r := newReading(&environ{stderr: &out, now: clock.Now})
	okta, aws := r.of("okta"), r.of("aws")
	clock.pass(time.Minute)
	okta(25, 100)
	aws(7, 7) // done: no line
	r.line()
	if got, want := out.String(), "reading okta: 25 of about 100 requests, about 3m0s left\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesAreToldWhileItReadsAndNotAfter(t *testing.T) {
	r, w := newReading(&environ{stderr: nil, now: time.Now}), make(chan string, 100)
	r.w, r.every = lineWriter(w), time.Millisecond
	stop := r.start()
	r.of("okta")(1, 2)
	if line := <-w; !strings.HasPrefix(line, "reading okta: 1 of about 2 requests") {
		t.Error(line)
	}
	stop()
	for len(w) > 0 {
		<-w
	}
	r.of("okta")(1, 3)
	if len(w) > 0 {
		t.Error("a line after the end")
	}
}

type lineWriter chan string

func (w lineWriter) Write(b []byte) (int, error) {
	w <- string(b)
	return len(b), nil
}
