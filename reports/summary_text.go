package reports

import (
	"fmt"
	"strings"

	"rollcall/internal/access"
)

// How many of each a summary for people tells one by one; the archive and the
// JSON have all.
const (
	mostOpen    = 100 // leavers with something open, urgent findings, things to say
	mostRemains = 10  // accounts that wait to be removed
	mostSettled = 30  // leavers with everything blocked and verified
)

// Summary tells the night in plain text for a terminal, at most 100 columns
// wide. People who leave at a time ahead are counted, never named.
func Summary(n *access.Night, f Footer) string {
	s := tell(n, f)
	t := &textPage{}
	t.line("", fmt.Sprintf("rollcall %s: %s (exit %d: %s)", s.Trigger, strings.ToUpper(firstOf(s.Verdict, "unknown")), s.ExitCode, s.ExitMeans))
	t.line("", fmt.Sprintf("Run %s, mode %s, %s to %s, rollcall %s", s.RunID, s.Mode, firstOf(s.StartedAt, "?"), firstOf(s.FinishedAt, "not finished"), line(s.Version)))
	t.title("What happened")
	for _, h := range s.Happened {
		t.line("  ", h)
	}
	t.urgent(s)
	t.leavers(s)
	t.remains(s)
	t.movers(s)
	t.guards(s)
	t.approvals(s)
	t.rosters(s)
	t.gaps(s)
	t.policy(s)
	t.findings(s)
	t.rest(s)
	t.call(s)
	return t.String()
}

type textPage struct{ strings.Builder }

func (t *textPage) line(first, text string) { t.WriteString(wrapped(first, text)) }

func (t *textPage) title(s string) {
	t.WriteString("\n" + s + "\n" + strings.Repeat("-", cells(s)) + "\n")
}

// more says how many were not told.
func (t *textPage) more(n int) {
	if n > 0 {
		t.line("  ", fmt.Sprintf("... and %d more: the archive and the JSON summary have all", n))
	}
}

func (t *textPage) urgent(s story) {
	if len(s.Urgent) == 0 {
		return
	}
	t.title(fmt.Sprintf("URGENT (%d)", len(s.Urgent)))
	for _, u := range s.Urgent[:min(len(s.Urgent), mostOpen)] {
		t.line("  ! ", strings.Join(nonEmpty(line(u.Severity), string(u.Kind), u.Who, strings.TrimSpace(u.System+" "+u.Account)), ", "))
		t.line("    ", strings.Join(nonEmpty(sentence(u.Reason), cited(u.Cites)), " "))
		t.line("    ", "finding "+u.FindingID)
	}
	t.more(len(s.Urgent) - mostOpen)
}

func cited(c string) string {
	if c == "" {
		return ""
	}
	return "(" + c + ")"
}

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
	t.title(fmt.Sprintf("Blocked, and not removed yet (%s)", plural(len(s.Remains), "account")))
	for _, r := range s.Remains[:min(len(s.Remains), mostRemains)] {
		t.line("  - ", sentence(r.Says))
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
			t.line("      ", sentence(m.Detail))
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
	out := fmt.Sprintf("%s known to leave at a time ahead; who they are is in the archive only.", people(s.Ahead))
	if s.Restricted.People > 0 {
		var parts []string
		for _, state := range states {
			if c := s.Restricted.Accounts[state]; c > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", c, s.stateWord(state, access.Block)))
			}
		}
		out += fmt.Sprintf(" Policy already blocks the accounts of %s: %s.", people(s.Restricted.People), strings.Join(parts, ", "))
	}
	return out
}

func (t *textPage) leaver(s story, l leaver) {
	t.line("  ", l.Who)
	t.line("      ", clocks(s, l))
	for _, a := range l.Accounts {
		mark := "    ! "
		if a.worst >= statePlanned {
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

// clocks tells when it ended, when the list first said so, when the block was
// proven, and when that nothing is left.
func clocks(s story, l leaver) string {
	out := "ended " + firstOf(l.EffectiveAt, "at no known time") + "; first in the list " + firstOf(l.FirstSeenAt, "unknown")
	if s.Order != "" {
		out = "ordered by " + s.Order
	}
	switch {
	case l.BlockedAt == "" && l.worst >= stateVerified:
		out += "; all blocked and verified before tonight"
	case l.worst == statePlanned && l.BlockedAt == "":
		return out + "; this run changes nothing"
	case l.BlockedAt == "":
		return out + "; NOT all blocked and verified"
	case l.AfterEnd != "":
		out += "; all blocked and verified " + l.BlockedAt + ", " + l.AfterEnd + " after the end"
	default:
		out += "; all blocked and verified " + l.BlockedAt
	}
	if l.RemovedAt != "" {
		out += "; all removed and verified " + l.RemovedAt
	}
	return out
}

func (t *textPage) guards(s story) {
	if len(s.Guards) == 0 {
		return
	}
	t.title(fmt.Sprintf("Guards that tripped (%d)", len(s.Guards)))
	for _, g := range s.Guards {
		t.line("  ! ", fmt.Sprintf("%s (%s): %s", line(g.Guard), g.Scope, sentence(g.Says)))
		t.line("    counted     ", fmt.Sprintf("%d, the limit is %d; %s held", g.Count, g.Limit, plural(g.Accounts, "account")))
		t.line("    who is told ", g.Tell)
		t.line("    next night  ", g.NextNight)
		t.line("    what to do  ", sentence(g.Mend))
		t.line("    the steps   ", stepsIn(g.Runbook))
		t.approve(g)
	}
	for _, g := range s.Behind {
		t.behind(g)
	}
}

// behind tells of a trip that shows only once others are approved.
func (t *textPage) behind(g guard) {
	t.line("  + ", fmt.Sprintf("once they are approved, %s (%s) would hold %s: %s", line(g.Guard), g.Scope, plural(g.Accounts, "account"), sentence(g.Says)))
	if len(g.once) > 0 {
		t.approve(g)
	}
}

// approve tells how a person answers for what a guard holds.
func (t *textPage) approve(g guard) {
	if len(g.Approve) == 0 {
		return
	}
	if len(g.Ask) > 0 {
		t.line("    whom to ask ", strings.Join(g.Ask, "; "))
	}
	if len(g.once) == 0 {
		t.line("    to approve  ", "the command above is for every trip of this guard")
		return
	}
	if len(g.once) < len(g.Approve) {
		t.line("    to approve  ", "every trip of this guard (or one, with --scope):")
	} else {
		t.WriteString("    to approve\n")
	}
	t.command("      ", g.once)
}

// command writes a command that a shell takes as it stands: a line that is full
// ends with a backslash. A flag and its value stay together.
func (t *textPage) command(indent string, words []string) {
	var parts []string
	for _, w := range words {
		if last := len(parts) - 1; last >= 0 && strings.HasPrefix(parts[last], "--") && !strings.Contains(parts[last], " ") {
			parts[last] += " " + w
			continue
		}
		parts = append(parts, w)
	}
	at := indent + parts[0]
	for _, p := range parts[1:] {
		if cells(at)+1+cells(p)+2 > columns {
			t.WriteString(inert(at) + " \\\n")
			at = indent + "  " + p
			continue
		}
		at += " " + p
	}
	t.WriteString(inert(at) + "\n")
}

func (t *textPage) approvals(s story) {
	if len(s.Approvals) == 0 {
		return
	}
	t.title(fmt.Sprintf("Approvals (%d)", len(s.Approvals)))
	for _, a := range s.Approvals[:min(len(s.Approvals), mostOpen)] {
		mark := "  - "
		if !a.Counts {
			mark = "  ! "
		}
		t.line(mark, a.head())
		if a.Reason != "" {
			t.line("    why         ", sentence(a.Reason))
		}
		t.line("    tonight     ", sentence(a.became(s.Trigger == "plan")))
	}
	t.more(len(s.Approvals) - mostOpen)
}

func (t *textPage) rosters(s story) {
	for _, r := range s.Rosters {
		if r.Accepted {
			continue
		}
		t.title(fmt.Sprintf("HR's list %s was refused", line(string(r.Source))))
		t.line("  file        ", fmt.Sprintf("%s, %s", firstOf(r.File, "none"), plural(r.Received, "row")))
		t.line("  why         ", firstOf(r.Says, "see the problems below"))
		t.line("  in force    ", r.InForce)
		t.line("  what to do  ", sentence(r.Mend))
		t.problems(r.Problems, r.ForHR, r.Total)
	}
}

func (t *textPage) problems(all []problem, forHR, total int) {
	for i, p := range all {
		t.line(fmt.Sprintf("  %2d. ", i+1), fmt.Sprintf("%s %s: %s", p.Severity, p.Where, p.Says))
	}
	if total > len(all) {
		t.line("      ", fmt.Sprintf("%s in all; %s only HR may read: the message for HR has them", plural(total, "problem"), number(forHR)))
	}
}

func (t *textPage) gaps(s story) {
	if len(s.Gaps) == 0 {
		return
	}
	t.title(fmt.Sprintf("Reads that were not complete (%d of %d)", len(s.Gaps), s.Reads.Total))
	for _, g := range s.Gaps[:min(len(s.Gaps), mostOpen)] {
		t.line("  ! ", g.Read+": "+g.Gap)
	}
	t.more(len(s.Gaps) - mostOpen)
}

func (t *textPage) findings(s story) {
	t.title("Findings")
	if len(s.Findings) == 0 {
		t.line("  ", "none")
	}
	for _, f := range s.Findings {
		t.line(fmt.Sprintf("%7d  ", f.Count), fmt.Sprintf("%s (%s)", line(string(f.Kind)), line(string(f.Disposition))))
	}
}

// policy tells what is wrong in the files of policy, first what was left out.
func (t *textPage) policy(s story) {
	if len(s.Unusable) > 0 {
		t.title(fmt.Sprintf("Policy files that could not be used (%d)", len(s.Unusable)))
		for _, u := range s.Unusable {
			t.line("  ! ", u)
		}
	}
	if s.PolicyTotal > 0 {
		t.title("Problems in the files of policy")
		t.problems(s.Problems, s.PolicyForHR, s.PolicyTotal)
	}
}

// rest tells what is left: notes, files and the books.
func (t *textPage) rest(s story) {
	if len(s.Notes) > 0 {
		t.title("Notes")
		for _, n := range s.Notes[:min(len(s.Notes), mostOpen)] {
			t.line("  - ", n)
		}
		t.more(len(s.Notes) - mostOpen)
	}
	if s.AsOf == "" && s.Order == "" {
		t.title("Worksheets")
		t.line("  ", fmt.Sprintf("%s with %s", plural(s.Worksheets.Worksheets, "worksheet"), plural(s.Worksheets.Rows, "row")))
	} else if len(s.Files) > 0 {
		t.title("Files")
	}
	for _, f := range s.Files[:min(len(s.Files), mostOpen)] {
		t.line("  - ", f)
	}
	t.more(len(s.Files) - mostOpen)
	t.title("The books")
	for _, b := range s.Books {
		t.line("  ", fmt.Sprintf("%s: %d = %s: %s", line(b.What), b.Total, firstOf(line(partWords(b.Balance)), "nothing"), holdsWord(b.Balance)))
	}
	t.line("  ", "archive head: "+firstOf(s.ArchiveHead, "none: nothing was archived"))
}

func (t *textPage) call(s story) {
	if s.Call == nil {
		return
	}
	t.title("Whom to call, and what to say")
	for _, v := range s.Call.Say[:min(len(s.Call.Say), mostOpen)] {
		t.line("  * ", v.When+", to "+v.To+":")
		t.line("    ", "“"+v.Words+"”")
		if v.Runbook != "" {
			t.line("    ", steps(v.Runbook))
		}
	}
	t.more(len(s.Call.Say) - mostOpen)
	t.WriteString("\n")
	if len(s.Call.Contacts) == 0 {
		t.line("  ", "contacts.csv names nobody, or could not be used: add whom to call.")
	}
	for _, c := range s.Call.Contacts {
		t.line("  ", fmt.Sprintf("%s, %s: %s", c.For, c.System, c.Name))
		t.line("      in hours ", strings.Join(nonEmpty(c.Business, cited(c.Hours)), " "))
		t.line("      after    ", c.After)
	}
	t.WriteString("\n  Have ready:\n")
	for i, g := range s.Call.Give {
		t.line(fmt.Sprintf("  %d. ", i+1), g)
	}
	for _, r := range s.Call.Rules {
		t.line("  ", r)
	}
}
