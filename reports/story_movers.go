package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// earlier is a right that is taken from an account in use, tonight or later: of
// somebody's former job, by policy, or because a review decided it.
type earlier struct {
	FindingID  string `json:"finding_id"`
	Who        string `json:"who"`
	System     string `json:"system"`
	Account    string `json:"account"`
	Right      string `json:"right"`
	State      string `json:"state"` // announced, or a state of an account of a leaver
	DueOn      string `json:"due_on,omitempty"`
	VerifiedAt string `json:"removed_verified_at,omitempty"`
	Detail     string `json:"detail,omitempty"`
	worst      int
}

const (
	stateAnnounced = "announced"
	stateThere     = "still_there" // and why, its detail says
)

// movers tells of access of former jobs, and reviewed of what reviews decided to
// remove.
func movers(n *access.Night, d discretion) []earlier {
	due := make(map[string]string, len(n.Residues))
	for _, r := range n.Residues {
		due[r.FindingID] = phrase.Day(r.DueAt)
	}
	return taken(n, d, func(a access.Action) bool { return a.Mover }, func(f access.Finding) (string, string, bool) {
		day, is := due[f.ID]
		return stateAnnounced, day, is && f.Kind == access.MoverResidue
	})
}

func reviewed(n *access.Night, d discretion) []earlier {
	return taken(n, d, func(a access.Action) bool { return a.Review != "" }, func(f access.Finding) (string, string, bool) {
		return stateThere, "", f.Kind == access.ReviewRemoval
	})
}

// taken tells of rights that are taken from accounts in use: what was done or held
// tonight, the worst first, and then of what is open, the soonest first. open says
// of a finding how it stands, and the day on which it is due.
func taken(n *access.Night, d discretion, wanted func(access.Action) bool, open func(access.Finding) (state, due string, is bool)) []earlier {
	g := gathering{n, d, nil, tripsByAccount(n.Plan.Trips), nil}
	out, told := []earlier{}, map[string]bool{}
	add := func(a access.Action, state int, at, detail string) {
		if wanted(a) && !d.ahead[a.Person] && !told[a.FindingID] {
			told[a.FindingID] = true
			out = append(out, earlier{FindingID: line(a.FindingID), Who: d.who(a.Person), System: systemScope(a.Account), Account: d.account(a.Person, a.Account, a.Login),
				Right: rightOf(a.EntitlementKind, cmp.Or(a.Entitlement, a.EntitlementID), a.GrantScope), State: states[state], VerifiedAt: at, Detail: line(detail), worst: state})
		}
	}
	for _, o := range slices.Backward(n.Outcomes) { // tonight's word before that of an interrupted run
		add(o.Action, outcomeState(o), stamp(o.VerifiedAt), o.Detail)
	}
	for _, h := range n.Plan.Held {
		add(h.Action, stateHeld, "", "held by guard "+h.Guard+": "+g.why(h))
	}
	for _, a := range n.Plan.Actions {
		add(a, g.notDone(), "", "")
	}
	for _, f := range n.Findings {
		if state, due, is := open(f); is && !told[f.ID] && !d.ahead[f.Person] {
			out = append(out, earlier{FindingID: line(f.ID), Who: d.who(f.Person), System: systemScope(f.Account), Account: d.account(f.Person, f.Account, f.Login),
				Right: rightOf(f.EntitlementKind, f.Entitlement, f.GrantScope), State: state, DueOn: due,
				Detail: d.about(f.Person, f.Reason, ""), worst: len(states)})
		}
	}
	slices.SortStableFunc(out, func(a, b earlier) int {
		return cmp.Or(a.worst-b.worst, strings.Compare(a.DueOn, b.DueOn), strings.Compare(a.Who, b.Who), strings.Compare(a.System, b.System), strings.Compare(a.FindingID, b.FindingID))
	})
	return out
}

func rightOf(kind access.EntitlementKind, name, scope string) string {
	out := line(kind.Words() + " " + name)
	if scope != "" {
		out += " in " + line(scope)
	}
	return out
}

// stateOf says where the access of a former job stands in this run.
func (s story) stateOf(m earlier) string {
	switch {
	case m.State == stateAnnounced:
		return "due on " + m.DueOn
	case m.State == stateThere:
		return "still there"
	case m.worst == stateRemoved:
		return strings.TrimSpace("taken away and verified " + m.VerifiedAt)
	}
	return s.stateWord(m.State, access.Remove)
}

// moverSentence and reviewedSentence are "" where there is nothing to tell.
func moverSentence(s story) string { return s.takenSentence("Access of earlier jobs: ", s.Movers) }

func reviewedSentence(s story) string {
	return s.takenSentence("What reviews decided to remove: ", s.Reviewed)
}

func (s story) takenSentence(what string, all []earlier) string {
	count, order, next := map[string]int{}, []string{}, ""
	for _, m := range all {
		word := s.stateOf(m)
		switch {
		case m.State == stateAnnounced:
			word, next = "announced", cmp.Or(next, m.DueOn)
		case m.worst == stateRemoved:
			word = "taken away and verified"
		}
		if count[word]++; count[word] == 1 {
			order = append(order, word)
		}
	}
	var parts []string
	for _, word := range order {
		parts = append(parts, fmt.Sprintf("%d %s", count[word], word))
	}
	if len(parts) == 0 {
		return ""
	}
	out := what + strings.Join(parts, ", ")
	if next != "" {
		out += ", the first for " + next
	}
	return out + "."
}
