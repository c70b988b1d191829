//go:build cgo

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rollcall/internal/bench/company"
	"rollcall/internal/bench/figures"
	"rollcall/internal/bench/figures/figurestest"
	"rollcall/internal/bench/versus"
)

func TestBothWriteTheSameRows(t *testing.T) {
	for _, s := range []company.Size{{People: 1000, Roles: 7, Grants: 20_000, Drift: 20}, {People: 500, Roles: 2, Grants: 10_000, Drift: 300}} {
		dir := t.TempDir()
		here, err := ours(versus.Task{Size: s, Folder: dir})
		if err != nil {
			t.Fatal(err)
		}
		there, err := duck(versus.Task{Size: s, Folder: dir})
		if err != nil {
			t.Fatal(err)
		}
		if err := same(here.Holds, there); err != nil {
			t.Error(err)
		}
		if here.Holds.Rows < s.Grants*9/10 || here.Holds.Expected == here.Holds.Rows || here.Holds.FirstSeen == 0 {
			t.Errorf("%+v: the night holds %+v", s, here.Holds)
		}
		for file, bytes := range map[string]int64{oursName: here.Bytes, theirsName: there.Bytes} {
			if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Size() != bytes {
				t.Errorf("%s is said to have %d bytes: %v", file, bytes, err)
			}
		}
		if here.Time == 0 || there.Time == 0 || here.PeakKiB == 0 || there.InputKiB == 0 {
			t.Errorf("nothing was measured: %+v, %+v", here, there)
		}
	}
}

func TestAFileThatHoldsSomethingElseIsNotCompared(t *testing.T) {
	night, file := content{Rows: 3, Expected: 2}, content{Rows: 3, Expected: 2, Hash: "x"}
	for want, there := range map[bool]took{
		true:  {Ours: file, Theirs: file},
		false: {Ours: file, Theirs: content{Rows: 3, Expected: 2, Hash: "y"}},
	} {
		if err := same(night, there); (err == nil) != want {
			t.Errorf("%+v: %v", there, err)
		}
	}
	if same(content{Rows: 4, Expected: 2}, took{Ours: file, Theirs: file}) == nil {
		t.Error("a row that neither file has is not missed")
	}
}

func TestARatioAboveItsTargetIsShort(t *testing.T) {
	var out bytes.Buffer
	here := took{Bytes: 6, Holds: content{Rows: 1}, Cost: figures.Cost{Time: 6 * time.Second, GrownKiB: 1}}
	there := took{Bytes: 10, Cost: figures.Cost{Time: 10 * time.Second, CPU: 1, GrownKiB: 5, PeakKiB: 1}}
	tell(&figures.Report{Bench: "archive", Out: &out, Story: &bytes.Buffer{}}, here, took{Cost: figures.Cost{Time: 9 * time.Second}}, there)
	all := figurestest.Read(t, out.String())
	for name, want := range map[string]float64{"Archive/time_ratio": 0.6, "Archive/bytes_ratio": 0.6, "Archive/memory_ratio": 0.2, "Archive/two_cores": 1.5} {
		if all[name] != want {
			t.Errorf("%s is %v, want %v", name, all[name], want)
		}
	}
}
