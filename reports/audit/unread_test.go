//go:build cgo

package audit

import (
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// inCompany is a store of which the row of a run waits for another one that is read.
type inCompany struct {
	archive.Store
	first *sync.Map // of those that came, under ""
	two   chan struct{}
	open  *sync.Once
}

func (s inCompany) Open(name string) (archive.File, error) {
	s.waits(name)
	return s.Store.Open(name)
}

func (s inCompany) Read(name string) ([]byte, error) {
	s.waits(name)
	return s.Store.Read(name)
}

func (s inCompany) waits(name string) {
	if strings.HasPrefix(name, "runs/") {
		if first, _ := s.first.LoadOrStore("", name); first != name {
			s.open.Do(func() { close(s.two) })
		}
		select {
		case <-s.two:
		case <-time.After(5 * time.Second):
		}
	}
}

// TestWhatManyNightsDidNotReadIsLookedUpAtOnce: a year has 365 nights, and with a sweep every
// five minutes a hundred thousand runs. One after another they would take hours in S3.
func TestWhatManyNightsDidNotReadIsLookedUpAtOnce(t *testing.T) {
	s := newStretch(t)
	for day, trigger := range []string{"nightly", "sweep", "nightly"} {
		s.night(trigger, day+2, nil, func(n *access.Night) {
			n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "aws", Kind: "iam", Gap: "access denied"})
		})
	}
	q := Question{SQL: "SELECT * FROM endings", period: []string{"endings"}}
	s.open.store = inCompany{s.open.store, &sync.Map{}, make(chan struct{}), &sync.Once{}}
	began := time.Now()
	says, err := s.open.unread(q, map[string]string{"from": "2026-03-01", "to": "2026-03-10"})
	if err != nil || len(says) != 2 {
		t.Errorf("%q, %v", says, err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("one waited %s for another", took)
	}
}
