package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reports"
)

// approvePlan makes an approval of each trip that is asked for.
func (e *environ) approvePlan(c *cli.Context, cfg config.Config) ([]approved, error) {
	p, err := readPlan(c.String("plan"))
	if err != nil {
		return nil, err
	}
	if err := jobs.CheckPlan(p, e.now(), config.MostApproval); err != nil {
		return nil, refuse("%w", err)
	}
	all := slices.Concat(p.Trips, p.Behind)
	logins := loginsOf(p)
	var out []approved
	for _, g := range all {
		if g.Guard != c.String("guard") || c.IsSet("scope") && g.Scope != c.String("scope") || len(g.Stakes) == 0 {
			continue
		}
		a := approved{says: g.Says, others: besides(all, g), Approval: access.Approval{Guard: g.Guard, Scope: g.Scope, Cohort: g.Stakes, CohortSHA256: access.CohortDigest(g.Stakes), Count: len(g.Stakes), PlanSHA256: p.SHA256}}
		for _, k := range g.Cohort {
			a.names = append(a.names, logins[k]+" in "+string(k.System))
		}
		out = append(out, a)
	}
	if len(out) == 0 {
		return nil, refuse("in %s the guard %s holds nothing%s that could be approved; %s", c.String("plan"), c.String("guard"), ofScope(c), heldInstead(all))
	}
	return out, nil
}

func ofScope(c *cli.Context) string {
	if !c.IsSet("scope") {
		return ""
	}
	return fmt.Sprintf(" of the scope %q", c.String("scope"))
}

func heldInstead(all []access.GuardError) string {
	var names []string
	for _, g := range all {
		if len(g.Stakes) > 0 {
			names = append(names, fmt.Sprintf("--guard %s --scope %s", g.Guard, reports.ShellWord(g.Scope)))
		}
	}
	if len(names) == 0 {
		return "nothing in it can be: make a plan of now with rollcall plan"
	}
	return "what can be: " + strings.Join(names, ", or ")
}

func loginsOf(p access.Plan) map[access.AccountKey]string {
	out := map[access.AccountKey]string{}
	for _, a := range p.Actions {
		out[a.Account] = a.Login
	}
	for _, h := range p.Held {
		out[h.Action.Account] = h.Action.Login
	}
	return out
}

// besides are the other trips that hold some of the same accounts.
func besides(all []access.GuardError, g access.GuardError) (out []string) {
	for _, other := range all {
		if other.Guard == g.Guard && other.Scope == g.Scope || len(other.Stakes) == 0 {
			continue
		}
		if slices.ContainsFunc(other.Cohort, func(k access.AccountKey) bool { return slices.Contains(g.Cohort, k) }) {
			out = append(out, fmt.Sprintf("%s (%s)", other.Guard, other.Scope))
		}
	}
	return out
}
