// Package population fills the sandboxes with organisations of a given size:
// so many people, groups, memberships, apps and rights, and nothing else. The
// benchmark of the collectors reads them.
//
// It must never tell a story, as package company does, and never guess: a size
// that cannot be built exactly is an error. Its one invariant: the same size
// gives the same organisation, byte for byte, and its counts are those that the
// size names.
package population

import (
	"fmt"
	"time"
)

// born is when everything was made: far enough back that nothing is new.
var born = time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)

// spread divides a total into n parts that differ by one at most, the larger
// ones first.
func spread(total, n int) []int {
	parts := make([]int, n)
	for i := range parts {
		parts[i] = total / n
		if i < total%n {
			parts[i]++
		}
	}
	return parts
}

// repeat gives n times the same number.
func repeat(n, value int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = value
	}
	return all
}

func sum(all []int) int {
	total := 0
	for _, n := range all {
		total += n
	}
	return total
}

// demand is one condition that a size has to meet.
type demand struct {
	holds bool
	what  string
}

// meets reports the first condition that a size does not meet.
func meets(name string, all []demand) error {
	for _, d := range all {
		if !d.holds {
			return fmt.Errorf("population %s cannot be built: %s; change its numbers", name, d.what)
		}
	}
	return nil
}
