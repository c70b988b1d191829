package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// SummaryMarkdown tells the night for a CI job's page
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions#adding-a-job-summary).
// Whoever may see the job may read it, so it tells less than Summary: of a
// defect in a list it says where it is and not what was there, and of notes
// only how many there are.
func SummaryMarkdown(n *access.Night, f Footer) string {
	s := tell(n, f)
	m := &markdownPage{}
	fmt.Fprintf(m, "## rollcall %s: %s (exit %d)\n\n", Markdown(s.Trigger), Markdown(cmp.Or(s.Verdict, "unknown")), s.ExitCode)
	fmt.Fprintf(m, "Exit %d means: %s. Run %s, mode %s, started %s, rollcall %s.\n\n", s.ExitCode, s.ExitMeans, Markdown(string(s.RunID)), Markdown(string(s.Mode)), s.StartedAt, Markdown(line(s.Version)))
	for _, h := range s.Happened {
		fmt.Fprintf(m, "- %s\n", Markdown(h))
	}
	m.urgent(s)
	m.leavers(s)
	m.guards(s)
	m.inputs(s)
	m.findings(s)
	m.books(s)
	m.call(s)
	return m.String()
}

type markdownPage struct{ strings.Builder }

// table writes a table of outside text; no rows, no table.
func (m *markdownPage) table(title string, heads []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(m, "\n### %s\n\n| %s |\n|%s\n", title, strings.Join(heads, " | "), strings.Repeat(" --- |", len(heads)))
	for _, row := range rows[:min(len(rows), mostOpen)] {
		for _, c := range row {
			m.WriteString("| " + Markdown(c) + " ")
		}
		m.WriteString("|\n")
	}
	if len(rows) > mostOpen {
		fmt.Fprintf(m, "\n%d in all; the first %d are shown, the archive has the others.\n", len(rows), mostOpen)
	}
}

func (m *markdownPage) urgent(s story) {
	var rows [][]string
	for _, u := range s.Urgent {
		rows = append(rows, []string{u.Severity, string(u.Kind), u.Who, strings.TrimSpace(u.System + " " + u.Account), u.Reason, u.FindingID})
	}
	m.table("Urgent", []string{"Severity", "Finding", "Who", "Account", "Why", "ID"}, rows)
}

func (m *markdownPage) leavers(s story) {
	var rows [][]string
	for _, l := range s.Leavers {
		for _, a := range l.Accounts {
			rows = append(rows, []string{l.Who, l.EffectiveAt, l.FirstSeenAt, strings.TrimSpace(a.System + " " + a.Account),
				s.stateWord(a.State, a.stage), a.VerifiedAt, a.RemovedAt, strings.Join(a.Details, "; ")})
		}
	}
	var unknown [][]string
	for _, u := range s.Unsaid {
		unknown = append(unknown, []string{u.words()})
	}
	m.table("People who have left: what cannot be said", []string{"Why"}, unknown)
	title := "People who have left"
	if s.Order != "" {
		title = "One person, by order of " + Markdown(s.Order)
	}
	m.table(title, []string{"Who", "Ended", "First in the list", "Account", "State", "Blocked and verified", "Removed and verified", "Detail"}, rows)
	var left [][]string
	for _, r := range s.Remains {
		left = append(left, []string{r.Who, strings.TrimSpace(r.System + " " + r.Account), r.Says})
	}
	m.table("Blocked, and not removed yet", []string{"Who", "Account", "What is left, and why"}, left)
	m.taken("Access of earlier jobs", s, s.Movers)
	m.taken("What reviews decided to remove", s, s.Reviewed)
	if s.Ahead > 0 || s.Restricted.People > 0 {
		fmt.Fprintf(m, "\n%s\n", aheadWords(s))
	}
}

func (m *markdownPage) taken(title string, s story, all []earlier) {
	var rows [][]string
	for _, o := range all {
		rows = append(rows, []string{o.Who, strings.TrimSpace(o.System + " " + o.Account), o.Right, s.stateOf(o), o.Detail})
	}
	m.table(title, []string{"Who", "Account", "Access", "State", "Detail"}, rows)
}

func (m *markdownPage) guards(s story) {
	var rows, behind, commands, given [][]string
	for _, g := range s.Guards {
		rows = append(rows, []string{g.Guard, g.Scope, g.Says, g.cells[0], g.cells[1], fmt.Sprint(g.Accounts), g.Tell, g.NextNight, g.Mend, string(g.Runbook)})
	}
	for _, g := range s.Behind {
		behind = append(behind, []string{g.Guard, g.Scope, g.Says, fmt.Sprint(g.Accounts)})
	}
	for _, g := range slices.Concat(s.Guards, s.Behind) {
		if len(g.once) > 0 {
			scope := g.Scope
			if len(g.once) < len(g.Approve) {
				scope = "all"
			}
			commands = append(commands, []string{g.Guard, scope, strings.Join(g.Ask, "; "), strings.Join(g.once, " ")})
		}
	}
	for _, a := range s.Approvals {
		given = append(given, []string{cmp.Or(a.ID, a.File), a.Guard, a.Scope, a.By, a.became(s.Trigger == "plan")})
	}
	m.table("Guards that tripped", []string{"Guard", "Scope", "Why", "Counted", "Limit", "Accounts held", "Who is told", "Next night", "What to do", "Runbook"}, rows)
	m.table("What would trip next, if that is approved", []string{"Guard", "Scope", "Why", "Accounts"}, behind)
	m.table("How to approve what is right", []string{"Guard", "Scope", "Whom to ask", "Command"}, commands)
	m.table("Approvals", []string{"Approval", "Guard", "Scope", "By", "Tonight"}, given)
}

// inputs tells what is wrong with what was read.
func (m *markdownPage) inputs(s story) {
	var lists, problems, reads [][]string
	for _, r := range s.Rosters {
		if r.Accepted {
			continue
		}
		lists = append(lists, []string{string(r.Source), r.File, r.Says, r.InForce, r.Mend, fmt.Sprint(r.Total)})
		problems = append(problems, mildProblems(r.Problems)...)
	}
	problems = append(problems, mildProblems(s.Problems)...)
	for _, g := range s.Gaps {
		reads = append(reads, []string{g.Read, g.Gap})
	}
	var left [][]string
	for _, u := range s.Unusable {
		left = append(left, []string{u})
	}
	m.table("Policy files that could not be used", []string{"What follows"}, left)
	m.table("Lists that were refused", []string{"List", "File", "Why", "In force", "What to do", "Problems"}, lists)
	m.table("Problems in files", []string{"Severity", "Where", "What"}, problems)
	m.table("Reads that were not complete", []string{"Read", "Gap"}, reads)
}

func mildProblems(all []problem) [][]string {
	var out [][]string
	for _, p := range all {
		says := "the terminal summary tells"
		if p.mild {
			says = p.Says
		}
		out = append(out, []string{string(p.Severity), p.Where, says})
	}
	return out
}

func (m *markdownPage) findings(s story) {
	var rows [][]string
	for _, f := range s.Findings {
		rows = append(rows, []string{string(f.Kind), string(f.Disposition), fmt.Sprint(f.Count)})
	}
	m.table("Findings", []string{"Finding", "What follows", "Count"}, rows)
	if len(s.Notes) > 0 {
		fmt.Fprintf(m, "\n%s: the terminal summary has them.\n", phrase.Counted(len(s.Notes), "note"))
	}
}

func (m *markdownPage) books(s story) {
	var rows [][]string
	for _, b := range s.Books {
		rows = append(rows, []string{b.What, fmt.Sprint(b.Total), partWords(b.Balance), holdsWord(b.Balance)})
	}
	m.table("The books", []string{"What", "Total", "Parts", "Verdict"}, rows)
	fmt.Fprintf(m, "\n%s with %s. Archive head: %s.\n", phrase.Counted(s.Worksheets.Worksheets, "worksheet"), phrase.Counted(s.Worksheets.Rows, "row"),
		Markdown(cmp.Or(s.ArchiveHead, "none, nothing was archived")))
}

func (m *markdownPage) call(s story) {
	if s.Call == nil {
		return
	}
	var says, contacts [][]string
	for _, v := range s.Call.Say {
		says = append(says, []string{v.When, v.To, v.Words, string(v.Runbook)})
	}
	for _, c := range s.Call.Contacts {
		contacts = append(contacts, []string{c.For, c.System, c.Name, strings.Join(nonEmpty(c.Business, cited(c.Hours)), " "), c.After})
	}
	m.table("What to say, and to whom", []string{"When", "To", "Say", "Runbook"}, says)
	m.table("Whom to call", []string{"For", "System", "Name", "In business hours", "After hours"}, contacts)
	m.WriteString("\nHave ready:\n\n")
	for i, g := range s.Call.Give {
		fmt.Fprintf(m, "%d. %s\n", i+1, g)
	}
	fmt.Fprintf(m, "\n%s\n", strings.Join(s.Call.Rules, " "))
}
