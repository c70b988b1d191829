package okta

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// A scoped admin sees less and is not told: the only sign is Everyone's count.
func TestFewerUsersThanEveryoneCountsIsAGap(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{MaxPage: 2})
	s.Add(faults.Rule{
		Match: faults.Path("GET", "/api/v1/users"), Kind: faults.Rewrite,
		Rewrite: func(a *faults.Answer) { a.Header.Del("Link") },
	})
	r := readOf(t, s.collect(t), "users")
	if r.Complete || r.ClaimedTotal != 6 || !strings.Contains(r.Gap, "Everyone counts 6") {
		t.Errorf("users: %+v", r)
	}
}

// Whether Everyone counts who is deactivated is not documented. If it does not, the many
// who are would hide that live ones are missing: then the count proves nothing, and the
// list is held against the one of the last run.
func TestACountThatIsHiddenByWhoIsDeactivatedProvesNothing(t *testing.T) {
	lost := faults.Rule{
		Match: func(r *http.Request) bool { return r.URL.Path == "/api/v1/users" && r.URL.Query().Get("filter") == "" }, Kind: faults.Rewrite,
		Rewrite: func(a *faults.Answer) { a.Header.Del("Link") },
	}
	for rule, c := range map[string]struct {
		counts  string // by Everyone, of 5 who are live and 5 who are deactivated
		lost    bool   // of the live, all but 2
		claimed int
	}{
		"everybody, and all are there":    {"10", false, 10},
		"the live, and all are there":     {"5", false, 5},
		"the live, who are not all there": {"5", true, -1},
		"all but one, who is new":         {"9", false, -1},
		"fewer than there are at all":     {"3", false, -1},
	} {
		s := newSandbox(t, fakeokta.Options{MaxPage: 2})
		for n := range 4 {
			s.AddUser(person(fmt.Sprintf("gone%d@example.test", n), "Gone", "Long", "", fakeokta.Deprovisioned))
		}
		s.Add(replace("/api/v1/groups", `"usersCount":10`, `"usersCount":`+c.counts))
		if c.lost {
			s.Add(lost)
		}
		if r := readOf(t, s.collect(t), "users"); !r.Complete || r.ClaimedTotal != c.claimed {
			t.Errorf("%s: %+v", rule, r)
		}
	}
}

// A count that is not that of the list is of something else, and proves nothing: with it
// the list would never be held against that of the last run.
func TestACountThatIsNotThatOfTheListProvesNothing(t *testing.T) {
	for kind, count := range map[string][2]string{"group_members": {`"usersCount":3`, `"usersCount":2`}, "app_groups": {`"appsCount":1`, `"appsCount":7`}} {
		s := newSandbox(t, fakeokta.Options{})
		if r := readOf(t, s.collect(t), kind); !r.Complete || r.ClaimedTotal != r.Records {
			t.Errorf("%s: %+v", kind, r)
		}
		s.Add(replace("/api/v1/groups", count[0], count[1]))
		if r := readOf(t, s.collect(t), kind); !r.Complete || r.ClaimedTotal != -1 {
			t.Errorf("%s with %s: %+v", kind, count[1], r)
		}
	}
}

func TestFewerMembersThanOktaCountsAreReadOnceMoreAndThenAGap(t *testing.T) {
	lostLink := faults.Rule{Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Header.Del("Link") }, Times: 1}
	s := newSandbox(t, fakeokta.Options{MaxPage: 2})
	lostLink.Match = faults.Path("GET", "/api/v1/groups/"+s.engineering.ID+"/users")
	s.Add(lostLink)
	r := readOf(t, s.collect(t), "group_members")
	if !r.Complete || r.Records != r.ClaimedTotal {
		t.Errorf("a link that was lost once: %+v", r)
	}
	s.Clear()
	lostLink.Times = 0
	s.Add(lostLink)
	r = readOf(t, s.collect(t), "group_members")
	if r.Complete || !strings.Contains(r.Gap, "counts 3 members and lists 2") {
		t.Errorf("a link that stays lost: %+v", r)
	}
}
