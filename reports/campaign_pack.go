package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"rollcall/reconcile"
)

// Pack is all that auditors ask about a review.
type Pack struct {
	Record      access.CampaignRecord
	Checks      reconcile.CampaignChecks
	Removals    []access.Removal // as far as they were followed
	Kept        []access.Exception
	Changes     []reconcile.ToChange
	At          time.Time
	ToolVersion string
	Head        string // of the archive's chain, where it is known
}

// packSheet is one sheet of the pack: what it is called, and its table.
type packSheet struct {
	name   string
	heads  []string
	widths []float64
	rows   [][]string
}

// CampaignPack makes the workbook for compliance and auditors. It has every decision
// by name: it is never a reviewer's.
func CampaignPack(p Pack) ([]byte, error) {
	sheets := []packSheet{p.summary(), p.checks(), p.decisions(), p.nobodys(), p.removals(), p.exceptions(), p.changes(), p.reviewers(), p.signals(), p.handOvers(), p.files(), p.notices(), p.sums()}
	names := make([]string, len(sheets))
	for i, s := range sheets {
		names[i] = s.name
	}
	b := newBook(names)
	defer b.Close() // nothing of it is on disk
	b.titled("Review "+line(string(p.Record.Campaign.ID)), p.At)
	b.look = b.newLooks()
	for _, s := range sheets {
		b.grid(s.name, s.heads, s.widths, s.rows)
		b.protect(s.name)
	}
	out, err := b.bytes()
	if err != nil {
		return nil, fmt.Errorf("make the pack: %w", err)
	}
	return out, nil
}

func (p Pack) summary() packSheet {
	c := p.Record.Campaign
	state := "open"
	if !c.Open() {
		state = stamp(c.ClosedAt) + " by " + c.ClosedBy
	}
	rows := [][]string{{"Review", string(c.ID) + ": " + c.Title}, {"Reason", c.Reason}, {"Approver", phrase.Named(c.Approver, c.ApproverMail)}, {"Opened", stamp(c.OpenedAt) + " by " + c.OpenedBy},
		{"Due", c.Due.String()}, {"Closed", state}, {"Frozen from run", string(c.Night)}, {"Systems were read", stamp(c.SeenAt)}, {"Rows issued", strconv.Itoa(c.Rows)},
		{"Worksheets", strconv.Itoa(len(p.Record.Sheets))}, {"Runs that recorded it", runsOf(c)}, {"This pack as of", stamp(p.At)}, {"Written by", "rollcall " + p.ToolVersion}}
	if p.Head != "" {
		rows = append(rows, []string{"Head of the archive", p.Head})
	}
	held := 0
	for _, one := range p.Checks.Checks {
		if one.Holds {
			held++
		}
	}
	return packSheet{"Summary", []string{"What", "Value"}, []float64{26, 90}, append(rows, []string{"Checks that hold", fmt.Sprintf("%d of %d", held, len(p.Checks.Checks))})}
}

func runsOf(c access.Campaign) string {
	var all []string
	for _, r := range c.Runs {
		all = append(all, fmt.Sprintf("%s (manifest %d)", r.ID, r.Sequence))
	}
	return strings.Join(all, ", ")
}

func (p Pack) checks() packSheet {
	var rows [][]string
	for _, c := range p.Checks.Checks {
		holds := "yes"
		if !c.Holds {
			holds = "NO"
		}
		rows = append(rows, []string{c.Name, holds, fmt.Sprintf("%d of %d", c.Bad, c.Of), c.Says, strings.Join(c.Which, "; ")})
	}
	return packSheet{"Auditors' checks", []string{"Check", "Holds", "Fail", "Result", "Which"}, []float64{34, 8, 12, 60, 60}, rows}
}

// decisions are all rows, each with every answer to it.
func (p Pack) decisions() packSheet {
	answers := map[string][]access.Decision{}
	for _, d := range p.Record.Decisions {
		answers[d.RowID] = append(answers[d.RowID], d)
	}
	final := reconcile.Final(p.Record)
	var rows [][]string
	for _, s := range p.Record.Sheets {
		for i := range s.Rows {
			r := &s.Rows[i]
			row := []string{r.ID, s.ReviewerName, string(r.Duty), personName(&r.Item), string(r.Item.Person.EmployeeID), r.Item.Person.Title, r.Item.Person.Department, systemWords(&r.Item),
				r.Item.Account.Login, technicalName(&r.Item), riskWord(r.Item.Risk), r.Item.HowHeld, r.Item.Why, r.Item.Suggested}
			all := answers[r.ID]
			if len(all) == 0 {
				rows = append(rows, append(row, "No answer", "", "", "", "", "", ""))
			}
			for _, d := range all {
				counts := "replaced"
				if f := final[r.ID]; f.ReceivedAt.Equal(d.ReceivedAt) && f.Choice == d.Choice {
					counts = "counts"
				}
				rows = append(rows, append(slices.Clone(row), d.Choice.Word(), d.Reason, strings.TrimSpace(d.ChangeTo+" "+d.PassTo), d.ReviewerName, d.Sender, stamp(d.ReceivedAt), counts))
			}
		}
	}
	return packSheet{"All decisions", []string{"Row ID", "Asked", "As", "Person", "Employee ID", "Job title", "Department", "System", "Account", "Access", "Risk", "How they got it", "Why flagged", "Suggested",
		"Decision", "Reason", "Change or pass to", "Decided by", "Sender", "Received", "Counts"},
		[]float64{20, 20, 10, 20, 12, 18, 16, 18, 24, 28, 11, 26, 32, 11, 14, 32, 20, 20, 22, 18, 10}, rows}
}

// nobodys are the accounts that are no person's: those that nobody claims, and those
// that are registered as a service's, shared, an outsider's or for emergencies.
func (p Pack) nobodys() packSheet {
	final := reconcile.Final(p.Record)
	var rows [][]string
	for _, s := range p.Record.Sheets {
		for i := range s.Rows {
			r := &s.Rows[i]
			if r.Item.Kind != "" {
				continue
			}
			decision, by := "No answer", ""
			if d, answered := final[r.ID]; answered {
				decision, by = d.Choice.Word(), d.ReviewerName
			}
			used := "not known"
			if r.Item.UsageKnown {
				used = cmp.Or(stamp(r.Item.LastUsedAt), "never")
			}
			rows = append(rows, []string{r.ID, r.Item.Account.Login, systemWords(&r.Item), r.Item.HowHeld, r.Item.Meaning, riskWord(r.Item.Risk), used, strings.Join(r.Item.Carries, ", "), r.Item.Why,
				s.ReviewerName, decision, by})
		}
	}
	return packSheet{"Accounts of no person", []string{"Row ID", "Account", "System", "Whose it is", "What for", "Risk", "Last used", "Holds", "Why flagged", "Asked", "Decision", "Decided by"},
		[]float64{20, 28, 18, 40, 36, 11, 18, 50, 32, 20, 14, 20}, rows}
}

func (p Pack) removals() packSheet {
	var rows [][]string
	for _, r := range p.Removals {
		seen := "not yet"
		if !r.GoneAt.IsZero() {
			seen = stamp(r.GoneAt)
		}
		rows = append(rows, []string{r.RowID, r.Login, string(r.Account.System), r.Name, riskWord(r.Risk), r.By, stamp(r.DecidedAt), r.Due.String(), stamp(r.SentAt), seen, string(r.GoneIn), daysBetween(r.DecidedAt, r.GoneAt)})
	}
	return packSheet{"Removals", []string{"Row ID", "Account", "System", "Access", "Risk", "Decided by", "Decided", "Due", "Taken away by rollcall", "Seen gone", "In run", "Days"},
		[]float64{20, 24, 14, 30, 11, 20, 18, 12, 20, 18, 30, 8}, rows}
}

func daysBetween(from, to time.Time) string {
	if to.IsZero() {
		return ""
	}
	return strconv.FormatFloat(to.Sub(from).Hours()/24, 'f', 1, 64)
}

func (p Pack) exceptions() packSheet {
	var rows [][]string
	for _, x := range p.Kept {
		rows = append(rows, []string{x.ID, x.Person.String(), x.System, x.Scope, x.Kind, x.Entitlement, x.Reason, x.ApprovedBy, x.ApprovedOn.String(), x.ExpiresOn.String()})
	}
	return packSheet{"Exceptions", []string{"ID", "Person", "System", "Scope", "Kind", "Access", "Reason", "Approved by", "Approved on", "Ends on"}, []float64{36, 20, 12, 16, 16, 28, 40, 24, 12, 12}, rows}
}

func (p Pack) changes() packSheet {
	var rows [][]string
	for _, c := range p.Changes {
		rows = append(rows, []string{c.RowID, personName(&c.Item), systemWords(&c.Item), technicalName(&c.Item), c.To, c.By, c.Reason})
	}
	return packSheet{"To change", []string{"Row ID", "Person", "System", "Has", "Is to have instead", "Decided by", "Reason"}, []float64{20, 22, 18, 30, 30, 22, 40}, rows}
}

func (p Pack) reviewers() packSheet {
	var rows [][]string
	for _, f := range p.Checks.Figures {
		rows = append(rows, []string{f.Sheet, f.Reviewer, f.Mail, strconv.Itoa(f.Issued), strconv.Itoa(f.Answered), strconv.Itoa(f.Open), strconv.Itoa(f.PassedOn), strconv.Itoa(f.Keep), strconv.Itoa(f.Change),
			strconv.Itoa(f.Remove), strconv.Itoa(f.SelfReview), f.Took.Round(time.Minute).String(), stamp(f.LastReceived)})
	}
	return packSheet{"Reviewers", []string{"Worksheet", "Reviewer", "Mail", "Rows", "Answered", "Open", "Passed on", "Keep", "Change", "Remove", "Own access", "Took", "Last file"},
		[]float64{44, 22, 28, 8, 10, 8, 10, 8, 8, 8, 11, 14, 18}, rows}
}

func (p Pack) signals() packSheet {
	var rows [][]string
	for _, s := range p.Checks.Signals {
		rows = append(rows, []string{s.Sheet, s.Reviewer, strings.Join(s.Signs, "; "), strings.Join(s.Sample, ", ")})
	}
	return packSheet{"Waved through", []string{"Worksheet", "Reviewer", "Signs: reported, and not held against anybody", "Rows for a second reviewer to look at"}, []float64{44, 22, 60, 60}, rows}
}

func (p Pack) handOvers() packSheet {
	var rows [][]string
	for _, h := range p.Checks.HandOver {
		rows = append(rows, []string{h.From, h.To, h.Reviewer, strconv.Itoa(h.Rows), stamp(h.At), h.Because})
	}
	for _, s := range p.Record.Sheets {
		if s.Because != "" && s.From == "" {
			rows = append(rows, []string{"", s.ID, s.ReviewerName, strconv.Itoa(len(s.Rows)), stamp(s.IssuedAt), s.Because})
		}
	}
	return packSheet{"Who was asked, and why", []string{"From", "Worksheet", "Reviewer", "Rows", "When", "Why them"}, []float64{44, 44, 22, 8, 18, 60}, rows}
}

func (p Pack) files() packSheet {
	var rows [][]string
	for _, f := range p.Record.Files {
		says := fmt.Sprintf("%d of %d rows count", f.Counted, f.Rows)
		if f.Refused != nil {
			says = "refused: " + f.Refused.Says
		}
		rows = append(rows, []string{f.File, f.Sheet, strconv.Itoa(f.Revision), f.Sender, f.SignedBy, f.Channel, stamp(f.ReceivedAt), says, f.SHA256})
	}
	for _, s := range p.Record.Sheets {
		rows = append(rows, []string{s.ID + ".xlsx", s.ID, "issued", "", "", "", stamp(s.IssuedAt), fmt.Sprintf("%d rows", len(s.Rows)), s.SHA256})
	}
	return packSheet{"Files", []string{"File", "Worksheet", "Revision", "Sender", "Signed by", "Channel", "When", "What became of it", "SHA-256"}, []float64{44, 44, 10, 24, 24, 10, 18, 40, 66}, rows}
}

func (p Pack) notices() packSheet {
	var rows [][]string
	for _, n := range p.Record.Notices {
		rows = append(rows, []string{n.Kind, n.Recipient, n.Channel, n.Subject, stamp(n.SentAt), n.Result})
	}
	return packSheet{"Reminders", []string{"Kind", "To", "Channel", "About", "When", "Result"}, []float64{28, 30, 10, 52, 18, 34}, rows}
}

// sums are the books: everything that the night knew is in exactly one place.
func (p Pack) sums() packSheet {
	var rows [][]string
	for _, b := range p.Checks.TieOut {
		var parts []string
		for _, part := range b.Parts {
			parts = append(parts, fmt.Sprintf("%d %s", part.Count, part.Name))
		}
		verdict := "adds up"
		if !b.Holds() {
			verdict = "DOES NOT ADD UP"
		}
		rows = append(rows, []string{b.What, strconv.Itoa(b.Total), strings.Join(parts, " + "), verdict})
	}
	return packSheet{"Sums", []string{"What", "Total", "Parts", "Verdict"}, []float64{44, 10, 90, 18}, rows}
}
