package reconcile

import (
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
)

// table reads a CSV with a header; the rows count as a spreadsheet counts them.
func (f *fixture) table(name string) []map[string]string {
	f.t.Helper()
	all, err := csv.NewReader(strings.NewReader(f.files[name])).ReadAll()
	if err != nil {
		f.t.Fatalf("%s: %v", name, err)
	}
	var out []map[string]string
	for n, rec := range all {
		if n == 0 {
			continue
		}
		row := map[string]string{"row": strconv.Itoa(n + 1), "file": name}
		for c, v := range rec {
			row[all[0][c]] = v
		}
		out = append(out, row)
	}
	return out
}

func (f *fixture) identities(s access.Source, name string) []access.Identity {
	f.t.Helper()
	var out []access.Identity
	for _, r := range f.table(name) {
		out = append(out, access.Identity{
			Source: s, EmployeeID: access.EmployeeID(r["employee_id"]), Email: r["email"], Name: r["name"], Title: r["title"],
			Department: r["department"], ManagerID: access.EmployeeID(r["manager_id"]), WorkerType: r["worker_type"],
			Status: access.Status(r["status"]), StartDate: f.day(r["start_date"]), EndDate: f.day(r["end_date"]),
			LastWorkingDay: f.day(r["last_working_day"]), TimeZone: r["timezone"], Aliases: r["aliases"],
			Row: f.number(r["row"]), Problem: r["problem"],
		})
	}
	return out
}

// roster accepts tonight's file of a source over the list in force, if any.
func (f *fixture) roster(s access.Source) SourceRoster {
	f.t.Helper()
	m := f.w.Memory
	if _, has := f.files["before/"+string(s)+".csv"]; has {
		rows := f.identities(s, "before/"+string(s)+".csv")
		m.InForce[s] = rows
		m.Accepted[s] = access.AcceptedRoster{Source: s, SHA256: "before", Original: "before", AsOf: f.time("2026-11-22"), AcceptedAt: f.time("2026-11-22T02:00:00Z"), Rows: len(rows)}
	}
	for _, i := range f.identities(s, "vanished/"+string(s)+".csv") {
		m.Vanished[i.Key()] = access.Vanished{Identity: i, Since: f.since, Lists: f.absent[i.Key()]}
	}
	file := string(s) + ".csv"
	digest := "tonight"
	if d := f.digest[s]; d != "" {
		digest = d
	}
	r := access.Roster{Source: s, File: file, AsOf: f.asOf[s], Original: digest, SHA256: "rows of " + digest, Rows: f.identities(s, file)}
	if digest == "before" {
		r.SHA256 = "before"
	}
	if len(f.stops[s]) > 0 { // as the reader gives it
		r.SHA256, r.Rows, r.Working = "", nil, r.Rows
	}
	g := f.guards[s]
	seen := Accept(r, f.stops[s], m, g, f.w.Now).Verdict.Seen
	for n := range f.w.Approvals {
		a := &f.w.Approvals[n]
		if a.Roster == nil || a.Roster.Source != s {
			continue
		}
		gone := a.Roster.Gone // what the approver saw, if it was something else
		*a.Roster = seen
		if gone != 0 {
			a.Roster.Gone = gone
		}
		a.Count, a.CohortSHA256 = a.Roster.Gone, seen.Rows
	}
	g.Approvals = f.w.Approvals
	return Accept(r, f.stops[s], m, g, f.w.Now)
}

// approval is one that a person gave six hours ago, of these stakes: ACCOUNT, or
// ACCOUNT=VERB[=KIND:ID] of what cannot be undone. spent=, resumable, made=, expires=,
// unproven=, count= and gone= (of a list) make it another one.
func (f *fixture) approval(guard, scope, id string, words []string) access.GivenApproval {
	f.t.Helper()
	made := f.w.Now.Add(-6 * time.Hour)
	a := access.GivenApproval{Approval: access.Approval{ID: id, Guard: guard, Scope: scope, By: "Ann", Reason: "HR confirmed it", CreatedAt: made, ExpiresAt: made.Add(approvalAge)}}
	if guard == "roster" {
		a.Roster = &access.ApprovedRoster{Source: access.Source(scope)}
	}
	count := -1
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "spent":
			a.Spent = access.RunID(value)
		case "resumable":
			a.Resumable = true
		case "made":
			a.CreatedAt = f.time(value)
		case "expires":
			a.ExpiresAt = f.time(value)
		case "unproven":
			a.Unproven = value
		case "count":
			count = f.number(value)
		case "gone":
			a.Roster.Gone = f.number(value)
		default:
			a.Cohort = append(a.Cohort, stakeOf(accountKey(key), value))
		}
	}
	a.Count, a.CohortSHA256 = len(a.Cohort), access.CohortDigest(a.Cohort)
	if count >= 0 {
		a.Count = count
	}
	return a
}

func stakeOf(k access.AccountKey, verb string) access.Stake {
	s := access.Stake{Account: k, Stage: access.Block}
	if verb == string(access.Remove) {
		s.Stage = access.Remove
		return s
	}
	if row, ok := strings.CutPrefix(verb, "row:"); ok { // what a review decided
		s.Stage, s.Action = access.Remove, reviewAction(row)
		return s
	}
	if verb == "" {
		return s
	}
	verb, ent, _ := strings.Cut(verb, "=")
	kind, id, _ := strings.Cut(ent, ":")
	s.Action = stableID("a", string(s.Stage), verb, k.String(), kind, "", id)
	return s
}

// policy reads everything that people wrote.
func (f *fixture) policy() {
	f.t.Helper()
	p := &f.w.Policy
	for _, r := range f.table("rolemap.csv") {
		p.RoleMap.Rules = append(p.RoleMap.Rules, access.Rule{
			Line: f.line(r), Role: r["role"], Title: r["title"], Department: r["department"], WorkerType: r["worker_type"], System: r["system"],
			Scope: r["scope"], Kind: r["kind"], Entitlement: r["entitlement"], Requirement: access.Requirement(r["requirement"]),
			Risk: access.Risk(r["risk"]), Owner: r["owner"], Meaning: r["meaning"], ApprovedBy: r["approved_by"], ExpiresOn: f.day(r["expires_on"]),
		})
	}
	for _, r := range f.table("exceptions.csv") {
		p.Exceptions = append(p.Exceptions, access.Exception{
			Line: f.line(r), ID: r["id"], Person: personKey(r["source"] + "/" + r["employee_id"]), System: r["system"], Scope: r["scope"],
			Kind: r["kind"], Entitlement: r["entitlement"], Reason: r["reason"], ApprovedBy: r["approved_by"], ApprovedOn: f.day(r["approved_on"]), ExpiresOn: f.day(r["expires_on"]),
		})
	}
	for _, r := range f.table("answers.csv") {
		p.Answers = append(p.Answers, access.Answer{
			Line: f.line(r), Person: personKey(r["source"] + "/" + r["employee_id"]), Answer: r["answer"], SameAs: access.EmployeeID(r["same_as"]),
			LastWorkingDay: f.day(r["last_working_day"]), ConfirmedBy: r["confirmed_by"], ConfirmedOn: f.day(r["confirmed_on"]),
		})
	}
	for _, r := range f.table("links.csv") {
		p.Links = append(p.Links, access.Link{
			Line: f.line(r), Account: access.AccountKey{System: access.System(r["system"]), Scope: r["scope"], ID: access.AccountID(r["account_id"])},
			Person: personKey(r["source"] + "/" + r["employee_id"]), ConfirmedBy: r["confirmed_by"], ConfirmedOn: f.day(r["confirmed_on"]),
		})
	}
	for _, r := range f.table("nonhuman.csv") {
		p.NonHuman = append(p.NonHuman, access.NonHuman{
			Line: f.line(r), System: r["system"], Scope: r["scope"], Account: r["account"], Kind: access.IdentityKind(r["kind"]),
			OwnerID: access.EmployeeID(r["owner_id"]), Purpose: r["purpose"], Review: f.day(r["review_by"]),
		})
	}
	for _, r := range f.table("sod.csv") {
		right := func(side string) access.Right {
			return access.Right{System: r[side+"_system"], Scope: r[side+"_scope"], Kind: r[side+"_kind"], Entitlement: r[side+"_entitlement"]}
		}
		p.SoD = append(p.SoD, access.SoD{Line: f.line(r), Rule: r["rule"], Left: right("left"), Right: right("right"), Reason: r["reason"]})
	}
	for _, r := range f.table("contacts.csv") {
		p.Contacts = append(p.Contacts, access.Contact{Line: f.line(r), System: r["system"], Responsibility: r["responsibility"], Name: r["name"], BusinessHours: r["business_hours_contact"]})
	}
}
