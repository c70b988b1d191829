package aws

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/internal/access"
)

// How many requests the collector sends, and how long it takes, on the
// population of reference/performance.md. Time is that of a bubble: it passes
// only while everybody waits, so that the figures are exact and cost none.

const latency = 50 * time.Millisecond

// measured is one run in a bubble.
type measured struct {
	obs      access.Observation
	took     time.Duration
	requests int            // without the token service's AssumeRole
	roles    int            // AssumeRole
	by       map[string]int // service
	byAction map[string]int
}

func measure(t *testing.T, p *population, change ...func(*Config)) (m measured) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := p.fill(time.Now)
		c := p.collector(t, inProcess{server, latency}, change...)
		began := time.Now()
		obs, err := c.Collect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if found := gaps(obs); len(found) > 0 {
			t.Fatalf("gaps: %v", found)
		}
		m = measured{obs: obs, took: time.Since(began), by: map[string]int{}, byAction: map[string]int{}}
		for _, r := range server.Requests() {
			m.by[r.Service]++
			m.byAction[r.Action]++
		}
		m.roles = m.byAction["AssumeRole"]
		m.requests = len(server.Requests()) - m.roles
	})
	return m
}

func TestEveryRequestIsNeededOnTheReferencePopulation(t *testing.T) {
	for name, inOne := range map[string]bool{"IAM in one account": true, "IAM spread over all": false} {
		p := reference()
		p.inOne = inOne
		m := measure(t, &p)
		if got, want := m.requests+m.roles, p.minimum(); got != want {
			t.Errorf("%s: %d requests, and %d are enough: %v", name, got, want, m.byAction)
		}
		published := p.published(4) // the root and three units
		if ratio := float64(m.requests) / float64(published); ratio > 1.02 {
			t.Errorf("%s: %d requests are %.3f of the published minimum %d", name, m.requests, ratio, published)
		}
		t.Logf("%s: %d requests and %d roles assumed; published minimum %d, ratio %.3f (%.3f with the roles); one at a time %s, took %s",
			name, m.requests, m.roles, published, float64(m.requests)/float64(published), float64(m.requests+m.roles)/float64(published),
			time.Duration(m.requests+m.roles)*latency, m.took)
	}
}

func TestItIsEightTimesAsFastAsOneRequestAtATime(t *testing.T) {
	p := reference()
	m := measure(t, &p)
	if one := time.Duration(m.requests+m.roles) * latency; m.took > one/8 {
		t.Errorf("it took %s; one at a time is %s", m.took, one)
	}
}

func TestTheRateLimitIsAllThatTakesTime(t *testing.T) {
	p := reference()
	var rates Rates // the defaults
	m := measure(t, &p, func(c *Config) { c.Rates = rates })
	bound := time.Duration(float64(m.by["sso"]+m.by["identitystore"]) / 10 * float64(time.Second))
	if m.took > bound*115/100 {
		t.Errorf("it took %s; at 10 requests a second Identity Center allows %s", m.took, bound)
	}
	if m.took < bound*95/100 {
		t.Errorf("it took %s, and ten requests a second need %s: the limit was not kept", m.took, bound)
	}
	t.Logf("took %s, bound %s, ratio %.3f", m.took, bound, m.took.Seconds()/bound.Seconds())
}

func TestNoTwoSecondsSeeMoreThanIdentityCentersRate(t *testing.T) {
	p := reference()
	p.users, p.members, p.big = 200, 500, 0
	synctest.Test(t, func(t *testing.T) {
		server := p.fill(time.Now)
		watch := &watching{inProcess{server, latency}, make(chan time.Time, 10_000)}
		c := p.collector(t, watch, func(c *Config) { c.Rates = Rates{IdentityCenter: 10, IAM: 1e6} })
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		close(watch.center)
		var sent []time.Time
		for at := range watch.center {
			sent = append(sent, at)
		}
		slices.SortFunc(sent, time.Time.Compare)
		for i := range sent {
			if i >= 20 && sent[i].Sub(sent[i-20]) < time.Second {
				t.Fatalf("21 requests within %s", sent[i].Sub(sent[i-20]))
			}
		}
		if len(sent) < 100 {
			t.Fatalf("only %d requests: too few to tell", len(sent))
		}
	})
}

func TestRequestsGrowWithPagesAndNotWithPeople(t *testing.T) {
	small, large := reference(), reference()
	large.users, large.members, large.bigMembers = 2000, 5800, 190 // not a page of members more
	a, b := measure(t, &small), measure(t, &large)
	if grown := b.requests - a.requests; grown != 10 {
		t.Errorf("1,000 people more are %d requests more, want the 10 pages that list them", grown)
	}
}

func TestByPairAndByPrincipalGiveTheSameWhicheverRowsAUserIsGiven(t *testing.T) {
	p := reference()
	p.users, p.groups, p.big, p.members, p.iamUsers, p.iamMembers, p.iamKeys = 40, 8, 0, 120, 0, 0, 0
	want := pairsOnly(t, p)
	for _, direct := range []bool{false, true} {
		p.options.DirectRowsForUser = direct
		m := measure(t, &p)
		if asked := m.byAction["ListAccountAssignmentsForPrincipal"]; asked < p.users+p.groups || m.byAction["ListAccountAssignments"] > 0 {
			t.Errorf("direct rows %v: %v is not by principal", direct, m.byAction)
		}
		if !maps.Equal(everyGrant(m.obs), everyGrant(want.obs)) {
			t.Errorf("direct rows %v: by principal gives other grants than by pair", direct)
		}
		if m.requests >= want.requests {
			t.Errorf("direct rows %v: %d requests by principal, %d by pair", direct, m.requests, want.requests)
		}
	}
}

// pairsOnly refuses the question by principal, as AWS does to all but the
// management account.
func pairsOnly(t *testing.T, p population) (m measured) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := p.fill(time.Now)
		c := p.collector(t, inProcess{refusePrincipals(server), latency})
		obs, err := c.Collect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if found := gaps(obs); len(found) > 0 {
			t.Fatalf("gaps: %v", found)
		}
		m = measured{obs: obs, requests: len(server.Requests())}
	})
	return m
}

func everyGrant(obs access.Observation) map[uint64]bool {
	all := map[uint64]bool{}
	for _, g := range obs.Grants {
		all[obs.GrantKey(g)] = true
	}
	return all
}
