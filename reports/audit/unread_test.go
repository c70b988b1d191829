//go:build cgo

package audit

import (
	"testing"
	"testing/synctest"
	"time"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// farAway is a store of which each file takes a second.
type farAway struct{ archive.Store }

func (s farAway) Open(name string) (archive.File, error) {
	time.Sleep(time.Second)
	return s.Store.Open(name)
}

func (s farAway) Read(name string) ([]byte, error) {
	time.Sleep(time.Second)
	return s.Store.Read(name)
}

// TestWhatManyNightsDidNotReadIsLookedUpAtOnce: a year has 365 nights, and a sweep every five
// minutes a hundred thousand runs. One after another they would take hours in S3.
func TestWhatManyNightsDidNotReadIsLookedUpAtOnce(t *testing.T) {
	s := newStretch(t)
	for day := 2; day < 10; day++ {
		trigger := "nightly"
		if day%2 == 1 {
			trigger = "sweep"
		}
		s.night(trigger, day, nil, func(n *access.Night) {
			n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "aws", Kind: "iam", Gap: "access denied"})
		})
	}
	var q Question
	for _, one := range mustQuestions(t) {
		if one.Name == "leavers" {
			q = one
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s.open.store = farAway{s.open.store}
		began := time.Now()
		says, err := s.open.unread(q, map[string]string{"from": "2026-03-01", "to": "2026-03-10"})
		if err != nil || len(says) != 4 {
			t.Errorf("%q, %v", says, err)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("8 runs took %s", took)
		}
	})
}
