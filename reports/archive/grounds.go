package archive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// grounds are what the decisions of a run rested on and no table or input holds, as
// grounds/<run id>.json: with them, the tables, the inputs and the state before it a
// run can be decided anew.
type grounds struct {
	Schema    int            `json:"schema"`
	RunID     access.RunID   `json:"run_id"`
	StartedAt time.Time      `json:"started_at"`       // the run's "now"; the table runs has it in milliseconds
	SeenAt    time.Time      `json:"seen_at,omitzero"` // when an earlier run read the systems; absent: this one did
	Order     *access.Order  `json:"order,omitempty"`  // of a run about one person
	Inputs    []access.Input `json:"inputs"`           // each is inputs/<sha256>, but for a list that could not be used
	Lists     []list         `json:"lists"`            // HR's
	Approvals []given        `json:"approvals"`        // those that were found
}

// list is what one HR list of the night was.
type list struct {
	Source   access.Source `json:"source"`
	File     string        `json:"file"`
	AsOf     time.Time     `json:"as_of,omitzero"`
	AsOfOr   time.Time     `json:"as_of_or,omitzero"`
	Original string        `json:"original_sha256"` // of the bytes as received
	Rows     string        `json:"rows_sha256"`     // of the rows as read, which are the input; empty: it could not be used
	Received int           `json:"received"`
	// Stopped are the problems for which the whole list could not be used.
	Stopped []access.Problem `json:"stopped,omitempty"`
}

// given is one approval file. What a file that is not proven says of itself is not kept.
type given struct {
	File      string           `json:"file"`
	SHA256    string           `json:"sha256"`
	Unproven  string           `json:"unproven,omitempty"`
	Spent     access.RunID     `json:"spent_by,omitempty"`
	Resumable bool             `json:"resumable,omitempty"`
	Approval  *access.Approval `json:"approval,omitempty"`
}

const groundsSchema = 1

func groundsName(run access.RunID) string { return "grounds/" + string(run) + ".json" }

// groundsOf are the grounds of a night.
func groundsOf(n *access.Night) grounds {
	g := grounds{Schema: groundsSchema, RunID: n.Run.ID, StartedAt: n.Run.StartedAt, SeenAt: n.SeenAt, Order: n.Order, Inputs: n.Inputs, Lists: []list{}, Approvals: []given{}}
	for _, v := range n.Rosters {
		one := list{Source: v.Source, File: v.File, AsOf: v.AsOf, AsOfOr: v.AsOfOr, Original: v.Seen.Original, Rows: v.Seen.Rows, Received: v.Received}
		for _, p := range v.Problems {
			if p.Severity == access.Stop {
				one.Stopped = append(one.Stopped, p)
			}
		}
		g.Lists = append(g.Lists, one)
	}
	for _, v := range n.Approvals {
		one := given{File: v.File, SHA256: v.SHA256, Unproven: v.Unproven, Spent: v.Spent, Resumable: v.Resumable}
		if v.Unproven == "" {
			one.Approval = &v.Approval
		}
		g.Approvals = append(g.Approvals, one)
	}
	return g
}

// list is what the run's list of a source was.
func (g *grounds) list(source access.Source) (list, bool) {
	n := slices.IndexFunc(g.Lists, func(l list) bool { return l.Source == source })
	if n < 0 {
		return list{}, false
	}
	return g.Lists[n], true
}

// approvals are the files as the run found them.
func (g *grounds) approvals() []access.GivenApproval {
	var all []access.GivenApproval
	for _, one := range g.Approvals {
		a := access.GivenApproval{File: one.File, SHA256: one.SHA256, Unproven: one.Unproven, Spent: one.Spent, Resumable: one.Resumable}
		if one.Approval != nil {
			a.Approval = *one.Approval
		}
		all = append(all, a)
	}
	return all
}

// grounds reads those of a run; of one that an older rollcall recorded, which kept
// none, the error wraps fs.ErrNotExist.
func (p PastRun) grounds() (*grounds, error) {
	name := groundsName(p.head.RunID)
	if _, listed := p.head.file(name); !listed {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	b, err := p.archive.proven(p.head, name)
	if err != nil {
		return nil, err
	}
	return decodeGrounds(b, p.head.RunID)
}

// decodeGrounds takes the grounds of that run and of no other.
func decodeGrounds(b []byte, run access.RunID) (*grounds, error) {
	var g grounds
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&g); err != nil {
		return nil, fmt.Errorf("read %s: %w", groundsName(run), err)
	}
	if g.Schema != groundsSchema || g.RunID != run {
		return nil, fmt.Errorf("read %s: it is schema %d of run %q; use the rollcall that wrote it", groundsName(run), g.Schema, g.RunID)
	}
	return &g, nil
}

// guessed are the grounds of a run that kept none, as far as other records tell: of a
// list that the run did not accept, of approvals and of an order they tell nothing.
func (p PastRun) guessed(plan access.Plan, after *state) *grounds {
	g := grounds{RunID: p.head.RunID, StartedAt: plan.CreatedAt, Inputs: plan.Inputs}
	for _, in := range plan.Inputs {
		source, isList := strings.CutPrefix(in.Name, "roster:")
		if !isList {
			continue
		}
		one := list{Source: access.Source(source), File: in.File, Original: in.SHA256,
			Stopped: []access.Problem{{Severity: access.Stop, File: in.File, Says: "why it was refused is not archived."}}}
		for _, r := range after.Accepted {
			if string(r.Source) == source && r.SHA256 == in.SHA256 {
				one.AsOf, one.AsOfOr, one.Original, one.Rows, one.Received, one.Stopped = r.AsOf, r.AsOfOr, r.Original, r.SHA256, r.Rows, nil
			}
		}
		g.Lists = append(g.Lists, one)
	}
	return &g
}
