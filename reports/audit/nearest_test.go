package audit

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestAmongManyNamesThatAreAllAlikeTheNearestAreNamedAtOnce: addresses of one company differ by a few letters, and so
// each of a hundred thousand of them may be meant.
func TestAmongManyNamesThatAreAllAlikeTheNearestAreNamedAtOnce(t *testing.T) {
	var all []term
	for n := range 20_000 {
		all = append(all, term{value: fmt.Sprintf("%05d", n), also: []string{fmt.Sprintf("person%05d@example.com", n)}})
	}
	began := time.Now()
	got := nearest(all, "person00007@example.co")
	if want := []string{all[7].String(), all[0].String(), all[1].String()}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	if took := time.Since(began); took > 3*time.Second { // a tenth of one, where it ends with the third
		t.Errorf("it took %s", took)
	}
}
