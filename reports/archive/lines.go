package archive

import (
	"iter"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// inFile yields the lines of a policy file in the order of the file.
func inFile[T any](lines []T) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for i := range lines {
			if !yield(&lines[i]) {
				return
			}
		}
	}
}

func ruleRows(run access.RunID, rules []access.Rule) iter.Seq[RuleRow] {
	return rowsOf(inFile(rules), func(r *access.Rule) RuleRow {
		return RuleRow{
			RunID: string(run), File: r.File, Line: int64(r.Row), Role: r.Role,
			Title: r.Title, Department: r.Department, WorkerType: r.WorkerType,
			System: r.System, Scope: r.Scope, Kind: r.Kind, Entitlement: r.Entitlement,
			Requirement: string(r.Requirement), Risk: string(r.Risk), Owner: r.Owner, Meaning: r.Meaning,
			ApprovedBy: r.ApprovedBy, ApprovedOn: r.ApprovedOn.String(), ExpiresOn: r.ExpiresOn.String(),
		}
	})
}

func exceptionRows(run access.RunID, exceptions []access.Exception) iter.Seq[ExceptionRow] {
	return rowsOf(inFile(exceptions), func(e *access.Exception) ExceptionRow {
		return ExceptionRow{
			RunID: string(run), File: e.File, Line: int64(e.Row), ID: e.ID,
			Source: string(e.Person.Source), EmployeeID: string(e.Person.EmployeeID),
			System: e.System, Scope: e.Scope, Kind: e.Kind, Entitlement: e.Entitlement,
			Reason: e.Reason, Ticket: e.Ticket,
			ApprovedBy: e.ApprovedBy, ApprovedOn: e.ApprovedOn.String(), ExpiresOn: e.ExpiresOn.String(),
		}
	})
}

func nonHumanRows(run access.RunID, accounts []access.NonHuman) iter.Seq[NonHumanRow] {
	return rowsOf(inFile(accounts), func(h *access.NonHuman) NonHumanRow {
		return NonHumanRow{
			RunID: string(run), File: h.File, Line: int64(h.Row),
			System: h.System, Scope: h.Scope, Account: h.Account, Kind: string(h.Kind),
			OwnerID: string(h.OwnerID), Purpose: h.Purpose, ReviewBy: h.Review.String(),
		}
	})
}

func runRow(n *access.Night) iter.Seq[RunRow] {
	r := n.Run
	return readable(slices.Values([]RunRow{{
		RunID: string(r.ID), StartedAt: r.StartedAt.UTC(), FinishedAt: r.FinishedAt.UTC(),
		Mode: string(r.Mode), Trigger: r.Trigger, ToolVersion: r.ToolVersion, ConfigSHA256: r.ConfigSHA256,
		RosterSHA256: rosterDigests(n.Rosters), RoleMapSHA256: n.Policy.RoleMap.SHA256, PlanSHA256: n.Plan.SHA256,
		Verdict: r.Verdict, ExitCode: int64(r.ExitCode), PreviousRunID: string(r.Previous), Actor: r.Actor,
		PolicyUnread: policyUnread(n.Policy),
	}}))
}

// policyUnread names the files of which nothing counted that night.
func policyUnread(p access.Policy) string {
	var names []string
	if p.RoleMapUnread {
		names = append(names, "rolemap")
	}
	if p.ExceptionsUnread {
		names = append(names, "exceptions")
	}
	return strings.Join(names, " ")
}
