package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// desk is a place that takes messages over HTTP.
type desk struct {
	mu   sync.Mutex
	down bool
	got  []access.Message
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var m access.Message
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil || d.down {
		http.Error(w, "no", http.StatusBadGateway)
		return
	}
	d.got = append(d.got, m)
	fmt.Fprintf(w, "receipt-%d", len(d.got))
}

// took are the messages as "kind" or "resolve kind", each once by key.
func (d *desk) took() (all []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range d.got {
		one := m.Kind
		if m.Resolve {
			one = "resolve " + m.Kind
		}
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}

func (d *desk) isDown(down bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down = down
}

// wire is a channel to a desk.
type wire struct {
	url  string
	http http.Client
}

func (w *wire) Send(ctx context.Context, m access.Message) (string, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	answer, err := w.http.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	says, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d", answer.StatusCode)
	}
	return string(says), err
}

// telling is a village in which people are told.
type telling struct {
	*village
	pager, chat, mail *desk
	post              *jobs.Post
	records           jobs.Records
}

func newTelling(t *testing.T) *telling {
	v := newVillage(t, fakeokta.Options{})
	l := &telling{village: v, pager: &desk{}, chat: &desk{}, mail: &desk{}}
	rules := reconcile.NoticeRules{Environment: "test", SLA: 30 * 24 * time.Hour,
		Channels: map[string]reconcile.ChannelTraits{"pager": {Wakes: true}, "chat": {}, "mail": {Private: true}},
		Tell:     map[access.Audience][]string{access.ForOnCall: {"pager", "chat"}, access.ForSecurity: {"chat"}, access.ForHR: {"mail"}, access.ForCompliance: {"mail"}},
		Escalate: []access.Audience{access.ForSecurity, access.ForHR}}
	key, err := archive.ParsePrivateKey(v.signer)
	v.ok(err)
	keep, err := archive.Open(v.root, key)
	v.ok(err)
	l.records = keep.Store()
	l.post = &jobs.Post{Rules: rules, Records: l.records, Now: v.clock.Now, Say: func(string, ...any) {}, Channels: map[string]jobs.Channel{
		"pager": l.to(l.pager), "chat": l.to(l.chat), "mail": l.to(l.mail)}}
	return l
}

func (l *telling) to(d *desk) jobs.Channel {
	return &wire{l.serve(d), http.Client{Transport: l.transport}}
}

// unheard runs a night and sends nothing yet.
func (l *telling) unheard() *access.Night {
	l.t.Helper()
	l.clock.Pass(24 * time.Hour)
	j := l.job()
	j.Run.Trigger = "nightly"
	rules := l.post.Rules
	j.Notices = &rules
	r, err := j.Nightly(l.t.Context())
	l.ok(err)
	return r.Night
}

// night runs a night and sends what is due.
func (l *telling) night() *access.Night {
	l.t.Helper()
	n := l.unheard()
	l.ok(l.deliver().Unrecorded)
	return n
}

func (l *telling) deliver() jobs.Posted {
	return l.post.Deliver(l.t.Context(), l.memory().Notices)
}

// unblockable is who has left, and whom Okta refuses to suspend, as it does everybody.
func (l *telling) unblockable(who string) {
	l.is(access.StatusLeft, who)
	l.oktaFaults.Add(faults.Rule{Match: faults.Path(http.MethodPost, "/lifecycle/suspend"), Kind: faults.Status, Code: http.StatusForbidden,
		Body: `{"errorCode":"E0000006","errorSummary":"You do not have permission","errorLink":"E0000006","errorId":"x","errorCauses":[]}`})
}

func (l *telling) wants(d *desk, name string, want ...string) {
	l.t.Helper()
	if got := d.took(); !slices.Equal(got, want) {
		l.t.Errorf("%s took %q, want %q", name, got, want)
	}
}

// noticesOf are the rows of the table notices of a run.
func (l *telling) noticesOf(run access.RunID) (rows []archive.NoticeRow) {
	l.t.Helper()
	files, err := filepath.Glob(filepath.Join(l.root, "notices", "*", "run="+string(run), "*.parquet"))
	l.ok(err)
	for _, file := range files {
		some, err := parquet.ReadFile[archive.NoticeRow](file)
		l.ok(err)
		rows = append(rows, some...)
	}
	return rows
}

func (l *telling) names() []string {
	names, err := l.records.List("outbox/")
	l.ok(err)
	return names
}
