package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reconcile"
)

// hand is what a revoking credential was seen to look at: accounts of a few people. What
// it may change cannot be tried without doing it; whom it does not even see, it could not
// block either.
type hand struct {
	System access.System `json:"system"`
	Saw    []string      `json:"saw"`            // their logins
	Gap    string        `json:"gap,omitempty"`  // what it could not look at, and what to do
	Only   string        `json:"only,omitempty"` // why it was not tried, or not on more
}

// looksBefore is the step of a block by which an account is looked at.
var looksBefore = map[access.AccountKind]access.Verb{access.OktaUser: access.OktaSuspend, access.IAMUser: access.IAMDeny}

// hands lets each revoking credential that is configured and is here look at what it would
// block.
func (w wiring) hands(ctx context.Context, k *checkup, systems []access.Observation) {
	for _, s := range w.cfg.Systems {
		if !s.Revokes() {
			continue
		}
		h := hand{System: s.Name, Saw: []string{}}
		o := slices.IndexFunc(systems, func(o access.Observation) bool { return o.System == s.Name })
		switch r, err := makers[s.Type].revoker(w, ctx, s); {
		case w.secretElsewhere(s):
			h.Only = "its secret is not here"
		case err != nil:
			h.Gap = "its credential cannot be used: " + err.Error()
		case o < 0:
			h.Only = "the system was not read"
		default:
			for _, a := range w.few(systems[o], k.working) {
				act := access.Action{ID: "check", Stage: access.Block, Verb: looksBefore[a.Kind], Account: a.Key(), Login: a.Login}
				if _, err := r.Inspect(ctx, act); err != nil {
					h.Gap = fmt.Sprintf("it cannot look at %s, whom it has to be able to block: %s", a.Login, err)
					break
				}
				h.Saw = append(h.Saw, a.Login)
			}
			if len(h.Saw) == 0 && h.Gap == "" {
				h.Only = "nobody of HR's lists has an account there whose block begins with a look at the account itself"
			}
		}
		k.Hands = append(k.Hands, h)
	}
}

// secretElsewhere reports whether a secret of the revoking credential is not on this machine;
// that of the night may have it (checkSecrets).
func (w wiring) secretElsewhere(s config.System) bool {
	return slices.ContainsFunc([]config.Secret{s.Okta.Revoke.Token, s.Okta.Revoke.PrivateKey}, func(one config.Secret) bool {
		_, err := w.e.secretHere(one)
		return !one.Zero() && err != nil
	})
}

// few are some of the accounts of people who are in HR's lists, from all over the
// alphabet. Whom policy protects the credential need not see.
func (w wiring) few(o access.Observation, working map[string]bool) []access.Account {
	var all []access.Account
	for _, a := range o.Accounts {
		theirs := working["id "+string(a.HRID)] || slices.ContainsFunc(append(strings.Split(a.Email, ","), a.Login), func(mail string) bool {
			return working[access.Fold(strings.TrimSpace(mail))]
		})
		if looksBefore[a.Kind] != "" && a.Status == access.AccountActive && theirs && reconcile.OnProtectedList(w.cfg.Policy.Protected, a) == "" {
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b access.Account) int { return cmp.Or(cmp.Compare(a.Login, b.Login), a.Key().Compare(b.Key())) })
	some := []access.Account{all[0], all[len(all)/2], all[len(all)-1]}
	return slices.CompactFunc(some, func(a, b access.Account) bool { return a.Key() == b.Key() })
}

// blind counts the credentials that could not look at what they have to block.
func (k *checkup) blind() int {
	n := 0
	for _, h := range k.Hands {
		if h.Gap != "" {
			n++
		}
	}
	return n
}

// printHands tells what the revoking credentials were seen to look at.
func printHands(to io.Writer, hands []hand) error {
	var err error
	for n, h := range hands {
		if n == 0 {
			_, err = fmt.Fprint(to, "\nThe credentials that block (looked, changed nothing; what they may change shows when they do):\n")
		}
		says := "can look at " + strings.Join(h.Saw, ", ")
		switch {
		case h.Gap != "":
			says = "NO: " + h.Gap
		case h.Only != "":
			says = "not tried: " + h.Only
		}
		if err == nil {
			_, err = tellf(to, "- %s: %s\n", h.System, says)
		}
	}
	return err
}

// addWorking keeps how the accounts of people who work here by a list are known.
func (k *checkup) addWorking(rows []access.Identity) {
	if k.working == nil {
		k.working = map[string]bool{}
	}
	for _, row := range rows {
		if row.Status != access.StatusActive {
			continue
		}
		for _, mail := range append(access.Aliases(row.Aliases), row.Email) {
			if mail != "" {
				k.working[access.Fold(mail)] = true
			}
		}
		if row.EmployeeID != "" {
			k.working["id "+string(row.EmployeeID)] = true
		}
	}
}
