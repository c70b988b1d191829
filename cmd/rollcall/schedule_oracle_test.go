package main

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
)

// witness is all that is known of one night when it is over.
type witness struct {
	before, after scene
	judged        judged
	truth, saw    []access.Observation // undisturbed, and as collected
	night         *access.Night        // nil: it did not come so far
	code          int
	err           error
	committed     bool
	unusable      bool // the role map, the exceptions or the contacts could not be used
}

// problems are what a night did that none may.
func (v *village) problems(w witness) []string {
	var out []string
	for _, l := range v.logins {
		who := v.owner(l, w.judged)
		if v.disputed(l, who, w.judged) {
			continue
		}
		over := who != nil && w.judged.over[who] && !v.protects(l)
		if !over && w.before.of[l.key] != w.after.of[l.key] {
			out = append(out, fmt.Sprintf("%s (%s) of %s was changed, who has not left beyond doubt: %s -> %s", l.name, l.key, name(who), w.before.of[l.key], w.after.of[l.key]))
		}
		if over && w.before.of[l.key] != w.after.of[l.key] && w.night != nil && !w.listed(l) && !w.before.underWay(l) {
			out = append(out, fmt.Sprintf("%s (%s) of %s was changed, though the list that has it was not read to its end", l.name, l.key, name(who)))
		}
		if over && w.err == nil {
			out = append(out, v.kept(l, who, w)...)
		}
		if over && w.code == exitDone && w.err == nil {
			if open := w.after.open(l, true, true); open != "" {
				out = append(out, fmt.Sprintf("%s (%s) of %s, who has left: %s, and the night says that all is done", l.name, l.key, name(who), open))
			}
		}
		if who != nil && v.protects(l) && w.judged.over[who] && w.err == nil && w.before.open(l, true, true) != "" && w.lists(l) && w.code == exitDone {
			out = append(out, fmt.Sprintf("%s of %s, who has left and is protected, and the night says that all is done", l.name, name(who)))
		}
	}
	for n, saw := range w.saw {
		if problem := collectortest.Compare(dateless(w.truth[n]), dateless(saw)); problem != "" {
			out = append(out, "collected: "+problem)
		}
	}
	out = append(out, v.rash(w)...)
	return append(append(out, w.untrue()...), w.endings()...)
}

// rash are the removes that no night may send: before the account was blocked,
// while a list was refused, or without a word in the configuration.
func (v *village) rash(w witness) (out []string) {
	if w.night == nil {
		return nil
	}
	for _, o := range w.night.Outcomes {
		if o.Action.Stage != access.Remove || o.SentAt.IsZero() || o.AdoptedFrom != "" {
			continue
		}
		at := slices.IndexFunc(v.logins, func(l login) bool { return l.key == o.Action.Account })
		switch open := w.before.open(v.logins[at], true, true); {
		case open != "":
			out = append(out, fmt.Sprintf("%s of %s was sent, though %s", o.Action.Verb, o.Action.Login, open))
		case len(w.judged.refused) > 0:
			out = append(out, fmt.Sprintf("%s of %s was sent, though a list was refused: %v", o.Action.Verb, o.Action.Login, w.judged.refused))
		case o.Action.Undoable:
			out = append(out, fmt.Sprintf("%s of %s passes for something that can be undone", o.Action.Verb, o.Action.Login))
		}
	}
	return out
}

// dateless takes out the digest of credential reports: they hold the second at
// which they were made.
func dateless(o access.Observation) access.Observation {
	o.Reads = slices.Clone(o.Reads)
	for n := range o.Reads {
		if o.Reads[n].Kind == "credential_report" {
			o.Reads[n].SHA256 = ""
		}
	}
	return o
}

func name(who *soul) string {
	if who == nil {
		return "nobody"
	}
	return string(who.source) + "/" + who.id
}

// kept says how a leaver was kept in without a word.
func (v *village) kept(l login, who *soul, w witness) []string {
	open := w.after.open(l, w.complete("", "api_tokens"), w.complete(l.key.Scope, "credentials"))
	if open == "" || !w.lists(l) || w.excused(l) {
		return nil
	}
	return []string{fmt.Sprintf("%s (%s) of %s, who has left, stays open (%s), its list was read, and nothing says why (exit code %d)", l.name, l.key, name(who), open, w.code)}
}

// reads are the certificates of the night, those of its details too.
func (w witness) reads() []access.Read {
	if w.night == nil {
		return nil
	}
	return w.night.Reads()
}

// complete reports whether every such read was.
func (w witness) complete(scope, kind string) bool {
	found := false
	for _, r := range w.reads() {
		if r.Scope == scope && r.Kind == kind {
			if !r.Complete {
				return false
			}
			found = true
		}
	}
	return found
}

// listed reports whether the list that has the account was read to its end.
func (w witness) listed(l login) bool {
	switch l.kind {
	case access.OktaUser:
		return w.complete("", "users")
	case access.IAMUser:
		return w.complete(l.key.Scope, "iam")
	}
	return w.complete("", "sso_users")
}

// lists is listed; of Identity Center it also asks for what its users hold.
func (w witness) lists(l login) bool {
	return w.listed(l) && (l.kind != access.IdentityCenter || (w.complete("", "sso_assignments") && w.complete("", "sso_memberships")))
}

// underWay reports whether a change that was sent on an earlier night is not
// over yet: reading it is what ends it in the sandbox.
func (s scene) underWay(l login) bool {
	id := string(l.key.ID)
	return (l.kind == access.OktaUser && s.user(id).Transitioning != "") ||
		slices.ContainsFunc(s.aws.Center.Changes, func(c fakeaws.AssignmentChange) bool {
			return c.Status == "IN_PROGRESS" && c.Assignment.PrincipalID == id
		})
}

// excused reports whether the night says why an account stays open: a guard
// holds its actions, or one of them failed and the exit code says so.
func (w witness) excused(l login) bool {
	for _, h := range w.night.Plan.Held {
		if h.Action.Account == l.key && slices.ContainsFunc(w.night.Plan.Trips, func(g access.GuardError) bool {
			return g.Guard == h.Guard && slices.Contains(g.Cohort, l.key) && g.Guard != "reads"
		}) {
			return true
		}
	}
	return w.code == exitFailed && slices.ContainsFunc(w.night.Outcomes, func(o access.Outcome) bool {
		return o.Action.Account == l.key && slices.Contains([]access.Result{access.Failed, access.Unknown, access.Pending}, o.Result)
	})
}

// open says what of an account can still be used; tokens and keys only where
// the night could know them.
func (s scene) open(l login, tokens, keys bool) string {
	id := string(l.key.ID)
	switch l.kind {
	case access.OktaUser:
		u := s.user(id)
		switch {
		case u.Status != fakeokta.Suspended && u.Status != fakeokta.Deprovisioned:
			return "it is " + string(u.Status)
		case u.Sessions+u.OAuthTokens > 0:
			return "sessions are alive"
		}
		for _, t := range s.okta.APITokens {
			if tokens && t.UserID == id {
				return "an API token works"
			}
		}
	case access.IAMUser:
		u := s.iam(l.key)
		if deny := "arn:aws:iam::aws:policy/AWSDenyAll"; u.Boundary != deny && !slices.Contains(u.Attached, deny) {
			return "nothing is denied"
		}
		for _, k := range u.AccessKeys {
			if keys && k.Status == "Active" {
				return "access key " + k.ID + " is active"
			}
		}
		for _, k := range u.SSHKeys {
			if keys && k.Status == "Active" {
				return "SSH key " + k.ID + " is active"
			}
		}
	case access.IdentityCenter:
		held := s.center(id)
		if s.pushed(id) {
			held = slices.DeleteFunc(held, func(h string) bool { return strings.HasPrefix(h, "group ") })
		}
		return strings.Join(held, ", ")
	}
	return ""
}

// endings holds the exit code against what happened.
func (w witness) endings() []string {
	gaps := slices.DeleteFunc(w.reads(), func(r access.Read) bool { return r.Complete })
	failed := w.night != nil && slices.ContainsFunc(w.night.Outcomes, func(o access.Outcome) bool {
		if o.AdoptedFrom != "" && o.Result != access.Failed && w.after.did(o.Action) && slices.ContainsFunc(w.night.Outcomes, func(again access.Outcome) bool {
			return again.AdoptedFrom == "" && again.Action.ID == o.Action.ID && again.Result != access.Failed
		}) {
			return false // tonight's own action saw it
		}
		return o.Result == access.Unknown || o.Result == access.Pending || (o.Result == access.Failed && o.AdoptedFrom == "")
	})
	want := exitDone
	switch {
	case w.err != nil:
		want = exitAborted
	case failed:
		want = exitFailed
	case len(gaps) > 0 || w.unusable:
		want = exitIncomplete
	case len(w.judged.refused) > 0 || len(w.night.Plan.Held) > 0:
		want = exitHeld
	}
	var out []string
	if w.code != want {
		out = append(out, fmt.Sprintf("exit code %d, want %d: %d gaps, failed %t, refused lists %v, error %v", w.code, want, len(gaps), failed, w.judged.refused, w.err))
	}
	if w.committed != (w.err == nil) {
		out = append(out, fmt.Sprintf("committed: %t, and the run's error is %v", w.committed, w.err))
	}
	if w.err == nil {
		for _, v := range w.night.Rosters {
			if v.Accepted == w.judged.refused[v.Source] {
				out = append(out, fmt.Sprintf("the list of %s: accepted %t, and it was to be refused: %t (%+v)", v.Source, v.Accepted, w.judged.refused[v.Source], v.Refusal))
			}
		}
	}
	return out
}
