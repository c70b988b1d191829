package reports

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// A cell is a text from outside, or a date that we made.
type cell struct {
	Text string
	Date time.Time // midnight UTC; not zero: the cell is this date
}

// words is the cell as text.
func (c cell) words() string {
	if !c.Date.IsZero() {
		return phrase.Day(c.Date)
	}
	return c.Text
}

// A column of the Review sheet and of its CSV twin.
type column struct {
	Head   string
	Width  float64
	Hint   string // for a column that the reviewer fills in: what to write
	Answer bool
	Value  func(*sheet, *access.Issued) cell
}

// A layout is the columns of a worksheet, in order. Their heads are a contract
// with reviewers, who send them back.
type layout []column

// index is where a column stands, from 0; -1: there is none of this head.
func (l layout) index(head string) int {
	return slices.IndexFunc(l, func(c column) bool { return c.Head == head })
}

// The heads of the columns that the reviewer fills in, and of the one that
// only the workbook has.
const (
	headTodo     = "To do"
	headDecision = "Decision"
	headReason   = "Reason"
	headChange   = "Change to"
	headPass     = "Pass to"
	headComment  = "Comment"
)

// The heads of columns that the rest of a worksheet refers to.
const (
	headRow          = "Row ID"
	headPerson       = "Person"
	headRisk         = "Risk"
	headHeldSince    = "Since"
	headLastUsed     = "Last used"
	headFlag         = "Why flagged"
	headSuggested    = "Suggested"
	headWhySuggested = "Why suggested"
	headCheck        = "Row check" // of a campaign's CSV: its workbook keeps it in a hidden sheet
)

// reviewColumns are the columns of a nightly worksheet.
var reviewColumns = layout{
	{Head: headRow, Width: 9, Value: func(_ *sheet, i *access.Issued) cell { return cell{Text: i.ID} }},
	text(headPerson, 19, func(i *access.Item) string { return personName(i) }),
	text("Employee ID", 11, func(i *access.Item) string { return string(i.Person.EmployeeID) }),
	text("Job title", 16, func(i *access.Item) string { return i.Person.Title }),
	text("Department", 14, func(i *access.Item) string { return i.Person.Department }),
	text("Manager", 15, func(i *access.Item) string { return i.ManagerName }),
	{Head: "Worker type", Width: 11, Value: workerType},
	{Head: "Employment", Width: 14, Value: func(_ *sheet, i *access.Issued) cell { return cell{Text: employment(i.Item.Person)} }},
	text("System", 14, systemWords),
	text("Account", 23, func(i *access.Item) string { return cmp.Or(i.Account.Login, string(i.Account.ID)) }),
	text("What it lets them do", 32, meaning),
	text("Technical name", 25, technicalName),
	text("Also goes with it", 20, carried),
	text(headRisk, 10.5, func(i *access.Item) string { return riskWord(i.Risk) }),
	text("How they got it", 22, func(i *access.Item) string { return cmp.Or(i.HowHeld, "Unknown") }),
	{Head: headHeldSince, Width: 11, Value: func(_ *sheet, i *access.Issued) cell { return dateCell(i.Item.Since.At) }},
	text("Approved by", 14, func(i *access.Item) string { return i.ApprovedBy }),
	text("Approval ref", 11, func(i *access.Item) string { return i.ApprovalRef }),
	{Head: headLastUsed, Width: 16, Value: lastUsed},
	text("Same role has it", 10, peers),
	{Head: headFlag, Width: 32, Value: whyFlagged},
	text(headSuggested, 11, func(i *access.Item) string { return i.Suggested }),
	{Head: headWhySuggested, Width: 24, Value: whySuggested},
	answer(headDecision, 12, "Choose Keep, Change, Remove or Not mine. A blank row stays open: it never means Keep."),
	answer(headReason, 30, "Needed for Keep on a flagged or privileged row or against the suggestion, for Change and for Not mine: ten characters or more."),
	answer(headChange, 18, "With Change: which access they should have instead."),
	answer(headPass, 18, "With Not mine: the name or work e-mail of the person who can judge it."),
	answer(headComment, 20, "Anything else. No medical or disciplinary detail, please."),
}

func text(head string, width float64, value func(*access.Item) string) column {
	return column{Head: head, Width: width, Value: func(_ *sheet, i *access.Issued) cell { return cell{Text: value(&i.Item)} }}
}

func answer(head string, width float64, hint string) column {
	return column{Head: head, Width: width, Hint: hint, Answer: true,
		Value: func(*sheet, *access.Issued) cell { return cell{} }}
}

// dateCell gives the day of an instant, in UTC. A spreadsheet knows no day
// before March 1900 that all programs agree on; such a date stays text.
func dateCell(at time.Time) cell {
	if at.IsZero() {
		return cell{}
	}
	day := at.UTC().Truncate(24 * time.Hour)
	if y := day.Year(); y <= 1900 || y > 9999 {
		return cell{Text: phrase.Day(day)}
	}
	return cell{Date: day}
}

func personName(i *access.Item) string {
	if i.Person.Key().Zero() {
		return strings.TrimSpace("(no person) " + i.Account.Name)
	}
	return cmp.Or(i.Person.Name, i.Person.Email, string(i.Person.EmployeeID))
}

func workerType(s *sheet, row *access.Issued) cell {
	i := &row.Item
	if !i.Person.Key().Zero() {
		return cell{Text: cmp.Or(i.Person.WorkerType, "Employee")}
	}
	return cell{Text: cmp.Or(s.nonHuman[i.Account.Key()], "Unmatched")}
}

// employment says no more than a manager may know: never a departure that is
// still ahead, never the kind of a leave.
func employment(p access.Person) string {
	switch p.Standing {
	case access.StandingLeft:
		return "Left"
	case access.StandingPending:
		return "Not started yet"
	case access.StandingActive, access.StandingScheduled, access.StandingGarden:
		return "Employed"
	}
	if p.Key().Zero() {
		return ""
	}
	return "To be confirmed"
}

func systemWords(i *access.Item) string {
	switch {
	case i.Scope == "":
		return string(i.System)
	case i.ScopeName == "":
		return string(i.System) + ", account " + i.Scope
	}
	return string(i.System) + ", account " + i.ScopeName + " (" + i.Scope + ")"
}

func meaning(i *access.Item) string {
	switch {
	case i.Meaning != "":
		return i.Meaning
	case i.Kind == "":
		return "Log in to " + string(i.System)
	}
	return "Not described yet: ask the owner of " + string(i.System)
}

func technicalName(i *access.Item) string {
	kind := "The account itself"
	if i.Kind != "" {
		kind = i.Kind.Words()
	}
	switch name := cmp.Or(i.Entitlement, i.EntitlementID); {
	case name == "":
		return kind
	case name == i.EntitlementID || i.EntitlementID == "":
		return kind + ": " + name
	default:
		return kind + ": " + name + " [" + i.EntitlementID + "]"
	}
}

func carried(i *access.Item) string {
	const most = 12
	out := ""
	for n, c := range i.Carries {
		if n == most {
			return out + ", and " + strconv.Itoa(len(i.Carries)-most) + " more"
		}
		if n > 0 {
			out += ", "
		}
		out += c
	}
	return out
}

var riskWords = map[access.Risk]string{access.RiskStandard: "Standard", access.RiskSensitive: "Sensitive", access.RiskPrivileged: "Privileged"}

func riskWord(r access.Risk) string { return cmp.Or(riskWords[r], "Not rated") }

// longUnused is when a date of last use is told as a number of days: the 45
// days of CIS control 5.3.
const longUnused = 45

// lastUsed tells four different things: a date, not for N days, never, and
// that nobody knows.
func lastUsed(s *sheet, row *access.Issued) cell {
	i := &row.Item
	switch {
	case !i.UsageKnown:
		return cell{Text: "no usage data"}
	case i.LastUsedAt.IsZero():
		return cell{Text: "never"}
	}
	day := i.LastUsedAt.UTC().Truncate(24 * time.Hour)
	days := int(s.day.Sub(day).Hours() / 24)
	if days > longUnused {
		return cell{Text: "not used in " + strconv.Itoa(days) + " days (last " + phrase.Day(day) + ")"}
	}
	return dateCell(day)
}

func peers(i *access.Item) string {
	if i.PeersAll == 0 {
		return "no peers"
	}
	return strconv.Itoa(i.PeersHave) + " of " + strconv.Itoa(i.PeersAll)
}

// whyFlagged gives the reason of the finding, except where it may tell a
// manager of a departure or a leave.
func whyFlagged(s *sheet, row *access.Issued) cell {
	i := &row.Item
	if i.FindingID == "" && i.Why == "" {
		return cell{}
	}
	return cell{Text: s.discreet(i, cmp.Or(i.Why, string(i.FindingKind)))}
}

func whySuggested(s *sheet, row *access.Issued) cell {
	i := &row.Item
	if i.SuggestedWhy == "" {
		return cell{}
	}
	return cell{Text: s.discreet(i, i.SuggestedWhy)}
}
