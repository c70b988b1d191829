package reports

import (
	"cmp"
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

func (t *textPage) leavers(s story) {
	open, settled := splitLeavers(s.Leavers)
	if len(s.Leavers) > 0 || len(s.Unsaid) > 0 {
		t.title(leaversTitle(s))
	}
	for _, u := range s.Unsaid {
		t.line("  ! ", u.words())
	}
	for _, l := range open[:min(len(open), mostOpen)] {
		t.leaver(s, l)
	}
	t.more(len(open) - mostOpen)
	for _, l := range settled[:min(len(settled), mostSettled)] {
		t.leaver(s, l)
	}
	t.more(len(settled) - mostSettled)
	if s.Restricted.People > 0 || s.Ahead > 0 {
		t.title("People who leave later")
		t.line("  ", aheadWords(s))
	}
}

// remains tells what is blocked and not removed yet, and why.
func (t *textPage) remains(s story) {
	if len(s.Remains) == 0 {
		return
	}
	t.title(fmt.Sprintf("Blocked, and not removed yet (%s)", phrase.Counted(len(s.Remains), "account")))
	for _, r := range s.Remains[:min(len(s.Remains), mostRemains)] {
		t.line("  - ", phrase.Sentence(r.Says))
	}
	t.more(len(s.Remains) - mostRemains)
}

// movers tells what was taken of earlier jobs, and what is due when; then the same of
// what reviews decided.
func (t *textPage) movers(s story) {
	t.taken("Access of earlier jobs", s, s.Movers)
	t.taken("What reviews decided to remove", s, s.Reviewed)
}

func (t *textPage) taken(what string, s story, all []earlier) {
	if len(all) == 0 {
		return
	}
	t.title(fmt.Sprintf("%s (%d)", what, len(all)))
	for _, m := range all[:min(len(all), mostSettled)] {
		mark := "  - "
		if m.worst < statePlanned {
			mark = "  ! "
		}
		t.line(mark, fmt.Sprintf("%s, %s: %s: %s", m.Who, strings.TrimSpace(m.System+" "+m.Account), m.Right, s.stateOf(m)))
		if m.Detail != "" {
			t.line("      ", phrase.Sentence(m.Detail))
		}
	}
	t.more(len(all) - mostSettled)
}

func leaversTitle(s story) string {
	if s.Order != "" {
		return "One person, by order"
	}
	return fmt.Sprintf("People who have left (%d with something to close)", len(s.Leavers))
}

// splitLeavers sets the leavers with something open apart.
func splitLeavers(all []leaver) (open, settled []leaver) {
	for i, l := range all {
		if l.worst >= stateVerified {
			return all[:i], all[i:] // sorted: the worst first
		}
	}
	return all, nil
}

func aheadWords(s story) string {
	out := fmt.Sprintf("%s known to leave at a time ahead; who they are is in the archive only.", phrase.Counted(s.Ahead, "person"))
	if s.Restricted.People > 0 {
		var parts []string
		for _, state := range states {
			if c := s.Restricted.Accounts[state]; c > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", c, s.stateWord(state, access.Block)))
			}
		}
		out += fmt.Sprintf(" Policy already blocks the accounts of %s: %s.", phrase.Counted(s.Restricted.People, "person"), strings.Join(parts, ", "))
	}
	return out
}

func (t *textPage) leaver(s story, l leaver) {
	t.line("  ", l.Who)
	t.line("      ", clocks(s, l))
	for _, a := range l.Accounts {
		mark := "    ! "
		if a.worst >= statePlanned && !s.skippedByOrder(a) {
			mark = "    - "
		}
		t.line(mark, strings.TrimSpace(a.System+" "+a.Account)+": "+s.stateAt(a))
		for _, d := range a.Details {
			t.line("        ", d)
		}
	}
}

func (s story) stateAt(a closing) string {
	at := a.VerifiedAt
	if a.stage == access.Remove {
		at = a.RemovedAt
	}
	return strings.TrimSpace(s.stateWord(a.State, a.stage) + " " + at)
}

func unclearWords(accounts int) string {
	if accounts == 1 {
		return "1 account that could be theirs waits for links.csv"
	}
	return fmt.Sprintf("%d accounts that could be theirs wait for links.csv", accounts)
}

// clocks tells when it ended, when the list first said so, when the block was
// proven, and when that nothing is left.
func clocks(s story, l leaver) string {
	out := "ended " + cmp.Or(l.EffectiveAt, "at no known time") + "; first in the list " + cmp.Or(l.FirstSeenAt, "unknown")
	if s.Order != "" {
		out = "ordered by " + s.Order
	}
	all := "; all blocked and verified "
	switch {
	case s.left > 0 && l.worst != statePlanned:
		return out + "; NOT all blocked and verified: see what is urgent"
	case l.unclear > 0 && l.worst != statePlanned:
		return out + "; NOT all blocked and verified: " + unclearWords(l.unclear)
	case l.partly:
		all = "; what was read of theirs is blocked and verified, and NOT all was read: "
	}
	switch {
	case l.blocked.IsZero() && l.worst >= stateVerified:
		out += all + "before tonight"
	case l.worst == statePlanned && l.blocked.IsZero():
		return out + "; this run changes nothing"
	case l.blocked.IsZero():
		return out + "; NOT all blocked and verified"
	default:
		out += all + stamp(l.blocked)
	}
	if l.AfterEnd != "" {
		out += ", " + l.AfterEnd + " after the end"
	}
	if l.RemovedAt != "" {
		out += "; all removed and verified " + l.RemovedAt
	}
	return out
}
