package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

// altered is the sandbox in this process, one of whose operations is answered with
// something else.
type altered struct {
	http.Handler
	operation string
	body      []byte
}

func (a *altered) RoundTrip(req *http.Request) (*http.Response, error) {
	served := req.Clone(req.Context())
	served.RequestURI = req.URL.RequestURI()
	if req.Body == nil {
		served.Body = http.NoBody
	}
	asked := faults.ActionOf(served)
	rec := httptest.NewRecorder()
	a.ServeHTTP(rec, served)
	resp := rec.Result()
	if asked == a.operation && a.body != nil {
		resp.StatusCode, resp.Body, resp.ContentLength = http.StatusOK, io.NopCloser(bytes.NewReader(a.body)), int64(len(a.body))
	}
	return resp, nil
}

// answered is one operation that is fuzzed: the kind of its read, where its JSON has the
// rows and their ids, and whether a row is in what was collected.
type answered struct {
	operation, kind, list, id string
	in                        func(access.Observation, string) bool
}

func anything(access.Observation, string) bool { return true }

func listsAccount(obs access.Observation, id string) bool {
	return slices.ContainsFunc(obs.Accounts, func(a access.Account) bool { return string(a.ID) == id })
}

var fuzzed = []answered{
	{"ListAccounts", readOrganization, "Accounts", "Id", func(obs access.Observation, id string) bool {
		return slices.ContainsFunc(obs.Reads, func(r access.Read) bool { return r.Scope == id }) || noted(obs, "account "+id)
	}},
	{"ListPermissionSets", readPermissionSets, "PermissionSets", "", anything},
	{"ListUsers", readSSOUsers, "Users", "UserId", listsAccount},
	{"ListGroups", readSSOGroups, "Groups", "GroupId", func(obs access.Observation, id string) bool {
		return slices.ContainsFunc(obs.Entitlements, func(e access.Entitlement) bool { return e.Kind == access.SSOGroup && e.ID == id })
	}},
	{"ListGroupMemberships", readSSOMemberships, "GroupMemberships", "MembershipId", anything},
	{"ListAccountAssignments", readAssignments, "AccountAssignments", "PrincipalId", anything},
	{"ListApplications", readApplications, "Applications", "ApplicationArn", anything},
	{"GetAccountAuthorizationDetails", readIAM, "", "", listsAccount},
	{"ListServiceSpecificCredentials", readServiceCreds, "", "", anything},
	{"GetCredentialReport", readReport, "", "", anything},
}

// Whatever an operation of AWS's is answered with, through the SDK: no panic, no endless
// reading, and what is called complete has every row of it.
func FuzzAnswers(f *testing.F) {
	o := populated(fakeaws.Options{}, func() time.Time { return start.Add(ahead) })
	for n, one := range fuzzed {
		for _, body := range append([]string{"{}", "null", "[]", "<a/>", `{"` + one.list + `":null}`, `{"` + one.list + `":[{}]}`}, o.said(f, one.operation)...) {
			f.Add(byte(n), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, n byte, body []byte) {
		one := fuzzed[int(n)%len(fuzzed)]
		obs := o.through(t, &altered{Handler: o.Server, operation: one.operation, body: append([]byte{}, body...)})
		if !slices.ContainsFunc(obs.Reads, complete(one.kind)) {
			return
		}
		for _, id := range one.rows(t, body) {
			if id == "" || !one.in(obs, id) {
				t.Fatalf("%s is called complete without %q", one.kind, id)
			}
		}
	})
}

// through collects once, within a few seconds.
func (o *org) through(t testing.TB, rt http.RoundTripper) access.Observation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	o.url = "http://127.0.0.1:1"
	o.slept = &[]time.Duration{}
	cfg := o.config("read")
	cfg.HTTP, cfg.Sleep = rt, func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	c, err := NewCollector(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	obs, err := c.Collect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	o.ResetRequests()
	return obs
}

// said is what the sandbox answers to an operation.
func (o *org) said(t testing.TB, operation string) (bodies []string) {
	keep := &overheard{next: &altered{Handler: o.Server}, operation: operation, heard: make(chan string, 100)}
	o.through(t, keep)
	close(keep.heard)
	for body := range keep.heard {
		bodies = append(bodies, body)
	}
	return bodies[:min(len(bodies), 2)]
}

// overheard keeps what an operation is answered with.
type overheard struct {
	next      http.RoundTripper
	operation string
	heard     chan string
}

func (h *overheard) RoundTrip(req *http.Request) (*http.Response, error) {
	asked := faults.ActionOf(req)
	resp, err := h.next.RoundTrip(req)
	if err != nil || asked != h.operation {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	h.heard <- string(body)
	return resp, err
}

// rows gives the ids of an answer by the rules of JSON or XML alone, and refuses one of
// JSON that has no list.
func (one answered) rows(t *testing.T, body []byte) (ids []string) {
	t.Helper()
	if one.list == "" {
		return usersIn(body)
	}
	var answer map[string]json.RawMessage
	var list []json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&answer); err != nil {
		t.Fatalf("%s is called complete, and the answer is no JSON: %v", one.kind, err)
	}
	if err := json.Unmarshal(answer[one.list], &list); err != nil || list == nil {
		t.Fatalf("%s is called complete, and the answer has no list: %v", one.kind, err)
	}
	for _, raw := range list {
		var id string
		if one.id != "" {
			var row map[string]json.RawMessage
			_ = json.Unmarshal(raw, &row) // what is no row has no id
			raw = row[one.id]
		}
		_ = json.Unmarshal(raw, &id)
		ids = append(ids, id)
	}
	return ids
}

func usersIn(body []byte) []string {
	var answer struct {
		IDs []string `xml:"GetAccountAuthorizationDetailsResult>UserDetailList>member>UserId"`
	}
	if bytes.Count(body, []byte("<UserDetailList")) != 1 || bytes.Count(body, []byte("<GetAccountAuthorizationDetailsResult")) != 1 || xml.Unmarshal(body, &answer) != nil {
		return nil
	}
	return answer.IDs
}

// A policy that cannot be read may deny; one that says so denies; and only what allows
// everything is open.
func FuzzPolicyDocuments(f *testing.F) {
	for _, document := range []string{
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":["*"]}}`, `{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`,
		`%7B%22Statement%22%3A%5B%5D%7D`, `{`, `%zz`, `{"Statement":[{"Effect":"Allow","Principal":{"Service":["account-access.amazonaws.com"]}}]}`,
	} {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		opens, denying, trusting := open(document), denies(document), trusts(document, accountAccess)
		text, err := url.PathUnescape(document)
		if err != nil {
			text = document
		}
		var any struct{ Statement json.RawMessage }
		if json.Unmarshal([]byte(text), &any) != nil && (!denying || opens) {
			t.Fatalf("what cannot be read: open %v, denies %v", opens, denying)
		}
		if trusting && !strings.Contains(text, accountAccess) && !strings.Contains(document, accountAccess) || opens && !strings.Contains(text, "*") {
			t.Fatalf("%q: open %v, trusts %v", text, opens, trusting)
		}
		for _, s := range statementsOf(any.Statement) {
			if s.Effect == "Deny" && !denying {
				t.Fatalf("%q denies and is taken for one that does not", text)
			}
		}
	})
}

// statementsOf are one statement or many, as far as they have an effect in words.
func statementsOf(raw json.RawMessage) (all []struct{ Effect string }) {
	var one struct{ Effect string }
	if json.Unmarshal(raw, &all) != nil && json.Unmarshal(raw, &one) == nil {
		all = append(all[:0], one)
	}
	return all
}

// Whatever AWS sends as its report: no panic, and every row of it is kept.
func FuzzCredentialReport(f *testing.F) {
	f.Add([]byte(strings.Join(reportColumns, ",") + "\n<root_account>,arn,2024-01-01T00:00:00Z,true,true,false,false\n"))
	f.Add([]byte("user,arn\n\"a"))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := parseReport(content, start)
		if err != nil && r.rows != nil || err == nil && r.rows == nil {
			t.Fatalf("%v, %v", r.rows, err)
		}
		for _, row := range r.rows {
			row.yes("mfa_active")
			row.time("user_creation_time")
			if len(row) < len(reportColumns) {
				t.Fatalf("a row of %d columns", len(row))
			}
		}
	})
}
