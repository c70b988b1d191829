package okta

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"rollcall/collectors/collectortest"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// SDK defect 8: a folded Link header sends it round for ever.
func TestNextLink(t *testing.T) {
	const self, next = "<https://a.test/api/v1/users>", "<https://a.test/api/v1/users?after=x,y&limit=1>"
	want := strings.Trim(next, "<>")
	for _, c := range []struct {
		rule    string
		headers []string
		want    string
	}{
		{"none", nil, ""},
		{"self only", []string{self + `; rel="self"`}, ""},
		{"two headers", []string{self + `; rel="self"`, next + `; rel="next"`}, want},
		{"folded by a proxy", []string{self + `; rel="self", ` + next + `; rel="next"`}, want},
		{"folded, next first", []string{next + `; rel="next",` + self + `; rel="self"`}, want},
		{"unquoted", []string{next + `;rel=next`}, want},
		{"a comma in quotes", []string{next + `; title="a, b"; rel="next"`}, want},
		{"trailing comma", []string{next + `; rel="next", `}, want},
		{"a quoted rel=next is no rel", []string{self + `; title=" rel=next"`}, ""},
	} {
		got, err := nextLink(c.headers)
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.rule, got, err, c.want)
		}
	}
	for _, broken := range []string{`https://a.test; rel="next"`, `<https://a.test; rel="next"`, self + `; rel="next", ` + next + `; rel="next"`} {
		if got, err := nextLink([]string{broken}); err == nil {
			t.Errorf("%q was read as %q", broken, got)
		}
	}
}

// linked answers one row, another on each page, and whatever Link header the test wants.
func linked(link func(r *http.Request, n int64) []string) http.HandlerFunc {
	var n atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		page := n.Add(1)
		for _, l := range link(r, page) {
			w.Header().Add("Link", l)
		}
		reply(w, fmt.Sprintf(`[{"id":"x%d"}]`, page))
	}
}

func TestAFoldedLinkHeaderIsFollowedToTheEnd(t *testing.T) {
	p := newPeer(t, readsOnly, nil, linked(func(r *http.Request, n int64) []string {
		self := fmt.Sprintf(`<http://%s%s>; rel="self"`, r.Host, r.URL.RequestURI())
		if n == 3 {
			return []string{self}
		}
		return []string{fmt.Sprintf(`%s, <http://%s/api/v1/users?after=%d>; rel="next"`, self, r.Host, n)}
	}))
	if rows, err := p.users(t); err != nil || len(rows) != 3 {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}

func TestALinkThatCannotBeFollowedIsAnErrorNotAnEnd(t *testing.T) {
	for rule, link := range map[string]string{
		"the page itself":     `<http://HOST/api/v1/users?limit=200>; rel="next"`,
		"another host":        `<http://evil.test/api/v1/users?after=1>; rel="next"`,
		"another scheme":      `<https://HOST/api/v1/users?after=1>; rel="next"`,
		"a user in it":        `<http://a:b@HOST/api/v1/users?after=1>; rel="next"`,
		"not the API":         `<http://HOST/login?after=1>; rel="next"`,
		"out of the API":      `<http://HOST/api/v1/../../login>; rel="next"`,
		"relative":            `</api/v1/users?after=1>; rel="next"`,
		"no URL":              `<http://HOST/%zz>; rel="next"`,
		"no URL and no port":  `<:>; rel="next"`,
		"no angle brackets":   `http://HOST/api/v1/users?after=1; rel="next"`,
		"an unclosed bracket": `<http://HOST/api/v1/users?after=1; rel="next"`,
	} {
		p := newPeer(t, readsOnly, nil, linked(func(r *http.Request, _ int64) []string {
			return []string{strings.ReplaceAll(link, "HOST", r.Host)}
		}))
		if rows, err := p.users(t); err == nil {
			t.Errorf("%s: taken for the end after %d rows", rule, len(rows))
		}
		if n := p.hits.Load(); n != 1 {
			t.Errorf("%s: %d requests", rule, n)
		}
	}
}

// twice answers the second page of a list with the rows of the first, under the second's
// own cursor.
func twice(path string) faults.Rule {
	var first []byte
	n := 0
	return faults.Rule{Match: func(r *http.Request) bool { return r.URL.Path == path }, Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		switch n++; n {
		case 1:
			first = a.Body
		case 2:
			a.Body = first
		}
	}}
}

// The rows of a page that another one took the place of are in no list, though every
// cursor was followed and led to another one.
func TestAPageThatComesTwiceUnderAnotherCursorIsAGap(t *testing.T) {
	twin := populate(fakeokta.Options{}) // has the same ids
	for path, kind := range map[string]string{
		"/api/v1/users": "users", "/api/v1/groups": "groups", "/api/v1/apps": "apps",
		"/api/v1/apps/" + twin.wiki.ID + "/users": "app_users", "/api/v1/apps/" + twin.wiki.ID + "/groups": "app_groups",
	} {
		s := newSandbox(t, fakeokta.Options{MaxPage: 1})
		s.Add(twice(path))
		if r := readOf(t, s.collect(t), kind); r.Complete || !strings.Contains(r.Gap, "as an earlier one did") {
			t.Errorf("%s: %+v", path, r)
		}
	}
}

// That a user is not among those who have an app must rest on all of its pages.
func TestThatSomethingIsAbsentRestsOnNoListWithAPageTwice(t *testing.T) {
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("after") != "2" {
			next := "1"
			if r.URL.Query().Get("after") == "1" {
				next = "2"
			}
			w.Header().Set("Link", fmt.Sprintf(`<http://%s/api/v1/users?after=%s>; rel="next"`, r.Host, next))
		}
		reply(w, `[{"id":"x"},{"id":"y"}]`)
	})
	if rows, err := p.users(t); err == nil || !strings.Contains(err.Error(), "page 2 begins with x") {
		t.Errorf("%v, %v", rows, err)
	}
}

func TestAListWithoutEndIsGivenUp(t *testing.T) {
	p := newPeer(t, readsOnly, nil, linked(func(r *http.Request, n int64) []string {
		return []string{fmt.Sprintf(`<http://%s/api/v1/users?after=%d>; rel="next"`, r.Host, n)}
	}))
	p.c.maxPages = 7
	if _, err := p.users(t); err == nil || p.hits.Load() != 7 || !strings.Contains(err.Error(), "no end after 7 pages") {
		t.Errorf("%d requests, error %v", p.hits.Load(), err)
	}
	p.c.maxPages, p.c.maxListed = maxPages, 1000
	if _, err := p.users(t); err == nil || !strings.Contains(err.Error(), "bytes, which is more than") {
		t.Errorf("%d requests, error %v", p.hits.Load(), err)
	}
}

func TestAListOfMoreRowsThanAnyOrganisationHasIsGivenUp(t *testing.T) {
	var n atomic.Int64
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", fmt.Sprintf(`<http://%s/api/v1/users?after=%d>; rel="next"`, r.Host, n.Add(1)))
		_, _ = fmt.Fprintf(w, `[{"id":"00ua%d"},{"id":"00ub%d"}]`, n.Load(), n.Load())
	})
	p.c.maxRows, p.c.maxPages = 7, 20
	if _, err := p.users(t); err == nil || p.hits.Load() != 4 || !strings.Contains(err.Error(), "more than 7 rows") {
		t.Errorf("a list: %d requests, error %v", p.hits.Load(), err)
	}
}

// TestAMillionUsersAreWithinTheBounds: 200 to a page, each with ten kilobytes.
func TestAMillionUsersAreWithinTheBounds(t *testing.T) {
	if users := 1_000_000; users/200 > maxPages/2 || users*10_000 > maxListed/3*2 {
		t.Errorf("%d pages and %d bytes are the most", maxPages, int64(maxListed))
	}
}

// TestAnOrganisationWhoseListsNeverEndIsGapsAndNothingElse: new cursors for ever give no
// user, no group and no right.
func TestAnOrganisationWhoseListsNeverEndIsGapsAndNothingElse(t *testing.T) {
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		next := fmt.Sprintf("http://%s%s?after=%d", r.Host, r.URL.Path, n.Add(1))
		w.Header().Set("Link", "<"+next+`>; rel="next"`)
		if strings.HasPrefix(r.URL.Path, "/api/v1/iam/") {
			_, _ = fmt.Fprintf(w, `{"roles":[],"resource-sets":[],"bindings":[],"members":[],"value":[],"_links":{"next":{"href":%q}}}`, next)
			return
		}
		_, _ = fmt.Fprintf(w, `[{"id":"00u%d","status":"ACTIVE","profile":{"login":"a%d@example.com"}}]`, n.Load(), n.Load())
	}))
	t.Cleanup(server.Close)
	clock := collectortest.NewClock()
	c, err := NewCollector(Config{System: "okta", OrgURL: server.URL, Token: readerToken, AllowHTTP: true, Now: clock.Now, Sleep: clock.Sleep})
	if err != nil {
		t.Fatal(err)
	}
	c.c.maxPages = 5
	o, err := c.Collect(t.Context())
	if err != nil {
		t.Logf("the collection ends with %v", err)
	}
	if len(o.Accounts) != 0 || len(o.Grants) != 0 {
		t.Errorf("%d accounts and %d grants", len(o.Accounts), len(o.Grants))
	}
	for _, r := range o.Reads {
		if r.Complete {
			t.Errorf("%+v is called complete", r)
		}
	}
	if said := fmt.Sprintf("%+v %v", o.Reads, err); !strings.Contains(said, "no end after 5 pages") {
		t.Errorf("no reason that says so: %s", said)
	}
}

func FuzzNextLink(f *testing.F) {
	f.Add(`<https://a.test/x>; rel="self", <https://a.test/y>; rel="next"`)
	f.Add(`<>;;,,<`)
	f.Fuzz(func(t *testing.T, header string) {
		next, err := nextLink([]string{header})
		if err == nil && next != "" && !strings.Contains(header, "<"+next+">") {
			t.Errorf("%q is not in %q", next, header)
		}
	})
}

func TestOnlyIdsOfOktasShapePass(t *testing.T) {
	for _, id := range []string{"", "me", "ann@example.test", "00u1", "00u0000000000000000/", "00u00000000000000001?x", "../../groups/00g00000", strings.Repeat("a", 33), "00u0000000000000000\n1"} {
		if validID("user", id) == nil {
			t.Errorf("%q passed", id)
		}
	}
	if err := validID("user", someID); err != nil {
		t.Error(err)
	}
}
