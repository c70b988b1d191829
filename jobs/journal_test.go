package jobs

import (
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// shelfOf are records in memory, by name.
type shelfOf map[string][]byte

func (s shelfOf) Create(name string, b []byte) error {
	if _, there := s[name]; there {
		return fs.ErrExist
	}
	s[name] = b
	return nil
}

func (s shelfOf) Read(name string) ([]byte, error) {
	b, there := s[name]
	if !there {
		return nil, fs.ErrNotExist
	}
	return b, nil
}

func (s shelfOf) List(prefix string) (names []string, _ error) {
	for name := range s {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

const oneRecord = "journal/run-00/000001.json"

// FuzzARecordSaysOneThingOrIsRefused: whatever stands in the place of a record, the next
// run reads it as one thing at the place where it lies, calls it damaged, or stops.
func FuzzARecordSaysOneThingOrIsRefused(f *testing.F) {
	at := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	action := access.Action{ID: "a1", Verb: access.OktaSuspend, Account: access.AccountKey{System: "okta", ID: "u1"}}
	self := intentRef{"run-00", 1}
	for _, e := range []entry{
		{N: 1, Run: "run-00", Kind: "intent", At: at, Action: &action},
		{N: 1, Run: "run-00", Kind: "outcome", At: at, Closes: &self, Outcome: &access.Outcome{Action: action, Result: access.Done}},
		{N: 1, Run: "run-00", Kind: "approval", At: at, Approval: &access.Approval{ID: "x"}},
		{N: 1, Run: "run-00", Kind: "approval", At: at, Approval: &access.Approval{ID: "x"}, Closes: &self},
		{N: 1, Run: "run-00", Kind: "order", At: at, Order: &access.Order{Reason: "x"}},
		{N: 7, Run: "run-07", Kind: "intent", At: at, Action: &action},
	} {
		b, err := json.Marshal(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, text := range []string{``, `null`, `{}`, `[]`, `{"kind":"intent"}`, `{"kind":"outcome","closes":{}}`, `{"n":1,"run_id":"run-00","kind":"intent","action":{}} and more`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := readPast(shelfOf{oneRecord: b}, access.Memory{})
		if err != nil {
			if !strings.Contains(err.Error(), oneRecord) {
				t.Fatalf("the error does not name the record: %v", err)
			}
			return
		}
		for _, i := range p.intents {
			if recordName(i.ref) != oneRecord {
				t.Fatalf("an intent at %s is taken for that of %v", oneRecord, i.ref)
			}
		}
		if things := len(p.intents) + len(p.closed) + len(p.found) + len(p.orders) + len(p.damaged); things > 1 {
			t.Fatalf("one record says %d things", things)
		}
	})
}

// A record whose place is not its own is none of rollcall's: two could stand for one
// intent, or one for two.
func TestARecordThatLiesElsewhereIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"another number":                  `{"n":2,"run_id":"run-00","kind":"intent","action":{"action_id":"a"}}`,
		"another run":                     `{"n":1,"run_id":"run-01","kind":"intent","action":{"action_id":"a"}}`,
		"an approval that closes":         `{"n":1,"run_id":"run-00","kind":"approval","approval":{},"closes":{"run_id":"run-00","n":1}}`,
		"an intent that closes another":   `{"n":1,"run_id":"run-00","kind":"intent","action":{},"closes":{"run_id":"run-00","n":1}}`,
		"an intent and an outcome in one": `{"n":1,"run_id":"run-00","kind":"outcome","outcome":{},"action":{}}`,
	} {
		_, err := readPast(shelfOf{oneRecord: []byte(text)}, access.Memory{})
		if err == nil || errors.As(err, new(damaged)) || !strings.Contains(err.Error(), oneRecord) || !strings.Contains(err.Error(), "move it out of the archive") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzNothingInTheOutboxStopsARun: whatever lies there, under whatever name, is read, or is
// told by its name; the people who have to be told are found all the same.
func FuzzNothingInTheOutboxStopsARun(f *testing.F) {
	f.Add("2026-03-02/d1-001-intent.json", []byte(`{"kind":"intent","delivery":"d1","attempt":1}`))
	f.Add("2026-03-02/-intent.json", []byte(`{"kind":"sent"}`))
	f.Add("2026-03-02/x-intent.json", []byte(`{"kind":"raised","raised":{}}`))
	f.Add("2026-03-02/raised-1.json", []byte(`{"kind":"raised"}`))
	f.Add("x", []byte(`null`))
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
		o, err := readOutbox(access.NoticeBook{}, shelfOf{outbox + name: b}, now)
		if err != nil && !strings.Contains(err.Error(), outbox+name) {
			t.Fatalf("the error does not name the record: %v", err)
		}
		reconcile.DueNotices(o.book, reconcile.NoticeRules{Environment: "test"}, now)
	})
}
