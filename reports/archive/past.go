package archive

import (
	"fmt"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Of reads back what the run recorded of these people: what their accounts held
// and what was said of it, the findings, and what was done to their accounts.
func (p PastRun) Of(people []access.PersonKey) (reconcile.PastNight, error) {
	n := reconcile.PastNight{Run: p.head.RunID}
	err := inTurn([]func() error{
		func() error {
			type row struct {
				StartedAt time.Time `parquet:"started_at,optional,timestamp(millisecond)"`
			}
			return eachRow(p.archive, p.head, "runs", func(r row) { n.StartedAt = r.StartedAt })
		},
		func() (err error) { n.Reads, err = p.certificates(); return err },
		func() (err error) { n.Grants, err = p.grantsOf(people); return err },
		func() (err error) { n.Findings, err = p.findingsOf(people); return err },
		func() (err error) { n.Outcomes, err = p.outcomesOf(people); return err },
	})
	if err != nil {
		return n, fmt.Errorf("read back run %s: %w", p.head.RunID, err)
	}
	return n, nil
}

// certificates are the run's reads.
func (p PastRun) certificates() (reads []access.Read, err error) {
	type row struct {
		System   string `parquet:"system,dict"`
		Scope    string `parquet:"scope,dict"`
		Kind     string `parquet:"kind,dict"`
		Complete bool   `parquet:"complete"`
		Gap      string `parquet:"gap,dict"`
	}
	err = eachRow(p.archive, p.head, "reads", func(r row) {
		if r.Kind == access.LogsRead { // nothing of who holds what rests on it
			return
		}
		reads = append(reads, access.Read{System: access.System(r.System), Scope: r.Scope, Kind: r.Kind, Complete: r.Complete, Gap: r.Gap})
	})
	return reads, err
}

func (p PastRun) grantsOf(people []access.PersonKey) (all []reconcile.PastGrant, err error) {
	type row struct {
		System        string `parquet:"system,dict"`
		Scope         string `parquet:"scope,dict"`
		AccountID     string `parquet:"account_id,dict"`
		Login         string `parquet:"login,dict"`
		Source        string `parquet:"source,dict"`
		EmployeeID    string `parquet:"employee_id,dict"`
		Kind          string `parquet:"kind,dict"`
		EntitlementID string `parquet:"entitlement_id,dict"`
		Entitlement   string `parquet:"entitlement,dict"`
		Via           string `parquet:"via,dict"`
		Expected      bool   `parquet:"expected"`
		Cites         string `parquet:"cites,dict"`
		ApprovedBy    string `parquet:"approved_by,dict"`
		FirstSeenOn   int32  `parquet:"first_seen_on,optional,date,dict"`
	}
	who := func(r *row) (string, string) { return r.Source, r.EmployeeID }
	err = eachRowAbout(p.archive, p.head, "grants", people, who, func(r *row) {
		all = append(all, reconcile.PastGrant{
			Person: personKey(r.Source, r.EmployeeID),
			System: access.System(r.System), AccountID: access.AccountID(r.AccountID), Login: r.Login, Scope: r.Scope,
			Kind: access.EntitlementKind(r.Kind), EntitlementID: r.EntitlementID, Entitlement: r.Entitlement, Via: r.Via, FirstSeen: day(r.FirstSeenOn),
			Verdict: reconcile.PastVerdict{Expected: r.Expected, Cites: r.Cites, ApprovedBy: r.ApprovedBy},
		})
	})
	return all, err
}

func (p PastRun) findingsOf(people []access.PersonKey) (all []access.Finding, err error) {
	who := func(r *FindingRow) (string, string) { return r.Source, r.EmployeeID }
	err = eachRowAbout(p.archive, p.head, "findings", people, who, func(r *FindingRow) {
		all = append(all, access.Finding{
			ID: r.FindingID, Kind: access.FindingKind(r.Kind), Severity: r.Severity, Disposition: access.Disposition(r.Disposition),
			Person:  personKey(r.Source, r.EmployeeID),
			Account: access.AccountKey{System: access.System(r.System), ID: access.AccountID(r.AccountID)}, GrantScope: r.Scope, Login: r.Login,
			EntitlementKind: access.EntitlementKind(r.EntitlementKind), EntitlementID: r.EntitlementID, Entitlement: r.Entitlement,
			Reason: r.Reason, Cites: r.Cites, FirstSeen: day(r.FirstSeenOn),
		})
	})
	return all, err
}

// outcomesOf leaves out the before-images: how something was is for who restores it.
func (p PastRun) outcomesOf(people []access.PersonKey) (all []access.Outcome, err error) {
	type row struct {
		ActionID        string    `parquet:"action_id"`
		FindingID       string    `parquet:"finding_id,dict"`
		Stage           string    `parquet:"stage,dict"`
		Verb            string    `parquet:"verb,dict"`
		Source          string    `parquet:"source,dict"`
		EmployeeID      string    `parquet:"employee_id,dict"`
		System          string    `parquet:"system,dict"`
		Scope           string    `parquet:"scope,dict"`
		AccountID       string    `parquet:"account_id,dict"`
		EntitlementKind string    `parquet:"entitlement_kind,dict"`
		EntitlementID   string    `parquet:"entitlement_id,dict"`
		Reason          string    `parquet:"reason,dict"`
		Outcome         string    `parquet:"outcome,dict"`
		Detail          string    `parquet:"detail,dict"`
		PlannedAt       time.Time `parquet:"planned_at,optional,timestamp(millisecond)"`
		SentAt          time.Time `parquet:"sent_at,optional,timestamp(millisecond)"`
		VerifiedAt      time.Time `parquet:"verified_at,optional,timestamp(millisecond)"`
		Undoable        bool      `parquet:"undoable"`
		Actor           string    `parquet:"actor,dict"`
	}
	who := func(r *row) (string, string) { return r.Source, r.EmployeeID }
	err = eachRowAbout(p.archive, p.head, "actions", people, who, func(r *row) {
		all = append(all, access.Outcome{
			Action: access.Action{ID: r.ActionID, FindingID: r.FindingID, Stage: access.Stage(r.Stage), Verb: access.Verb(r.Verb),
				Person:  personKey(r.Source, r.EmployeeID),
				Account: access.AccountKey{System: access.System(r.System), ID: access.AccountID(r.AccountID)}, GrantScope: r.Scope,
				EntitlementKind: access.EntitlementKind(r.EntitlementKind), EntitlementID: r.EntitlementID, Reason: r.Reason, Undoable: r.Undoable},
			Result: access.Result(r.Outcome), Detail: r.Detail, PlannedAt: r.PlannedAt, SentAt: r.SentAt, VerifiedAt: r.VerifiedAt, Actor: r.Actor,
		})
	})
	return all, err
}

// day is the inverse of date.
func day(n int32) access.Day {
	if n == 0 {
		return access.Day{}
	}
	return access.Day{At: time.Unix(int64(n)*24*60*60, 0).UTC()}
}
