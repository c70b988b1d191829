package reconcile

import (
	"math/rand/v2"

	"testing"

	"rollcall/internal/access"
)

// remaining makes a world in which most people have left and nothing of anybody can be used,
// mostly for long enough that what is left is taken. It draws from numbers of its own.
func remaining(seed uint64, w World) World {
	r := random{rand.New(rand.NewPCG(seed, 10))}
	w.Settings.Mode, w.Settings.Removal.Enforce, w.Settings.Removal.AfterDays = access.Enforce, r.chance(95), pick(r, 0, 7, 7, 30)
	for n := range w.Rosters {
		s := &w.Rosters[n]
		if r.chance(95) {
			s.Verdict.Refusal = nil
		}
		for k := range s.Rows {
			if i := &s.Rows[k]; r.chance(70) {
				i.Status, i.StartDate, i.EndDate, i.LastWorkingDay, i.Problem = access.StatusLeft, access.Day{}, access.Day{}, access.Day{At: midnight.AddDate(0, 0, -60)}, ""
			}
		}
	}
	if r.chance(80) {
		allRead(&w)
	}
	for n := range w.Systems {
		o := &w.Systems[n]
		for k := range o.Entitlements {
			o.Entitlements[k].Credential = o.Entitlements[k].Credential && r.chance(10)
		}
		for a := range o.Accounts {
			r.settle(&w, &o.Accounts[a])
		}
	}
	return w
}

// settle blocks an account, mostly some days ago.
func (r random) settle(w *World, acc *access.Account) {
	if acc.Kind == access.OktaUser && acc.VendorStatus != "DEPROVISIONED" {
		acc.VendorStatus, acc.Status = "SUSPENDED", access.AccountSuspended
	} else if acc.Kind == access.IAMUser {
		acc.Status = access.AccountSuspended
	}
	at := midnight.AddDate(0, 0, -pick(r, 1, 8, 40, 40))
	w.Memory.Blocked[acc.Key()] = access.BlockRecord{Account: acc.Key(), At: at, Verified: true, Verbs: []access.Verb{access.OktaClearSessions, access.OktaSuspend}}
	end := w.Memory.Endings[acc.Key()]
	end.Account, end.BlockedAt = acc.Key(), at
	if r.chance(60) {
		end.RemovingAt = midnight.AddDate(0, 0, -pick(r, 2, 40))
	}
	w.Memory.Endings[acc.Key()] = end
}

func TestRandomWorldsOfWhatIsLeft(t *testing.T) {
	verbs, held := map[access.Verb]int{}, map[string]int{}
	for seed := range seeds(worlds) {
		w := remaining(seed, removing(seed, newRandom(seed).world()))
		d := Decide(w)
		obey(t, laws, seed, nil, w, d)
		for _, a := range d.Plan.Actions {
			if a.Stage == access.Remove {
				verbs[a.Verb]++
			}
		}
		for _, h := range d.Plan.Held {
			if h.Action.Stage == access.Remove {
				held[h.Guard]++
			}
		}
	}
	for _, v := range []access.Verb{access.OktaRevokeGrants, access.OktaResetFactors, access.OktaLeaveGroup, access.OktaDeactivate,
		access.IAMDeleteKey, access.IAMDeleteSSHKey, access.IAMDeleteLogin, access.IAMRemoveMFA} {
		if uint64(verbs[v]) < seeds(100) {
			t.Errorf("%s ran %d times: the worlds prove nothing about it", v, verbs[v])
		}
	}
	if !testing.Short() && (held["blast_radius"] == 0 || held["baseline"] == 0) {
		t.Errorf("held: %v: the worlds prove nothing about the guards", held)
	}
}
