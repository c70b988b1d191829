package reports

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// call is the escalation card of a run: whom to call, and exactly what to say.
type call struct {
	Say      []say         `json:"say"`
	Contacts []ContactLine `json:"contacts"`
	Give     []string      `json:"give"`
	Rules    []string      `json:"rules"`
}

// say is one thing to say, to whom, and when.
type say struct {
	When  string `json:"when"` // now, or business hours
	To    string `json:"to"`
	Words string `json:"words"`
	// Runbook is the page that says step by step what to do; empty where none does.
	Runbook access.Runbook `json:"runbook,omitempty"`
}

const (
	now      = "now, at any hour"
	business = "in business hours"
)

func callFor(n *access.Night, s story) *call {
	c := &call{Give: cardGive, Rules: cardRest, Contacts: Contacts(n.Policy.Contacts, configured(n))}
	c.Say = slices.Concat(sayRun(s), sayLeavers(s), sayUrgent(s), sayRest(s))
	return c
}

func configured(n *access.Night) []string {
	var out []string
	for i := range n.Systems {
		out = appendNew(out, string(n.Systems[i].System))
	}
	return out
}

func sayRun(s story) []say {
	switch s.ExitCode {
	case 1:
		return []say{{now, "IT on call", fmt.Sprintf("rollcall run %s did not end well: %s. Read its log before you start another run; what it did do is in its journal.", s.RunID, s.ExitMeans), ""}}
	case 2:
		return []say{{business, "IT on call", fmt.Sprintf("rollcall run %s was %s. Mend what it names, run “rollcall check”, then run it again.", s.RunID, s.ExitMeans), ""}}
	}
	return nil
}

func sayLeavers(s story) []say {
	var out []say
	for _, l := range s.Leavers {
		for _, a := range l.Accounts {
			subject := fmt.Sprintf("%s, %s account %s", l.Who, a.System, a.Account)
			ended := "their employment ended"
			if s.Order != "" {
				ended = "all their access was ordered to end"
			}
			if l.EffectiveAt != "" {
				ended += " at " + l.EffectiveAt
			}
			switch {
			case a.worst == stateFailed, a.worst == stateNotAttempted, s.skippedByOrder(a):
				out = append(out, say{now, "IT on call, security", SayNotBlocked(subject, ended, s.RunID), access.RunbookRevocationFailed})
			case a.worst == stateUnverified:
				out = append(out, say{now, "IT on call, security", SayUnseen(subject, ended, s.RunID), access.RunbookRevocationFailed})
			case a.worst == stateHeld && !s.decidedNow(l, a):
				out = append(out, say{business, "IT on call, security", SayHeld(subject, ended, s.RunID), access.RunbookGuardTripped})
			}
		}
	}
	if a := s.Restricted.Accounts; a["failed"]+a["unverified"]+a["not_attempted"] > 0 {
		out = append(out, say{now, "security", fmt.Sprintf("An account that had to be blocked is not proven to be; whose it is stays in the archive. Look up the actions of run %s there.", s.RunID), access.RunbookRevocationFailed})
	}
	return out
}

// decidedNow says whether an urgent finding asks already for the decision about the
// account: as protected it is held until a person decides, or only a person can end it,
// and that is not for tomorrow.
func (s story) decidedNow(l leaver, a closing) bool {
	return slices.ContainsFunc(s.Urgent, func(u urgent) bool {
		return (u.Kind == access.ProtectedLeaver || u.Kind == access.LeaverAccess) && u.Who == l.Who && u.System == a.System && u.Account == a.Account
	})
}

func sayUrgent(s story) []say {
	var out []say
	for _, u := range s.Urgent {
		subject := strings.Join(nonEmpty(u.Who, strings.TrimSpace(u.System+" "+u.Account)), ", ")
		out = append(out, say{now, "security, IT on call", SayUrgent(u.Kind, subject, phrase.Sentence(u.Reason), u.FindingID, s.RunID), u.Kind.Runbook()})
	}
	return out
}

func sayRest(s story) []say {
	var out []say
	for _, g := range s.Guards {
		out = append(out, say{business, g.Tell, SayGuard(g.Guard, g.Scope, heldWords(g.Accounts), phrase.Sentence(g.Says), phrase.Sentence(g.Mend), s.RunID), g.Runbook})
	}
	for _, u := range s.Unusable {
		out = append(out, say{business, "whoever keeps the file, IT on call", fmt.Sprintf("rollcall could not use %s Mend it, run “rollcall check”, then run the night again. Run %s.", phrase.Sentence(u), s.RunID), ""})
	}
	for _, g := range s.Gaps {
		out = append(out, say{business, "IT on call, the system's owner", fmt.Sprintf("rollcall could not read all of %s: %s What rests on it was withheld. Run %s.", g.Read, phrase.Sentence(g.Gap), s.RunID), ""})
	}
	return out
}

// happened tells the night in three sentences.
func happened(n *access.Night, s story) []string {
	accounts, grants := 0, 0
	for i := range n.Systems {
		accounts += len(n.Systems[i].Accounts)
		grants += len(n.Systems[i].Grants)
	}
	accepted := 0
	for _, r := range s.Rosters {
		if r.Accepted {
			accepted++
		}
	}
	first := fmt.Sprintf("Read %d of %s from HR and %d of %s of %s: %s, %s, %s.", accepted, phrase.Counted(len(s.Rosters), "list"),
		s.Reads.Complete, phrase.Counted(s.Reads.Total, "scope"), phrase.Counted(len(n.Systems), "system"), phrase.Counted(len(n.People), "person"), phrase.Counted(accounts, "account"), phrase.Counted(grants, "grant"))
	if s.AsOf != "" {
		first = fmt.Sprintf("Read %d of %s from HR: %s. The systems were not read; %s as of %s are known from %d of %s of %s.", accepted, phrase.Counted(len(s.Rosters), "list"),
			phrase.Counted(len(n.People), "person"), phrase.Counted(accounts, "account"), s.AsOf, s.Reads.Complete, phrase.Counted(s.Reads.Total, "scope"), phrase.Counted(len(n.Systems), "system"))
	}
	if s.Order != "" {
		return []string{first, leaverSentence(s)}
	}
	wait := "wait"
	if isPlan(n) {
		wait = "would wait"
	}
	return nonEmpty(first, leaverSentence(s), moverSentence(s), reviewedSentence(s), fmt.Sprintf("%s, %s of them urgent; %s %s for review in %s.", phrase.Counted(len(n.Findings), "finding"),
		number(len(s.Urgent)), phrase.Counted(s.Worksheets.Rows, "row"), wait, phrase.Counted(s.Worksheets.Worksheets, "worksheet")))
}

func leaverSentence(s story) string {
	count := map[string]int{}
	total := 0
	for _, l := range s.Leavers {
		for _, a := range l.Accounts {
			count[s.stateWord(a.State, a.stage)]++
			total++
		}
	}
	for state, c := range s.Restricted.Accounts {
		count[s.stateWord(state, access.Block)] += c
		total += c
	}
	switch {
	case total == 0 && s.Order != "" && len(s.Unsaid)+s.left > 0:
		return "Nothing that is theirs for certain was open." + leftSentence(s)
	case total == 0 && s.Order != "":
		return "Nothing that is known of theirs was open."
	case total == 0 && len(s.Gaps) > 0:
		return "In what could be read, nobody who has left had anything open; what could not be read may hide some."
	case total == 0:
		return "Nobody who has left had anything open."
	}
	var parts []string
	for i := len(states) - 1; i >= 0; i-- {
		for _, stage := range []access.Stage{access.Block, access.Remove} {
			word := s.stateWord(states[i], stage)
			if c := count[word]; c > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", c, word))
			}
			delete(count, word)
		}
	}
	return fmt.Sprintf("%s of %s%s to close: %s.", phrase.Counted(total, "account"), phrase.Counted(len(s.Leavers)+s.Restricted.People, "person"), unnamed(s), strings.Join(parts, ", ")) + leftSentence(s)
}

// leftSentence says of a run about one person that it is not over.
func leftSentence(s story) string {
	says := ""
	if s.left > 0 {
		says += fmt.Sprintf(" NOT done: %s that may be theirs, or that no action ends, stand under what is urgent.", phrase.Counted(s.left, "account"))
	}
	if s.Order != "" && len(s.Unsaid) > 0 {
		says += fmt.Sprintf(" NOT all is known: %s could not be read.", phrase.Counted(len(s.Unsaid), "scope"))
	}
	return says
}

// unnamed says why fewer people are named than are counted.
func unnamed(s story) string {
	switch {
	case s.Restricted.People == 0:
		return ""
	case len(s.Leavers) == 0:
		return " (still employed, so named in the archive alone)"
	}
	return fmt.Sprintf(" (%d who left, and %d still employed, named in the archive alone)", len(s.Leavers), s.Restricted.People)
}

func heldWords(accounts int) string {
	if accounts == 0 {
		return "no single account"
	}
	return phrase.Counted(accounts, "account")
}

func number(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}
