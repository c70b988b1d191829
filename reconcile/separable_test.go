package reconcile

import "testing"

func TestOfTwoReasonsTheFirstByItsWordsIsToldInWhateverOrderTheyWereFound(t *testing.T) {
	for _, c := range [][3]string{{"a", "b", "a"}, {"b", "a", "a"}, {"", "b", "b"}, {"a", "", "a"}, {"", "", ""}} {
		if got := least(c[0], c[1]); got != c[2] {
			t.Errorf("of %q and %q: %q", c[0], c[1], got)
		}
	}
}
