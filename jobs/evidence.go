package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// evidence puts beside the outcomes what the systems' own logs have of them, tonight's
// and those of earlier runs that no log had. It gives what is still awaited. Nothing
// is undone or sent again because of it: an event that is missing proves nothing.
func (j *Job) evidence(ctx context.Context, n *access.Night, m access.Memory) []access.Sent {
	sent := reconcile.ToEvidence(n.Outcomes, j.Run.ID, m.LastLook())
	if j.Recall == nil && j.Order == nil { // else the next night looks again
		sent = append(slices.Clone(m.Awaited), sent...)
	}
	if j.Events == nil || len(sent) == 0 {
		return append(later(m.Awaited, sent), sent...)
	}
	events, err := j.Events(ctx, sent)
	found, awaited, over := reconcile.Attribute(sent, events, j.Run.StartedAt)
	n.Events = found
	n.Notes = append(n.Notes, missing(awaited, over, err)...)
	return append(later(m.Awaited, sent), awaited...)
}

// later are those that this run did not look for.
func later(before, looked []access.Sent) []access.Sent {
	return slices.DeleteFunc(slices.Clone(before), func(s access.Sent) bool { return slices.Contains(looked, s) })
}

// missing tells what the evidence does not have.
func missing(awaited, over []access.Sent, err error) (notes []string) {
	if len(awaited) > 0 {
		note := fmt.Sprintf("the log has no event yet of %s: the next night looks again", actions(awaited))
		if err != nil {
			note = fmt.Sprintf("the events of %s could not be read for the evidence: %s; the next night looks again", actions(awaited), err)
		}
		notes = append(notes, note)
	}
	if len(over) > 0 {
		notes = append(notes, fmt.Sprintf("no log has had an event of %s for a week: the evidence is without it (what was read back is in the table actions)", actions(over)))
	}
	return notes
}

// actions counts them, with the first few by account.
func actions(sent []access.Sent) string {
	var some []string
	for _, s := range sent[:min(3, len(sent))] {
		some = append(some, fmt.Sprintf("%s of %s", s.Verb, s.Account))
	}
	if len(sent) > len(some) {
		some = append(some, fmt.Sprintf("%d more", len(sent)-len(some)))
	}
	return strings.Join(some, ", ")
}
