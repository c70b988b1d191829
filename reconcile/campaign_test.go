package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

// A campaign in testdata/campaign is a world (see fixture) with a section steps, one
// step per line, and a section story: what each step led to. Its name is the rule.
//
//	rules [zone=] [keep=] [most=] [privileged=] [other=] [remove-privileged]
//	delegate REVIEWER DELEGATE FROM UNTIL
//	open ID AT due= approver= [mail=] [systems=] [departments=] [entitlements=] [risks=] [movers] [delta] [since=]
//	file REVIEWER AT [sender=] [signed=] [name=] [campaign=] [worksheet=] [refused=] [again] [csv] [html]
//	  row WHO RIGHT [duty=] DECISION [reason=] [change=] [pass=] [comment=] [cell=N:TEXT] [mac=] [mac-of=REVIEWER] [id=] [spaces] [formula] [twice]
//	  rest DECISION [reason=]: every other row of the worksheet
//	due AT | handover AT | progress AT | checks AT [which] | outcomes | kept | changes | removals
//	rewrite WHO RIGHT [duty=] [reviewer=] [name=] [worksheet=] [at=]: a decision on record that no receiving would have made
//	gone WHO RIGHT AT [of=CAMPAIGN]: a night saw that it is gone
//	night RUN AT FOLDER: the systems of FOLDER/NAME are what a later night saw
//	move PERSON title=: from now on
//	left PERSON: the next night's lists say so
//	settle AT | close AT [unanswered]
type campaignPlay struct {
	*fixture
	d         Decision
	rules     CampaignRules
	delegates []access.Delegate
	rec       access.CampaignRecord
	past      map[access.CampaignID]access.CampaignRecord
	later     *LaterNight
	left      []access.PersonKey
	removals  []access.Removal
	receiving *Receiving // of the files that come one after another
	back      *access.ReturnedSheet
	at        time.Time
	count     int
	story     strings.Builder
}

func TestCampaigns(t *testing.T) {
	eachWorld(t, "testdata/campaign/*.txtar", playCampaign)
}

func playCampaign(t *testing.T, file string, a *txtar.Archive) {
	f := loadFixture(t, a)
	p := &campaignPlay{fixture: f, d: Decide(f.w), past: map[access.CampaignID]access.CampaignRecord{}}
	for _, l := range lines(f.files["steps"]) {
		p.step(l)
	}
	p.send()
	demanded(t, a, p.story.String(), "")
	rewritten(t, file, a, "story", p.story.String())
}

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

func (p *campaignPlay) say(format string, args ...any) { fmt.Fprintf(&p.story, format+"\n", args...) }

func (p *campaignPlay) step(l []string) {
	p.t.Helper()
	opt := options(l[1:])
	if l[0] != "row" && l[0] != "rest" {
		p.send()
	}
	if _, has := opt["quiet"]; !has && l[0] != "row" && l[0] != "rest" && l[0] != "rules" && l[0] != "delegate" {
		p.say("> %s", strings.Join(l, " "))
	}
	if !slices.Contains([]string{"file", "row", "rest"}, l[0]) {
		p.receiving = nil
	}
	switch l[0] {
	case "rules":
		p.rule(opt)
	case "delegate":
		p.delegates = append(p.delegates, access.Delegate{Reviewer: personKey(l[1]), Delegate: personKey(l[2]), From: p.day(l[3]), Until: p.day(l[4])})
	case "open":
		p.open(access.CampaignID(l[1]), l[2], opt)
	case "file":
		p.file(l[1], p.time(l[2]), opt)
	case "row":
		p.row(l[1:], opt)
	case "rest":
		p.rest(l[1:], opt)
	case "due":
		p.due(p.time(l[1]), opt["result"])
	case "handover":
		p.handOver(p.time(l[1]))
	case "progress":
		p.progress(p.time(l[1]))
	case "checks":
		p.checks(p.time(l[1]), slices.Contains(l, "which"))
	case "outcomes":
		for _, o := range Outcomes(p.rec) {
			p.say("%s: %s%s", rowWords(o.Item), cmp.Or(o.Choice.Word(), "open"), by(o.Decision))
		}
	case "kept":
		for _, x := range Kept(p.rec) {
			p.say("%s may have %s %s until %s, says %s: %s", x.Person, x.Kind, x.Entitlement, x.ExpiresOn, x.ApprovedBy, x.Reason)
		}
	case "changes":
		for _, c := range Changes(p.rec) {
			p.say("%s: to %q, says %s: %s", rowWords(&c.Item), c.To, c.By, c.Reason)
		}
	case "removals":
		p.removals = CampaignRemovals(p.rec, p.rules)
		p.tellRemovals()
	case "rewrite":
		p.rewrite(l[1], l[2], opt)
	case "gone":
		subject := p.issuedRow(l[1], l[2], opt["duty"]).Item.RowID
		for n := range p.removals {
			if p.removals[n].Subject == subject {
				p.removals[n].GoneAt, p.removals[n].GoneIn, p.removals[n].Campaign = p.time(l[3]), "n1", access.CampaignID(cmp.Or(opt["of"], string(p.rec.Campaign.ID)))
			}
		}
		p.tellRemovals()
	case "left":
		p.left = append(p.left, personKey(l[1]))
	case "move":
		p.move(l[1], opt["title"])
	case "night":
		p.night(access.RunID(l[1]), p.time(l[2]), l[3])
	case "settle":
		p.decided(Settled(p.rec, p.later, p.time(l[1])))
	case "close":
		_, unanswered := opt["unanswered"]
		p.close(p.time(l[1]), unanswered)
	default:
		p.t.Fatalf("steps: unknown step %q", l[0])
	}
}

func (p *campaignPlay) rule(opt map[string]string) {
	number := func(k string) int { return p.number(cmp.Or(opt[k], "0")) }
	_, p.rules.RemovePrivileged = opt["remove-privileged"]
	p.rules.KeepDays, p.rules.ExceptionMaxDays = number("keep"), number("most")
	p.rules.PrivilegedDays, p.rules.OtherDays, p.rules.Zone = number("privileged"), number("other"), p.w.Settings.Zone
	p.rules.Locked = []string{"Row ID", "Person", "What", "Risk"}
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func (p *campaignPlay) open(id access.CampaignID, at string, opt map[string]string) {
	c := access.Campaign{ID: id, OpenedAt: p.time(at), Due: p.day(opt["due"]), Approver: opt["approver"], ApproverMail: opt["mail"]}
	c.Scope = access.CampaignScope{Systems: splitList(opt["systems"]), Departments: splitList(opt["departments"]), Entitlements: splitList(opt["entitlements"])}
	for _, r := range splitList(opt["risks"]) {
		c.Scope.Risks = append(c.Scope.Risks, access.Risk(r))
	}
	_, c.Scope.Movers = opt["movers"]
	_, c.Scope.Delta = opt["delta"]
	if p.rec.Campaign.ID != "" {
		p.past[p.rec.Campaign.ID] = p.rec
	}
	c.Scope.Since = access.CampaignID(opt["since"])
	sheets, c, rerouted, err := OpenCampaign(p.w, p.d, c, p.delegates, p.before(c.Scope.Since))
	if err != nil {
		p.say("refused: %v", err)
		return
	}
	seal(sheets)
	p.rec = access.CampaignRecord{Campaign: c, Sheets: sheets}
	for _, s := range sheets {
		p.sheet(s)
	}
	for _, r := range rerouted {
		p.say("rerouted: %s", r)
	}
	for _, b := range c.Books {
		p.say("%s: %d", b.What, b.Total)
		for _, part := range b.Parts {
			p.say("  %d %s", part.Count, part.Name)
		}
		if !b.Holds() {
			p.t.Errorf("%s do not add up: %d, of %v", b.What, b.Total, b.Parts)
		}
	}
}

// before joins the campaigns that a new one is compared with, as a job does.
func (p *campaignPlay) before(since access.CampaignID) *access.CampaignRecord {
	all := map[access.CampaignID]access.Campaign{}
	for id, rec := range p.past {
		all[id] = rec.Campaign
	}
	var before []access.CampaignRecord
	for _, c := range CampaignsBefore(all, since) {
		before = append(before, p.past[c.ID])
	}
	return JoinCampaigns(before)
}

func (p *campaignPlay) sheet(s access.Sheet) {
	says := fmt.Sprintf("%s %s asks %s %s: %s", s.ID[:strings.LastIndex(s.ID, "-")], s.ID[strings.LastIndex(s.ID, "_")+1:], shown(s.Reviewer), s.ReviewerName, s.Because)
	if s.DelegateName != "" {
		says += "; stands in: " + s.DelegateName
	}
	if s.From != "" {
		says += "; from " + s.From[:strings.LastIndex(s.From, "-")]
	}
	p.say("%s", says)
	if !slices.IsSortedFunc(s.Rows, func(a, b access.Issued) int { return compareItems(a.Item, b.Item) }) {
		p.t.Errorf("the rows of %s are in no order", s.ID)
	}
	for _, row := range s.Rows {
		if row.Worksheet != s.ID {
			p.t.Errorf("a row of %s says that it is on %s", s.ID, row.Worksheet)
		}
		says := fmt.Sprintf("  %s | %s | %s | %s", rowWords(&row.Item), row.Duty, row.Item.Risk, row.SinceLast)
		if row.Last.Choice != "" {
			says += fmt.Sprintf(" (%s by %s on %s in %s)", row.Last.Choice.Word(), row.Last.By, row.Last.On, row.Last.Campaign)
		}
		p.say("%s", says)
	}
}

func rowWords(i *access.Item) string {
	return strings.Join(strings.Fields(fmt.Sprint(cmp.Or(i.Person.Key().String(), i.Account.Key().String()), " ", i.Kind, " ", i.Entitlement)), " ")
}

func by(d access.Decision) string {
	if d.ReviewerName == "" {
		return ""
	}
	return " by " + d.ReviewerName
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

// decided tells decisions, and records those that no file brought.
func (p *campaignPlay) decided(all []access.Decision) {
	rows := map[string]access.Item{}
	for _, row := range currentRows(p.rec) {
		rows[row.ID] = row.Item
	}
	for _, d := range all {
		i := rows[d.RowID]
		says := fmt.Sprintf("  %s: %s%s", rowWords(&i), d.Choice.Word(), by(d))
		for _, more := range []string{d.Reason, d.ChangeTo, d.PassTo, d.Until.String()} {
			if more != "" {
				says += " | " + more
			}
		}
		p.say("%s", says)
		if d.Sender == byRollcall {
			p.rec.Decisions = append(slices.Clone(p.rec.Decisions), d)
		}
	}
}

// inWords puts what a row is about in place of its id.
func (p *campaignPlay) inWords(text string) string {
	for _, row := range currentRows(p.rec) {
		text = strings.ReplaceAll(text, row.ID, rowWords(&row.Item))
	}
	return text
}

// rewrite changes the decision that counts of a row, in the record.
func (p *campaignPlay) rewrite(who, right string, opt map[string]string) {
	p.t.Helper()
	id := p.issuedRow(who, right, opt["duty"]).ID
	p.rec.Decisions = slices.Clone(p.rec.Decisions)
	for n := len(p.rec.Decisions) - 1; n >= 0; n-- {
		d := &p.rec.Decisions[n]
		if d.RowID != id {
			continue
		}
		if of, has := opt["reviewer"]; has {
			d.Reviewer = personKey(of)
		}
		d.ReviewerName = cmp.Or(opt["name"], d.ReviewerName)
		if at, has := opt["at"]; has {
			d.ReceivedAt = p.time(at)
		}
		for _, s := range p.rec.Sheets {
			if s.ReviewerName == opt["worksheet"] {
				d.Worksheet = s.ID
			}
		}
		if opt["worksheet"] == "none" {
			d.Worksheet = "none"
		}
		return
	}
	p.t.Fatalf("nobody decided about %s of %s", right, who)
}

func (p *campaignPlay) due(at time.Time, result string) {
	for _, d := range Due(p.rec, StaffOf(p.w, p.delegates), p.rules, at) {
		p.say("to %s (%s)", d.Name, d.Recipient)
		for _, n := range d.Notices {
			p.say("  %s about %s: %d open, %d urgent, %d days late", n.Kind, n.Reviewer, n.Open, n.Urgent, n.DaysLate)
		}
		p.rec.Notices = append(p.rec.Notices, d.Recorded("file", at, cmp.Or(result, "written"))...)
	}
}

func (p *campaignPlay) handOver(at time.Time) {
	sheets, err := HandOvers(p.rec, StaffOf(p.w, p.delegates), p.rules, at)
	if err != nil {
		p.say("refused: %v", err)
	}
	for _, s := range sheets {
		p.sheet(s)
	}
	seal(sheets)
	p.rec.Sheets = append(p.rec.Sheets, sheets...)
}

func (p *campaignPlay) progress(at time.Time) {
	g := Progress(p.rec, StaffOf(p.w, p.delegates), p.rules, at)
	unanswered := ""
	if g.Expired > 0 {
		unanswered = fmt.Sprintf(", nobody answered %d", g.Expired)
	}
	p.say("issued %d, answered %d, open %d%s, overdue %t", g.Issued, g.Answered, g.Open, unanswered, g.Overdue)
	for _, s := range g.Sheets {
		says := fmt.Sprintf("  %s: issued %d, answered %d, passed on %d, open %d, urgent %d", s.Reviewer, s.Issued, s.Answered, s.PassedOn, s.Open, s.Urgent)
		for name, is := range map[string]bool{"overdue": s.Overdue} {
			if is {
				says += ", " + name
			}
		}
		if s.Gone {
			says += ", gone"
		}
		if s.Delegate != "" {
			says += ", stands in: " + s.Delegate
		}
		p.say("%s", says)
	}
	for _, b := range g.Burndown {
		p.say("  %s: %d open, %d answered", b.Day, b.Open, b.Answered)
	}
}

func (p *campaignPlay) checks(at time.Time, which bool) {
	c := Checks(p.rec, p.removals, StaffOf(p.w, p.delegates), p.rules, at)
	for _, one := range c.Checks {
		p.say("%t %s: %s", one.Holds, one.Name, one.Says)
		for _, bad := range one.Which {
			if which {
				p.say("  %s", p.inWords(bad))
			}
		}
	}
	for _, s := range c.Signals {
		p.say("signal: %s: %s; sample of %d", s.Reviewer, strings.Join(s.Signs, "; "), len(s.Sample))
	}
	for _, b := range c.TieOut {
		if !b.Holds() {
			p.t.Errorf("%s do not add up: %d, of %v", b.What, b.Total, b.Parts)
		}
	}
	for _, h := range c.HandOver {
		p.say("handed over: %d rows to %s: %s", h.Rows, h.Reviewer, h.Because)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Excluded)) {
		p.say("%d %s", c.Excluded[name], name)
	}
}

func (p *campaignPlay) night(run access.RunID, at time.Time, folder string) {
	var systems []access.Observation
	for _, name := range slices.Sorted(maps.Keys(p.fixture.files)) {
		if system, ok := strings.CutPrefix(name, folder+"/"); ok {
			systems = append(systems, p.system(access.System(system), p.fixture.files[name]))
		}
	}
	people := slices.Clone(p.d.People)
	for n := range people {
		if slices.Contains(p.left, people[n].Key()) {
			people[n].Standing = access.StandingLeft
		}
	}
	p.later = NewLaterNight(run, at, systems, people)
	p.removals = Follow(p.removals, p.later)
	p.tellRemovals()
}

// move gives somebody another job.
func (p *campaignPlay) move(who, title string) {
	for s := range p.w.Rosters {
		rows := slices.Clone(p.w.Rosters[s].Rows)
		for n := range rows {
			if rows[n].Key().String() == who {
				rows[n].Title = title
			}
		}
		p.w.Rosters[s].Rows = rows
	}
	p.d = Decide(p.w)
}

func (p *campaignPlay) tellRemovals() {
	for _, r := range p.removals {
		says := fmt.Sprintf("  remove %s %s of %s by %s, says %s", r.Kind, r.Name, r.Login, r.Due, r.By)
		if !r.GoneAt.IsZero() {
			says += fmt.Sprintf("; gone in %s", r.GoneIn)
		}
		p.say("%s", says)
	}
}

func (p *campaignPlay) close(at time.Time, unanswered bool) {
	closed, err := CloseCampaign(p.rec, p.later, p.rules, "ann@host", at)
	if err == nil && !unanswered {
		err = closed.TooEarly(p.rules, at)
	}
	if err != nil {
		p.say("refused: %v", err)
		return
	}
	p.decided(closed.Decisions)
	p.rec.Campaign = closed.Campaign
	p.say("%d expired, %d gone, %d removed", closed.Expired, closed.Gone, closed.Removed)
}
