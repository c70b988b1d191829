package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// Received is what became of a file that came back: what counts, what does not and
// why, and the worksheets for those to whom rows were passed on.
type Received struct {
	File      access.ReturnedFile
	Decisions []access.Decision
	PassedOn  []access.Sheet
}

// Receiving judges files one after another: each counts with what those before it
// brought. What it learns is not written into the record that it began with.
type Receiving struct {
	c        access.Campaign
	st       *Staff
	rules    CampaignRules
	sheets   map[string]*issuedSheet
	holder   map[string]string // by row: the worksheet that asks about it now
	rows     map[string]*access.Issued
	duties   map[string][]string // by Item.RowID: the rows that ask about it
	final    map[string]access.Decision
	passed   map[string][]string // by row: who said that it is not theirs
	files    map[string]bool     // digests of files that came back, by worksheet
	last     map[string]access.ReturnedFile
	received map[string]int // how many files of a worksheet came back
	issued   map[string]int // how many worksheets a reviewer got
}

// issuedSheet is a worksheet and where its rows are.
type issuedSheet struct {
	access.Sheet
	rows map[string]int
}

// NewReceiving begins with a campaign as the archive has it.
func NewReceiving(rec access.CampaignRecord, st *Staff, rules CampaignRules) *Receiving {
	r := &Receiving{c: rec.Campaign, st: st, rules: rules, sheets: map[string]*issuedSheet{}, holder: map[string]string{}, rows: map[string]*access.Issued{}, duties: map[string][]string{},
		final: Final(rec), passed: map[string][]string{}, files: map[string]bool{}, last: map[string]access.ReturnedFile{}, received: map[string]int{}, issued: map[string]int{}}
	for n := range rec.Sheets {
		r.add(rec.Sheets[n])
	}
	for _, d := range rec.Decisions {
		r.notePass(d)
	}
	for _, f := range rec.Files {
		r.note(f)
	}
	return r
}

func (r *Receiving) notePass(d access.Decision) {
	if s := r.sheets[d.Worksheet]; d.Choice == access.ChooseNotMine && s != nil {
		r.passed[d.RowID] = append(r.passed[d.RowID], reviewerOf(&s.Sheet).id())
	}
}

func (r *Receiving) note(f access.ReturnedFile) {
	if f.Sheet != "" && f.Refused == nil {
		r.files[f.Sheet+f.SHA256], r.last[f.Sheet] = true, f
		r.received[f.Sheet] = max(r.received[f.Sheet], f.Revision)
	}
}

// add takes in a worksheet that went out.
func (r *Receiving) add(s access.Sheet) {
	one := &issuedSheet{Sheet: s, rows: make(map[string]int, len(s.Rows))}
	r.sheets[s.ID] = one
	r.issued[reviewerOf(&s).id()] = max(r.issued[reviewerOf(&s).id()], s.Revision)
	for n := range s.Rows {
		row := &one.Rows[n]
		one.rows[row.ID] = n
		if r.rows[row.ID] == nil {
			r.duties[row.Item.RowID] = append(r.duties[row.Item.RowID], row.ID)
		}
		r.rows[row.ID], r.holder[row.ID] = row, s.ID
	}
}

// reviewerOf is whom a worksheet asks.
func reviewerOf(s *access.Sheet) asked {
	return asked{key: s.Reviewer, name: s.ReviewerName, mail: s.ReviewerMail}
}

// Receive judges the next file.
func (r *Receiving) Receive(back access.ReturnedSheet, now time.Time) Received {
	in := &intake{Receiving: r, back: back, now: now, route: r.st.route(r.c, now)}
	in.out.File = access.ReturnedFile{File: back.File, SHA256: back.SHA256, Sender: back.Sender, SignedBy: back.SignedBy, Channel: back.Channel, ReceivedAt: now, Rows: len(back.Rows)}
	if refused := in.whole(); refused != nil {
		in.out.File.Refused = refused
		return in.out
	}
	in.out.File.Sheet, in.out.File.Revision, in.out.File.Reviewer = in.sheet.ID, r.received[in.sheet.ID]+1, in.by.key
	in.judgeRows()
	if in.repeated() && !in.news() {
		return Received{File: access.ReturnedFile{File: in.back.File, SHA256: in.back.SHA256, Refused: in.before()}}
	}
	in.passOn()
	for _, d := range in.out.Decisions {
		in.count(d)
	}
	for _, s := range in.out.PassedOn {
		r.add(s)
	}
	r.note(in.out.File)
	return in.out
}

// count takes in a decision, so that the next file knows it.
func (r *Receiving) count(d access.Decision) {
	switch d.Choice {
	case access.ChooseNotMine:
		delete(r.final, d.RowID)
		r.notePass(d)
	case access.ChoiceOwnCheck:
	default:
		r.final[d.RowID] = d
	}
}

// intake is one file while it is judged.
type intake struct {
	*Receiving
	back  access.ReturnedSheet
	now   time.Time
	route route
	sheet *issuedSheet
	by    asked // who answers: the reviewer, or who stands in
	// sure says that the channel proves it; other is the delegate, where it does not and
	// there is one.
	sure  bool
	other asked
	pass  map[string]*access.Sheet // by to whom
	order []string
	out   Received
}

// whole says why nothing of a file counts, or finds whose it is.
func (in *intake) whole() *access.Problem {
	if in.back.Refused != nil {
		return in.back.Refused
	}
	if !in.c.Open() {
		return in.refused("Sender", "", fmt.Sprintf("the review %s was closed on %s", in.c.ID, localDay(in.c.ClosedAt, in.rules.zone())), "Ask "+in.c.Approver+" what became of the rows that were open.")
	}
	if in.back.Campaign != "" && in.back.Campaign != in.c.ID {
		return in.refused("Campaign", string(in.back.Campaign), fmt.Sprintf("the file belongs to the review %s, and this is %s", in.back.Campaign, in.c.ID), "Send the file that you got for this review.")
	}
	name := cmp.Or(in.back.Worksheet, in.told())
	in.sheet = in.sheets[name]
	if in.sheet == nil {
		return in.refused("Worksheet", name, "none of its rows belongs to a worksheet of the review "+string(in.c.ID), "Send back the file that you got, with its columns Row ID and all others as they were.")
	}
	if most := 2*len(in.sheet.Rows) + 1000; len(in.back.Rows) > most {
		return in.refused("Row ID", "", fmt.Sprintf("it has %d rows, and the worksheet that went out has %d", len(in.back.Rows), len(in.sheet.Rows)), "Put your decisions into a fresh file, and send that.")
	}
	if in.repeated() && !in.unfinished() {
		return in.before()
	}
	return in.sender()
}

func (in *intake) refused(column, seen, says, mend string) *access.Problem {
	return &access.Problem{Severity: access.Stop, File: in.back.File, Column: column, Value: seen, Says: says, Meanwhile: "Nothing of the file counts.", Mend: mend}
}

// told is the worksheet that most rows of a file are of, if it does not say so itself.
func (in *intake) told() string {
	counts := map[string]int{}
	for _, row := range in.back.Rows {
		for name := range in.of(row) {
			counts[name]++
		}
	}
	best := ""
	for name, n := range counts {
		if n > counts[best] || n == counts[best] && name < best {
			best = name
		}
	}
	return best
}

// of are the worksheets that issued a returned row: its MAC tells, else its id.
func (in *intake) of(row access.ReturnedRow) map[string]bool {
	out := map[string]bool{}
	id := strings.TrimSpace(row.ID)
	now, known := in.holder[id]
	if !known {
		return out
	}
	out[now] = true
	for _, s := range in.earlier(now) {
		if n, has := s.rows[id]; has && row.MAC != "" && s.Rows[n].MAC == row.MAC {
			return map[string]bool{s.ID: true}
		}
	}
	return out
}

// earlier are a worksheet and those from which its rows were passed on.
func (r *Receiving) earlier(name string) (all []*issuedSheet) {
	for s := r.sheets[name]; s != nil && !slices.Contains(all, s); s = r.sheets[s.From] {
		all = append(all, s)
	}
	return all
}

// Asked are the worksheets that a returned file may be of: the one that it says, else
// those that ask, or asked, about its rows.
func (r *Receiving) Asked(back access.ReturnedSheet) (all []access.Sheet) {
	if back.Worksheet != "" {
		if s := r.sheets[back.Worksheet]; s != nil {
			all = append(all, s.Sheet)
		}
		return all
	}
	taken := map[string]bool{}
	for _, row := range back.Rows {
		now := r.holder[strings.TrimSpace(row.ID)]
		if now == "" || taken[now] {
			continue
		}
		for _, s := range r.earlier(now) {
			if !taken[s.ID] {
				all, taken[s.ID] = append(all, s.Sheet), true
			}
		}
	}
	return all
}

// judgeRows judges each row by itself. Rows that are missing stay as they are.
func (in *intake) judgeRows() {
	times := map[string]int{}
	for _, row := range in.back.Rows {
		times[strings.TrimSpace(row.ID)]++
	}
	in.pass = map[string]*access.Sheet{}
	for _, row := range in.back.Rows {
		row.ID = strings.TrimSpace(row.ID)
		j := &judging{intake: in, row: row}
		if times[row.ID] > 1 {
			j.problem("Row ID", row.ID, fmt.Sprintf("this row is in the file %d times. Leave it in once, with your decision, and send the file again", times[row.ID]))
			continue
		}
		j.judge()
	}
}
