package reports

import (
	"cmp"
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
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
	t.line("", fmt.Sprintf("rollcall %s: %s (exit %d: %s)", s.Trigger, strings.ToUpper(cmp.Or(s.Verdict, "unknown")), s.ExitCode, s.ExitMeans))
	t.line("", fmt.Sprintf("Run %s, mode %s, %s to %s, rollcall %s", s.RunID, s.Mode, cmp.Or(s.StartedAt, "?"), cmp.Or(s.FinishedAt, "not finished"), line(s.Version)))
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
		t.line("    ", strings.Join(nonEmpty(phrase.Sentence(u.Reason), cited(u.Cites)), " "))
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
		t.line("  ", fmt.Sprintf("%s with %s", phrase.Counted(s.Worksheets.Worksheets, "worksheet"), phrase.Counted(s.Worksheets.Rows, "row")))
	} else if len(s.Files) > 0 {
		t.title("Files")
	}
	for _, f := range s.Files[:min(len(s.Files), mostOpen)] {
		t.line("  - ", f)
	}
	t.more(len(s.Files) - mostOpen)
	t.title("The books")
	for _, b := range s.Books {
		t.line("  ", fmt.Sprintf("%s: %d = %s: %s", line(b.What), b.Total, cmp.Or(line(partWords(b.Balance)), "nothing"), holdsWord(b.Balance)))
	}
	t.line("  ", "archive head: "+cmp.Or(s.ArchiveHead, "none: nothing was archived"))
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
