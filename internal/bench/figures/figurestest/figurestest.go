// Package figurestest reads what a bench told as benchstat reads it. It must never be
// more lenient than benchstat is. Its invariant: every line that begins as a figure is one
// that it gives, once, or the test fails.
package figurestest

import (
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
)

// Read gives every figure by its name, without "Benchmark", in the unit of its
// line. Whatever does not parse, or is told twice, fails the test.
func Read(t *testing.T, out string) map[string]float64 {
	t.Helper()
	all, told := map[string]float64{}, benchfmt.NewReader(strings.NewReader(out), "stdout")
	for told.Scan() {
		switch r := told.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Errorf("benchstat cannot read this: %v", r)
		case *benchfmt.Result:
			name := string(r.Name)
			if _, twice := all[name]; twice || len(r.Values) != 1 {
				t.Errorf("%s is told twice, or with %d values", name, len(r.Values))
			}
			if r.GetConfig("pkg") == "" {
				t.Errorf("%s does not say what it belongs to", name)
			}
			all[name] = r.Values[0].Value
			if r.Values[0].OrigUnit != "" {
				all[name] = r.Values[0].OrigValue
			}
		}
	}
	if err := told.Err(); err != nil {
		t.Fatal(err)
	}
	if figures := strings.Count("\n"+out, "\nBenchmark"); figures == 0 || figures != len(all) {
		t.Errorf("%d lines begin as figures do, and %d are figures", figures, len(all))
	}
	return all
}
