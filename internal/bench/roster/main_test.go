//go:build cgo

package main

import (
	"bytes"
	"strings"
	"testing"

	"rollcall/internal/bench/figures/figurestest"
)

func TestBothReadEverybody(t *testing.T) {
	var out, story bytes.Buffer
	if err := bench([]string{"-people", "300"}, &out, &story); err != nil {
		t.Fatal(err)
	}
	if figurestest.Read(t, out.String())["Roster/time_ratio"] == 0 || !strings.Contains(story.String(), "300 people") {
		t.Errorf("%s%s", out.String(), story.String())
	}
	for _, args := range [][]string{{"-people", "0"}, {"extra"}, {"-nonsense"}} {
		if bench(args, &out, &story) == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
