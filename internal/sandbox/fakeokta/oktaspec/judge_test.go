package oktaspec_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"rollcall/internal/sandbox/fakeokta/oktaspec"
)

// recorder is a testing.TB that notes failures instead of failing.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// verdict sends one request through the judge to a server that always gives
// the same answer.
func verdict(t *testing.T, method, target string, status int, body string) []string {
	t.Helper()
	rec := &recorder{TB: t}
	server := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if body != "" {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
	w := httptest.NewRecorder()
	oktaspec.Judge(rec, server).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, nil))
	if w.Code != status || w.Body.String() != body {
		t.Errorf("the judge altered the answer: %d %s", w.Code, w.Body)
	}
	return rec.failures
}

func TestJudge(t *testing.T) {
	const failure = `{"errorCode":"E0000011","errorSummary":"Invalid token provided","errorLink":"E0000011","errorId":"oae","errorCauses":[]}`
	for _, test := range []struct {
		name, method, target string
		status               int
		body                 string
		want                 string // part of the one failure; empty: none
	}{
		{"right", "GET", "/api/v1/users?limit=5", 200, `[{"id":"00u1","status":"ACTIVE"}]`, ""},
		{"no such path", "GET", "/api/v1/people", 200, `[]`, "does not describe GET /api/v1/people"},
		{"lost id", "DELETE", "/api/v1/groups/00g1/users/", 204, ``, "does not describe DELETE"},
		{"wrong method", "PATCH", "/api/v1/users", 200, `[]`, "does not describe PATCH"},
		{"unknown parameter", "GET", "/api/v1/users?pageSize=5", 200, `[]`, `query parameter "pageSize"`},
		{"mistyped parameter", "GET", "/api/v1/users?limit=all", 200, `[]`, "limit"},
		{"wrong type", "GET", "/api/v1/users", 200, `[{"id":7}]`, "answer against"},
		{"object for a list", "GET", "/api/v1/users", 200, `{"users":[]}`, "answer against"},
		{"no JSON", "GET", "/api/v1/users", 200, `<html>`, "answer against"},
		{"wrong time", "GET", "/api/v1/users", 200, `[{"id":"00u1","created":"yesterday"}]`, "answer against"},
		{"undescribed status", "GET", "/api/v1/users", 418, failure, "status is not supported"},
		{"described error", "GET", "/api/v1/users/00u1", 404, failure, ""},
		{"dead token", "GET", "/api/v1/users", 401, failure, ""},
		{"wrong error", "GET", "/api/v1/users", 401, `{"errorCode":11}`, "answer against"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := verdict(t, test.method, test.target, test.status, test.body)
			if test.want == "" && len(got) > 0 {
				t.Fatalf("failed what is right: %q", got)
			}
			if test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
				t.Fatalf("got %q, want one failure with %q", got, test.want)
			}
		})
	}
}
