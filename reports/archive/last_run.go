package archive

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// LastRun puts together what the last committed run that looked saw of every system,
// with all that a decision needs, what it meant to do, and what became of it. An empty
// archive gives no run. Every byte is checked against the manifest's digests
// first; a table of an older rollcall that lacks a column is an error.
func (a *Archive) LastRun() (reconcile.LastRun, error) {
	last := reconcile.LastRun{}
	h, err := a.lastNight()
	if err != nil || h.Sequence == 0 {
		return last, err
	}
	r := newWholeRecall(PastRun{a, h}, true)
	err = inTurn([]func() error{
		func() (err error) { last.Run, err = r.headOf(); return err },
		func() (err error) { last.Systems, err = r.observations(); return err },
		func() (err error) { last.Plan, err = r.plan(); return err },
		func() (err error) { last.Outcomes, err = r.outcomes(); return err },
	})
	if err != nil {
		return last, fmt.Errorf("recall what run %s saw and did: %w", h.RunID, err)
	}
	return last, nil
}

// wholeRecall puts the observations of one run together again.
type wholeRecall struct {
	PastRun
	systems  map[string]*wholly
	names    []string
	recalled bool // for a run that reads no systems itself
}

func newWholeRecall(p PastRun, recalled bool) *wholeRecall {
	return &wholeRecall{PastRun: p, systems: map[string]*wholly{}, recalled: recalled}
}

// observations are what the run saw of the systems, by name.
func (r *wholeRecall) observations() (all []access.Observation, err error) {
	if err := inTurn([]func() error{r.reads, r.entitlements, r.accounts, r.grants}); err != nil {
		return nil, err
	}
	slices.Sort(r.names)
	for _, name := range r.names {
		all = append(all, r.systems[name].Observation)
	}
	return all, nil
}

// wholly is one system of a run, with the indexes by which rows name each other.
type wholly struct {
	access.Observation
	byRead    map[string]int
	byRight   map[rightID]uint32
	byAccount map[accountID]uint32
}

type accountID struct{ scope, id string }

func (r *wholeRecall) of(system string) *wholly {
	s := r.systems[system]
	if s == nil {
		s = &wholly{Observation: access.Observation{System: access.System(system)}, byRead: map[string]int{}, byRight: map[rightID]uint32{}, byAccount: map[accountID]uint32{}}
		r.systems[system] = s
		r.names = append(r.names, system)
	}
	return s
}

func (r *wholeRecall) headOf() (run access.Run, err error) {
	type row struct {
		StartedAt time.Time `parquet:"started_at,optional,timestamp(millisecond)"`
		Mode      string    `parquet:"mode"`
		Trigger   string    `parquet:"trigger"`
	}
	run.ID = r.head.RunID
	err = eachRow(r.archive, r.head, "runs", func(i row) {
		run.StartedAt, run.Mode, run.Trigger = i.StartedAt.UTC(), access.Mode(i.Mode), i.Trigger
	})
	return run, err
}

func (r *wholeRecall) reads() error {
	return eachRow(r.archive, r.head, "reads", func(i ReadRow) {
		if i.Kind == access.LogsRead { // nothing of who holds what rests on it
			return
		}
		s := r.of(i.System)
		one := access.Read{System: s.System, Scope: i.Scope, Kind: i.Kind, Complete: i.Complete, Gap: i.Gap, Requests: int(i.Requests), Pages: int(i.Pages),
			Records: int(i.Records), ClaimedTotal: int(i.ClaimedTotal), StartedAt: instant(i.StartedAt), FinishedAt: instant(i.FinishedAt),
			SHA256: i.SHA256, Caller: i.Caller, Lists: i.Lists, Recalled: r.recalled}
		s.byRead[one.Name()] = len(s.Reads)
		s.Reads = append(s.Reads, one)
	})
}

// instant is a time as the archive keeps it; one that is not known stays so.
func instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// at is the index of a read by its name.
func (s *wholly) at(read, of string) (int, error) {
	n, known := s.byRead[read]
	if !known {
		return 0, fmt.Errorf("%s of %s rests on the read %q, which table reads does not have; run: rollcall audit verify", of, s.System, read)
	}
	return n, nil
}

func (r *wholeRecall) entitlements() error {
	var lost error
	err := eachRow(r.archive, r.head, "entitlements", func(i EntitlementRow) {
		s := r.of(i.System)
		read, err := s.at(i.Read, "table entitlements: "+i.Kind+" "+i.EntitlementID)
		lost = cmp.Or(lost, err)
		s.byRight[rightID{i.Kind, i.Scope, i.EntitlementID}] = uint32(len(s.Entitlements))
		s.Entitlements = append(s.Entitlements, access.Entitlement{System: s.System, Scope: i.Scope, ScopeName: i.ScopeName, Kind: access.EntitlementKind(i.Kind),
			ID: i.EntitlementID, Name: i.Name, Privileged: i.Privileged, Editable: i.Editable, Credential: i.Credential, Ruled: i.Ruled, Denies: i.Denies, CreatedAt: instant(i.CreatedAt), Read: read})
	})
	return cmp.Or(err, lost)
}

func (r *wholeRecall) accounts() error {
	var lost error
	err := eachRow(r.archive, r.head, "accounts", func(i AccountRow) {
		s := r.of(i.System)
		read, err := s.at(i.Read, "table accounts: "+i.AccountID)
		lost = cmp.Or(lost, err)
		a := access.Account{System: s.System, Scope: i.Scope, ScopeName: i.ScopeName, ID: access.AccountID(i.AccountID), Kind: access.AccountKind(i.Kind),
			Login: i.Login, Email: i.Email, HRID: access.EmployeeID(i.HRID), Name: i.Name, Status: access.AccountStatus(i.Status), VendorStatus: i.VendorStatus,
			Upstream: i.Upstream, Privileged: i.Privileged, MFA: access.MFA(i.MFA), CreatedAt: instant(i.CreatedAt), LastUsedAt: instant(i.LastUsedAt),
			UsageKnown: i.UsageKnown, Read: read}
		if i.Self {
			s.Self = append(s.Self, a.Key())
		}
		if i.AdminUnread {
			s.AdminsUnread = append(s.AdminsUnread, a.Key())
		}
		s.byAccount[accountID{i.Scope, i.AccountID}] = uint32(len(s.Accounts))
		s.Accounts = append(s.Accounts, a)
	})
	return cmp.Or(err, lost)
}

// wholeRow are the columns of grants that say who holds what, by what, and when it
// was used.
type wholeRow struct {
	System        string    `parquet:"system,dict"`
	Scope         string    `parquet:"scope,dict"`
	AccountScope  string    `parquet:"account_scope,dict"`
	AccountID     string    `parquet:"account_id,dict"`
	Kind          string    `parquet:"kind,dict"`
	EntitlementID string    `parquet:"entitlement_id,dict"`
	Via           string    `parquet:"via,dict"`
	ViaID         string    `parquet:"via_id,dict"`
	ViaScope      string    `parquet:"via_scope,dict"`
	Direct        bool      `parquet:"direct"`
	LastUsedAt    time.Time `parquet:"last_used_at,optional,timestamp(millisecond)"`
}

func (r *wholeRecall) grants() error {
	return eachGroup[wholeRow](r.archive, r.head, "grants", r.held)
}

// held takes over the grants of one part of the table.
func (r *wholeRecall) held(file *parquet.File, group parquet.RowGroup) error {
	var system, scope, accountScope, account, kind, right, via, viaID, viaScope textColumn
	if err := readColumns(file, group, map[string]*textColumn{"system": &system, "scope": &scope, "account_scope": &accountScope, "account_id": &account,
		"kind": &kind, "entitlement_id": &right, "via": &via, "via_id": &viaID, "via_scope": &viaScope}); err != nil {
		return err
	}
	direct, err := boolsOf(file, group, "direct")
	if err != nil {
		return err
	}
	used, err := timesOf(file, group, "last_used_at")
	if err != nil {
		return err
	}
	for n := range direct {
		s := r.of(system.at(n))
		held, has := s.byRight[rightID{kind.at(n), scope.at(n), right.at(n)}]
		holder, is := s.byAccount[accountID{accountScope.at(n), account.at(n)}]
		g := access.Grant{Account: holder, Entitlement: held, LastUsed: used[n]}
		if !direct[n] {
			carrier, carries := s.byRight[rightID{kindOf(via.at(n)), viaScope.at(n), viaID.at(n)}]
			g.Carrier, has = carrier+1, has && carries
		}
		if !has || !is {
			return untraceable(account.at(n), system.at(n), kind.at(n), right.at(n))
		}
		s.Grants = append(s.Grants, g)
	}
	return nil
}

func (r *wholeRecall) plan() (p access.Plan, err error) {
	b, err := r.archive.proven(r.head, planName(r.head.RunID))
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return p, fmt.Errorf("read %s: %w", planName(r.head.RunID), err)
	}
	return p, nil
}

// outcomes leave out the before-images.
func (r *wholeRecall) outcomes() (all []access.Outcome, err error) {
	type row struct {
		ActionID        string `parquet:"action_id"`
		Stage           string `parquet:"stage,dict"`
		Verb            string `parquet:"verb,dict"`
		System          string `parquet:"system,dict"`
		Scope           string `parquet:"scope,dict"`
		AccountScope    string `parquet:"account_scope,dict"`
		AccountID       string `parquet:"account_id,dict"`
		EntitlementKind string `parquet:"entitlement_kind,dict"`
		EntitlementID   string `parquet:"entitlement_id,dict"`
		Outcome         string `parquet:"outcome,dict"`
		Detail          string `parquet:"detail,dict"`
		Actor           string `parquet:"actor,dict"`
	}
	var broken error
	err = eachRow(r.archive, r.head, "actions", func(i row) {
		if i.ActionID == "" || i.AccountID == "" {
			broken = errors.New("table actions: a row names no action or no account; run: rollcall audit verify")
		}
		act := access.Action{ID: i.ActionID, Stage: access.Stage(i.Stage), Verb: access.Verb(i.Verb), EntitlementKind: access.EntitlementKind(i.EntitlementKind), EntitlementID: i.EntitlementID,
			Account: access.AccountKey{System: access.System(i.System), Scope: i.AccountScope, ID: access.AccountID(i.AccountID)}}
		if i.EntitlementID != "" {
			act.GrantScope = i.Scope
		}
		all = append(all, access.Outcome{Action: act, Result: access.Result(i.Outcome), Detail: i.Detail, Actor: i.Actor})
	})
	return all, cmp.Or(err, broken)
}
