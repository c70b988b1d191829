package reports

import (
	"cmp"
	"fmt"
	"strings"

	"rollcall/internal/phrase"
)

func (t *textPage) guards(s story) {
	if len(s.Guards) == 0 {
		return
	}
	t.title(fmt.Sprintf("Guards that tripped (%d)", len(s.Guards)))
	for _, g := range s.Guards {
		t.line("  ! ", fmt.Sprintf("%s (%s): %s", line(g.Guard), g.Scope, phrase.Sentence(g.Says)))
		t.line("    seen        ", fmt.Sprintf("%s; %s held", g.Measured, phrase.Counted(g.Accounts, "account")))
		t.line("    who is told ", g.Tell)
		t.line("    next night  ", g.NextNight)
		t.line("    what to do  ", phrase.Sentence(g.Mend))
		t.line("    the steps   ", stepsIn(g.Runbook))
		t.approve(g)
	}
	for _, g := range s.Behind {
		t.behind(g)
	}
}

// behind tells of a trip that shows only once others are approved.
func (t *textPage) behind(g guard) {
	t.line("  + ", fmt.Sprintf("once they are approved, %s (%s) would hold %s: %s", line(g.Guard), g.Scope, phrase.Counted(g.Accounts, "account"), phrase.Sentence(g.Says)))
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
			t.line("    why         ", phrase.Sentence(a.Reason))
		}
		t.line("    tonight     ", phrase.Sentence(a.became(s.Trigger == "plan")))
	}
	t.more(len(s.Approvals) - mostOpen)
}

func (t *textPage) rosters(s story) {
	for _, r := range s.Rosters {
		if r.Accepted {
			continue
		}
		t.title(fmt.Sprintf("HR's list %s was refused", line(string(r.Source))))
		t.line("  file        ", fmt.Sprintf("%s, %s", cmp.Or(r.File, "none"), phrase.Counted(r.Received, "row")))
		t.line("  why         ", cmp.Or(r.Says, "see the problems below"))
		t.line("  in force    ", r.InForce)
		t.line("  what to do  ", phrase.Sentence(r.Mend))
		t.problems(r.Problems, r.ForHR, r.Total)
	}
}

func (t *textPage) problems(all []problem, forHR, total int) {
	for i, p := range all {
		t.line(fmt.Sprintf("  %2d. ", i+1), fmt.Sprintf("%s %s: %s", p.Severity, p.Where, p.Says))
	}
	if total > len(all) {
		t.line("      ", fmt.Sprintf("%s in all; %s only HR may read: the message for HR has them", phrase.Counted(total, "problem"), number(forHR)))
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
