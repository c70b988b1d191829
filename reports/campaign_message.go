package reports

import (
	"cmp"
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"rollcall/reconcile"
)

// FileName keeps of a text what is safe in the name of a file.
func FileName(s string) string { return cmp.Or(slug(s), "nobody") }

// LargestReturned is how large a file may be that a reviewer sends back, in bytes.
const LargestReturned = maxReturned

// noticeWords says what each kind of notice asks for.
var noticeWords = map[string]string{
	reconcile.NoticeLaunch:   "a worksheet waits for your decisions",
	reconcile.NoticeDay7:     "a week has gone by, and rows are open",
	reconcile.NoticeDays4:    "4 business days are left, and rows are open",
	reconcile.NoticeDays2:    "2 business days are left, and rows are open",
	reconcile.NoticeDue:      "it is due today, and rows are open",
	reconcile.NoticeOverdue:  "it is overdue, and rows are open",
	reconcile.NoticeManager:  "somebody who reports to you has not answered",
	reconcile.NoticeOwner:    "rows about your system are overdue",
	reconcile.NoticeApprover: "nobody has answered: the decision is yours now",
}

// Reminder is the message of one person for one day: what they owe, by when, and whom
// to ask. It names no person of any row and no right: it may be sent by mail.
func Reminder(rec access.CampaignRecord, d reconcile.Digest, contacts []access.Contact) string {
	c := rec.Campaign
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("To: %s", line(phrase.Named(cmp.Or(d.Name, d.Recipient), d.Mail)))
	say("Subject: %s: %s", line(c.Title), subjectOf(d))
	say("\nHello %s,\n", line(cmp.Or(d.Name, d.Recipient)))
	say("this is about the access review %s (%s), which is due on %s. %s answers for it.\n", line(string(c.ID)), line(c.Reason), c.Due, line(phrase.Named(c.Approver, c.ApproverMail)))
	for _, n := range d.Notices {
		say("- %s: %s", line(n.Sheet), noticeWords[n.Kind])
		if n.Reviewer != "" && n.Reviewer != d.Name {
			say("  It asks %s.", line(n.Reviewer))
		}
		say("  %s open, %d of them flagged or privileged; due on %s%s.", phrase.Counted(n.Open, "row"), n.Urgent, n.Due, lateWords(n.DaysLate))
	}
	say("\nWhat to do: open the worksheet, choose Keep, Change, Remove or Not mine for each row, and send it back. A row that you leave blank stays open: it never means Keep.")
	say("If the rows are not yours to judge, choose Not mine and name who can.\n")
	say("Whom to ask")
	for _, one := range contactsFor(contacts, nil) {
		say("- %s: %s, %s%s", line(ResponsibilityWord(one.Responsibility)), line(one.Name), line(cmp.Or(one.BusinessHours, "no contact given")), afterHours(one))
	}
	if len(contacts) == 0 {
		say("- %s", line(phrase.Named(c.Approver, c.ApproverMail)))
	}
	say("\nIf somebody must lose access now, do not wait for the review: call, and say who (name and employee ID), what must happen, from when, why, and who approved it.")
	return b.String()
}

func subjectOf(d reconcile.Digest) string {
	if len(d.Notices) == 1 {
		return noticeWords[d.Notices[0].Kind]
	}
	return fmt.Sprintf("%d worksheets wait", len(d.Notices))
}

func lateWords(days int) string {
	if days <= 0 {
		return ""
	}
	return ", " + phrase.Counted(days, "business day") + " late"
}

func afterHours(c access.Contact) string {
	if c.AfterHours == "" {
		return ""
	}
	return "; after hours " + line(c.AfterHours)
}
