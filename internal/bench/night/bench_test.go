package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"rollcall/internal/bench/figures/figurestest"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/population"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && (os.Args[1] == "serve" || os.Args[1] == "memory") { // counted.Open and figures.Apart start this program
		os.Exit(start(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func measured(t *testing.T, args string) (map[string]float64, string) {
	t.Helper()
	var out, story bytes.Buffer
	if code := start(strings.Fields(args+" -folder "+t.TempDir()), nil, &out, &story); code != 0 {
		t.Fatalf("exit %d\n%s", code, story.String())
	}
	return figurestest.Read(t, out.String()), story.String()
}

func TestANightIsMeasuredFromOutside(t *testing.T) {
	told, story := measured(t, "-people 100 -orgs 1 -accounts 3 -nights 1")
	for name, least := range map[string]float64{"collect/time": 1e8, "worksheets": 5, "okta-1/calls": 100, "aws/calls": 40, "calls_ratio": 0.9, "peak": 20 << 20, "archived": 10_000, "received": 100_000, "cpu": 1e8} {
		if told["Night/first/"+name] < least {
			t.Errorf("%s is %v, which is less than there is", name, told["Night/first/"+name])
		}
	}
	if ratio := told["Night/first/calls_ratio"]; ratio > callsTarget {
		t.Errorf("%v requests for each that there has to be", ratio)
	}
	whole, parts := told["Night/first/time"], 0.0
	for _, part := range []string{"lists", "collect", "decide", "facts", "worksheets", "commit", "tell"} {
		parts += told["Night/first/"+part+"/time"]
	}
	if parts < whole*0.999 || parts > whole*1.001 {
		t.Errorf("the parts are %v of %v\n%s", parts, whole, story)
	}
}

func TestTheNightInMemoryIsWhole(t *testing.T) {
	told, story := measured(t, "-memory -people 1000 -roles 7 -grants 20000 -drift 20")
	if told["Night/memory/grants"] < 18_000 || told["Night/memory/findings"] < 300 || told["Night/memory/archived"] < 10_000 || told["Night/memory/peak"] == 0 {
		t.Errorf("%v\n%s", told, story)
	}
}

func TestEverySizeCanBeBuilt(t *testing.T) {
	for _, s := range []size{{100, 1, 3}, {15_000, 3, 200}, {20_001, 2, 50}} {
		for org := range s.Orgs {
			box, err := population.Okta(*s.okta(org), fakeokta.Options{})
			if err != nil {
				t.Fatal(err)
			}
			first := box.Rows().Users[0].Profile["employeeNumber"]
			if !bytes.Contains(people(s, time.Time{}), []byte("\n"+first.(string)+",")) {
				t.Errorf("HR does not know %v of %s", first, oktaName(org))
			}
		}
		if _, err := population.AWS(*s.aws(), fakeaws.Options{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatIsAskedWronglyIsRefused(t *testing.T) {
	for _, args := range []string{"-people 10", "-orgs 0", "-accounts 1", "-nights 3", "extra", "-memory -roles 1"} {
		if _, err := parse(strings.Fields(args), &bytes.Buffer{}); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
