package reconcile

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"rollcall/internal/access"
)

// found is a finding, its id as a number, and the index of the person it is about,
// or -1.
type found struct {
	access.Finding
	id  uint64
	who int32
}

// side lets parts of the work conclude side by side, and takes over what they
// concluded in the order in which one alone would have.
func (e *evaluation) side(n int, work func(part *evaluation, from, to int)) {
	done := make([]evaluation, parts(n))
	inParts(n, func(p, from, to int) {
		part := *e
		part.empty()
		part.found = nil // what is there twice shows when parts come together
		work(&part, from, to)
		done[p] = part
	})
	total := len(e.findings)
	for _, part := range done {
		total += len(part.findings)
	}
	e.findings = slices.Grow(e.findings, total-len(e.findings))
	e.found.grow(total)
	for _, part := range done {
		for _, f := range part.findings {
			e.keep(f)
		}
		e.planned, e.residues = append(e.planned, part.planned...), append(e.residues, part.residues...)
	}
}

// addAccount adds a finding about an account.
func (e *evaluation) addAccount(s, a int, kind access.FindingKind, severity string, d access.Disposition, cites, reason string, args ...any) string {
	acc := &e.systems[s].Accounts[a]
	return e.add(&found{who: e.who[s][a], Finding: access.Finding{Kind: kind, Severity: severity, Disposition: d, Person: e.systems[s].Matches[a].Person, Account: acc.Key(),
		Login: acc.Login, Cites: cites, Reason: fmt.Sprintf(reason, args...)}})
}

// addGrant adds a finding about a grant.
func (e *evaluation) addGrant(s, a, n int, kind access.FindingKind, severity string, d access.Disposition, cites, reason string) string {
	f := e.aboutGrant(s, a, n, kind)
	f.Severity, f.Disposition, f.Cites, f.Reason = severity, d, cites, reason
	return e.add(&found{who: e.who[s][a], Finding: f})
}

// aboutGrant is a finding about a grant, of which nothing is said yet.
func (e *evaluation) aboutGrant(s, a, n int, kind access.FindingKind) access.Finding {
	o := &e.systems[s]
	acc, ent := &o.Accounts[a], &o.Entitlements[o.Grants[n].Entitlement]
	return access.Finding{Kind: kind, Person: o.Matches[a].Person, Account: acc.Key(), Login: acc.Login,
		EntitlementKind: ent.Kind, EntitlementID: ent.ID, Entitlement: ent.Name, GrantScope: ent.Scope, Via: o.Via(o.Grants[n])}
}

// findingID is the id of what a finding is about, and its number: that of its parts,
// written without a text for each, for there are many.
func findingID(f *access.Finding) (string, uint64) {
	var room [256]byte
	b := append(append(room[:0], f.Kind...), 0)
	b = append(f.Person.AppendTo(b), 0)
	b = append(f.Account.AppendTo(b), 0)
	for _, part := range [...]string{string(f.EntitlementKind), f.GrantScope, f.EntitlementID} {
		b = append(append(b, part...), 0)
	}
	return numberedID("f", append(b, f.Entitlement...))
}

// add gives a finding its id and first-seen date and keeps it.
func (e *evaluation) add(f *found) string {
	f.ID, f.id = findingID(&f.Finding)
	f.FirstSeen = dayOf(e.w.Now)
	if first, ok := e.w.Memory.FirstSeen[f.ID]; ok {
		f.FirstSeen = first
	}
	e.keep(f)
	return f.ID
}

// keep keeps a finding once: two rules may ask for the same right.
func (e *evaluation) keep(f *found) {
	if e.found != nil && !e.found.add(f.id) {
		return
	}
	if f.Person.Zero() && f.Disposition == access.ToReview {
		e.toReview[f.Account] = true
	}
	e.findings = append(e.findings, f)
}

// stableID is the same for the same parts on every night.
func stableID(prefix string, parts ...string) string {
	id, _ := numberedID(prefix, []byte(strings.Join(parts, "\x00")))
	return id
}

// numberedID is the stable id of parts with a zero byte between them, and the number
// that is written in it.
func numberedID(prefix string, parts []byte) (string, uint64) {
	var room [32]byte
	sum := sha256.Sum256(parts)
	b := append(append(room[:0], prefix...), '-')
	return string(hex.AppendEncode(b, sum[:8])), binary.BigEndian.Uint64(sum[:8])
}

// sorted gives the findings: urgent first, then by kind, person, account and right.
// The first three are one number each, so that hardly any two have to be looked at.
func (e *evaluation) sorted() []access.Finding {
	kinds := map[access.FindingKind]int{}
	for _, f := range e.findings {
		kinds[f.Kind] = 0
	}
	for n, k := range slices.Sorted(maps.Keys(kinds)) {
		kinds[k] = n
	}
	type place struct {
		first int // severity, kind and person; people are sorted by key, and nobody comes before them
		found *found
	}
	places := make([]place, len(e.findings))
	for n, f := range e.findings {
		places[n] = place{(rank(f.Severity)<<8|kinds[f.Kind])<<32 | (int(f.who) + 1), f}
	}
	var out []access.Finding
	sideBySide(func() { out = make([]access.Finding, len(places)) }, func() {
		slices.SortFunc(places, func(x, y place) int {
			if x.first != y.first {
				return cmp.Compare(x.first, y.first)
			}
			a, b := x.found, y.found
			return cmp.Or(a.Account.Compare(b.Account), cmp.Compare(a.Entitlement, b.Entitlement), cmp.Compare(a.ID, b.ID))
		})
	})
	inParts(len(out), func(_, from, to int) {
		for n := from; n < to; n++ {
			out[n] = places[n].found.Finding
		}
	})
	return out
}

// rank orders findings by how much they matter.
func rank(severity string) int {
	switch severity {
	case "critical":
		return 0
	case "high":
		return 1
	case "medium":
		return 2
	case "low":
		return 3
	}
	return 4
}

func joinKeys(keys []access.PersonKey) string {
	all := make([]string, len(keys))
	for n, k := range keys {
		all[n] = k.String()
	}
	return strings.Join(all, " or ")
}

func candidateCites(m access.Match) string { return joinKeys(m.Candidates) }

// policyFile names the role map, for findings that cite that nothing in it says so.
func policyFile(p access.Policy) string {
	if len(p.RoleMap.Rules) == 0 {
		return "role map"
	}
	return p.RoleMap.Rules[0].File
}

// cite names a line of a file.
func cite(file string, row int) string {
	if row == 0 {
		return file
	}
	return file + " row " + strconv.Itoa(row)
}
