package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// The kinds of a review's notices.
const (
	NoticeLaunch   = "review_launch"
	NoticeDay7     = "review_day7"
	NoticeDays4    = "review_4_days"
	NoticeDays2    = "review_2_days"
	NoticeDue      = "review_due"
	NoticeOverdue  = "review_overdue"
	NoticeManager  = "review_escalated_manager"
	NoticeOwner    = "review_escalated_owner"
	NoticeApprover = "review_escalated_approver"
)

// DueNotice is a message about one worksheet that is due and was not sent.
type DueNotice struct {
	Kind    string
	Sheet   string // Sheet.ID
	Subject string // as the archive records it: campaign/Sheet.ID
	// Reviewer is whom the worksheet asks, which may be somebody else than who is told.
	Reviewer     string
	Open, Urgent int // rows
	Due          access.Day
	DaysLate     int // business days since the due date
}

// Digest is all that one person is told on one day: one message.
type Digest struct {
	Name, Mail string
	Recipient  string // as the archive records it: the address or, if there is none, the name
	Notices    []DueNotice
}

// Recorded are the digest's notices as the archive keeps them.
func (d Digest) Recorded(channel string, at time.Time, result string) (out []access.Notice) {
	for _, n := range d.Notices {
		out = append(out, access.Notice{Kind: n.Kind, Recipient: d.Recipient, Channel: channel, Subject: n.Subject, SentAt: at, Result: result})
	}
	return out
}

// Due are the messages that are due now and were not sent. Nobody gets two on one day;
// of reminders that were missed only the newest is sent.
//
//	to                             | when
//	reviewer (and who stands in)   | launch; day 7; 4 and 2 business days before; the due day;
//	                               | then every business day
//	reviewer's manager             | 1 business day after
//	owner of the system, compliance| 3 business days after
//	approver                       | 5 business days after: decides
//
// Days are those of the company's zone. A worksheet without an open row sends nothing.
func Due(rec access.CampaignRecord, st *Staff, rules CampaignRules, now time.Time) []Digest {
	if !rec.Campaign.Open() {
		return nil
	}
	l := &ladder{rec: rec, st: st, now: now, zone: rules.zone(), today: localDay(now, rules.zone()), out: map[string]*Digest{}, sent: map[string]bool{}, had: map[string]bool{}, final: Final(rec), holder: holders(rec)}
	for _, n := range rec.Notices {
		l.note(n)
	}
	for n := range rec.Sheets {
		if p := sheetProgress(&rec.Sheets[n], l.final, l.holder); p.Open > 0 {
			l.sheet(rec.Sheets[n], p)
		}
	}
	return l.digests()
}

type ladder struct {
	rec    access.CampaignRecord
	st     *Staff
	now    time.Time
	zone   *time.Location
	today  access.Day
	sent   map[string]bool // kind, subject and recipient
	had    map[string]bool // recipients who got something today
	final  map[string]access.Decision
	holder map[string]string
	out    map[string]*Digest
}

// note takes in a notice that was recorded; one that failed was not sent.
func (l *ladder) note(n access.Notice) {
	if strings.HasPrefix(n.Result, "failed") {
		return
	}
	day := localDay(n.SentAt, l.zone)
	l.sent[noticeKey(n.Kind, n.Subject, n.Recipient, day)] = true
	if day == l.today && strings.HasPrefix(n.Subject, string(l.rec.Campaign.ID)+"/") {
		l.had[n.Recipient] = true
	}
}

// noticeKey is what is sent once; what is sent daily is another one every day.
func noticeKey(kind, subject, recipient string, day access.Day) string {
	if kind != NoticeOverdue {
		day = access.Day{}
	}
	return strings.Join([]string{kind, subject, recipient, day.String()}, "\x00")
}

// stage is a step of the ladder.
type stage struct {
	kind string
	on   access.Day
}

// stages are those of a reviewer's reminders, in order. Once the review is overdue, that is what
// is told until it is done: also where the seventh day comes later.
func (l *ladder) stages() []stage {
	due := l.rec.Campaign.Due
	all := []stage{{NoticeDay7, access.Day{At: localDay(l.rec.Campaign.OpenedAt, l.zone).At.AddDate(0, 0, 7)}},
		{NoticeDays4, businessDays(due, -4)}, {NoticeDays2, businessDays(due, -2)}, {NoticeDue, due}, {NoticeOverdue, businessDays(due, 1)}}
	all = slices.DeleteFunc(all, func(s stage) bool { return s.kind == NoticeDay7 && s.on.At.After(due.At) })
	slices.SortStableFunc(all, func(a, b stage) int { return a.on.At.Compare(b.on.At) })
	return all
}

func (l *ladder) sheet(s access.Sheet, p SheetProgress) {
	launched := l.reviewers(s, p, NoticeLaunch)
	if now := l.reminder(s); now != "" && !launched {
		l.reviewers(s, p, now)
	}
	if l.escalates(s, 1) {
		l.escalateManager(s, p)
	}
	if l.escalates(s, 3) {
		l.escalateOwners(s, p)
	}
	if l.escalates(s, approverDecides) {
		l.tell(NoticeApprover, s, p, l.approver())
	}
}

// escalates reports whether so many business days went by since the due date. What went
// out later has been escalated already.
func (l *ladder) escalates(s access.Sheet, days int) bool {
	on := businessDays(l.rec.Campaign.Due, days).At
	return !l.today.At.Before(on) && localDay(s.IssuedAt, l.zone).At.Before(on)
}

// reminder is the newest step that has come since the worksheet went out. What went out
// late is overdue from the next business day on.
func (l *ladder) reminder(s access.Sheet) (kind string) {
	out := localDay(s.IssuedAt, l.zone)
	for _, one := range l.stages() {
		if one.kind == NoticeOverdue && !one.on.At.After(out.At) {
			one.on = businessDays(out, 1)
		}
		if one.on.At.After(out.At) && !one.on.At.After(l.today.At) {
			kind = one.kind
		}
	}
	if kind == NoticeOverdue && weekend(l.today.At) {
		return ""
	}
	return kind
}

// businessDaysLate counts the business days since the due date.
func (l *ladder) businessDaysLate() (n int) {
	for day := businessDays(l.rec.Campaign.Due, 1); !day.At.After(l.today.At); day = businessDays(day, 1) {
		n++
	}
	return n
}

// reviewers tells the reviewer, and who stands in for them, if they were not told.
func (l *ladder) reviewers(s access.Sheet, p SheetProgress, kind string) bool {
	who := []asked{reviewerOf(&s)}
	if d, ok := l.st.delegate(s.Reviewer, l.now); ok {
		who = append(who, d)
	}
	told := false
	for _, one := range who {
		told = l.tell(kind, s, p, one) || told
	}
	return told
}

func (l *ladder) escalateManager(s access.Sheet, p SheetProgress) {
	mail := cmp.Or(l.st.managerMail(reviewerOf(&s), l.now), s.ManagerMail)
	who := l.approver() // nobody is above whom no list knows, or whose manager has left
	if mail != "" {
		who = asked{name: mail, mail: mail}
		if m := l.st.byMail(mail); m != nil {
			who = l.st.person(m)
		}
		if !l.st.employed(who, l.now) {
			who = l.approver()
		}
	}
	l.tell(NoticeManager, s, p, who)
}

// escalateOwners tells the owners of the systems that something is open of, and
// compliance.
func (l *ladder) escalateOwners(s access.Sheet, p SheetProgress) {
	var systems []access.System
	for n := range s.Rows {
		if _, answered := l.final[s.Rows[n].ID]; !answered && l.holder[s.Rows[n].ID] == s.ID {
			systems = append(systems, s.Rows[n].Item.System)
		}
	}
	slices.Sort(systems)
	for _, system := range slices.Compact(systems) {
		for _, who := range slices.Concat(l.st.owning(system, "owner"), l.st.owning(system, "compliance")) {
			l.tell(NoticeOwner, s, p, who)
		}
	}
}

func (l *ladder) approver() asked {
	return l.st.known(l.rec.Campaign.Approver, l.rec.Campaign.ApproverMail)
}

// tell adds a notice to somebody's digest, unless they had it, or had one today.
func (l *ladder) tell(kind string, s access.Sheet, p SheetProgress, who asked) bool {
	subject, recipient := string(l.rec.Campaign.ID)+"/"+s.ID, cmp.Or(who.mail, who.name)
	key := noticeKey(kind, subject, recipient, l.today)
	if recipient == "" || l.sent[key] || l.had[recipient] || !l.st.employed(who, l.now) {
		return false
	}
	l.sent[key] = true
	d := l.out[recipient]
	if d == nil {
		d = &Digest{Name: cmp.Or(who.name, who.mail), Mail: who.mail, Recipient: recipient}
		l.out[recipient] = d
	}
	d.Notices = append(d.Notices, DueNotice{Kind: kind, Sheet: s.ID, Subject: subject, Reviewer: s.ReviewerName, Open: p.Open, Urgent: p.Urgent, Due: l.rec.Campaign.Due, DaysLate: l.businessDaysLate()})
	return true
}

func (l *ladder) digests() (out []Digest) {
	for _, d := range l.out {
		slices.SortFunc(d.Notices, func(a, b DueNotice) int { return cmp.Or(cmp.Compare(a.Sheet, b.Sheet), cmp.Compare(a.Kind, b.Kind)) })
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Digest) int { return cmp.Compare(a.Recipient, b.Recipient) })
	return out
}
