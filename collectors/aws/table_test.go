package aws

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

// shuffled is the same observation in another order, with one grant twice.
func shuffled(obs access.Observation, r *rand.Rand) access.Observation {
	t := tableOf(obs)
	mixed := t.obs
	reads, accounts, entitlements := r.Perm(len(obs.Reads)), r.Perm(len(obs.Accounts)), r.Perm(len(obs.Entitlements))
	for was, now := range reads {
		mixed.Reads[now] = obs.Reads[was]
	}
	for was, now := range accounts {
		mixed.Accounts[now] = obs.Accounts[was]
		mixed.Accounts[now].Read = reads[obs.Accounts[was].Read]
	}
	for was, now := range entitlements {
		mixed.Entitlements[now] = obs.Entitlements[was]
		mixed.Entitlements[now].Read = reads[obs.Entitlements[was].Read]
	}
	for i := range mixed.Grants {
		g := &mixed.Grants[i]
		g.Account, g.Entitlement = uint32(accounts[g.Account]), uint32(entitlements[g.Entitlement])
		if g.Carrier > 0 {
			g.Carrier = uint32(entitlements[g.Carrier-1]) + 1
		}
	}
	again := mixed.Grants[0]
	again.LastUsed = 0
	mixed.Grants = append(mixed.Grants, again)
	r.Shuffle(len(mixed.Grants), func(i, j int) { mixed.Grants[i], mixed.Grants[j] = mixed.Grants[j], mixed.Grants[i] })
	return mixed
}

func TestWhateverTheOrderOfArrivalTheObservationIsTheSame(t *testing.T) {
	obs := openOrg(t, fakeaws.Options{}).collect(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		if d := cmp.Diff(obs, sorted(shuffled(obs, r))); d != "" {
			t.Fatalf("another order gives another observation:\n%s", d)
		}
	}
}
