package jobs

import (
	"context"
	"slices"

	"rollcall/internal/access"
)

// acting adds the accounts that the night itself acts as by the credentials that block:
// the collectors know their own alone. Is one of them a leaver's, a person has to decide;
// without this its steps would be skipped night after night, and nobody told. It is asked
// where a leaver has an account. Who cannot tell now is asked by each step once more,
// which fails without an answer.
func (j *Job) acting(ctx context.Context, systems []access.Observation, leavers [][]int) []access.Observation {
	out := slices.Clone(systems)
	for s := range out {
		r := j.Revokers[out[s].System]
		if r == nil || len(leavers[s]) == 0 {
			continue
		}
		own, err := r.Self(ctx)
		if err != nil {
			j.Say("as whom rollcall changes %s could not be read: %v", out[s].System, err)
		}
		for _, k := range own {
			if !slices.Contains(out[s].Self, k) {
				out[s].Self = append(slices.Clone(out[s].Self), k)
			}
		}
	}
	return out
}
