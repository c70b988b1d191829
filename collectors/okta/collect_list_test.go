package okta

import (
	"strings"
	"testing"

	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// counted fails unless every answer was told of, and the end is where the plan was.
func counted(t *testing.T, p *collectortest.Progress, rule string, pages int) {
	t.Helper()
	for i, step := range p.Steps {
		if step[0] != i+1 || step[1] < step[0] {
			t.Fatalf("%s: step %d tells %d of %d", rule, i+1, step[0], step[1])
		}
	}
	if last := p.Steps[len(p.Steps)-1]; last != [2]int{pages, pages} {
		t.Errorf("%s: at the end %d of %d, asked %d", rule, last[0], last[1], pages)
	}
}

func TestProgressCountsEachAnswerAndEndsWhereThePlanDoes(t *testing.T) {
	tight := fakeokta.Raised(500_000)
	tight[fakeokta.AppsBucket] = 100_000
	broken := faults.Rule{Match: faults.Path("GET", "/api/v1/groups/*/users"), Kind: faults.Status, Code: 404, Body: "{}"}
	for rule, opts := range map[string]fakeokta.Options{"one page": {}, "many pages": {MaxPage: 1}, "from the groups": {MaxPage: 2, RateLimits: tight}} {
		s := newSandbox(t, opts)
		var p collectortest.Progress
		cfg := s.config(readerToken)
		cfg.Progress = p.Tell
		k, err := NewCollector(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		counted(t, &p, rule, len(s.Requests()))

		fired := s.Add(broken)
		s.ResetRequests()
		p.Steps = nil
		if _, err := k.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		counted(t, &p, rule+", some broken", len(s.Requests())+fired())

		s.Clear()
		s.Add(faults.Rule{
			Match: faults.Path("GET", "/api/v1/groups/rules"), Kind: faults.Rewrite,
			Rewrite: func(a *faults.Answer) { a.Header.Set("Link", "no link at all") },
		})
		s.ResetRequests()
		p.Steps = nil
		if _, err := k.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		counted(t, &p, rule+", a list that breaks behind its last page", len(s.Requests()))
	}
}

func TestAPageThatIsTriedAgainIsOneAnswer(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.Add(faults.Rule{Match: faults.Path("GET", "/api/v1/groups/rules"), Kind: faults.Status, Code: 503, Body: "{}", Times: 2})
	var p collectortest.Progress
	cfg := s.config(readerToken)
	cfg.Progress = p.Tell
	_, obs := collected(t, cfg)
	counted(t, &p, "two tries more", len(s.Requests()))
	if r := readOf(t, obs, "group_rules"); r.Requests != 3 || r.Pages != 1 {
		t.Errorf("%+v", r)
	}
}

func TestAListInABodyWithoutItsFieldIsAnError(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.Add(replace("/api/v1/iam/assignees/users", `"value"`, `"rows"`))
	if r := readOf(t, s.collect(t), "admin_roles"); r.Complete || !strings.Contains(r.Gap, "it has no value") {
		t.Errorf("%+v", r)
	}
}

func TestADigestDoesNotDependOnWhichListCameFirst(t *testing.T) {
	one, other := newFamily(groupMembers), newFamily(groupMembers)
	a, b := listing{pages: 1, sha256: "aa"}, listing{pages: 2, sha256: "bb"}
	one.saw("/a", a, 1)
	one.saw("/b", b, 2)
	other.saw("/b", b, 2)
	other.saw("/a", a, 1)
	if one.digest() != other.digest() {
		t.Error("the order of arrival changes the digest")
	}
	other.saw("/b", listing{pages: 2, sha256: "bc"}, 2)
	if one.digest() == other.digest() {
		t.Error("another page has the same digest")
	}
}

func TestARefusalSaysWhatToGrantOnceAndADeadCredentialIsNoWantOfRights(t *testing.T) {
	f := newFamily(groupMembers)
	for _, id := range []string{"a", "b", "c"} {
		f.miss("group "+id, &apiError{status: 403})
	}
	gap := f.gap("bot")
	if strings.Count(gap, "grant okta.groups.read to bot") != 1 || !strings.Contains(gap, "READ_ONLY_ADMIN") || !strings.Contains(gap, "okta.groups.read on all groups") {
		t.Error(gap)
	}
	f = newFamily(groupMembers)
	f.miss("group a", &apiError{status: 401})
	if gap := f.gap("bot"); strings.Contains(gap, "grant") || !strings.Contains(gap, "make a new one") {
		t.Error(gap)
	}
	for kind, r := range kinds {
		if r.name == "" || r.scope == "" || kind != systemLog && (r.permission == "" || r.over == "") {
			t.Errorf("family %d: %+v", kind, r)
		}
	}
}

// An admin of some groups does not see Everyone, whose count proves the users.
func TestAListOfGroupsWithoutEveryoneProvesNothing(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.Add(replace("/api/v1/groups", `"name":"Everyone"`, `"name":"Somebody"`))
	obs := s.collect(t)
	for _, kind := range []string{"users", "groups"} {
		if r := readOf(t, obs, kind); r.Complete || !strings.Contains(r.Gap, "Everyone") {
			t.Errorf("%+v", r)
		}
	}
}

// With role holders of groups in Okta's list or without, the same is found.
func TestTheListOfRoleHoldersMayNameThoseOfGroupsOrNot(t *testing.T) {
	few, all := newSandbox(t, fakeokta.Options{}), newSandbox(t, fakeokta.Options{AllAssignees: true})
	if d := diffOfFacts(few.collect(t), all.collect(t)); d != "" {
		t.Error(d)
	}
	if len(all.Requests()) <= len(few.Requests()) {
		t.Error("nobody more was named")
	}
}

func TestAGroupThatARuleFillsIsToldApart(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	obs := s.collect(t)
	for _, e := range obs.Entitlements {
		if e.Kind == access.OktaGroup && e.Ruled != (e.ID == s.engineering.ID) {
			t.Errorf("group %s: ruled %t", e.Name, e.Ruled)
		}
	}
}
