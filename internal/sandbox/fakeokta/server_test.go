package fakeokta_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okta/okta-sdk-golang/v2/okta"
	"github.com/okta/okta-sdk-golang/v2/okta/query"

	"rollcall/internal/sandbox/fakeokta"
)

func TestTokens(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	reader := connect(t, s.url, "reader")
	if _, _, err := reader.User.GetUser(t.Context(), p.users[1].ID); err != nil {
		t.Fatal(err)
	}
	resp, err := reader.User.SuspendUser(t.Context(), p.users[1].ID)
	refused(t, "a reader writes", resp, err, 403, "E0000006")
	equal(t, "untouched", s.status(p.users[1].ID), fakeokta.Active)

	_, resp, err = connect(t, s.url, "nobody").User.GetUser(t.Context(), p.users[1].ID)
	refused(t, "unknown token", resp, err, 401, "E0000011")

	s.SetToken("script", fakeokta.Token{Name: "script", UserID: p.users[1].ID, TokenID: p.token.ID})
	script := connect(t, s.url, "script")
	if _, _, err := script.OrgSetting.GetOrgSettings(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.raw("DELETE", "/api/v1/api-tokens/"+p.token.ID, nil)
	_, resp, err = script.OrgSetting.GetOrgSettings(t.Context())
	refused(t, "deleted token", resp, err, 401, "E0000011")
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := open(t, fakeokta.Options{MaxPage: 3})
	populate(s.Server)
	resp := s.raw("GET", "/api/v1/users", nil)
	links := resp.Header.Values("Link")
	if len(links) != 2 || !strings.HasSuffix(links[0], `rel="self"`) || !strings.HasSuffix(links[1], `rel="next"`) {
		t.Fatalf("links: %q", links)
	}
	for _, name := range []string{"X-Okta-Request-Id", "X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"} {
		if resp.Header.Get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
	equal(t, "date", resp.Header.Get("Date"), start.Format(http.TimeFormat))
}

func TestRateLimit(t *testing.T) {
	now := start
	s, p := openPopulated(t, fakeokta.Options{Now: func() time.Time { return now }, RateLimits: map[fakeokta.Bucket]int{fakeokta.UsersBucket: 2}})
	for want := range 2 {
		resp := s.raw("GET", "/api/v1/users", nil)
		equal(t, "remaining", resp.Header.Get("X-Rate-Limit-Remaining"), strconv.Itoa(1-want))
	}
	get := func() *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/api/v1/users", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "SSWS secret")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp
	}
	defer http.DefaultClient.CloseIdleConnections()
	resp := get()
	equal(t, "status", resp.StatusCode, 429)
	equal(t, "reset", resp.Header.Get("X-Rate-Limit-Reset"), strconv.FormatInt(start.Add(time.Minute).Unix(), 10))
	if _, _, err := s.client.User.GetUser(t.Context(), p.users[1].ID); err != nil {
		t.Fatalf("another bucket: %v", err)
	}
	now = start.Add(time.Minute)
	equal(t, "a new minute", get().StatusCode, 200)
}

func TestBuckets(t *testing.T) {
	for request, want := range map[string]fakeokta.Bucket{
		"GET /api/v1/users": fakeokta.UsersBucket, "GET /api/v1/users/u": fakeokta.UserBucket,
		"DELETE /api/v1/users/u": fakeokta.UserWriteBucket, "POST /api/v1/users/u/lifecycle/suspend": fakeokta.OtherBucket,
		"GET /api/v1/groups": fakeokta.GroupsBucket, "GET /api/v1/groups/g": fakeokta.GroupBucket,
		"GET /api/v1/groups/rules": fakeokta.GroupsBucket, "GET /api/v1/groups/g/users": fakeokta.GroupsBucket,
		"GET /api/v1/apps": fakeokta.AppsBucket, "GET /api/v1/apps/a": fakeokta.AppBucket, "GET /api/v1/apps/a/users": fakeokta.AppsBucket,
		"GET /api/v1/logs": fakeokta.LogsBucket, "GET /api/v1/iam/roles": fakeokta.OtherBucket,
	} {
		method, path, _ := strings.Cut(request, " ")
		equal(t, request, fakeokta.BucketOf(method, path), want)
	}
}

func TestLogOfRequests(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	s.ResetRequests()
	must[[]*okta.User](t)(s.client.User.ListUsers(t.Context(), &query.Params{Limit: 5}))
	if _, err := s.client.User.SuspendUser(t.Context(), p.users[1].ID); err != nil {
		t.Fatal(err)
	}
	got := s.Requests()
	equal(t, "requests", len(got), 2)
	equal(t, "read", got[0], fakeokta.Request{Method: "GET", Path: "/api/v1/users", Query: "limit=5", Status: 200, Token: "job"})
	equal(t, "write", got[1].Path, "/api/v1/users/"+p.users[1].ID+"/lifecycle/suspend")
}

func TestSnapshotGoesOnElsewhere(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{MaxPage: 3})
	if _, err := s.client.User.SuspendUser(t.Context(), p.users[1].ID); err != nil {
		t.Fatal(err)
	}
	snapshot, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, fakeokta.Options{})
	if err := other.Restore(snapshot); err != nil {
		t.Fatal(err)
	}
	again, err := other.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(snapshot, again) {
		t.Fatal("a restored state has another snapshot")
	}
	equal(t, "status", other.status(p.users[1].ID), fakeokta.Suspended)
	equal(t, "next id", other.AddUser(person(99, "")).ID, s.AddUser(person(99, "")).ID)
	if err := other.Restore([]byte("{")); err == nil {
		t.Fatal("a broken snapshot was accepted")
	}
}

func TestSameCallsSameBytes(t *testing.T) {
	snapshots := [2][]byte{}
	for i := range snapshots {
		s := fakeokta.New(fakeokta.Options{Now: fixed})
		populate(s)
		snapshots[i], _ = s.Snapshot()
	}
	if !bytes.Equal(snapshots[0], snapshots[1]) {
		t.Fatal("two equal builds differ")
	}
}

func TestParallelClients(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{MaxPage: 4})
	var group sync.WaitGroup
	for n := range 9 {
		group.Go(func() {
			id := p.users[n].ID
			if _, err := s.client.User.SuspendUser(t.Context(), id); err != nil {
				t.Error(err)
			}
			if _, err := s.client.Group.RemoveUserFromGroup(t.Context(), p.team.ID, id); err != nil {
				t.Error(err)
			}
			if _, _, err := s.client.User.ListUsers(t.Context(), nil); err != nil {
				t.Error(err)
			}
			s.AddMember(p.team.ID, id)
			s.EventsOf(id)
		})
	}
	group.Wait()
	equal(t, "suspended", s.status(p.users[8].ID), fakeokta.Suspended)
}

func TestTrimsAnswersOnRequest(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	executor := s.client.CloneRequestExecutor()
	req, err := executor.NewRequest("GET", "/api/v1/users/"+p.users[1].ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; okta-response=omitCredentials,omitCredentialsLinks,omitTransitioningToStatus")
	var u okta.User
	if _, err := executor.Do(t.Context(), req, &u); err != nil {
		t.Fatal(err)
	}
	if u.Credentials != nil {
		t.Fatal("credentials were asked to be left out")
	}
}
