package archive

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
)

// recall puts the tables of one run together again.
type recall struct {
	PastRun
	systems map[string]*recalled
	names   []string // of the systems, in the order of the tables
	byName  map[string]access.PersonKey
}

// recalled is one system of a run, with the indexes by which rows of its tables
// name each other.
type recalled struct {
	access.Judged
	byID     map[string][]uint32 // accounts: an id is unique in its scope
	byRight  map[rightID]uint32
	byCalled map[string]uint32 // rights by kind and name, as paths name them
	byRead   map[string]int
}

type rightID struct{ kind, scope, id string }

func (r *recall) of(system string) *recalled {
	if s, known := r.systems[system]; known {
		return s
	}
	s := &recalled{byID: map[string][]uint32{}, byRight: map[rightID]uint32{}, byCalled: map[string]uint32{}, byRead: map[string]int{}}
	s.System = access.System(system)
	r.systems[system] = s
	r.names = append(r.names, system)
	return s
}

func (r *recall) all() (systems []access.Judged) {
	slices.Sort(r.names)
	for _, name := range r.names {
		systems = append(systems, r.systems[name].Judged)
	}
	return systems
}

func (r *recall) people() ([]access.Person, error) {
	type row struct {
		Source     string `parquet:"source,dict"`
		EmployeeID string `parquet:"employee_id"`
		Name       string `parquet:"name"`
		Title      string `parquet:"title,dict"`
		Department string `parquet:"department,dict"`
		WorkerType string `parquet:"worker_type,dict"`
		Standing   string `parquet:"standing,dict"`
		SameAs     string `parquet:"same_as,dict"`
	}
	var people []access.Person
	same := map[int]string{}
	r.byName = map[string]access.PersonKey{}
	err := eachRow(r.archive, r.head, "identities", func(i row) {
		p := access.Person{Standing: access.Standing(i.Standing), Identity: access.Identity{Source: access.Source(i.Source), EmployeeID: access.EmployeeID(i.EmployeeID),
			Name: i.Name, Title: i.Title, Department: i.Department, WorkerType: i.WorkerType}}
		if i.SameAs != "" {
			same[len(people)] = i.SameAs
		}
		r.byName[p.Key().String()] = p.Key()
		people = append(people, p)
	})
	for i, name := range same {
		people[i].SameAs = r.byName[name]
	}
	return people, err
}

func (r *recall) reads() error {
	type row struct {
		System   string `parquet:"system,dict"`
		Scope    string `parquet:"scope,dict"`
		Kind     string `parquet:"kind,dict"`
		Complete bool   `parquet:"complete"`
		Gap      string `parquet:"gap,dict"`
		Lists    bool   `parquet:"lists"`
	}
	return eachRow(r.archive, r.head, "reads", func(i row) {
		if i.Kind == access.LogsRead { // nothing of who holds what rests on it
			return
		}
		s := r.of(i.System)
		one := access.Read{System: s.System, Scope: i.Scope, Kind: i.Kind, Complete: i.Complete, Gap: i.Gap, Lists: i.Lists}
		s.byRead[one.Name()] = len(s.Reads)
		s.Reads = append(s.Reads, one)
	})
}

func (r *recall) entitlements() error {
	type row struct {
		System        string `parquet:"system,dict"`
		Scope         string `parquet:"scope,dict"`
		Kind          string `parquet:"kind,dict"`
		EntitlementID string `parquet:"entitlement_id"`
		Name          string `parquet:"name"`
		Privileged    bool   `parquet:"privileged"`
		Read          string `parquet:"read,dict"`
	}
	var lost error
	err := eachRow(r.archive, r.head, "entitlements", func(i row) {
		s := r.of(i.System)
		read, known := s.byRead[i.Read]
		if !known {
			lost = fmt.Errorf("table entitlements: %s %s of %s rests on the read %q, which table reads does not have; run: rollcall audit verify", i.Kind, i.Name, i.System, i.Read)
		}
		n := uint32(len(s.Entitlements))
		s.byRight[rightID{i.Kind, i.Scope, i.EntitlementID}] = n
		if _, twice := s.byCalled[i.Kind+" "+i.Name]; !twice {
			s.byCalled[i.Kind+" "+i.Name] = n
		}
		s.Entitlements = append(s.Entitlements, access.Entitlement{System: s.System, Scope: i.Scope, Kind: access.EntitlementKind(i.Kind),
			ID: i.EntitlementID, Name: i.Name, Privileged: i.Privileged, Read: read})
	})
	return cmp.Or(err, lost)
}

func (r *recall) accounts() error {
	type row struct {
		System     string `parquet:"system,dict"`
		Scope      string `parquet:"scope,dict"`
		AccountID  string `parquet:"account_id"`
		Login      string `parquet:"login"`
		Status     string `parquet:"status,dict"`
		Kind       string `parquet:"kind,dict"`
		Source     string `parquet:"source,dict"`
		EmployeeID string `parquet:"employee_id"`
		Match      string `parquet:"match,dict"`
		Candidates string `parquet:"candidates,dict"`
	}
	var broken error
	err := eachRow(r.archive, r.head, "accounts", func(i row) {
		s := r.of(i.System)
		m := access.Match{How: access.MatchHow(i.Match), Person: personKey(i.Source, i.EmployeeID)}
		names, err := textsOf(i.Candidates)
		if err != nil {
			broken = fmt.Errorf("table accounts: the candidates of %s in %s: %w; run: rollcall audit verify", i.AccountID, i.System, err)
		}
		for _, name := range names {
			m.Candidates = append(m.Candidates, r.byName[name]) // somebody in no list is nobody, as on that night
		}
		s.byID[i.AccountID] = append(s.byID[i.AccountID], uint32(len(s.Accounts)))
		s.Accounts = append(s.Accounts, access.Account{System: s.System, Scope: i.Scope, ID: access.AccountID(i.AccountID), Login: i.Login,
			Status: access.AccountStatus(i.Status), Kind: access.AccountKind(i.Kind)})
		s.Matches = append(s.Matches, m)
	})
	return cmp.Or(err, broken)
}

// heldRow is a row of grants as far as it says who holds what.
type heldRow struct {
	System        string `parquet:"system,dict"`
	Scope         string `parquet:"scope,dict"`
	AccountID     string `parquet:"account_id,dict"`
	Source        string `parquet:"source,dict"`
	EmployeeID    string `parquet:"employee_id,dict"`
	Kind          string `parquet:"kind,dict"`
	EntitlementID string `parquet:"entitlement_id,dict"`
	Via           string `parquet:"via,dict"`
	Direct        bool   `parquet:"direct"`
}

func (r *recall) grants() error {
	return eachGroup[heldRow](r.archive, r.head, "grants", r.held)
}

// held takes over the grants of one part of the table.
func (r *recall) held(file *parquet.File, group parquet.RowGroup) error {
	var system, scope, account, source, employee, kind, right, via textColumn
	if err := readColumns(file, group, map[string]*textColumn{"system": &system, "scope": &scope, "account_id": &account, "source": &source,
		"employee_id": &employee, "kind": &kind, "entitlement_id": &right, "via": &via}); err != nil {
		return err
	}
	direct, err := boolsOf(file, group, "direct")
	if err != nil {
		return err
	}
	for n := range direct {
		i := heldRow{System: system.at(n), Scope: scope.at(n), AccountID: account.at(n), Source: source.at(n), EmployeeID: employee.at(n),
			Kind: kind.at(n), EntitlementID: right.at(n), Via: via.at(n), Direct: direct[n]}
		s := r.of(i.System)
		g, ok := s.grant(&i)
		if !ok {
			return untraceable(i.AccountID, i.System, i.Kind, i.EntitlementID)
		}
		s.Grants = append(s.Grants, g)
	}
	return nil
}

// untraceable is the error of a grant whose account, right or carrier is in no table.
func untraceable(account, system, kind, right string) error {
	return fmt.Errorf("what %s in %s holds (%s %s) cannot be told from tables accounts and entitlements; run: rollcall audit verify", account, system, kind, right)
}

// grant finds the account and the right of a row. By which of several groups of
// one name something is held makes no difference to a role map, which judges what
// is held directly.
func (s *recalled) grant(i *heldRow) (g access.Grant, ok bool) {
	right, known := s.byRight[rightID{i.Kind, i.Scope, i.EntitlementID}]
	account, found := s.account(i)
	if !known || !found {
		return g, false
	}
	g = access.Grant{Account: account, Entitlement: right}
	if !i.Direct {
		carrier, named := s.byCalled[i.Via]
		if !named {
			return g, false
		}
		g.Carrier = carrier + 1
	}
	return g, true
}

// account is whose grant it is. The row has the scope of the right: where one id
// is in several scopes, it is the account of that one, else the one of the
// row's person.
func (s *recalled) account(i *heldRow) (uint32, bool) {
	all := s.byID[i.AccountID]
	if len(all) == 1 {
		return all[0], true
	}
	who := personKey(i.Source, i.EmployeeID)
	of := func(same func(a uint32) bool) (uint32, bool) {
		at := slices.IndexFunc(all, same)
		if at < 0 || slices.IndexFunc(all[at+1:], same) >= 0 {
			return 0, false
		}
		return all[at], true
	}
	if a, one := of(func(a uint32) bool { return s.Accounts[a].Scope == i.Scope }); one {
		return a, true
	}
	return of(func(a uint32) bool { return s.Matches[a].Person == who })
}

func (r *recall) exceptions() (all []access.Exception, err error) {
	var broken error
	err = eachRow(r.archive, r.head, "exceptions", func(i ExceptionRow) {
		until, err := access.ParseDay(i.ExpiresOn)
		if err != nil {
			broken = fmt.Errorf("table exceptions: the end of %s: %w; run: rollcall audit verify", i.ID, err)
		}
		all = append(all, access.Exception{Line: access.Line{File: i.File, Row: int(i.Line)}, ID: i.ID,
			Person: personKey(i.Source, i.EmployeeID),
			System: i.System, Scope: i.Scope, Kind: i.Kind, Entitlement: i.Entitlement, Reason: i.Reason, Ticket: i.Ticket, ApprovedBy: i.ApprovedBy, ExpiresOn: until})
	})
	return all, cmp.Or(err, broken)
}
