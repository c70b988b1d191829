package access

import "testing"

func TestAVerdictSaysWhatCoversAGrantAndWhetherThatStillHolds(t *testing.T) {
	for _, c := range []struct {
		v               Verdict
		rule, exception int32
		expected        bool
	}{
		{Verdict{}, 0, 0, false},
		{Verdict{By: 1}, 1, 0, true},
		{Verdict{By: 2}, 2, 0, true},
		{ByException(1, false), 0, 1, true},
		{ByException(1, true), 0, 1, false},
		{ByException(2, false), 0, 2, true},
		{ByException(7, true), 0, 7, false},
	} {
		if c.v.Rule() != c.rule || c.v.Exception() != c.exception || c.v.Expected() != c.expected {
			t.Errorf("%+v: rule %d, exception %d, expected %t; want %+v", c.v, c.v.Rule(), c.v.Exception(), c.v.Expected(), c)
		}
	}
}

func TestWithoutAMemoryEveryGrantWasFirstSeenTonight(t *testing.T) {
	j := Judged{Tonight: 20_000}
	if j.FirstSeen(3) != 20_000 {
		t.Errorf("first seen on %d", j.FirstSeen(3))
	}
	j.Seen = []uint16{7, 8}
	if j.FirstSeen(1) != 8 {
		t.Errorf("first seen on %d", j.FirstSeen(1))
	}
}
