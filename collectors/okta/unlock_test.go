package okta

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// Okta may show a user as locked out for a moment after it unlocked them. Whoever believes
// that, and stops, has let a leaver in.
func TestAnUnlockThatDoesNotShowYetIsFollowedByTheSuspension(t *testing.T) {
	for _, lost := range []bool{false, true} {
		for times := 1; times <= 3; times++ {
			s := newSandbox(t, fakeokta.Options{})
			if lost {
				s.Add(faults.Rule{Match: faults.Path(http.MethodPost, "/lifecycle/unlock"), Kind: faults.CloseAfterWork})
			}
			me := faults.Path(http.MethodGet, "/api/v1/users/"+s.bob.ID)
			s.Add(faults.Rule{Match: func(r *http.Request) bool { return me(r) && s.status(t, s.bob) != fakeokta.LockedOut }, Times: times, Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
				a.Header.Del("Content-Length")
				for _, is := range []string{"ACTIVE", "SUSPENDED"} {
					a.Body = []byte(strings.ReplaceAll(string(a.Body), `"status":"`+is+`"`, `"status":"LOCKED_OUT"`))
				}
			}})
			receipt, err := s.revoker(t).Act(t.Context(), action(access.OktaSuspend, s.bob))
			if is := s.status(t, s.bob); is != fakeokta.Suspended || err != nil {
				t.Errorf("shown as locked out %d times, answer lost %t: the user is %s: %+v, %v (sent %q)", times, lost, is, receipt, err, s.writes())
			}
		}
	}
}

// Of an unlock that Okta refused nothing has to follow: the user is locked out as before.
func TestAfterAnUnlockThatIsRefusedNothingIsSent(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.Add(faults.Rule{Match: faults.Path(http.MethodPost, "/lifecycle/unlock"), Kind: faults.Status, Code: 403, Body: `{"errorCode":"E0000006"}`})
	_, err := s.revoker(t).Act(t.Context(), action(access.OktaSuspend, s.bob))
	if is := s.status(t, s.bob); is != fakeokta.LockedOut || err == nil || !strings.Contains(err.Error(), "locked_out") || strings.Contains(s.writes(), "suspend") {
		t.Errorf("the user is %s: %v (sent %q)", is, err, s.writes())
	}
}

// While Okta goes on to take them for locked out it also refuses to suspend them. To ask
// three times at once, and go, leaves a leaver unlocked.
func TestAnUnlockThatTakesSecondsIsWaitedFor(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	cfg := s.config(revokerToken)
	var slept time.Duration
	cfg.Sleep = func(_ context.Context, d time.Duration) error { slept += d; return nil }
	r, err := NewRevoker(cfg)
	if err != nil {
		t.Fatal(err)
	}
	late := func(method, path string) func(*http.Request) bool {
		is := faults.Path(method, path)
		return func(r *http.Request) bool {
			return is(r) && slept < 3*time.Second && s.status(t, s.bob) != fakeokta.LockedOut
		}
	}
	s.Add(faults.Rule{Match: late(http.MethodGet, "/api/v1/users/"+s.bob.ID), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		a.Header.Del("Content-Length")
		a.Body = []byte(strings.ReplaceAll(string(a.Body), `"status":"ACTIVE"`, `"status":"LOCKED_OUT"`))
	}})
	s.Add(faults.Rule{Match: late(http.MethodPost, "/lifecycle/suspend"), Kind: faults.Status, Code: 400, Body: `{"errorCode":"E0000001","errorSummary":"Cannot suspend a user that is not active"}`})
	receipt, err := r.Act(t.Context(), action(access.OktaSuspend, s.bob))
	if is := s.status(t, s.bob); is != fakeokta.Suspended || err != nil {
		t.Errorf("after %s the user is %s: %+v, %v", slept, is, receipt, err)
	}
}
