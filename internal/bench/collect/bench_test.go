package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"rollcall/collectors"
	"rollcall/internal/access"
	"rollcall/internal/bench/counted"
	"rollcall/internal/bench/fewest"
	"rollcall/internal/bench/figures"
	"rollcall/internal/bench/figures/figurestest"
	"rollcall/internal/sandbox/population"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && (os.Args[1] == "serve" || os.Args[1] == "read") { // counted.Open and figures.Apart start this program
		os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/patrickmn/go-cache.(*janitor).Run"), // the SDK's, which a finalizer ends
		// the collectors' own transports keep connections for the next request
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// collected serves a population in this process, reads it and gives what came
// of it.
func collected(t *testing.T, at counted.Target, prefer collectors.Prefer) measured {
	t.Helper()
	box, err := counted.Open(at, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	out := measured{Target: at, Served: box.Served, prefer: prefer}
	if out.quick, out.calls, err = once(options{}, box, out, 0, io.Discard); err != nil {
		t.Fatal(err)
	}
	out.minimum, out.bound = fewest.Of(box.Okta, box.AWS, prefer)
	return out
}

func TestACollectorThatReadsEverythingHasNoRowMissingAndIsNotBelowTheMinimum(t *testing.T) {
	m := collected(t, counted.Target{System: "okta", Size: "500"}, collectors.PreferCalls)
	if missing(m) != 0 || len(m.quick.Gaps) > 0 {
		t.Errorf("%d rows are missing, gaps %q", missing(m), m.quick.Gaps)
	}
	var out bytes.Buffer
	told := &report{figures.Report{Bench: "collect", Out: &out, Story: io.Discard}}
	told.calls(m)
	told.memory(m)
	if all := figurestest.Read(t, out.String()); all["Okta/500/calls/calls:GET_/api/v1/groups/{id}/users"] < 50 || all["Okta/500/calls/rows_missing"] != 0 {
		t.Errorf("%v", all)
	}
	if m.calls.Total() < m.minimum.Total() {
		t.Errorf("everything was read with %d requests, so %d are not the fewest", m.calls.Total(), m.minimum.Total())
	}
	if m.quick.PeakKiB == 0 || m.quick.CPU == 0 || m.quick.Wall == 0 {
		t.Errorf("nothing was measured: %+v", m.quick)
	}
	m.Okta.Memberships++
	m.Okta.Assignments++
	if missing(m) != 2 {
		t.Errorf("a membership and an assignment more are %d rows", missing(m))
	}
}

func TestGrowthIsBetweenTheFewestAndTheMostPages(t *testing.T) {
	of := func(size string, people, calls, pages, kib int) measured {
		return measured{Target: counted.Target{System: "okta", Size: size}, prefer: "time", minimum: fewest.Requests{"x": pages}, calls: fewest.Requests{"x": calls},
			Served: counted.Served{Okta: &population.OktaCounts{}}, quick: took{Accounts: people, PeakKiB: kib, Grants: map[access.EntitlementKind]int{}}}
	}
	var out bytes.Buffer
	r := &report{figures.Report{Out: &out, Story: io.Discard}}
	r.growth([]measured{of("b", 100, 110, 100, 2000), of("a", 10, 55, 50, 1000), of("c", 400, 210, 200, 4000)})
	for _, want := range []string{
		"BenchmarkOkta/growth/time/calls_per_page 1 1.033 calls\n", "BenchmarkOkta/growth/time/peak_per_page 1 20480 B\n", "BenchmarkOkta/growth/time/people_times 1 40 times\n", "BenchmarkOkta/growth/time/pages_times 1 4 times\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestWhatIsAskedWronglyIsRefusedInWords(t *testing.T) {
	t.Setenv("ROLLCALL_PYTHON", "")
	for _, tt := range []struct{ args, want string }{
		{"-prefer cheap", "neither time nor calls"}, {"okta", "is no flag"}, {"-moto", "ROLLCALL_PYTHON"},
	} {
		var stderr bytes.Buffer
		if code := run(strings.Fields(tt.args), strings.NewReader(""), io.Discard, &stderr); code != 1 || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%s: code %d, %q", tt.args, code, stderr.String())
		}
	}
}
