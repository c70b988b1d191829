package audit

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// policySQL is the expected-access join by two role maps over many nights.
//
//go:embed policy.sql
var policySQL string

// policyTables are what policySQL reads.
var policyTables = []string{"runs", "reads", "identities", "entitlements", "grants", "exceptions"}

// CompareMaps is reconcile.Replaying as one SELECT over all nights at once: what two
// role maps say of who held what, and how much of it on each night. Findings are not
// among it. The nights are committed runs, oldest first; zone is the company's, where
// days end.
func (a *Archive) CompareMaps(ctx context.Context, nights []access.Run, zone *time.Location, older, newer access.RoleMap) (reconcile.Replay, error) {
	var files []File
	for _, n := range nights {
		at := slices.IndexFunc(a.runs, func(r archive.CommittedRun) bool { return r.RunID == n.ID })
		if at < 0 {
			return reconcile.Replay{}, fmt.Errorf("run %s is not committed", n.ID)
		}
		files = append(files, choose(a.runs[at], policyTables)...)
	}
	answer, err := a.run(ctx, policyQuery(nights, zone, older, newer), nil, files)
	if err != nil {
		return reconcile.Replay{}, fmt.Errorf("compare two role maps over %d nights: %w", len(nights), err)
	}
	return replayOf(nights, answer.Rows)
}

// policyQuery puts the nights and the rules in their places.
func policyQuery(nights []access.Run, zone *time.Location, older, newer access.RoleMap) string {
	var rows, rules [][]string
	for _, n := range nights {
		rows = append(rows, []string{literal(string(n.ID)), literal(era(n.StartedAt, zone, older, newer)), literal(n.StartedAt.In(zone).Format(time.DateOnly)), literal(n.StartedAt.UTC().Format(time.RFC3339))})
	}
	for _, m := range []struct {
		side  string
		rules []access.Rule
	}{{"old", older.Rules}, {"new", newer.Rules}} {
		for n, r := range m.rules {
			row := []string{literal(m.side), fmt.Sprint(n + 1), literal(fmt.Sprintf("%s row %d", r.File, r.Row))}
			for _, pattern := range []string{r.Title, r.Department, r.WorkerType, r.System, r.Scope, r.Kind, r.Entitlement} {
				row = append(row, literal(like(pattern)))
			}
			rules = append(rules, append(row, literal(r.ExpiresOn.String())))
		}
	}
	return strings.NewReplacer(
		"/*night*/", relation(rows, "run_id", "era", "today", "moment"),
		"/*rule*/", relation(rules, "side", "n", "cite", "title", "department", "worker_type", "system", "scope", "kind", "entitlement", "expires_on"),
	).Replace(policySQL)
}

// era is the same for nights on which the same rules count: it is the last end of a rule
// that had come by then.
func era(at time.Time, zone *time.Location, older, newer access.RoleMap) string {
	today, moment := at.In(zone).Format(time.DateOnly), at.UTC().Format(time.RFC3339)
	var days, moments string
	for _, m := range []access.RoleMap{older, newer} {
		for _, r := range m.Rules {
			switch end := r.ExpiresOn.String(); {
			case len(end) == len(today) && end < today:
				days = max(days, end)
			case len(end) > len(today) && end <= moment:
				moments = max(moments, end)
			}
		}
	}
	return days + " " + moments
}

// relation is a SELECT that gives these rows; of none, one that gives nothing.
func relation(rows [][]string, columns ...string) string {
	where := ""
	if len(rows) == 0 {
		empty := make([]string, len(columns))
		for i := range empty {
			empty[i] = "''"
			if columns[i] == "n" {
				empty[i] = "0"
			}
		}
		rows, where = [][]string{empty}, " WHERE 1 = 0"
	}
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = "(" + strings.Join(row, ", ") + ")"
	}
	names := strings.Join(columns, ", ")
	return "  SELECT " + names + " FROM (VALUES\n    " + strings.Join(all, ",\n    ") + ") AS t (" + names + ")" + where
}

// literal is a text in SQL. A backslash means something to Spark within one, so that
// it is put together.
func literal(s string) string {
	var parts []string
	for part := range strings.SplitSeq(s, `\`) {
		parts = append(parts, "'"+strings.ReplaceAll(part, "'", "''")+"'")
	}
	return strings.Join(parts, " || chr(92) || ")
}

// like is a pattern of the role map as one of LIKE, with ! before what LIKE would take
// for a wildcard.
func like(pattern string) string {
	if pattern == "" {
		return "%"
	}
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_", "*", "%", "?", "_").Replace(strings.ToLower(pattern))
}

// replayOf reads the rows of policySQL.
func replayOf(nights []access.Run, rows [][]any) (reconcile.Replay, error) {
	r := reconcile.Replay{Allowed: []reconcile.SpanOfChange{}, Unexpected: []reconcile.SpanOfChange{}, Appear: []reconcile.SpanOfFinding{}, Vanish: []reconcile.SpanOfFinding{}, ChangesOnly: true}
	at := map[string]int{}
	for i, n := range nights {
		at[string(n.ID)] = i
		day := n.StartedAt.UTC()
		r.Nights = append(r.Nights, reconcile.ReplayedNight{Run: n.ID, Date: access.Day{At: time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)}})
	}
	for _, row := range rows {
		t := func(column int) string { return fmt.Sprint(row[column]) }
		count, ok := row[19].(int64)
		if !ok {
			return r, fmt.Errorf("the engine gives a count as %T", row[19])
		}
		night := func() *reconcile.ReplayedNight { return &r.Nights[at[t(1)]] }
		switch t(0) {
		case "gained":
			night().Gained = int(count)
		case "lost":
			night().Lost = int(count)
		case "unread":
			name := access.Read{System: access.System(t(8)), Scope: t(11), Kind: t(12)}.Name()
			night().Unread = append(night().Unread, strings.TrimSuffix(name+": "+t(14), ": "))
		case "exceptions":
			night().Unread = append(night().Unread, reconcile.ExceptionsUnread)
		default:
			c, err := changeOf(row)
			if err != nil {
				return r, err
			}
			c.Nights = int(count)
			if c.After != "" {
				r.Allowed = append(r.Allowed, c)
			} else {
				r.Unexpected = append(r.Unexpected, c)
			}
		}
	}
	reconcile.SortChanges(r.Allowed)
	reconcile.SortChanges(r.Unexpected)
	return r, nil
}

func changeOf(row []any) (c reconcile.SpanOfChange, err error) {
	t := func(column int) string { return fmt.Sprint(row[column]) }
	c.Person = access.PersonKey{Source: access.Source(t(2)), EmployeeID: access.EmployeeID(t(3))}
	c.Name, c.Title, c.Department, c.WorkerType = t(4), t(5), t(6), t(7)
	c.System, c.AccountID, c.Login, c.Scope = access.System(t(8)), access.AccountID(t(9)), t(10), t(11)
	c.Kind, c.ID, c.Entitlement, c.Before, c.After = access.EntitlementKind(t(12)), t(13), t(14), t(15), t(16)
	if c.From, err = access.ParseDay(t(17)); err == nil {
		c.To, err = access.ParseDay(t(18))
	}
	return c, err
}
