package jobs_test

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
)

// A run that is begun again seconds after it was killed asks as often as the one that sent
// the change would have: what does not show yet is not taken for not done. Else nobody could
// give back afterwards what was taken by mistake.
func TestARunThatIsBegunAgainAtOnceWaitsForWhatWasSentToShow(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	v.is(access.StatusLeft, "mia")
	v.taped(stops(2))
	first := v.job()
	if _, err := first.Nightly(t.Context()); !errors.Is(err, errDisk) || v.status("mia") != fakeokta.Suspended {
		t.Fatalf("%v, mia is %s", err, v.status("mia"))
	}
	v.records = nil
	v.oktaFaults.Add(faults.Rule{Match: faults.Path(http.MethodGet, "/api/v1/users/"+v.users["mia"].ID), Times: 2, Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		a.Header.Del("Content-Length")
		a.Body = bytes.ReplaceAll(a.Body, []byte(`"status":"SUSPENDED"`), []byte(`"status":"ACTIVE"`))
	}})
	v.clock.Pass(2 * time.Second)
	r, err := v.job().Nightly(t.Context())
	v.ok(err)
	if o := outcome(t, r.Night, access.OktaSuspend, mia); o.Result != access.Done || o.AdoptedFrom != first.Run.ID {
		t.Errorf("%+v", o)
	}
	v.corrects("mia")
	v.good(jobs.ExitDone)
	v.undo(first.Run.ID, jobs.ExitDone)
	if v.status("mia") != fakeokta.Active {
		t.Errorf("mia works here, and is %s", v.status("mia"))
	}
}
