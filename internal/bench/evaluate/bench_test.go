//go:build cgo

package main

import (
	"bytes"
	"strings"
	"testing"

	"rollcall/internal/bench/company"
	"rollcall/internal/bench/figures"
	"rollcall/internal/bench/figures/figurestest"
	"rollcall/internal/bench/versus"
)

func alone(t *testing.T, what string, s company.Size) took {
	t.Helper()
	got, err := sides.Here(versus.Task{Size: s, What: what})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestBothFindTheSame(t *testing.T) {
	for _, s := range []company.Size{{People: 1000, Roles: 7, Grants: 20_000, Drift: 20}, {People: 3000, Roles: 50, Grants: 45_000, Drift: 0}, {People: 500, Roles: 2, Grants: 10_000, Drift: 300},
		{People: 500, Roles: 2, Grants: 10_000, Drift: 20, Strangers: 9, Remember: true}} {
		ours, theirs := alone(t, versus.Ours, s), alone(t, versus.DuckDB, s)
		if ours.Grants != theirs.Grants || ours.Missing != theirs.Missing || ours.Unexpected != theirs.Unexpected {
			t.Errorf("%+v: here %+v, in DuckDB %+v", s, ours, theirs)
		}
		if ours.Findings < ours.Missing+ours.Unexpected+s.Strangers {
			t.Errorf("%+v: %d findings do not tell of the strangers", s, ours.Findings)
		}
		if (s.Drift > 0) != (ours.Missing > 0 && ours.Unexpected > 0) {
			t.Errorf("%+v: %d missing, %d unexpected", s, ours.Missing, ours.Unexpected)
		}
		if ours.Actions == 0 && ours.Findings == 0 && s.Drift > 0 || ours.Time == 0 || theirs.Time == 0 || ours.PeakKiB == 0 {
			t.Errorf("nothing was measured: %+v, %+v", ours, theirs)
		}
	}
}

func TestAPopulationOfNothingIsRefused(t *testing.T) {
	for _, s := range []company.Size{{}, {People: 10, Roles: 1, Grants: 200}, {People: 10, Roles: 5, Grants: 30}, {People: 10, Roles: 5, Grants: 200, Drift: 1001}} {
		if _, err := company.New(s); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
}

func TestARatioAboveItsTargetIsShort(t *testing.T) {
	var out bytes.Buffer
	tell(&figures.Report{Bench: "evaluate", Out: &out, Story: &bytes.Buffer{}}, company.Size{}, took{Grants: 1, Cost: figures.Cost{Time: 10}},
		took{Grants: 10, Cost: figures.Cost{Time: 50, GrownKiB: 1}}, took{Cost: figures.Cost{Time: 80}}, took{Cost: figures.Cost{Time: 100, CPU: 1, GrownKiB: 100, PeakKiB: 1}})
	all := figurestest.Read(t, out.String())
	for name, want := range map[string]float64{"Evaluate/time_ratio": 0.5, "Evaluate/memory_ratio": 0.01, "Evaluate/linear": 0.5, "Evaluate/two_cores": 1.6} {
		if all[name] != want {
			t.Errorf("%s is %v, want %v", name, all[name], want)
		}
	}
	for _, want := range []string{"target\tevaluate/time_ratio\t0.5\tratio\t<=0.1\tshort\n", "target\tevaluate/memory_ratio\t0.01\tratio\t<=0.125\tmet\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
