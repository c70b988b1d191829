package evidence

import (
	"fmt"
	"slices"

	"rollcall/reports/audit"
)

// sheet reads the cells of an answer by the names of its columns.
type sheet struct {
	rows [][]any
	at   map[string]int
}

// reads are the columns that the page reads of each question.
var reads = map[string][]string{
	nightsQuestion:   {"day", "outcome", "other_runs", "gaps", "first_gap", "held", "first_held", "failed", "policy_unread"},
	completeness:     {"night", "system", "scope", "kind", "complete", "gap", "received", "claimed_total", "archived", "matched", "nonhuman", "ambiguous", "unmatched", "root", "difference"},
	leavers:          {"source", "employee_id", "name", "access_ends_at", "system", "scope", "account_id", "blocked_verified_at", "hours_to_block", "removed_verified_at", "hours_to_remove", "within_sla"},
	leaversActive:    {"what", "source", "employee_id", "name", "system", "account_id", "login", "detail", "first_night", "last_night", "nights"},
	campaignQuestion: {"campaign_id", "worksheet_id", "reviewer_name", "issued", "answered", "open", "kept", "changed", "removed", "passed_on", "self_review_attempts", "late", "issued_at", "due_on", "signal"},
	removals:         {"state", "campaign_id", "decision", "system"},
	neverReviewed:    {"why", "risk"},
	againstPolicy:    {"state", "source", "employee_id", "system", "login", "entitlement", "risk", "exception", "ticket", "approved_by", "expires_on"},
	overrides:        {"happened_at", "what", "who", "guard", "number", "counted", "source", "employee_id", "system", "verb", "outcome", "reason", "ticket"},
	reperform:        {"rule", "cases", "agrees", "differs", "first_difference"},
	"people":         {"source", "standing", "people"},
	"findings":       {"kind", "risk", "severity", "disposition", "findings", "standing", "oldest"},
	"access-by-risk": {"day", "risk", "rights", "people"},
}

// The questions that the page tells of.
const (
	nightsQuestion   = "nights"
	completeness     = "completeness"
	leavers          = "leavers"
	leaversActive    = "leavers-active"
	campaignQuestion = "campaign"
	removals         = "removals"
	neverReviewed    = "never-reviewed"
	againstPolicy    = "against-policy"
	overrides        = "overrides"
	reperform        = "reperform"
)

// complete checks that the answer has what the page reads of it.
func (a *answered) complete() error {
	for _, column := range reads[a.Name] {
		if !slices.Contains(a.answer.Columns, column) {
			return fmt.Errorf("the answer to %s has no column %s, which the page needs", a.Name, column)
		}
	}
	return nil
}

// sheet gives the cells of a question; without an answer there are no rows.
func (p *pack) sheet(name string) sheet {
	a := p.find(name)
	if a.answer == nil {
		return sheet{}
	}
	s := sheet{rows: a.answer.Rows, at: map[string]int{}}
	for i, c := range a.answer.Columns {
		s.at[c] = i
	}
	return s
}

func (s sheet) cell(row int, column string) any { return s.rows[row][s.at[column]] }

func (s sheet) text(row int, column string) string {
	return audit.Texts([]any{s.cell(row, column)})[0]
}

func (s sheet) count(row int, column string) int {
	n, _ := s.cell(row, column).(int64) // what is not known counts nothing
	return int(n)
}

func (s sheet) yes(row int, column string) bool {
	b, _ := s.cell(row, column).(bool)
	return b
}

// hours gives a number, and whether there is one.
func (s sheet) hours(row int, column string) (float64, bool) {
	switch v := s.cell(row, column).(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// where gives the rows for which a column has one of the texts.
func (s sheet) where(column string, texts ...string) (rows []int) {
	for i := range s.rows {
		if slices.Contains(texts, s.text(i, column)) {
			rows = append(rows, i)
		}
	}
	return rows
}

// total adds a column up.
func (s sheet) total(column string) (n int) {
	for i := range s.rows {
		n += s.count(i, column)
	}
	return n
}

// kinds gives the different texts of a column, in the order in which they come.
func (s sheet) kinds(column string) (all []string) {
	for i := range s.rows {
		if t := s.text(i, column); !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}
