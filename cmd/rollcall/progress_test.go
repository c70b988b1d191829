package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestALineTellsHowFarEachSystemIsAndHowLongTheRestTakes(t *testing.T) {
	var out bytes.Buffer
	clock := &tick{now: firstNight}
	r := newReading(&environ{stderr: &out, now: clock.Now, log: slog.New(demoLog{&out})})
	okta, aws := r.of("okta"), r.of("aws")
	clock.pass(time.Minute)
	okta(25, 100)
	aws(7, 7) // done: no line
	r.line()
	if got, want := out.String(), "   reading okta: 25 of about 100 requests, about 3m0s left\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesAreToldEachMinuteWhileItReadsAndNotAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := newReading(&environ{stderr: &out, now: time.Now, log: slog.New(demoLog{&out})})
		r.of("okta")(1, 2)
		stop := r.start()
		time.Sleep(3*time.Minute + time.Second)
		synctest.Wait()
		if n := strings.Count(out.String(), "reading okta: 1 of about 2 requests"); n != 3 {
			t.Errorf("%d lines in three minutes:\n%s", n, &out)
		}
		stop()
		told := out.Len()
		time.Sleep(time.Hour)
		synctest.Wait()
		if out.Len() != told {
			t.Errorf("lines after the end:\n%s", &out)
		}
	})
}
