package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// Footer is what is known only after the night was decided: the digest of the
// archive's newest manifest, and the files that were written for people.
type Footer struct {
	ArchiveHead string
	Files       []string
	// Plan is the file with the run's plan, and Config the configuration: what the
	// commands that go on have to name.
	Plan, Config string
	// Beside are files in the run's folder that its page links to, by path from there.
	Beside []string
	// Runbooks are the pages of runbooks that were written, by path from the run's folder.
	Runbooks map[access.Runbook]string
}

// story is what all three summaries tell, with everything that nobody may
// learn from them left out already. Its JSON keys are a contract.
type story struct {
	RunID       access.RunID   `json:"run_id"`
	StartedAt   string         `json:"started_at"`
	FinishedAt  string         `json:"finished_at,omitempty"`
	Mode        access.Mode    `json:"mode"`
	Trigger     string         `json:"trigger"`
	Version     string         `json:"tool_version"`
	Previous    access.RunID   `json:"previous_run_id,omitempty"`
	AsOf        string         `json:"accounts_as_of,omitempty"` // when the systems were read, if this run did not
	Order       string         `json:"order,omitempty"`          // by whom, and under which ticket, of a run about one person
	left        int            // how many accounts such a run left to people
	Verdict     string         `json:"verdict"`
	ExitCode    int            `json:"exit_code"`
	ExitMeans   string         `json:"exit_means"`
	Happened    []string       `json:"happened"`
	Urgent      []urgent       `json:"urgent"`
	Leavers     []leaver       `json:"leavers"`
	Remains     []remain       `json:"blocked_and_not_removed"`
	Movers      []earlier      `json:"earlier_jobs"`
	Reviewed    []earlier      `json:"decided_in_reviews"`
	Restricted  restricted     `json:"restricted"`
	Unsaid      []unsaid       `json:"cannot_be_said"`
	Ahead       int            `json:"leavers_ahead"` // how many are known to leave at a time ahead
	Guards      []guard        `json:"guards"`
	Behind      []guard        `json:"guards_behind"` // would trip if those before them were approved; they hold nothing yet
	Approvals   []approval     `json:"approvals"`
	Rosters     []roster       `json:"rosters"`
	Reads       readCount      `json:"reads"`
	Gaps        []gap          `json:"incomplete_reads"`
	Findings    []findingCount `json:"findings"`
	Worksheets  worksheetCount `json:"worksheets"`
	Books       []bookLine     `json:"books"`
	Unusable    []string       `json:"policy_files_not_used"`
	Problems    []problem      `json:"policy_problems"`
	PolicyForHR int            `json:"policy_problems_for_hr_only"`
	PolicyTotal int            `json:"policy_problems_total"`
	Notes       []string       `json:"notes"`
	Call        *call          `json:"call"` // null: nothing needs a person
	ArchiveHead string         `json:"archive_head,omitempty"`
	Files       []string       `json:"files"`
}

type guard struct {
	Guard     string `json:"guard"`
	Scope     string `json:"scope"`
	Says      string `json:"says"`
	Count     int    `json:"count"`
	Limit     int    `json:"limit"`
	Measured  string `json:"measured"` // what was seen and what passes by itself, in words
	Accounts  int    `json:"accounts_held"`
	Tell      string `json:"tell"`
	NextNight string `json:"next_night"`
	Mend      string `json:"mend"`
	// Runbook is the page with the steps.
	Runbook access.Runbook `json:"runbook,omitempty"`
	// Approve is the command by which a person answers for it, and Ask who has to
	// know; empty where nobody can.
	Approve []string `json:"approve,omitempty"` // word by word
	Ask     []string `json:"ask,omitempty"`
	// cells are what was seen and what passes, for a table.
	cells [2]string
	// once is the command to show: the first of several trips of a guard has the
	// one for all of them, the others none.
	once []string
}

type readCount struct {
	Total    int `json:"total"`
	Complete int `json:"complete"`
}

type gap struct {
	Read string `json:"read"`
	Gap  string `json:"gap"`
}

type findingCount struct {
	Kind        access.FindingKind `json:"kind"`
	Disposition access.Disposition `json:"disposition"`
	Count       int                `json:"count"`
}

type worksheetCount struct {
	Worksheets int `json:"worksheets"`
	Rows       int `json:"rows"`
}

type bookLine struct {
	access.Balance
	Holds bool `json:"holds"`
}

// tell makes the story of a night.
func tell(n *access.Night, f Footer) story {
	n = forEverybody(n)
	d := newDiscretion(n)
	s := story{
		RunID: access.RunID(line(string(n.Run.ID))), StartedAt: stamp(n.Run.StartedAt), FinishedAt: stamp(n.Run.FinishedAt),
		Mode: firstMode(n.Run.Mode), Trigger: n.Run.Trigger, Version: n.Run.ToolVersion, Previous: n.Run.Previous,
		Verdict: n.Run.Verdict, ExitCode: n.Run.ExitCode, ExitMeans: exitMeansOf(n),
		Ahead: leavingAhead(n), ArchiveHead: line(f.ArchiveHead),
	}
	s.AsOf = stamp(n.SeenAt)
	if n.Order != nil {
		s.Order = line(orderedBy(n.Order))
	}
	s.Files = []string{}
	for _, file := range f.Files {
		s.Files = append(s.Files, line(file))
	}
	slices.Sort(s.Files)
	s.Urgent, s.left = urgents(n, d), len(n.Left())
	s.Leavers, s.Restricted = leavers(n, d)
	s.Remains = remains(n, d)
	s.Movers, s.Reviewed = movers(n, d), reviewed(n, d)
	s.Unsaid = unsaids(n, d)
	s.doubt(n)
	s.Guards, s.Behind = guards(n, f)
	var over int
	s.Approvals, over = approvals(n, d)
	s.Rosters = rosters(n, d)
	s.Reads, s.Gaps = gaps(n)
	s.Findings = countFindings(n.Findings)
	s.Worksheets.Worksheets = len(n.Worksheets)
	for _, w := range n.Worksheets {
		s.Worksheets.Rows += len(w.Items)
	}
	s.Books = []bookLine{}
	for _, b := range n.Balances {
		s.Books = append(s.Books, bookLine{b, b.Holds()})
	}
	s.Problems, s.PolicyForHR = problems(n.Problems, d)
	s.PolicyTotal = len(n.Problems)
	s.Unusable = unusable(n)
	s.Notes = append(notes(n, d), overNote(over)...)
	s.Happened = happened(n, s)
	if s.ExitCode != 0 || len(s.Urgent) > 0 {
		s.Call = callFor(n, s)
	}
	return s
}

// isPlan: a plan says what a night would do, and does nothing.
func isPlan(n *access.Night) bool { return n.Run.Trigger == "plan" }

// exitMeansOf says what the exit code of a run means: of one about one person it is about
// what is theirs, and of a plan that was applied about its steps.
func exitMeansOf(n *access.Night) string {
	if n.Order != nil {
		if says, has := map[int]string{
			3: "something of theirs, or perhaps theirs, is held or left to people: what is named is not blocked",
			4: "not everything was read, so that it cannot be said whether they can still get in; or a policy file could not be used",
			5: "a step failed, was skipped or could not be verified: they may still get in",
		}[n.Run.ExitCode]; has {
			return says
		}
	}
	switch {
	case n.Run.ExitCode == 5 && len(n.Interrupted) > 0:
		return "an order by hand never came to its end, or an action failed or could not be verified"
	case n.Run.ExitCode == 5 && n.Run.Trigger == "apply":
		return "a step of the plan failed, was skipped or could not be verified"
	}
	return exitMeans(n.Run.ExitCode, isPlan(n))
}

// exitMeans says what an exit code means to whoever reads the log.
func exitMeans(code int, plan bool) string {
	switch {
	case plan && code == 0:
		return "planned; nothing was changed"
	case plan && code == 3:
		return "a guard holds something back, or a list was refused; nothing was changed"
	case plan && code == 4:
		return "a read was incomplete, or a policy file could not be used; nothing was changed"
	}
	switch code {
	case 0:
		return "done"
	case 1:
		return "aborted, or the evidence could not be committed, or another run holds the lock"
	case 2:
		return "refused before anything was attempted: usage, configuration or input"
	case 3:
		return "a guard held something back, or a list was refused; the rest was done"
	case 4:
		return "a read was incomplete, or a policy file could not be used; the rest was done"
	case 5:
		return "an action failed or could not be verified"
	}
	return "not a code of rollcall"
}

// leavingAhead counts the people known to leave at a time ahead.
func leavingAhead(n *access.Night) int {
	count := 0
	for _, p := range n.People {
		if p.Standing == access.StandingScheduled || p.Standing == access.StandingGarden {
			count++
		}
	}
	return count
}

func systemScope(k access.AccountKey) string {
	if k.Scope == "" {
		return line(string(k.System))
	}
	return line(string(k.System)) + " " + line(k.Scope)
}

// account names an account: by login and id, by id alone when the login would
// give away whose departure lies ahead.
func (d discretion) account(p access.PersonKey, k access.AccountKey, login string) string {
	if login == "" || login == string(k.ID) || d.ahead[p] {
		return line(string(k.ID))
	}
	return line(login) + " [" + line(string(k.ID)) + "]"
}

func gaps(n *access.Night) (readCount, []gap) {
	var c readCount
	out := []gap{}
	for _, r := range n.Reads() {
		c.Total++
		if r.Complete {
			c.Complete++
			continue
		}
		out = append(out, gap{line(r.Name()), cmp.Or(line(r.Gap), "not read")})
	}
	slices.SortFunc(out, func(a, b gap) int { return cmp.Or(strings.Compare(a.Read, b.Read), strings.Compare(a.Gap, b.Gap)) })
	return c, out
}

func countFindings(all []access.Finding) []findingCount {
	type key struct {
		kind access.FindingKind
		disp access.Disposition
	}
	count := map[key]int{}
	for _, f := range all {
		count[key{f.Kind, f.Disposition}]++
	}
	out := []findingCount{}
	for k, c := range count {
		out = append(out, findingCount{k.kind, k.disp, c})
	}
	slices.SortFunc(out, func(a, b findingCount) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(string(a.Disposition), string(b.Disposition)))
	})
	return out
}

func notes(n *access.Night, d discretion) []string {
	all := slices.Clone(n.Notes)
	for i := range n.Systems {
		all = append(all, n.Systems[i].Notes...)
	}
	for _, o := range n.Outcomes {
		if o.Action.Stage == access.Restore && o.AdoptedFrom != "" {
			all = append(all, fmt.Sprintf("A restore was interrupted (run %s): %s of %s in %s is %s.", o.AdoptedFrom, o.Action.Verb, o.Action.Login, o.Action.Account.System, o.Result))
		}
	}
	out := []string{}
	for _, note := range all {
		if d.names(note) {
			note = "A note about somebody who is still employed: the archive has it."
		}
		out = append(out, line(note))
	}
	return out
}
