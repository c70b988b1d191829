package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Reperform decides anew what a committed run decided, and changes nothing: not the
// systems, not the archive. The job's parts give what the run had: Archive the memory
// before it, Inputs its files, Collect what it saw of the systems, and Records the
// journals that it knew, its own included. seenAt is when an earlier run read the
// systems; zero: the run did.
func (j *Job) Reperform(ctx context.Context, seenAt time.Time) (*access.Night, error) {
	memory, err := j.Archive.Memory()
	if err != nil {
		return nil, fmt.Errorf("read the memory of the nights before: %w", err)
	}
	n := &access.Night{Run: j.Run, SeenAt: seenAt}
	n.Run.Previous = memory.Previous
	if err := j.readBack(n, &memory); err != nil {
		return nil, fmt.Errorf("read what interrupted runs had left open: %w", err)
	}
	in, err := j.Inputs(memory)
	if err != nil {
		return nil, err
	}
	w := j.lists(n, memory, in)
	w.Systems, w.SeenAt = j.Collect(ctx), seenAt
	j.conclude(n, reconcile.Identify(w).Evaluate()) // nobody is asked about anything once more
	return n, nil
}

// readBack counts what earlier runs did, as the run found and recorded it then. It does
// what recover did.
func (j *Job) readBack(n *access.Night, m *access.Memory) error {
	p, err := readPast(othersThan{j.Records, j.Run.ID}, *m)
	if err != nil {
		return err
	}
	p.tell(n)
	closings, err := j.closings()
	if err != nil {
		return err
	}
	if len(closings) == 0 && m.Looked != m.Previous {
		p.overlook(m.Looked)
	}
	outcomes, err := p.outcomes(*m, func(i openIntent) (access.Outcome, error) {
		if len(closings) == 0 || closings[0].Action.ID != i.action.ID {
			return access.Outcome{}, fmt.Errorf("the journal of run %s does not say what became of %s, which run %s had left open", j.Run.ID, i.action.ID, i.ref.Run)
		}
		out := closings[0]
		closings = closings[1:]
		return out, nil
	})
	if err == nil {
		adopt(m, p.orders, append(outcomes, p.found...))
	}
	return err
}

// overlook leaves out what a run had left open, as a rollcall of before 0.1.0 did once a
// review, or what tends the archive, was committed after that run.
func (p *past) overlook(run access.RunID) {
	p.intents = slices.DeleteFunc(p.intents, func(i openIntent) bool {
		_, settled := p.settled(i)
		return i.ref.Run == run && !settled
	})
}

// closings are the outcomes in the run's own journal, in order: those of what earlier
// runs had left open come first.
func (j *Job) closings() (all []access.Outcome, err error) {
	names, err := j.Records.List("journal/" + string(j.Run.ID) + "/")
	for _, name := range names {
		e, err := readEntry(j.Records, name)
		if err != nil {
			return nil, err
		}
		if e.Closes != nil {
			all = append(all, *e.Outcome)
		}
	}
	return all, err
}

// othersThan are the journals of all runs but one.
type othersThan struct {
	Records
	run access.RunID
}

// List leaves out the journal of the run.
func (o othersThan) List(prefix string) ([]string, error) {
	names, err := o.Records.List(prefix)
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return runOf(name) == o.run }), err
}
