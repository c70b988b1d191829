package collectortest

import "testing"

func TestAFaultThatChangesNothingProvesNothing(t *testing.T) {
	for _, c := range []struct {
		rule  string
		fault Fault
		sum   tally
		fine  bool
	}{
		{"survived once, a gap for ever", Fault{}, tally{altered: 9, whole: 1, gap: 1}, true},
		{"an error for ever", Fault{}, tally{altered: 9, whole: 1, err: 1}, true},
		{"no answer was altered", Fault{}, tally{whole: 1, gap: 1}, false},
		{"it cost nothing", Fault{}, tally{altered: 9, whole: 2}, false},
		{"other words cost nothing", Fault{Harmless: true}, tally{altered: 9, whole: 2}, true},
		{"other words cost a certificate", Fault{Harmless: true}, tally{altered: 9, whole: 1, gap: 1}, false},
		{"other words were never said", Fault{Harmless: true}, tally{whole: 2}, false},
	} {
		if problem := c.sum.proves(c.fault); (problem == "") != c.fine {
			t.Errorf("%s: %q", c.rule, problem)
		}
	}
}
