package jobs_test

import (
	"bytes"
	"net/http"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
)

// A change whose answer was lost may have been made. It is looked for as long as one that
// was answered: else it counts as failed, and nobody could give back what it took.
func TestAChangeWhoseAnswerWasLostIsLookedForAsLongAsAnyOther(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]faults.Rule{
		"no answer":        {Kind: faults.CloseAfterWork},
		"an answer of 502": {Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Code = http.StatusBadGateway }},
	} {
		v := newHospital(t)
		v.is(access.StatusLeft, "mia")
		lost.Match, lost.Times = faults.Path(http.MethodPost, "/lifecycle/suspend"), 1
		v.oktaFaults.Add(lost)
		me := faults.Path(http.MethodGet, "/api/v1/users/"+v.users["mia"].ID)
		v.oktaFaults.Add(faults.Rule{Match: func(r *http.Request) bool { return me(r) && v.status("mia") == fakeokta.Suspended }, Times: 4, Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
			a.Header.Del("Content-Length")
			a.Body = bytes.ReplaceAll(a.Body, []byte(`"status":"SUSPENDED"`), []byte(`"status":"ACTIVE"`))
		}})
		run, err := v.night()
		v.ok(err)
		if o := outcome(t, run.Night, access.OktaSuspend, mia); o.Result != access.Done {
			t.Errorf("%s: %s: %s", name, o.Result, o.Detail)
		}
		v.corrects("mia")
		if n := v.good(jobs.ExitDone); blockedActive(n) == 0 {
			t.Errorf("%s: nobody is told that mia is blocked by mistake", name)
		}
		v.undo(run.Night.Run.ID, jobs.ExitDone)
		if v.status("mia") != fakeokta.Active {
			t.Errorf("%s: mia works here, and is %s", name, v.status("mia"))
		}
	}
}
