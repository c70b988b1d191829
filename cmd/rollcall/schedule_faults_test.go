package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
)

// wireless carries requests to a handler without a network, so that thousands
// of nights need no ports. A handler that aborts cuts the connection: before
// the answer, or in the middle of its body.
type wireless struct{ to http.Handler }

func (w wireless) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	asked := req.Clone(req.Context())
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	if asked.Host == "" {
		asked.Host = asked.URL.Host
	}
	asked.RequestURI = asked.URL.RequestURI()
	rec := httptest.NewRecorder()
	rec.Code = 0
	cut := w.serve(rec, asked)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if cut && rec.Body.Len() == 0 {
		return nil, errors.New("connection reset by peer")
	}
	answer := rec.Result()
	answer.Request = req
	if cut {
		answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(rec.Body.Bytes()), broken{}))
	}
	return answer, nil
}

func (w wireless) serve(rec *httptest.ResponseRecorder, r *http.Request) (cut bool) {
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				panic(p)
			}
			cut = true
		}
	}()
	w.to.ServeHTTP(rec, r)
	return false
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// misfortune is one fault of a night, with words for whoever reads a failure.
type misfortune struct {
	system access.System
	rule   faults.Rule
	says   string
}

// evil is a kind of fault.
type evil struct {
	name string
	rule func(r *rand.Rand, now time.Time) faults.Rule
}

func plain(rule faults.Rule) func(*rand.Rand, time.Time) faults.Rule {
	return func(*rand.Rand, time.Time) faults.Rule { return rule }
}

var html = faults.Rule{Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
	a.Header = http.Header{"Content-Type": {"text/html"}}
	a.Code, a.Body = http.StatusOK, []byte("<html><body>Please log in</body></html>")
}}

// The lies about things that are there.
var (
	notInOkta = faults.OktaError(http.StatusNotFound, "E0000007", "Not found: Resource not found: it (User)")
	notInAWS  = faults.AWSError(http.StatusNotFound, "NoSuchEntity", "ResourceNotFoundException", "it cannot be found")
)

// everywhere are the faults of both systems, once those of each. Some say of a
// thing that is there that it is not. An answer that was shortened with care is
// none of them: nobody could tell.
var everywhere = []evil{
	{"500", plain(faults.Rule{Kind: faults.Status, Code: http.StatusInternalServerError, Body: `{}`})},
	{"503", plain(faults.Unavailable())},
	{"cut body", plain(faults.Rule{Kind: faults.CutBody})},
	{"empty body", plain(faults.Rule{Kind: faults.EmptyBody})},
	{"connection closed", plain(faults.Rule{Kind: faults.CloseBeforeReply})},
	{"answer lost", plain(faults.Rule{Kind: faults.CloseAfterWork})},
	{"HTML", plain(html)},
}

var evils = map[access.System][]evil{
	"okta": append([]evil{
		{"429 with its reset", func(r *rand.Rand, now time.Time) faults.Rule {
			return faults.OktaThrottle(600, now, time.Duration(1+r.IntN(90))*time.Second)
		}},
		{"429 by concurrency", func(_ *rand.Rand, now time.Time) faults.Rule { return faults.OktaThrottle(0, now, time.Minute) }},
		{"403", plain(faults.OktaError(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action"))},
		{"401", plain(faults.OktaExpired())},
		{"404", plain(notInOkta)},
		{"404", plain(notInOkta)},
		{"folded link", plain(faults.Rule{Kind: faults.FoldedLink})},
		{"repeated cursor", plain(faults.Rule{Kind: faults.RepeatedCursor})},
	}, everywhere...),
	"aws": append([]evil{
		{"throttled", plain(faults.AWSThrottle())},
		{"denied", plain(faults.AWSDenied())},
		{"expired", plain(faults.AWSExpired())},
		{"404", plain(notInAWS)},
		{"404", plain(notInAWS)},
		{"no marker", plain(faults.Rule{Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = marker.ReplaceAll(a.Body, nil) }})},
		{"repeated token", plain(faults.Rule{Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
			a.Body = token.ReplaceAll(marker.ReplaceAll(a.Body, []byte("<Marker>ZmFrZWF3cy1wYWdlOjA=</Marker>")), []byte(`"NextToken":"ZmFrZWF3cy1wYWdlOjA="`))
		}})},
	}, everywhere...),
}

var (
	marker = regexp.MustCompile(`<Marker>[^<]*</Marker>`)
	token  = regexp.MustCompile(`"NextToken":"[^"]*"`)
)

// families of requests that a fault may strike, by part of the path or by
// action; "" is any, "write" whatever changes something.
var families = map[access.System][]string{
	"okta": {"", "", "write", "/api/v1/users", "/api/v1/users/me", "/api/v1/users/00u", "/api/v1/groups", "/users", "/api/v1/groups/rules", "/api/v1/apps",
		"/api/v1/api-tokens", "/api/v1/iam", "/roles", "/lifecycle/", "/sessions", "/lifecycle/suspend", "/lifecycle/deactivate"},
	"aws": {"", "", "write", "GetCallerIdentity", "AssumeRole", "DescribeOrganization", "ListAccounts", "GetAccountAuthorizationDetails", "GenerateCredentialReport", "GetCredentialReport",
		"ListVirtualMFADevices", "ListServiceSpecificCredentials", "ListAccessKeys", "ListSSHPublicKeys", "GetUser", "ListAttachedUserPolicies", "ListInstances", "ListPermissionSets",
		"ListAccountAssignments", "ListAccountsForProvisionedPermissionSet", "ListUsers", "ListGroups", "ListGroupMemberships", "ListGroupMembershipsForMember", "AttachUserPolicy",
		"PutUserPermissionsBoundary", "UpdateAccessKey", "UpdateSSHPublicKey", "DeleteAccountAssignment", "DescribeAccountAssignmentDeletionStatus", "DeleteGroupMembership"},
}

// struck says whether a request is of a family.
func struck(system access.System, family string) func(*http.Request) bool {
	switch {
	case family == "":
		return nil
	case family == "write" && system == "okta":
		return func(r *http.Request) bool { return r.Method != http.MethodGet }
	case family == "write":
		return func(r *http.Request) bool {
			return slices.ContainsFunc(families["aws"], func(name string) bool {
				changes := strings.HasPrefix(name, "Attach") || strings.HasPrefix(name, "Put") || strings.HasPrefix(name, "Update") || strings.HasPrefix(name, "Delete")
				return changes && faults.Action(name)(r)
			})
		}
	case system == "okta":
		return faults.Path("", family)
	}
	return faults.Action(family)
}

// misfortunes are the faults of one night.
func (v *village) misfortunes() []misfortune {
	var out []misfortune
	for range []int{0, 1, 1, 2, 2, 3, 4, 6}[v.r.IntN(8)] {
		system := pick(v.r, []access.System{"aws", "okta"})
		what, family := pick(v.r, evils[system]), pick(v.r, families[system])
		rule := what.rule(v.r, v.clock.Now())
		rule.Match, rule.Times = struck(system, family), pick(v.r, []int{0, 0, 0, 1, 1, 3})
		if family == "" {
			rule.Skip = v.r.IntN(80)
		} else if v.r.IntN(2) == 0 {
			rule.Skip = v.r.IntN(4)
		}
		out = append(out, misfortune{system, rule, fmt.Sprintf("%s: %s on %q after %d, %d times (0: for ever)", system, what.name, family, rule.Skip, rule.Times)})
	}
	return out
}

// end is how a night ends before its time, if it does.
type end struct {
	request int  // the context ends when so many were sent; 0: never
	record  int  // no journal record from this one on; 0: never
	durable bool // the last record is kept, though nobody is told
}

func (v *village) ends() end {
	switch v.r.IntN(8) {
	case 0:
		return end{request: 1 + v.r.IntN(140)}
	case 1, 2:
		return end{record: 1 + v.r.IntN(14), durable: v.r.IntN(2) == 0}
	}
	return end{}
}

func (e end) String() string {
	switch {
	case e.request > 0:
		return fmt.Sprintf("stopped at request %d", e.request)
	case e.record > 0:
		return fmt.Sprintf("dead at journal record %d (written: %t)", e.record, e.durable)
	}
	return "to its end"
}

// counted ends the context at a request.
func (e end) counted(next http.Handler, n *atomic.Int64, cancel context.CancelFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.request > 0 && n.Add(1) >= int64(e.request) {
			cancel()
		}
		next.ServeHTTP(w, r)
	})
}

// dying are records that end with one of them: nothing of the run is written
// after it, and so nothing more is done.
type dying struct {
	jobs.Records
	end
	n int
}

var errDead = errors.New("the process is dead")

func (d *dying) Create(name string, b []byte) error {
	d.n++
	switch {
	case d.record == 0 || d.n < d.record:
		return d.Records.Create(name, b)
	case d.n == d.record && d.durable:
		return errors.Join(d.Records.Create(name, b), errDead)
	}
	return errDead
}
