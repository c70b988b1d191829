package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"rollcall/internal/access"
)

// entry is one journal record. An intent is written before the call, an outcome
// after the read that followed it. Closes names the intent that an outcome is
// about: one of this run, or of a run that could not finish. An order is written before
// anything else is done for it: who wants which person out, and when, outlives whatever
// happens to the run.
type entry struct {
	N       int             `json:"n"`
	Run     access.RunID    `json:"run_id"`
	Kind    string          `json:"kind"` // intent, outcome, order, or approval: it is about to be spent
	At      time.Time       `json:"at"`
	Action  *access.Action  `json:"action,omitempty"`
	Before  json.RawMessage `json:"before,omitempty"`
	Actor   string          `json:"actor,omitempty"` // who ran the intent
	Closes  *intentRef      `json:"closes,omitempty"`
	Outcome *access.Outcome `json:"outcome,omitempty"`
	// Approval is one that this run uses.
	Approval *access.Approval `json:"approval,omitempty"`
	// Order is what this run is about.
	Order *access.Order `json:"order,omitempty"`
}

// whole reports whether the record is one of the four that are written.
func (e entry) whole() bool {
	type parts struct{ action, outcome, closes, approval, order bool }
	has := parts{e.Action != nil, e.Outcome != nil, e.Closes != nil, e.Approval != nil, e.Order != nil}
	switch e.Kind {
	case "intent":
		return has == parts{action: true}
	case "outcome":
		return has == parts{outcome: true, closes: has.closes}
	case "approval":
		return has == parts{approval: true}
	case "order":
		return has == parts{order: true}
	}
	return false
}

// intentRef names an intent: run and record number.
type intentRef struct {
	Run access.RunID `json:"run_id"`
	N   int          `json:"n"`
}

// journal appends to journal/<run id>/.
type journal struct {
	records Records
	run     access.RunID
	n       int
}

func newJournal(r Records, run access.RunID) *journal { return &journal{records: r, run: run} }

// write makes the next record durable.
func (j *journal) write(e entry) (intentRef, error) {
	j.n++
	e.N, e.Run = j.n, j.run
	b, err := json.Marshal(e)
	if err != nil {
		return intentRef{}, fmt.Errorf("write journal record %d: %w", j.n, err)
	}
	name := recordName(intentRef{j.run, j.n})
	if err := j.records.Create(name, append(b, '\n')); err != nil {
		return intentRef{}, fmt.Errorf("write journal record %s: %w", name, err)
	}
	return intentRef{j.run, j.n}, nil
}

// recordName is where a record is.
func recordName(r intentRef) string {
	return path.Join("journal", string(r.Run), fmt.Sprintf("%06d.json", r.N))
}

// past is what the journals of earlier runs say: of the runs that memory has not
// accounted for, and of the last committed one, which may have left open ends.
type past struct {
	runs    []access.RunID // those that memory has not accounted for
	intents []openIntent
	closed  map[intentRef]access.Outcome
	by      map[intentRef]access.RunID // the run that closed it
	found   []access.Outcome           // what a restore found or refused, without an intent
	orders  []access.OpenOrder         // of runs that memory has not accounted for: begun, and never ended
	damaged []damaged
}

// damaged is a record that says nothing any more. It may have been an intent: what
// that did shows in the systems.
type damaged struct {
	name string
	err  error
}

func (d damaged) Error() string {
	return fmt.Sprintf("journal record %s is damaged (%v)", d.name, d.err)
}

// mostDamaged is how many records may be damaged. Each may have been a block that the
// guards then do not count.
const mostDamaged = 1

// openIntent is an intent as written, with its place.
type openIntent struct {
	ref    intentRef
	at     time.Time
	action access.Action
	before json.RawMessage
	actor  string
}

// settled reports whether an intent needs no more reading, with its outcome.
func (p past) settled(i openIntent) (access.Outcome, bool) {
	out, has := p.closed[i.ref]
	return out, has && !unsettled(out)
}

// unsettled reports whether it is not known what became of an action.
func unsettled(o access.Outcome) bool {
	return o.Result == "" || o.Result == access.Pending || o.Result == access.Unknown
}

// archived reports whether an intent was begun and closed by the last committed
// run that looked, so that the archive and memory have it already.
func (p past) archived(i openIntent, m access.Memory) bool {
	last := m.LastLook()
	return i.ref.Run == last && p.by[i.ref] == last
}

// readPast reads the journals of every run that memory does not account for, and
// that of the last committed one that looked. One damaged record is told, and is for the systems to
// answer: else it would keep every leaver in. More are an error that names them.
func readPast(r Records, m access.Memory) (past, error) {
	p := past{closed: map[intentRef]access.Outcome{}, by: map[intentRef]access.RunID{}}
	names, err := r.List("journal/")
	if err != nil {
		return p, fmt.Errorf("list the journal: %w", err)
	}
	seen := map[access.RunID]bool{}
	for _, name := range names {
		run := runOf(name)
		if m.Journals[run] && run != m.LastLook() {
			continue
		}
		if !seen[run] && !m.Journals[run] {
			seen[run] = true
			p.runs = append(p.runs, run)
		}
		if err := p.read(r, name, m.Journals[run]); err != nil {
			return p, err
		}
	}
	if len(p.damaged) > mostDamaged {
		return p, fmt.Errorf("%d records are damaged, and the guards rest on them; the first: %w: move those files out of the archive and keep them, and run again: what was done is recognised by reading; then find out in the systems' own logs what they were about", len(p.damaged), p.damaged[0])
	}
	p.orphans()
	return p, nil
}

// runOf is the run of a record, by its name.
func runOf(name string) access.RunID {
	run, _, _ := strings.Cut(strings.TrimPrefix(name, "journal/"), "/")
	return access.RunID(run)
}

// outcomes are those of every intent that the archive and memory do not have already.
// settle tells what became of one that no journal settles.
func (p past) outcomes(m access.Memory, settle func(openIntent) (access.Outcome, error)) (all []access.Outcome, err error) {
	for _, i := range p.intents {
		out, settled := p.settled(i)
		switch {
		case !settled:
			if out, err = settle(i); err != nil {
				return all, err
			}
		case p.archived(i, m):
			continue
		}
		out.AdoptedFrom = i.ref.Run
		all = append(all, out)
	}
	return all, nil
}

// orphans are outcomes whose intent is damaged: each says itself what was done.
func (p *past) orphans() {
	if len(p.damaged) == 0 {
		return
	}
	for ref, out := range p.closed {
		if recordName(ref) == p.damaged[0].name {
			p.intents = append(p.intents, openIntent{ref, out.SentAt, out.Action, out.Before, out.Actor})
		}
	}
}

// tell says what is damaged.
func (p past) tell(n *access.Night) {
	for _, d := range p.damaged {
		n.Damaged = append(n.Damaged, d.name)
		n.Notes = append(n.Notes, d.Error()+": what that run did there is recognised by reading the systems only, and the guards may count one account too few; keep a copy of the file, and find out in the systems' own logs what it was about")
	}
}

func (p *past) read(r Records, name string, known bool) error {
	e, err := readEntry(r, name)
	var bad damaged
	switch {
	case errors.As(err, &bad):
		p.damaged = append(p.damaged, bad)
	case err != nil:
		return err
	case e.Kind == "intent":
		p.intents = append(p.intents, openIntent{intentRef{e.Run, e.N}, e.At, *e.Action, e.Before, e.Actor})
	case e.Kind == "order":
		p.ordered(e, known)
	case e.Closes != nil:
		p.closed[*e.Closes], p.by[*e.Closes] = *e.Outcome, e.Run
	case e.Kind == "outcome":
		p.told(e, known)
	}
	return nil
}

// readEntry reads one record: an intent with its action, an outcome, an order, or an
// approval that was spent.
func readEntry(r Records, name string) (entry, error) {
	var e entry
	b, err := r.Read(name)
	if err != nil {
		return e, fmt.Errorf("read journal record %s: %w", name, err)
	}
	if err := json.Unmarshal(b, &e); err != nil {
		return e, damaged{name, err}
	}
	if !e.whole() || recordName(intentRef{e.Run, e.N}) != name {
		return e, fmt.Errorf("journal record %s says neither intent nor outcome nor approval nor order, or not that of its place: it was not written by rollcall; move it out of the archive", name)
	}
	return e, nil
}

// told keeps, of runs that could not finish, what a restore decided or found
// without sending anything.
func (p *past) told(e entry, known bool) {
	if o := e.Outcome; !known && o.Action.Stage == access.Restore {
		p.found = append(p.found, *o)
	}
}
