//go:build cgo

package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestBothReadEverybody(t *testing.T) {
	var out, story bytes.Buffer
	if err := bench([]string{"-people", "300"}, &out, &story); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "roster.time_ratio\t") || !strings.Contains(story.String(), "300 people") {
		t.Errorf("%s%s", out.String(), story.String())
	}
	for _, args := range [][]string{{"-people", "0"}, {"extra"}, {"-nonsense"}} {
		if bench(args, &out, &story) == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
