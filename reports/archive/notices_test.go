package archive

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
)

func TestWhoWasToldIsInTheRecordOfTheNextRunAndWhoHasToBeIsRemembered(t *testing.T) {
	root := t.TempDir()
	a := New(NewFolder(root), testKey)
	at := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	const record = "outbox/2026-11-24/n-1-001-sent.json"
	if err := a.Store().Create(record, []byte("{}\n")); err != nil {
		t.Fatal(err)
	}
	n := fixtureNight(1)
	n.Told = []string{record}
	n.Notices = []access.Notice{{Kind: "guard_tripped", Subject: "blast_radius-1", Recipient: "on_call", Channel: "pager", SentAt: at, Result: "sent",
		Audience: access.ForOnCall, Urgency: access.UrgencyHigh, Purpose: access.ToTell, Tier: 1, Delivery: "n-1", Receipt: "success"}}
	book := access.NoticeBook{
		Open:    []access.Concern{{Kind: "guard_tripped", Subject: "blast_radius-1", Open: []string{"x"}, Restricted: []string{"y"}, Rests: []string{"whole"}, Since: at, SeenIn: n.Run.ID}},
		Told:    []access.Told{{Concern: "guard_tripped/blast_radius-1", Recipient: "on_call", Audience: access.ForOnCall, Urgency: access.UrgencyHigh, Channels: []string{"pager"}, First: at, Last: at, Times: 1}},
		Acked:   map[string]access.TakenUp{"guard_tripped/blast_radius-1": {By: "dana", At: at}},
		Digests: map[string]access.Digested{"hr": {Day: "2026-11-24", Times: 1}}, Failing: map[string]time.Time{"chat": at}, NightAt: at, From: "2026-11-23", Known: []string{record},
	}
	if err := keepInputs(a); err != nil {
		t.Fatal(err)
	}
	memory := fixtureMemory(n)
	memory.Notices = book
	if err := recordAs(a, n, memory); err != nil {
		t.Fatal(err)
	}
	got, err := a.Notices()
	if diff := cmp.Diff(book, got); diff != "" || err != nil {
		t.Errorf("%v: %s", err, diff)
	}
	files, err := filepath.Glob(filepath.Join(root, "notices", "*", "*", "*.parquet"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%s, %v", files, err)
	}
	rows, err := parquet.ReadFile[NoticeRow](files[0])
	want := []NoticeRow{{RunID: string(n.Run.ID), Kind: "guard_tripped", Recipient: "on_call", Channel: "pager", SubjectID: "blast_radius-1", SentAt: at, Result: "sent",
		Audience: "on_call", Urgency: "high", Purpose: "first", Tier: 1, DeliveryID: "n-1", Receipt: "success"}}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil {
		t.Errorf("%v: %s", err, diff)
	}
	h, err := a.head()
	if _, listed := h.file(record); !listed || err != nil {
		t.Errorf("the record is in no manifest: %v", err)
	}
	if !mayExpire(record) {
		t.Error("a record that names recipients never expires")
	}
}
