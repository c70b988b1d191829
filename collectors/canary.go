package collectors

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// scoped is a canary of one AWS account: 123456789012:login.
var scoped = regexp.MustCompile(`^([0-9]{12}):(.+)$`)

// Certify checks that the canaries, logins or account ids that always exist,
// are among the accounts. A missing one proves that a list is shorter than it
// looks, whatever its pages said: every Read that lists accounts becomes
// incomplete, or only those of the account 123456789012 when the canary is
// written "123456789012:login". The observation given is left as it was.
func Certify(obs access.Observation, canaries []string) access.Observation {
	obs.Reads = slices.Clone(obs.Reads)
	for _, canary := range canaries {
		scope, name := "", canary
		if m := scoped.FindStringSubmatch(canary); m != nil {
			scope, name = m[1], m[2]
		}
		if !present(obs.Accounts, scope, name) {
			doubt(&obs, scope, fmt.Sprintf("canary %s is not among the accounts, so the list is not whole; "+
				"check the rights of the credential, or the canary in the configuration", canary))
		}
	}
	return obs
}

// present looks for a login, in any case, or an account id, exactly.
func present(accounts []access.Account, scope, name string) bool {
	return name != "" && slices.ContainsFunc(accounts, func(a access.Account) bool {
		return (scope == "" || a.Scope == scope) && (string(a.ID) == name || strings.EqualFold(a.Login, name))
	})
}

// doubt marks the reads that list accounts. Where none does, one is added:
// a canary that nobody looked for is not a canary that sang.
func doubt(obs *access.Observation, scope, gap string) {
	found := false
	for i := range obs.Reads {
		r := &obs.Reads[i]
		if !r.Lists || (scope != "" && r.Scope != scope) {
			continue
		}
		found, r.Complete, r.Gap = true, false, phrase.Both(r.Gap, gap)
	}
	if !found {
		obs.Reads = append(obs.Reads, access.Read{
			System: obs.System, Scope: scope, Kind: "canary", Lists: true, ClaimedTotal: -1, Gap: gap,
		})
	}
}
