package main

import (
	"cmp"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
)

// whoGrants is where it says how a right is granted, by the type of a system.
var whoGrants = map[string]string{
	config.TypeOkta: "Who grants it: a super administrator of Okta. How: deploy/okta.md, steps 2 to 4.",
	config.TypeAWS:  "Who grants it: an administrator of the AWS organisation. How: deploy/aws/README.md.",
}

// tellSystem says in one line that a system was read, or each thing that is missing with
// the scopes that it keeps from being read. check --connect tells each request.
func (e *environ) tellSystem(s config.System, reads []access.Read) {
	scopes, records, caller := 0, 0, ""
	missing, order := map[string][]string{}, []string{}
	for _, r := range reads {
		if r.System != s.Name {
			continue
		}
		scopes, records, caller = scopes+1, records+r.Records, cmp.Or(caller, r.Caller)
		if r.Complete {
			continue
		}
		what := rootOf(r.Gap)
		if missing[what] == nil {
			order = append(order, what)
		}
		missing[what] = append(missing[what], r.Name())
	}
	if len(order) == 0 {
		tellf(e.stdout, "   %s: all %d scopes were read to their end, %s, as %s\n", s.Name, scopes, phrase.Counted(records, "record"), cmp.Or(caller, "somebody who is not told"))
		return
	}
	silent := ""
	for _, what := range order {
		tellf(e.stdout, "   NOT read: %s\n      %s\n", strings.Join(missing[what], ", "), what)
		if strings.HasPrefix(what, noAnswer) {
			silent = what
		}
	}
	if silent != "" {
		tellf(e.stdout, "   Is the address of %s in rollcall.yaml the right one, and may this machine reach it (HTTPS_PROXY, network.ca_bundle)?\n", s.Name)
		return
	}
	tellf(e.stdout, "   %s\n", whoGrants[s.Type])
}

// noAnswer is how a collector tells that a system could not be reached at all.
const noAnswer = "no answer: "

// rootOf is the part of a gap that says what to mend, where it has one.
func rootOf(gap string) string {
	if _, mend, found := strings.Cut(gap, "; to mend it, "); found {
		return mend
	}
	if _, why, found := strings.Cut(gap, noAnswer); found {
		why, _, _ = strings.Cut(why, ";")
		return noAnswer + why
	}
	if strings.HasPrefix(gap, "it rests on ") {
		return "these rest on what could not be read"
	}
	return gap
}
