package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/reconcile"
)

// bothEngines gives what the evaluator and the SELECT say of the same change over the
// same nights: of rights they have to say the same.
func bothEngines(t *testing.T, ask func(args ...string) ran, code int, args ...string) reconcile.Replay {
	t.Helper()
	by := map[string]reconcile.Replay{}
	for _, engine := range []string{"go", "duckdb"} {
		r := ask(append([]string{"rolemap", "diff", "--json", "--engine", engine}, args...)...)
		var d reconcile.Replay
		if err := json.Unmarshal([]byte(r.stdout), &d); err != nil || r.code != code {
			t.Fatalf("%s: %v: %s", engine, err, r)
		}
		by[engine] = d
	}
	want := by["go"]
	want.ChangesOnly, want.Appear, want.Vanish = true, []reconcile.SpanOfFinding{}, []reconcile.SpanOfFinding{}
	for i := range want.Nights {
		want.Nights[i].Appear, want.Nights[i].Vanish = 0, 0
	}
	if diff := cmp.Diff(want, by["duckdb"]); diff != "" {
		t.Errorf("(-evaluator +SELECT):\n%s", diff)
	}
	return by["go"]
}

func TestOneSELECTSaysTheSameOfPastNightsAsTheEvaluator(t *testing.T) {
	w := threeNights(t)
	ask := func(args ...string) ran {
		return play(t.Context(), w.clock, nil, append(args, "--config", filepath.Join(w.dir, "rollcall.yaml"))...)
	}
	maps := map[string]string{
		"staff.csv":   "Staff,,,,okta,,group,Staff,required,standard,Ann,Everybody's group,Ann,2040-01-01,\n",
		"door.csv":    "Door,c?ok,kitch*,,okta,,group,old HANDS,allowed,standard,Ann,The old door,Bob,2040-01-01,\n",
		"nothing.csv": "Nobody,Pilot,,,okta,,group,Staff,allowed,standard,Ann,Nothing,Ann,2040-01-01,\n",
		"ends.csv":    "Staff,,,,okta,,group,S_aff,allowed,standard,Ann,None: _ is no wildcard,Ann,2040-01-01,\nAll,,,,*,,*,*,allowed,standard,Ann,Everything until the second night,Ann,2040-01-01,2041-03-05\n",
	}
	changes := 0
	for name, lines := range maps {
		w.write(name, roleMapHead+lines)
		r := bothEngines(t, ask, exitIncomplete, "--nights", "9", "--new", filepath.Join(w.dir, name))
		changes += len(r.Allowed) + len(r.Unexpected)
		if len(r.Nights) != 3 {
			t.Fatalf("%d nights", len(r.Nights))
		}
	}
	if changes < 5 {
		t.Errorf("%d changes: the test proves little", changes)
	}
	r := ask("rolemap", "diff", "--nights", "9", "--engine", "duckdb", "--new", filepath.Join(w.dir, "staff.csv"))
	if strings.Contains(r.stdout, "Findings") || !strings.Contains(r.stdout, "on the last 3 nights") {
		t.Error(r)
	}
	w.want(ask("rolemap", "diff", "--engine", "duckdb", "--new", filepath.Join(w.dir, "staff.csv")), exitRefused, "--nights N")
	w.want(ask("rolemap", "diff", "--engine", "spark", "--nights", "2", "--new", filepath.Join(w.dir, "staff.csv")), exitRefused, "write go, duckdb or athena")
	w.want(ask("rolemap", "diff", "--engine", "athena", "--nights", "2", "--new", filepath.Join(w.dir, "staff.csv")), exitRefused, "Athena reads S3 only")
}

func TestOneSELECTSaysTheSameOfTheDemosNights(t *testing.T) {
	d := openDemo(t)
	b, err := os.ReadFile(d.path("rolemap.csv"))
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(b), "\n")
	var fewer strings.Builder
	for line := range strings.Lines(string(b)) {
		if !strings.Contains(line, "GitHub") && !strings.HasPrefix(line, "Engineering,") {
			fewer.WriteString(line)
		}
	}
	maps := map[string]string{
		"fewer.csv":   fewer.String() + "Wide,*engineer*,,,*,*,*,*a*,allowed,standard,Ann,Much,Ann,2020-01-01,\n",
		"nothing.csv": head + "\nNobody,Nobody has this title,,,,,,Nothing,allowed,standard,Ann,Nothing,Ann,2020-01-01,\n",
		"all.csv":     head + "\nAll,,,,*,*,*,*,allowed,standard,Ann,Everything,Ann,2020-01-01,\n", // but what an exception allows already
	}
	d.playTwoNights(t)
	d.playNight(t)
	ask := func(args ...string) ran { return d.asked(t, args...) }
	told := map[string]reconcile.Replay{}
	for name, text := range maps {
		if err := os.WriteFile(d.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		told[name] = bothEngines(t, ask, exitDone, "--nights", "30", "--new", d.path(name))
	}
	if lost, gained, some := told["nothing.csv"].Unexpected, told["all.csv"].Allowed, told["fewer.csv"]; len(lost) < 500 || len(gained) < 20 || len(some.Allowed) < 5 || len(some.Unexpected) < 20 || len(some.Nights) != 3 {
		t.Errorf("%d, %d, %d and %d changes on %d nights: the test proves little", len(lost), len(gained), len(some.Allowed), len(some.Unexpected), len(some.Nights))
	}
}
