package faults_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rollcall/internal/sandbox/faults"
)

func TestErrorsOfAWSSpeakTheProtocolOfTheRequest(t *testing.T) {
	w := open(t)
	w.Add(faults.AWSThrottle())
	resp, body, err := w.send(t.Context(), "POST", "/", "Action=ListUsers", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	if err != nil || resp.StatusCode != 400 || !strings.Contains(body, "<Code>Throttling</Code>") {
		t.Errorf("%v %v %q", resp, err, body)
	}
	resp, body, err = w.send(t.Context(), "POST", "/", "{}", http.Header{"X-Amz-Target": {"SWBExternalService.ListInstances"}})
	if err != nil || resp.StatusCode != 400 || body != `{"__type":"ThrottlingException","message":"Rate exceeded"}` {
		t.Errorf("%v %v %q", resp, err, body)
	}
	if w.worked.Load() != 0 {
		t.Error("the work was done all the same")
	}
}

func TestActionsOfAWS(t *testing.T) {
	w := open(t)
	iam := w.Add(faults.Rule{Match: faults.Action("DeleteAccessKey")})
	sso := w.Add(faults.Rule{Match: faults.Action("ListInstances")})
	form := url.Values{"Action": {"DeleteAccessKey"}, "UserName": {"ann"}}.Encode()
	if _, _, err := w.send(t.Context(), "POST", "/", form, http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}); err != nil {
		t.Fatal(err)
	}
	if w.body.Load() != form {
		t.Fatalf("the body was eaten: %q", w.body.Load())
	}
	if _, _, err := w.send(t.Context(), "POST", "/", "{}", http.Header{"X-Amz-Target": {"SWBExternalService.ListInstances"}}); err != nil {
		t.Fatal(err)
	}
	if iam() != 1 || sso() != 1 {
		t.Fatalf("fired %d and %d", iam(), sso())
	}
}
