package reports

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// CampaignBook is what the worksheets of a campaign are written from, beside their
// rows.
type CampaignBook struct {
	Campaign access.Campaign
	// Night is the run whose facts were frozen, with what was decided of them when the
	// campaign was opened; its worksheets are not used.
	Night *access.Night
	// Last is the campaign before; nil: there was none.
	Last *access.CampaignRecord
	// Key is what the MACs of the rows are made with.
	Key []byte
}

// WriteCampaign writes a workbook, its CSV twin and a page for the browser for each
// worksheet of a campaign into dir, which it makes if needed; they are called after
// Sheet.ID. It fills in Cells and MAC of each row and SHA256 of each sheet. A file of
// the same name is replaced. One worksheet that cannot be written does not keep the
// others from being written: the error joins all that went wrong.
func WriteCampaign(dir string, b CampaignBook, sheets []access.Sheet) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make worksheet folder: %w", err)
	}
	w := newCampaignWriter(b, sheets)
	return eachSheet(dir, len(sheets), func(i int) error {
		if err := w.write(dir, &sheets[i]); err != nil {
			return fmt.Errorf("write worksheet of %s: %w", line(sheets[i].ReviewerName), err)
		}
		return nil
	})
}

// campaignWriter has what all worksheets of a campaign are made from; it changes
// no more once it is made.
type campaignWriter struct {
	CampaignBook
	sheets   int
	nonHuman map[access.AccountKey]string
	rules    map[right][]int32
	before   *before
}

func newCampaignWriter(b CampaignBook, sheets []access.Sheet) *campaignWriter {
	wanted := map[right]bool{}
	for _, s := range sheets {
		for i := range s.Rows {
			wanted[itemRight(&s.Rows[i].Item)] = true
		}
	}
	return &campaignWriter{CampaignBook: b, sheets: len(sheets), nonHuman: nonHumanWords(b.Night), rules: rulesOf(b.Night, wanted), before: newBefore(b)}
}

// sheetID is what a worksheet may be called, since its files are.
var sheetID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,199}$`)

func (w *campaignWriter) write(dir string, issued *access.Sheet) error {
	if !sheetID.MatchString(issued.ID) {
		return fmt.Errorf("%q is no name for a worksheet: a-z, 0-9, hyphens and underscores only", issued.ID)
	}
	s := w.sheet(issued)
	book, err := s.workbook()
	if err != nil {
		return err
	}
	issued.SHA256 = access.Digest(book)
	page, err := s.page()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, issued.ID)
	return errors.Join(putFile(path+".xlsx", book), putFile(path+".csv", s.csvBytes()), putFile(path+".html", page))
}

// sheet prepares a worksheet, and proves its rows.
func (w *campaignWriter) sheet(issued *access.Sheet) *sheet {
	s := &sheet{Reviewer: issued.Reviewer, ReviewerName: issued.ReviewerName, ReviewerMail: issued.ReviewerMail, Because: issued.Because,
		night: w.Night, day: w.seenAt().Truncate(24 * time.Hour), columns: campaignColumns, issued: issued.Rows, nonHuman: w.nonHuman,
		campaign: &asked{campaignWriter: w, sheet: issued}}
	s.fill(w.rules)
	for r, row := range s.rows {
		i := &issued.Rows[r]
		i.Cells = s.columns.lockedCells(row)
		i.MAC = rowMAC(w.Key, w.Campaign.ID, issued.ID, i.ID, i.Cells)
	}
	s.campaign.changes = w.before.changes(s)
	return s
}

// seenAt is when the systems were read.
func (w *campaignWriter) seenAt() time.Time {
	if w.Campaign.SeenAt.IsZero() {
		return w.Night.Run.StartedAt.UTC()
	}
	return w.Campaign.SeenAt.UTC()
}

// asked is what a worksheet has that a night's own has not.
type asked struct {
	*campaignWriter
	sheet   *access.Sheet
	changes []change
}

// longestCell is how much of a text a campaign shows, in UTF-16 code units: with an
// apostrophe before each character it still fits a cell, so that what comes back can
// be compared.
const longestCell = maxCell/2 - 1

// campaignColumns are the columns of a campaign's worksheet: a night's, and how
// each row compares with the campaign before.
var campaignColumns = slices.Insert(slices.Clone(reviewColumns), reviewColumns.index(headSuggested),
	column{Head: headSince, Width: 10, Value: sinceLast},
	column{Head: headLast, Width: 18, Value: lastDecision},
	column{Head: headDuty, Width: 13, Value: duty})

// The heads that only a campaign has.
const (
	headSince = "Since last review"
	headLast  = "Last decision"
	headDuty  = "You are asked as"
)

var sinceWords = map[access.SinceLast]string{access.RowNew: "New", access.RowSame: "Same", access.RowChanged: "Changed"}

func sinceLast(_ *sheet, i *access.Issued) cell { return cell{Text: sinceWords[i.SinceLast]} }

func lastDecision(_ *sheet, i *access.Issued) cell {
	word := i.Last.Choice.Word()
	if word == "" {
		return cell{Text: "never reviewed"}
	}
	if i.Last.By != "" {
		word += ", by " + i.Last.By
	}
	if !i.Last.On.IsZero() {
		word += ", on " + phrase.Day(i.Last.On.At)
	}
	return cell{Text: word + " (" + string(i.Last.Campaign) + ")"}
}

var dutyWords = map[access.Duty]string{access.DutyManager: "Manager", access.DutyOwner: "System owner"}

func duty(_ *sheet, i *access.Issued) cell {
	return cell{Text: cmp.Or(dutyWords[i.Duty], string(i.Duty))}
}

func (a *asked) head(who, because string) [][2]string {
	c := a.Campaign
	out := [][2]string{
		{"Campaign", cmp.Or(c.Title, string(c.ID)) + " (" + string(c.ID) + ")"},
		{"Why it is held", cmp.Or(c.Reason, "No reason was given: ask the approver")},
		{"Review date", phrase.Day(a.sheet.IssuedAt) + "; the access is as read on " + stamp(a.seenAt())},
		{"Answer by", c.Due.String()},
		{"Reviewer", who},
		{"Why you", because},
	}
	if d := cmp.Or(a.sheet.DelegateName, a.sheet.DelegateMail, a.sheet.Delegate.String()); d != "" {
		out = append(out, [2]string{"Stands in", d + " may answer in the reviewer's place"})
	}
	if a.sheet.From != "" {
		out = append(out, [2]string{"Passed on", "These rows were passed on to you from the worksheet " + a.sheet.From})
	}
	return append(out, [2]string{"Approver", cmp.Or(c.Approver, c.ApproverMail, "Nobody is named")})
}

// sources are the tables about the campaign itself.
func (a *asked) sources() []table {
	c := a.Campaign
	lines := [][]any{
		{"Campaign", string(c.ID)},
		{"Opened", stamp(c.OpenedAt) + ", by " + cmp.Or(c.OpenedBy, "unknown")},
		{"What it is about", scopeWords(c.Scope)},
		{"Access as read on", stamp(a.seenAt())},
		{"Frozen from the run", string(c.Night)},
		{"Rows of the campaign", c.Rows},
		{"Worksheets", a.sheets},
		{"This worksheet", a.sheet.ID + ", revision " + strconv.Itoa(max(1, a.sheet.Revision))},
		{"Rows of this worksheet", len(a.sheet.Rows)},
	}
	if a.Last != nil {
		lines = append(lines, []any{"Campaign before", string(a.Last.Campaign.ID) + ", opened " + stamp(a.Last.Campaign.OpenedAt)})
	}
	return []table{{Title: "The campaign", Heads: []string{"What", "Value"}, Lines: lines},
		{Title: "Which access is asked about, and which is not", Heads: bookHeads, Lines: bookLines(c.Books)}}
}

// scopeWords says what a campaign is about.
func scopeWords(s access.CampaignScope) string {
	var parts []string
	add := func(what string, list []string) {
		if len(list) > 0 {
			parts = append(parts, what+" "+strings.Join(list, " or "))
		}
	}
	risks := make([]string, len(s.Risks))
	for i, r := range s.Risks {
		risks[i] = strings.ToLower(riskWord(r))
	}
	add("in", s.Systems)
	add("of people in", s.Departments)
	add("called", s.Entitlements)
	add("of risk", risks)
	if s.Movers {
		parts = append(parts, "of people whose job changed")
	}
	if s.Delta {
		parts = append(parts, "that is new or changed since "+cmp.Or(string(s.Since), "the campaign before"))
	}
	if len(parts) == 0 {
		return "all access"
	}
	return "access " + strings.Join(parts, ", ")
}
