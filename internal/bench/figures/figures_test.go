package figures_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/bench/figures"
	"rollcall/internal/bench/figures/figurestest"
)

func TestAFigureIsOneLineThatBenchstatReads(t *testing.T) {
	var out bytes.Buffer
	r := &figures.Report{Bench: "some", Out: &out, Story: io.Discard}
	r.Figure("a.calls:GET /users/{id}", 1.0204, "ratio", 1.02)
	r.Figure("c", 300, "calls", figures.NoTarget)
	r.Figure("d.time", 1.02, "s", 1.02)
	r.Figure("e", 0.5, "MiB", 0)
	r.Figure("f", 2.4, "bytes a grant", figures.NoTarget)
	_, told, _ := strings.Cut(out.String(), "better=lower\n")
	want := "BenchmarkA/calls:GET_/users/{id} 1 1.02 ratio\ntarget\ta/calls:GET_/users/{id}\t1.02\tratio\t<=1.02\tshort\n" +
		"BenchmarkC 1 300 calls\n" +
		"BenchmarkD/time 1 1020000000 ns/op\ntarget\td/time\t1.02\ts\t<=1.02\tmet\n" +
		"BenchmarkE 1 524288 B\ntarget\te\t0.5\tMiB\t<=0\tshort\n" +
		"BenchmarkF 1 2.4 bytes-a-grant\n"
	if d := cmp.Diff(want, told); d != "" {
		t.Error(d)
	}
	all := map[string]float64{"A/calls:GET_/users/{id}": 1.02, "C": 300, "D/time": 1.02e9, "E": 524288, "F": 2.4}
	if d := cmp.Diff(all, figurestest.Read(t, out.String())); d != "" {
		t.Error(d)
	}
}

func TestAFigureThatCannotBeWrittenIsAnError(t *testing.T) {
	r := &figures.Report{Out: broken{}, Story: io.Discard}
	r.Figure("a", 1, "ratio", figures.NoTarget)
	if r.Err == nil {
		t.Error("a full disk is not told")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
