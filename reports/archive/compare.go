package archive

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Compared is one record of a run, held against what the run decided anew gives.
type Compared struct {
	Name string `json:"name"` // plan, findings, grants, ...
	// Same: there is no difference in what it says; Identical: none in its bytes.
	Same      bool   `json:"same"`
	Identical bool   `json:"identical"`
	Rows      int64  `json:"rows,omitempty"`
	Recorded  string `json:"recorded_sha256"`
	Anew      string `json:"anew_sha256"`
	// Unlike is in what they differ, at most mostUnlike of Count.
	Count  int                `json:"differences"`
	Unlike []reconcile.Unlike `json:"unlike,omitempty"`
}

// mostUnlike is how many differences of one record are told.
const mostUnlike = 200

// judgedTable is a table that holds what was concluded, or by what.
type judgedTable struct {
	table, word string
	key         []string // the columns that name a row
	words       []string // those that name it to people; nil: the key
}

var judgedTables = []judgedTable{
	{"findings", "finding", []string{"finding_id"}, []string{"kind", "login", "source", "employee_id", "entitlement", "finding_id"}},
	{"identities", "person", []string{"source", "employee_id", "roster_row"}, []string{"name", "source", "employee_id"}},
	{"accounts", "account", []string{"system", "scope", "account_id"}, []string{"login", "system", "scope", "account_id"}},
	{"entitlements", "right", []string{"system", "scope", "kind", "entitlement_id"}, []string{"kind", "name", "system", "scope"}},
	{"grants", "grant", []string{"system", "account_scope", "account_id", "kind", "scope", "entitlement_id", "via_id", "via_scope"}, []string{"login", "kind", "entitlement", "via", "system", "scope"}},
	{"rules", "rule", []string{"file", "line"}, nil},
	{"exceptions", "exception", []string{"file", "line", "id"}, nil},
	{"nonhuman", "line of the register", []string{"file", "line"}, nil},
}

// Compare holds the records of the run against a night that was decided anew from its
// Basis: its plan, and each table of what was concluded.
func (p PastRun) Compare(n *access.Night) ([]Compared, error) {
	anew, err := p.writtenAnew(n)
	if err != nil {
		return nil, fmt.Errorf("write run %s anew: %w", p.head.RunID, err)
	}
	plan, err := p.comparePlan(n.Plan, anew[planName(p.head.RunID)].Bytes())
	if err != nil {
		return nil, err
	}
	out := []Compared{plan}
	for _, t := range judgedTables {
		c, err := p.compareTable(t, anew)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// compareTable compares one table, which a night writes as one file.
func (p PastRun) compareTable(t judgedTable, anew map[string]*bytes.Buffer) (Compared, error) {
	c := Compared{Name: t.table}
	at := slices.IndexFunc(p.head.Files, func(f Entry) bool { return p.head.owns(f.Path, t.table) })
	if at < 0 {
		return c, fmt.Errorf("run %s lists no table %s; run: rollcall audit verify", p.head.RunID, t.table)
	}
	f := p.head.Files[at]
	b := anew[f.Path]
	if b == nil {
		return c, fmt.Errorf("run %s has its table %s at %s, where this rollcall writes none", p.head.RunID, t.table, f.Path)
	}
	c.Recorded, c.Anew = f.SHA256, access.Digest(b.Bytes())
	if f.Rows != nil {
		c.Rows = *f.Rows
	}
	if c.Identical = c.Recorded == c.Anew; c.Identical {
		c.Same = true
		return c, nil
	}
	was, err := p.archive.proven(p.head, f.Path)
	if err == nil {
		err = c.rows(was, b.Bytes(), t)
	}
	if err != nil {
		return c, fmt.Errorf("compare %s: %w", f.Path, err)
	}
	return c, nil
}

func (p PastRun) comparePlan(anew access.Plan, b []byte) (Compared, error) {
	was, err := p.archive.proven(p.head, planName(p.head.RunID))
	if err != nil {
		return Compared{}, err
	}
	c := Compared{Name: "plan", Recorded: access.Digest(was), Anew: access.Digest(b), Identical: bytes.Equal(was, b)}
	if c.Identical {
		c.Same = true
		return c, nil
	}
	recorded, err := p.Plan()
	if err != nil {
		return c, err
	}
	c.Unlike = reconcile.ComparePlans(recorded, anew)
	c.Count = len(c.Unlike)
	c.Unlike = c.Unlike[:min(len(c.Unlike), mostUnlike)]
	c.Same = c.Count == 0
	return c, nil
}

// scratch takes what a snapshot writes, and keeps the tables that are compared.
type scratch struct {
	Store
	files map[string]*bytes.Buffer
}

// Stream implements the one method of Store by which facts are written.
func (s scratch) Stream(name string, fill func(io.Writer) error) error {
	var b bytes.Buffer
	if err := fill(&b); err != nil {
		return err
	}
	if table, _, _ := strings.Cut(name, "/"); table == "plans" || slices.ContainsFunc(judgedTables, func(t judgedTable) bool { return t.table == table }) {
		s.files[name] = &b
	}
	return nil
}

// writtenAnew writes the facts of a night as its run did, to memory.
func (p PastRun) writtenAnew(n *access.Night) (map[string]*bytes.Buffer, error) {
	store := scratch{files: map[string]*bytes.Buffer{}}
	s := &Snapshot{archive: New(store, nil), run: n.Run, date: n.Run.StartedAt.UTC().Format(time.DateOnly), issued: map[int]string{}}
	return store.files, s.Facts(n)
}
