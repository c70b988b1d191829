package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// noted puts a record into the outbox.
func noted(t *testing.T, s shelfOf, name string, r access.NoticeRecord) string {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	name = recordOf(r, name)
	s[name] = b
	return name
}

// tries are an intent and what became of it.
func tries(t *testing.T, s shelfOf, delivery string, attempt int, at time.Time, end string) {
	t.Helper()
	r := access.NoticeRecord{Kind: access.NoticeIntent, At: at, Delivery: delivery, Attempt: attempt, Purpose: access.ToTell, Concerns: []string{"guard_tripped/g"}, Recipient: "hr", Channel: "mail", Urgency: access.UrgencyHigh}
	noted(t, s, fmt.Sprintf("%s-%03d-intent", delivery, attempt), r)
	if end != "" {
		r.Kind, r.Error = end, "no"
		noted(t, s, fmt.Sprintf("%s-%03d-%s", delivery, attempt, end), r)
	}
}

func TestARecordOfTheOutboxLiesInItsDayWhereverTheClockIs(t *testing.T) {
	late := time.Date(2026, 3, 2, 1, 30, 0, 0, time.FixedZone("", 2*60*60)) // still the first of March in UTC
	if got := recordOf(access.NoticeRecord{At: late}, "n-1"); got != "outbox/2026-03-01/n-1.json" {
		t.Errorf("%s", got)
	}
}

func TestTheOutboxIsReadFromTheDayOnThatNoRunHasAccountedFor(t *testing.T) {
	s := shelfOf{}
	var names []string
	for days := -3; days <= 1; days++ {
		names = append(names, noted(t, s, "ack-1", access.NoticeRecord{Kind: access.NoticeAck, At: midnight.AddDate(0, 0, days), Concerns: []string{fmt.Sprintf("c/%d", days)}, By: "dana"}))
	}
	s["journal/x"] = nil
	for from, want := range map[string][]string{"": names, "2026-02-28": names[1:4], "2026-03-01": names[2:4], "2026-03-02": names[3:4], "2026-03-03": nil} {
		o, err := readOutbox(access.NoticeBook{From: from}, s, midnight)
		if err != nil || !slices.Equal(o.names, want) || len(o.records) != len(want) || len(o.book.Acked) != len(want) {
			t.Errorf("from %q: %q, %d records: %v", from, o.names, len(o.records), err)
		}
		o, err = readOutbox(access.NoticeBook{From: from, Known: names[3:]}, s, midnight)
		if fresh := o.fresh(access.NoticeBook{Known: names[3:]}); err != nil || slices.Contains(fresh, names[3]) || len(fresh) != len(o.records) || !slices.Equal(o.names, want) {
			t.Errorf("from %q, where the last is known: %q are fresh, %d records: %v", from, fresh, len(o.records), err)
		}
		if _, err := readOutbox(access.NoticeBook{From: from}, badShelf{s, errIO, ""}, midnight); (err == nil) != (from == "2026-03-03") || err != nil && (!errors.Is(err, errIO) || !strings.Contains(err.Error(), "list the outbox")) {
			t.Errorf("a list that fails: %v", err)
		}
	}
}

// What cannot be read is said, and the rest counts all the same.
func TestARecordOfTheOutboxThatCannotBeReadIsSaidAndTheOthersCount(t *testing.T) {
	for name, spoil := range map[string]func(shelfOf, string) Records{
		"an error":         func(s shelfOf, bad string) Records { return badShelf{s, nil, bad} },
		"of another shape": func(s shelfOf, bad string) Records { s[bad] = []byte(`{"kind":"raised","attempt":"x"}`); return s },
		"torn":             func(s shelfOf, bad string) Records { s[bad] = []byte(`{"kind":"ack","conc`); return s },
		"empty":            func(s shelfOf, bad string) Records { s[bad] = nil; return s },
		"raises nothing": func(s shelfOf, bad string) Records {
			s[bad] = []byte(`{"kind":"raised","at":"2026-03-02T02:00:00Z"}`)
			return s
		},
	} {
		s := shelfOf{}
		ack := access.NoticeRecord{Kind: access.NoticeAck, At: midnight, Concerns: []string{"c/1"}, By: "dana"}
		bad := noted(t, s, "ack-1", ack)
		ack.Concerns = []string{"c/2"}
		noted(t, s, "ack-2", ack)
		o, err := readOutbox(access.NoticeBook{}, spoil(s, bad), midnight)
		if name == "an error" && !errors.Is(err, errIO) || name == "of another shape" && !strings.Contains(fmt.Sprint(err), "cannot unmarshal") {
			t.Errorf("%s: another cause is said: %v", name, err)
		}
		if err == nil || !strings.Contains(err.Error(), "read the record "+bad) || len(o.records) != 1 || len(o.names) != 2 || o.book.Acked["c/2"].By != "dana" {
			t.Errorf("%s: %v, %d records", name, err, len(o.records))
		}
	}
	s := shelfOf{}
	noted(t, s, "raised-1", access.NoticeRecord{Kind: access.NoticeRaised, At: midnight, Raised: &access.Concern{Kind: "k", Subject: "s"}})
	if o, err := readOutbox(access.NoticeBook{}, s, midnight); err != nil || len(o.book.Open) != 1 {
		t.Errorf("%+v: %v", o.book, err)
	}
}

// Attempts are counted by the names of today, those that are known too, so that no two have one name.
func TestTheAttemptsOfTodayAreCountedAlsoOfWhatIsKnown(t *testing.T) {
	s := shelfOf{}
	tries(t, s, "n-1", 1, midnight.AddDate(0, 0, -1), access.NoticeFailed)
	tries(t, s, "n-1", 1, midnight, access.NoticeFailed)
	tries(t, s, "n-1", 2, midnight, access.NoticeFailed)
	tries(t, s, "n-2", 1, midnight, "")
	s["outbox/2026-03-02/intent.json"], s["outbox/2026-03-02/x-intent.json"] = []byte("{}"), []byte("{}")
	o, err := readOutbox(access.NoticeBook{Known: []string{"outbox/2026-03-02/n-1-002-intent.json"}}, s, midnight)
	if err != nil || o.attempts["n-1"] != 2 || o.attempts["n-2"] != 1 || len(o.attempts) != 2 {
		t.Errorf("%v: %v", o.attempts, err)
	}
}

func TestAMessageIsUnderWayFromItsLastIntentOnUntilItsResult(t *testing.T) {
	s, later := shelfOf{}, midnight.Add(time.Minute)
	tries(t, s, "sent", 1, midnight, access.NoticeSent)
	tries(t, s, "failed", 1, midnight, access.NoticeFailed)
	tries(t, s, "again", 1, midnight, access.NoticeFailed)
	tries(t, s, "again", 2, later, "")
	tries(t, s, "twice", 1, later, "") // by the names the first is the later one
	tries(t, s, "twice", 2, midnight, "")
	o, err := readOutbox(access.NoticeBook{}, s, midnight)
	if err != nil || len(o.begun) != 2 || !o.begun["again"].Equal(later) || !o.begun["twice"].Equal(later) {
		t.Errorf("%v: %v", o.begun, err)
	}
}

// accounted is what a run records, and the next one remembers, of what was told before it.
func accounted(t *testing.T, r Records, before access.NoticeBook, rules *reconcile.NoticeRules) (*access.Night, access.NoticeBook) {
	t.Helper()
	j := &Job{Run: access.Run{ID: "run-09", StartedAt: midnight, Trigger: "sweep"}, Records: r, Notices: rules, Now: func() time.Time { return midnight }}
	n, next := &access.Night{Run: j.Run}, access.Memory{}
	n.Rosters = []access.RosterVerdict{{Source: "employees", Refusal: &access.GuardError{}}}
	n.Policy.Contacts = []access.Contact{{System: "okta", Responsibility: "compliance", Name: "O"}}
	j.accountNotices(n, &next, access.Memory{Notices: before})
	return n, next.Notices
}

func TestARunRecordsWhatWasToldSinceTheLastOneAndTheNextNeedsNotReadIt(t *testing.T) {
	s := shelfOf{}
	old := noted(t, s, "ack-0", access.NoticeRecord{Kind: access.NoticeAck, At: midnight.AddDate(0, 0, -3), Concerns: []string{"guard_tripped/old"}, By: "eve"})
	for days := -2; days <= 0; days++ {
		tries(t, s, "n-1", 1, midnight.AddDate(0, 0, days), access.NoticeSent)
	}
	rules := &reconcile.NoticeRules{}
	before := access.NoticeBook{Known: []string{old}, Open: []access.Concern{{Kind: reconcile.NoticeGuard, Subject: "g", Rests: []string{"whole"}}}}
	n, next := accounted(t, s, before, rules)
	if len(n.Notices) != 3 || n.Notices[0].Recipient != "hr" || len(n.Notes) != 0 || len(n.Told) != 6 || slices.Contains(n.Told, old) {
		t.Errorf("on record: %+v, %q, %q", n.Notices, n.Told, n.Notes)
	}
	if next.From != "2026-03-01" || len(next.Known) != 4 || path.Base(path.Dir(next.Known[0])) != "2026-03-01" {
		t.Errorf("the next one reads from %s on, but %q", next.From, next.Known)
	}
	if len(next.Open) != 2 || len(next.Told) != 1 || next.Told[0].Times != 3 {
		t.Errorf("the book: %+v", next)
	}
	// what cannot be read wholly is read by the next run
	n, next = accounted(t, badShelf{s, nil, "outbox/2026-03-02/n-1-001-sent.json"}, before, rules)
	if len(n.Notices) != 0 || len(n.Told) != 0 || len(n.Notes) != 1 || !strings.Contains(n.Notes[0], "not all of what was told since the last run could be read: ") || next.From != "" || !slices.Equal(next.Known, before.Known) || len(next.Told) != 0 || len(next.Open) != 2 {
		t.Errorf("on record: %+v, %q, %q; the book %+v", n.Notices, n.Told, n.Notes, next)
	}
	// and where nobody is told of anything, what is known stays
	n, next = accounted(t, badShelf{s, errIO, ""}, before, nil)
	if len(n.Notices)+len(n.Notes)+len(n.Told) != 0 || len(next.Open) != 1 || !slices.Equal(next.Known, before.Known) {
		t.Errorf("%+v, the book %+v", n, next)
	}
}

// Whom a message goes to rests on the contacts of the run's own policy: those of okta were told.
func TestTheContactsOfTheRunAreThoseWhoAreTold(t *testing.T) {
	once := access.Concern{Kind: reconcile.NoticeApprovalSpent, Subject: "a", System: "okta", Since: midnight}
	book := access.NoticeBook{Open: []access.Concern{once}}
	for _, who := range []string{"compliance", "compliance:okta"} {
		book.Told = append(book.Told, access.Told{Concern: once.ID(), Recipient: who, Times: 1})
		rules := &reconcile.NoticeRules{Tell: map[access.Audience][]string{access.ForCompliance: {"mail"}}}
		_, next := accounted(t, shelfOf{}, book, rules)
		told := !slices.ContainsFunc(next.Open, func(c access.Concern) bool { return c.ID() == once.ID() })
		if told != (who == "compliance:okta") || rules.Contacts != nil {
			t.Errorf("%s was told, which is all of them: %v", who, told)
		}
	}
}
