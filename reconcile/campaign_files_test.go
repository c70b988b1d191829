package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

func TestAFileOfFarMoreRowsThanWentOutCountsForNothing(t *testing.T) {
	seed := uint64(0)
	o, err := openRandom(seed)
	for err != nil {
		seed++
		o, err = openRandom(seed)
	}
	sheet := o.rec.Sheets[0]
	for rows, refused := range map[int]bool{2*len(sheet.Rows) + 1000: false, 2*len(sheet.Rows) + 1001: true} {
		back := access.ReturnedSheet{Worksheet: sheet.ID, SHA256: "1", Rows: make([]access.ReturnedRow, rows)}
		got := NewReceiving(o.rec, o.st, CampaignRules{}).Receive(back, o.rec.Campaign.OpenedAt.Add(time.Hour)).File
		if (got.Refused != nil) != refused {
			t.Errorf("%d rows, where %d went out: %v", rows, len(sheet.Rows), got.Refused)
		}
	}
}

// file begins a file of whoever a worksheet asks: the newest of theirs.
func (p *campaignPlay) file(reviewer string, at time.Time, opt map[string]string) {
	p.t.Helper()
	p.at = at
	p.count++
	p.back = &access.ReturnedSheet{File: cmp.Or(opt["name"], "back.xlsx"), SHA256: fmt.Sprint("digest ", p.count), Campaign: p.rec.Campaign.ID, Sender: opt["sender"], SignedBy: opt["signed"]}
	if _, again := opt["again"]; again {
		p.back.SHA256 = fmt.Sprint("digest ", p.count-1)
	}
	for _, s := range p.rec.Sheets {
		if s.Reviewer.String() == reviewer || s.ReviewerName == reviewer {
			p.back.Worksheet = s.ID
		}
	}
	if p.back.Worksheet == "" {
		p.t.Fatalf("nobody asks %s", reviewer)
	}
	if _, csv := opt["csv"]; csv { // which says nothing of itself
		p.back.Campaign, p.back.Worksheet, p.back.Format = "", "", "csv"
	}
	if _, html := opt["html"]; html {
		p.back.Format = "html"
	}
	if says, has := opt["refused"]; has {
		p.back.Refused = &access.Problem{Severity: access.Stop, File: p.back.File, Says: says, Meanwhile: "Nothing of the file counts.", Mend: "Send another one."}
	}
	if c, has := opt["campaign"]; has {
		p.back.Campaign = access.CampaignID(c)
	}
	if w, has := opt["worksheet"]; has {
		p.back.Worksheet = w
	}
}

// issuedRow finds a row by whose and what it is: that of the worksheet of the file, else
// the newest.
func (p *campaignPlay) issuedRow(who, right, duty string) access.Issued {
	p.t.Helper()
	var found *access.Issued
	here := false
	for _, s := range p.rec.Sheets {
		for n := range s.Rows {
			row := &s.Rows[n]
			named := row.Item.Person.Key().String() == who || row.Item.Account.Login == who
			if named && row.Item.Entitlement == right && (duty == "" || string(row.Duty) == duty) && !here {
				found, here = row, p.back != nil && s.ID == p.back.Worksheet
			}
		}
	}
	if found == nil {
		p.t.Fatalf("no row about %s of %s", right, who)
	}
	return *found
}

func (p *campaignPlay) row(l []string, opt map[string]string) {
	p.t.Helper()
	issued := p.issuedRow(l[0], l[1], opt["duty"])
	word := l[2]
	if strings.Contains(word, "=") {
		word = l[3]
	}
	p.add(issued, strings.TrimPrefix(word, "!"), opt)
	if _, twice := opt["twice"]; twice {
		p.add(issued, word, opt)
	}
}

func (p *campaignPlay) add(issued access.Issued, decision string, opt map[string]string) {
	if decision == "blank" {
		decision = ""
	}
	row := access.ReturnedRow{Line: len(p.back.Rows) + 2, ID: issued.ID, MAC: issued.MAC, Cells: slices.Clone(issued.Cells), Decision: decision, Reason: opt["reason"], ChangeTo: opt["change"], PassTo: opt["pass"], Comment: opt["comment"]}
	if c, has := opt["cell"]; has {
		n, text, _ := strings.Cut(c, ":")
		row.Cells[p.number(n)] = text
	}
	if p.back.Format == "html" { // which sends answers only
		row.Cells = nil
	}
	if mac, has := opt["mac"]; has {
		row.MAC = mac
	}
	if id, has := opt["id"]; has {
		row.ID = id
	}
	if _, has := opt["spaces"]; has {
		row.ID = " " + row.ID + "\t"
	}
	for _, s := range p.rec.Sheets {
		for n := range s.Rows {
			if s.ReviewerName == opt["mac-of"] && s.Rows[n].ID == issued.ID {
				row.MAC = s.Rows[n].MAC
			}
		}
	}
	if _, has := opt["formula"]; has {
		row.Formula = []string{"Decision"}
	}
	p.back.Rows = append(p.back.Rows, row)
}

func (p *campaignPlay) rest(l []string, opt map[string]string) {
	for _, s := range p.rec.Sheets {
		if s.ID != p.back.Worksheet {
			continue
		}
		for _, row := range s.Rows {
			if !slices.ContainsFunc(p.back.Rows, func(b access.ReturnedRow) bool { return b.ID == row.ID }) {
				p.add(row, l[0], opt)
			}
		}
	}
}

// send lets the file that was begun come in.
func (p *campaignPlay) send() {
	if p.back == nil {
		return
	}
	if p.receiving == nil {
		p.receiving = NewReceiving(p.rec, StaffOf(p.w, p.delegates), p.rules)
	}
	asked := p.receiving.Asked(*p.back)
	got := p.receiving.Receive(*p.back, p.at)
	if diff := gocmp.Diff(NewReceiving(p.rec, StaffOf(p.w, p.delegates), p.rules).Receive(*p.back, p.at), got); diff != "" {
		p.t.Errorf("received after the files before it (-alone, from the record +one after another):\n%s", diff)
	}
	if says := p.back.Worksheet; says != "" && (len(asked) > 1 || len(asked) == 1 && asked[0].ID != says || len(asked) == 0 && slices.ContainsFunc(p.rec.Sheets, func(s access.Sheet) bool { return s.ID == says })) {
		p.t.Errorf("%d worksheets are asked about by a file of %s", len(asked), says)
	}
	if p.back.Format == "csv" {
		for _, s := range asked {
			p.say("it may be %s", s.ID[:strings.LastIndex(s.ID, "-")])
		}
	}
	p.back = nil
	p.rec = got.AddTo(p.rec)
	if f := got.File.Refused; f != nil {
		p.say("refused: %s: %s. %s %s", f.Severity, f.Says, f.Meanwhile, f.Mend)
		return
	}
	p.say("revision %d of %s: %d of %d rows count", got.File.Revision, shown(got.File.Reviewer), got.File.Counted, got.File.Rows)
	for _, w := range got.File.Problems {
		p.say("  wrong: line %d, %s %q: %s", w.Line, w.Column, w.Seen, w.Says)
	}
	p.decided(got.Decisions)
	seal(got.PassedOn)
	for _, s := range got.PassedOn {
		p.sheet(s)
	}
	for n := range p.rec.Sheets { // as reports seal them
		if p.rec.Sheets[n].From != "" {
			seal(p.rec.Sheets[n : n+1])
		}
	}
}
