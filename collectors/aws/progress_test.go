package aws

import (
	"testing"

	"rollcall/collectors/collectortest"
	"rollcall/internal/sandbox/fakeaws"
)

func TestProgressNeverGoesBackAndEndsWithWhatWasSent(t *testing.T) {
	o := openOrg(t, fakeaws.Options{MaxPage: 1})
	var p collectortest.Progress
	o.collect(t, func(c *Config) { c.Progress = p.Tell })
	answered, most := 0, 0
	for i, step := range p.Steps {
		if step[0] < answered || step[0] > step[1] {
			t.Fatalf("step %d: %d of %d answered, after %d", i, step[0], step[1], answered)
		}
		answered, most = step[0], max(most, step[1])
	}
	sent := len(o.Requests())
	if last := p.Steps[len(p.Steps)-1]; last != [2]int{sent, sent} || most != sent {
		t.Errorf("it ends with %v (at most %d planned), and %d requests were sent", last, most, sent)
	}
}

func TestARequestThatNeverComesIsNotWaitedFor(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.faults.Add(apiError("AssumeRole", 403, "AccessDenied"))
	var p collectortest.Progress
	o.collect(t, func(c *Config) { c.Progress = p.Tell })
	if last := p.Steps[len(p.Steps)-1]; last[0] != last[1] {
		t.Errorf("it ends with %d of %d", last[0], last[1])
	}
}

func TestManyPairsAreKnownBeforeTheyAreAsked(t *testing.T) {
	o := manyPairs(t)
	var p collectortest.Progress
	o.collect(t, func(c *Config) { c.Progress = p.Tell })
	for _, step := range p.Steps {
		if ahead := step[1] - step[0]; ahead >= 30 {
			return
		}
	}
	t.Error("planned never runs ahead of answered")
}
