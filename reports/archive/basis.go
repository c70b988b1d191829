package archive

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// Basis is what the decisions of a committed run rested on, as far as the archive has
// it. Every byte was checked against the manifests.
type Basis struct {
	Run       access.Run // StartedAt is the run's "now"
	SeenAt    time.Time  // when an earlier run read the systems; zero: this one did
	Order     *access.Order
	Inputs    []access.Input
	Approvals []access.GivenApproval
	Memory    access.Memory // as the run before it left it
	Systems   []access.Observation
	// Partial: it was recorded by a rollcall that did not archive all of it yet.
	Partial bool

	past PastRun
	g    *grounds
}

// At is a committed run, of which what it recorded can be read back.
func (a *Archive) At(r CommittedRun) (PastRun, error) {
	h, err := a.load(r.Sequence)
	if err == nil && h.sum != r.SHA256 {
		err = altered(manifestName(r.Sequence), r.SHA256, h.sum)
	}
	return PastRun{a, h}, err
}

// Basis reads back what the run's decisions rested on. decode reads the rows of an
// archived roster, as in Archive.Memory.
func (p PastRun) Basis(decode func([]byte) ([]access.Identity, error)) (*Basis, error) {
	b := &Basis{past: p}
	err := inTurn([]func() error{
		func() (err error) { b.Run, err = p.Head(); return err },
		b.readGrounds,
		func() error {
			before, err := p.archive.before(p.head)
			if err == nil {
				b.Memory, err = p.archive.memoryAfter(before, decode)
			}
			return err
		},
		func() (err error) { b.Systems, err = newWholeRecall(p, false).observations(); return err },
		b.readUses,
	})
	if err != nil {
		return nil, fmt.Errorf("read back what run %s rested on: %w", p.head.RunID, err)
	}
	b.sinceWhen()
	return b, nil
}

// Head is the head of the run, as table runs has it.
func (p PastRun) Head() (run access.Run, err error) {
	err = eachRow(p.archive, p.head, "runs", func(r RunRow) {
		run = access.Run{ID: access.RunID(r.RunID), StartedAt: instant(r.StartedAt), FinishedAt: instant(r.FinishedAt), Mode: access.Mode(r.Mode), Trigger: r.Trigger,
			ToolVersion: r.ToolVersion, ConfigSHA256: r.ConfigSHA256, PlanSHA256: r.PlanSHA256, Verdict: r.Verdict, ExitCode: int(r.ExitCode),
			Previous: access.RunID(r.PreviousRunID), Actor: r.Actor}
	})
	return run, err
}

// readGrounds takes over the run's grounds, or what else tells of them.
func (b *Basis) readGrounds() error {
	g, err := b.past.grounds()
	if errors.Is(err, fs.ErrNotExist) {
		b.Partial = true
		g, err = b.past.guess()
	}
	if err != nil {
		return err
	}
	if !g.StartedAt.Truncate(time.Millisecond).Equal(b.Run.StartedAt) {
		return fmt.Errorf("it began at %s by table runs, and at %s by %s: one of them was altered", b.Run.StartedAt, g.StartedAt, groundsName(b.Run.ID))
	}
	b.g, b.Run.StartedAt = g, g.StartedAt
	b.SeenAt, b.Order, b.Inputs, b.Approvals = g.SeenAt, g.Order, g.Inputs, g.approvals()
	return nil
}

func (p PastRun) guess() (*grounds, error) {
	plan, err := p.Plan()
	if err != nil {
		return nil, err
	}
	after, err := p.archive.state(p.head)
	if err != nil {
		return nil, err
	}
	return p.guessed(plan, after), nil
}

// readUses takes over what the systems' own logs said of watched accounts, oldest first.
func (b *Basis) readUses() error {
	var uses []access.Event
	err := eachRow(b.past.archive, b.past.head, "events", func(r EventRow) {
		if r.ActionID != "" {
			return
		}
		uses = append(uses, access.Event{ID: r.EventID, Account: access.AccountKey{System: access.System(r.System), Scope: r.Scope, ID: access.AccountID(r.AccountID)},
			Type: r.EventType, Outcome: r.Outcome, Says: r.Says, Actor: r.Actor, Client: r.Client, At: instant(r.PublishedAt), RequestID: r.RequestID, Raw: json.RawMessage(r.Raw)})
	})
	slices.SortFunc(uses, func(x, y access.Event) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ID, y.ID)) })
	for i := range b.Systems {
		for _, u := range uses {
			if u.Account.System == b.Systems[i].System {
				b.Systems[i].Uses = append(b.Systems[i].Uses, u)
			}
		}
	}
	return err
}

// sinceWhen marks what an earlier run had read.
func (b *Basis) sinceWhen() {
	if b.Partial && (b.Run.Trigger == "sweep" || b.Run.Trigger == "revoke") {
		for _, o := range b.Systems {
			for _, r := range o.Reads {
				if r.Lists && r.Complete && r.StartedAt.Before(b.Run.StartedAt) && (b.SeenAt.IsZero() || r.StartedAt.Before(b.SeenAt)) {
					b.SeenAt = r.StartedAt
				}
			}
		}
	}
	for _, o := range b.Systems {
		for n := range o.Reads {
			o.Reads[n].Recalled = !b.SeenAt.IsZero() && o.Reads[n].StartedAt.Before(b.Run.StartedAt.Truncate(time.Millisecond))
		}
	}
}

// Input is one of the run's inputs by its name (config, rolemap, ...); nil: it had none
// of that name.
func (b *Basis) Input(name string) ([]byte, error) {
	for _, in := range b.Inputs {
		if in.Name == name && in.SHA256 != "" {
			return b.past.archive.proven(b.past.head, inputName(in.SHA256))
		}
	}
	return nil, nil
}

// File is what an input was called.
func (b *Basis) File(name string) string {
	for _, in := range b.Inputs {
		if in.Name == name {
			return in.File
		}
	}
	return ""
}

// Roster is the list of a source as the run read it: its rows, how many it had
// received, and the problems for which it could not be used at all.
func (b *Basis) Roster(source access.Source, decode func([]byte) ([]access.Identity, error)) (access.Roster, int, []access.Problem, error) {
	l, has := b.g.list(source)
	r := access.Roster{Source: source, File: l.File, AsOf: l.AsOf, AsOfOr: l.AsOfOr, Original: l.Original, SHA256: l.Rows}
	if !has {
		return r, 0, nil, fmt.Errorf("run %s read no list called %s, which its configuration has", b.Run.ID, source)
	}
	if l.Rows == "" {
		return r, l.Received, l.Stopped, nil
	}
	bytes, err := b.past.archive.proven(b.past.head, inputName(l.Rows))
	if err == nil {
		r.Rows, err = decode(bytes)
	}
	return r, l.Received, l.Stopped, err
}

// Plan is what the run intended.
func (p PastRun) Plan() (access.Plan, error) { return newWholeRecall(p, false).plan() }

// Journals are the records that the run knew, its own included: those of the last run
// before it that looked, and of the runs that it took over.
func (p PastRun) Journals() (Journals, error) {
	before, err := p.archive.before(p.head)
	if err == nil {
		before, err = p.archive.nightUpTo(before)
	}
	if err != nil {
		return Journals{}, err
	}
	j := Journals{archive: p.archive, by: map[string]head{}}
	for _, h := range []head{before, p.head} {
		for _, f := range h.Files {
			if strings.HasPrefix(f.Path, "journal/") {
				j.by[f.Path] = h
				j.names = append(j.names, f.Path)
			}
		}
	}
	slices.Sort(j.names)
	j.names = slices.Compact(j.names)
	return j, nil
}

// Journals are the records of journals that a run knew, which nothing can be added to.
type Journals struct {
	archive *Archive
	names   []string
	by      map[string]head
}

// List gives the names that begin with prefix, sorted.
func (j Journals) List(prefix string) ([]string, error) {
	return slices.DeleteFunc(slices.Clone(j.names), func(n string) bool { return !strings.HasPrefix(n, prefix) }), nil
}

// Read gives one record, checked against the manifest that lists it.
func (j Journals) Read(name string) ([]byte, error) {
	h, known := j.by[path.Clean(name)]
	if !known {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
	}
	return j.archive.proven(h, name)
}

// Create refuses: what is over is not added to.
func (j Journals) Create(string, []byte) error { return errReadOnly }
