package aws

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"rollcall/collectors"
	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

// The suite compares pages, which differ where pairs take over for principals;
// so this side is held to the same rule here: whatever is called complete is the
// truth.

// byPrincipals has more pairs than people, on pages of one row.
func byPrincipals(t *testing.T) *org {
	o := openOrg(t, fakeaws.Options{MaxPage: 1})
	for _, account := range []string{home, prod, dev} {
		o.Assign(account, o.admin, "USER", o.fromIdP)
		o.Assign(account, o.reader, "GROUP", o.pushed)
	}
	return o
}

// pageless takes out what another way to the same facts changes.
func pageless(obs access.Observation) access.Observation {
	obs.Reads = slices.Clone(obs.Reads)
	for i := range obs.Reads {
		obs.Reads[i].Pages, obs.Reads[i].SHA256 = 0, ""
	}
	return obs
}

func TestNoFaultOfAQuestionByPrincipalShortensWhatIsComplete(t *testing.T) {
	calls := func(c *Config) { c.Prefer, c.OnlyAccounts = collectors.PreferCalls, []string{home} }
	o := byPrincipals(t)
	want := pageless(o.collect(t, calls))
	questions := count(o, "ListAccountAssignmentsForPrincipal")
	if questions < 10 || count(o, "ListAccountAssignments") > 1 {
		t.Fatalf("%d questions by principal: the test proves nothing", questions)
	}
	for name, rule := range map[string]faults.Rule{
		"cut body":       {Kind: faults.CutBody},
		"lost answer":    {Kind: faults.CloseAfterWork},
		"empty body":     {Kind: faults.EmptyBody},
		"HTML":           faults.Unavailable(),
		"repeated token": {Kind: faults.Rewrite, Rewrite: repeatToken},
		"an empty page":  {Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = []byte(`{}`) }},
		"denied": {
			Kind: faults.Status, Code: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
			Body: `{"__type":"AccessDeniedException","message":"no"}`,
		},
	} {
		rule.Match = faults.Action("ListAccountAssignmentsForPrincipal")
		for skip := range questions {
			for _, times := range []int{1, 0} {
				rule.Skip, rule.Times = skip, times
				o.faults.Clear()
				fired := o.faults.Add(rule)
				obs := pageless(o.collect(t, calls))
				if problem := collectortest.Compare(want, obs); problem != "" || fired() == 0 {
					t.Fatalf("%s at question %d, times %d, fired %d: %s", name, skip, times, fired(), problem)
				}
			}
		}
	}
}

func TestAChangeOfPlanIsNoDropInAnyCount(t *testing.T) {
	counts := func(prefer collectors.Prefer) map[string]int {
		o := byPrincipals(t)
		obs := o.collect(t, func(c *Config) { c.Prefer, c.OnlyAccounts = prefer, []string{home} })
		if asked := count(o, "ListAccountAssignmentsForPrincipal") > 0; asked != (prefer == collectors.PreferCalls) {
			t.Fatalf("%s asks by principal: %v: the test proves nothing", prefer, asked)
		}
		all := map[string]int{}
		for _, r := range obs.Reads {
			all[r.Name()] = r.Records
		}
		return all
	}
	byPair, byPerson := counts(collectors.PreferTime), counts(collectors.PreferCalls)
	if !maps.Equal(byPair, byPerson) {
		t.Errorf("by pair %v, by principal %v", byPair, byPerson)
	}
}
