package okta

import (
	"net/http"
	"strings"
	"testing"

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
