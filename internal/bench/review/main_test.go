package main

import (
	"bytes"
	"strings"
	"testing"

	"rollcall/internal/bench/figures/figurestest"
)

func TestTheWholeCampaignIsWrittenAndTakenIn(t *testing.T) {
	var out, story bytes.Buffer
	if err := bench([]string{"-reviewers", "3", "-rows", "20"}, &out, &story); err != nil {
		t.Fatal(err)
	}
	if figurestest.Read(t, out.String())["Review/write_memory"] == 0 || !strings.Contains(story.String(), "60 rows for 3 reviewers") || !strings.Contains(story.String(), "3 workbooks with 60 answers came back and count") {
		t.Errorf("%s%s", out.String(), story.String())
	}
	for _, args := range [][]string{{"-reviewers", "0"}, {"extra"}, {"-nonsense"}} {
		if bench(args, &out, &story) == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
