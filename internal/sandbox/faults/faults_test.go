package faults_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rollcall/internal/sandbox/faults"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const whole = `[{"id":"one"},{"id":"two"}]`

// world is an injector before a handler that counts its work, and a client
// without keep-alive, whose transport retries nothing by itself.
type world struct {
	*faults.Injector
	t      *testing.T
	url    string
	client *http.Client
	worked atomic.Int32
	body   atomic.Value
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	w.Injector = faults.New(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.worked.Add(1)
		sent, _ := io.ReadAll(r.Body)
		w.body.Store(string(sent))
		out.Header().Add("Link", `<http://okta/users>; rel="self"`)
		out.Header().Add("Link", `<http://okta/users?after=x>; rel="next"`)
		_, _ = io.WriteString(out, whole)
	}))
	ts := httptest.NewServer(w.Injector)
	t.Cleanup(ts.Close)
	w.url = ts.URL
	w.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return w
}

func (w *world) send(ctx context.Context, method, path, body string, header http.Header) (*http.Response, string, error) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	return resp, string(got), err
}

func (w *world) get() (*http.Response, string, error) {
	return w.send(w.t.Context(), "GET", "/users", "", nil)
}

func TestWithoutRulesNothingChanges(t *testing.T) {
	w := open(t)
	w.Add(faults.Rule{})
	resp, body, err := w.get()
	if err != nil || body != whole || resp.StatusCode != 200 || len(resp.Header.Values("Link")) != 2 {
		t.Fatalf("%v %v %q", resp, err, body)
	}
}

func TestStatusSkipsAndEnds(t *testing.T) {
	w := open(t)
	rule := faults.OktaThrottle(100, time.Unix(1000, 0), 30*time.Second)
	rule.Skip, rule.Times, rule.Match = 1, 2, faults.Path("GET", "/users")
	fired := w.Add(rule)
	got := []int{}
	for range 5 {
		resp, _, err := w.get()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, resp.StatusCode)
		if resp.StatusCode == 429 && resp.Header.Get("X-Rate-Limit-Reset") != "1030" {
			t.Fatalf("headers %v", resp.Header)
		}
	}
	if diff := cmp.Diff([]int{200, 429, 429, 200, 200}, got); diff != "" {
		t.Fatal(diff)
	}
	if fired() != 2 || w.worked.Load() != 3 {
		t.Fatalf("fired %d, worked %d", fired(), w.worked.Load())
	}
}

func TestUnavailableIsAPageAndClearEndsIt(t *testing.T) {
	w := open(t)
	w.Add(faults.Unavailable())
	resp, body, err := w.get()
	if err != nil || resp.StatusCode != 503 || !strings.HasPrefix(body, "<html>") || resp.Header.Get("Content-Type") != "text/html" {
		t.Fatalf("%v %v %q", resp, err, body)
	}
	w.Clear()
	if resp, _, err = w.get(); err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v %v", resp, err)
	}
}

func TestLostAndBrokenAnswers(t *testing.T) {
	for _, test := range []struct {
		name   string
		kind   faults.Kind
		want   error
		worked int32
	}{
		{"cut body", faults.CutBody, io.ErrUnexpectedEOF, 1},
		{"close before reply", faults.CloseBeforeReply, io.EOF, 0},
		{"close after work", faults.CloseAfterWork, io.EOF, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := open(t)
			w.Add(faults.Rule{Kind: test.kind})
			_, body, err := w.get()
			if !errors.Is(err, test.want) || body == whole {
				t.Fatalf("got %v and %q, want %v", err, body, test.want)
			}
			if w.worked.Load() != test.worked {
				t.Fatalf("worked %d times, want %d", w.worked.Load(), test.worked)
			}
		})
	}
}

func TestAlteredAnswers(t *testing.T) {
	for _, test := range []struct {
		name  string
		rule  faults.Rule
		body  string
		links []string
	}{
		{"empty", faults.Rule{Kind: faults.EmptyBody}, "",
			[]string{`<http://okta/users>; rel="self"`, `<http://okta/users?after=x>; rel="next"`}},
		{"folded", faults.Rule{Kind: faults.FoldedLink}, whole,
			[]string{`<http://okta/users>; rel="self", <http://okta/users?after=x>; rel="next"`}},
		{"repeated", faults.Rule{Kind: faults.RepeatedCursor}, whole,
			[]string{`<http://okta/users>; rel="self"`, `<http://okta/users>; rel="next"`}},
		{"rewritten", faults.Rule{Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
			a.Body, a.Header = []byte("[]"), http.Header{"Link": {"none"}}
		}}, "[]", []string{"none"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := open(t)
			w.Add(test.rule)
			resp, body, err := w.get()
			if err != nil || resp.StatusCode != 200 || body != test.body {
				t.Fatalf("%v %v %q", resp, err, body)
			}
			if diff := cmp.Diff(test.links, resp.Header.Values("Link")); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

func TestRepeatedCursorInTheBody(t *testing.T) {
	server := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"roles":[],"_links":{"next":{"href":"http://okta/api/v1/iam/roles?after=x"}}}`)
	})
	in := faults.New(server)
	in.Add(faults.Rule{Kind: faults.RepeatedCursor})
	w := httptest.NewRecorder()
	in.ServeHTTP(w, httptest.NewRequest("GET", "http://okta/api/v1/iam/roles", nil))
	want := `{"_links":{"next":{"href":"http://okta/api/v1/iam/roles"}},"roles":[]}`
	if w.Body.String() != want {
		t.Fatal(w.Body)
	}
}

// openDelayed delays the first answer for longer than the context lasts, and the
// others a little.
func openDelayed(t *testing.T, kind faults.Kind) (*world, context.Context) {
	t.Helper()
	w := open(t)
	w.Add(faults.Rule{Kind: kind, Delay: time.Hour, Times: 1})
	w.Add(faults.Rule{Kind: kind, Delay: time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	t.Cleanup(cancel)
	return w, ctx
}

func TestSlowEndsWithTheClient(t *testing.T) {
	w, ctx := openDelayed(t, faults.Slow)
	if _, _, err := w.send(ctx, "POST", "/users", "{}", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if _, body, err := w.send(t.Context(), "POST", "/users", "{}", nil); err != nil || body != whole {
		t.Fatalf("%v %q", err, body)
	}
	if w.worked.Load() != 1 || w.body.Load() != "{}" {
		t.Fatalf("worked %d, body %q", w.worked.Load(), w.body.Load())
	}
}

func TestStallSendsHalfAndTheRestToWhoeverWaits(t *testing.T) {
	w, ctx := openDelayed(t, faults.Stall)
	_, body, err := w.send(ctx, "GET", "/users", "", nil)
	if !errors.Is(err, context.DeadlineExceeded) || body != whole[:len(whole)/2] {
		t.Fatalf("%v %q", err, body)
	}
	if _, body, err := w.get(); err != nil || body != whole {
		t.Fatalf("%v %q", err, body)
	}
}

func TestClearLetsGoWhoWaits(t *testing.T) {
	for _, kind := range []faults.Kind{faults.Slow, faults.Stall} {
		w := open(t)
		waiting := make(chan struct{})
		w.Add(faults.Rule{Kind: kind, Delay: time.Hour, Match: func(*http.Request) bool { close(waiting); return true }})
		go func() {
			<-waiting
			for w.Altered() == 0 { // it waits, or is about to
				runtime.Gosched()
			}
			w.Clear()
		}()
		if _, body, err := w.get(); err != nil || body != whole {
			t.Fatalf("%v %q", err, body)
		}
	}
}

func TestAlteredCountsOnlyWhatWasSpoilt(t *testing.T) {
	for _, test := range []struct {
		rule faults.Rule
		want int
	}{
		{faults.Rule{}, 0},
		{faults.Rule{Kind: faults.FoldedLink}, 1},
		{faults.Rule{Kind: faults.RepeatedCursor}, 1},
		{faults.Rule{Kind: faults.Rewrite, Rewrite: func(*faults.Answer) {}}, 0},
		{faults.Rule{Kind: faults.Status}, 1},
		{faults.Rule{Kind: faults.CloseBeforeReply}, 1},
	} {
		w := open(t)
		w.Add(test.rule)
		_, _, _ = w.get() // what it brings is the other tests' affair
		if got := w.Altered(); got != test.want {
			t.Errorf("kind %d: %d answers altered, want %d", test.rule.Kind, got, test.want)
		}
	}
}

func TestMatchers(t *testing.T) {
	req := httptest.NewRequest("GET", "/api/v1/groups/00g1/users?after=x", nil)
	for name, got := range map[string]bool{
		"pattern":      faults.Path("GET", "/api/v1/groups/*/users")(req),
		"part":         faults.Path("", "/users")(req),
		"query":        faults.Query("after", "x")(req),
		"both":         faults.Both(faults.Path("GET", "/groups/"), faults.Query("after", "x"))(req),
		"not method":   !faults.Path("POST", "/users")(req),
		"not deeper":   !faults.Path("GET", "/api/v1/groups/*")(req),
		"not the page": !faults.Query("after", "y")(req),
	} {
		if !got {
			t.Errorf("%s: wrong", name)
		}
	}
}
