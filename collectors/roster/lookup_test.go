package roster

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// A lookup says what a map from keys to rows says, also where hashes are the same.
func TestALookupFindsWhatAMapFinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for n := range 300 {
		rows := make([]access.Identity, n)
		hashes := make([]uint32, n)
		want := map[string][]int{}
		for i := range rows {
			key := fmt.Sprint(rng.IntN(n + 1))
			if key == "0" {
				key = ""
			} else {
				want[key] = append(want[key], i)
			}
			rows[i].EmployeeID, hashes[i] = access.EmployeeID(key), hashOf(key)
		}
		l := newLookup(rows, idOf, hashes)
		for key := range n + 2 {
			first := -1
			if at := want[fmt.Sprint(key)]; at != nil {
				first = at[0]
			}
			if got := l.first(fmt.Sprint(key)); got != first {
				t.Fatalf("%d: row %d, not %d", key, got, first)
			}
		}
		maps.DeleteFunc(want, func(_ string, at []int) bool { return len(at) < 2 })
		shared := slices.SortedFunc(maps.Values(want), slices.Compare)
		got := slices.SortedFunc(slices.Values(l.groups()), slices.Compare)
		if d := cmp.Diff(shared, got); d != "" {
			t.Fatal(d)
		}
	}
}

// Two keys with one hash are two keys.
func TestKeysWithOneHashAreToldApart(t *testing.T) {
	rows := []access.Identity{{EmployeeID: "a"}, {EmployeeID: "b"}, {EmployeeID: "a"}}
	same := ^uint32(0)
	l := newLookup(rows, idOf, []uint32{same, same, same})
	if d := cmp.Diff([][]int{{0, 2}}, l.groups()); d != "" {
		t.Error(d)
	}
}

func TestAnEmptyWordIsAskedForToo(t *testing.T) {
	var asked []string
	m := meanings[int]{of: func(word string) int { asked = append(asked, word); return len(word) + 1 }}
	for _, word := range []string{"", "", "ab", "", "ab", "ab"} {
		if got := m.get(word); got != len(word)+1 {
			t.Errorf("%q means %d", word, got)
		}
	}
	if d := cmp.Diff([]string{"", "ab"}, asked); d != "" {
		t.Error(d)
	}
}
