package access

import "fmt"

// Measured says what was seen and what passes by itself.
func (g GuardError) Measured() string {
	switch {
	case g.Saw != "":
		return g.Saw + "; what passes by itself is " + g.Passes
	case g.Unlimited():
		return fmt.Sprintf("%d, and no number of them passes by itself", g.Count)
	}
	return fmt.Sprintf("%d, the limit is %d", g.Count, g.Limit)
}

// Unlimited reports whether the guard judges by no number: it holds even one.
func (g GuardError) Unlimited() bool { return g.Limit == 0 && g.Guard != "roster" }
