package reports

import (
	"bytes"
	_ "embed" // the page's template, script and style
	"fmt"
	"html/template"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/reports/page"
	"rollcall/reports/picture"
)

// The night report is a run on one page, for people: what happened, who acts next, and
// everything that the summaries tell, to search and to print. It shows what tell allows
// everybody, and findings under the same discretion.

var (
	//go:embed page/night.html
	nightHTML string
	//go:embed page/night.css
	nightStyle string
	//go:embed page/night.js
	nightScript string

	nightTemplate = template.Must(template.New("night").Parse(nightHTML))
	nightLooks    = page.Base() + picture.Style() + nightStyle
	nightPolicy   = page.Policy(nightLooks, nightScript)
)

// PageName is the file of a run's report in the folder of the run, and of the list of
// all runs in the folder above.
const PageName = "index.html"

// How many of each the page holds; the archive has all.
const (
	mostRows    = 10_000 // findings
	mostPeople  = 1000   // leavers, and rights of earlier jobs
	mostReads   = 5000
	shownAtOnce = 200 // findings, until more are asked for
)

// slaOf is how long a block may take after the end of access: what `audit export` goes
// by, unless it is told otherwise.
const slaOf = 24 * time.Hour

// nightView is what the template shows.
type nightView struct {
	CSP    string
	Style  template.CSS
	Script template.JS
	story
	Title, Day, State, Tone string
	Nothing                 string // why nothing was changed; empty: the run might have
	Steps                   bool   // the runbooks were written
	Acts                    []act
	ActsMore                int
	Waiting                 string
	LeaverTitle             string
	Unknown                 []string
	People                  []personView
	PeopleMore              int
	LaterWords              string
	Taken                   []takenView
	Held                    []guardView
	ApprovalLines           []approvalView
	Matrix                  matrix
	Rows                    []findingView
	RowsMore, Withheld      int
	Kinds, Places, Serious  []string
	Nexts                   []string
	Trend                   trend
	Certificates            []readView
	ReadsMore               int
	Sheets                  []sheetView
	Links                   []pageLink
}

// act is what one of the people who act next has to know, and when.
type act struct {
	When, To string
	Urgent   bool
	Words    []actWords
}

type actWords struct{ Text, Runbook, RunbookTitle string }

type personView struct {
	Who, Ended, Seen, Blocked, Removed, Sessions string
	SLA                                          string
	Late, Settled                                bool
	Accounts                                     []accountView
}

type accountView struct {
	Name, State string
	Look        bool
	Details     []string
}

type takenView struct {
	Title string
	Rows  []earlierView
	More  int
}

type earlierView struct {
	Who, Account, Right, State, Detail string
	Look                               bool
}

type guardView struct {
	guard
	Title, Counted string
	Says, Mend     string
	Command        string
	Runbook        string
	Behind         bool
}

type approvalView struct {
	Head, Why, Became string
	Look              bool
}

type matrix struct {
	Serious []string
	Lines   []matrixLine
}

type matrixLine struct {
	Place string
	Cells []matrixCell
	Total int
}

type matrixCell struct {
	Serious string
	Count   int
}

type findingView struct {
	Serious, Title, Who, Account, Place, Right, Why, Cites, Since, Next, ID, Runbook string
	Later                                                                            bool
}

type readView struct {
	Name, State, Records, Requests, At, Gap string
	Look                                    bool
}

type sheetView struct {
	Who, Because, File string
	Rows, Flagged      int
}

type pageLink struct{ Words, File string }

// NightPage makes the report of a run as one HTML file, to lie in the run's folder.
func NightPage(n *access.Night, f Footer) ([]byte, error) {
	s, d := tell(n, f), newDiscretion(n)
	if n.Order != nil { // why is for the archive: everybody may read the page
		s.Order = line(strings.TrimSuffix(n.Order.By+", ticket "+n.Order.Ticket, ", ticket "))
	}
	v := nightView{CSP: nightPolicy, Style: template.CSS(nightLooks), Script: template.JS(nightScript), story: s,
		Title: titleOf(s), Day: n.Run.StartedAt.UTC().Format("Monday 2 January 2006"), Steps: len(f.Runbooks) > 0, LeaverTitle: leaversTitle(s)}
	v.State, v.Tone = stateOf(s)
	v.Nothing = nothing(n, s)
	v.act(f)
	v.leavers(n)
	v.taken("Access of earlier jobs", s.Movers)
	v.taken("What reviews decided to remove", s.Reviewed)
	v.held(f)
	v.findings(n, d, f)
	v.reads(n)
	v.sheets(n)
	for _, name := range f.Beside {
		v.Links = append(v.Links, pageLink{besideWords(name), href(name)})
	}
	var err error
	if v.Trend, err = trendOf(n.Past); err != nil {
		return nil, err
	}
	const perRow = 900 // bytes, about
	var out bytes.Buffer
	out.Grow(len(nightLooks) + len(nightScript) + perRow*(len(v.Rows)+len(v.People)+100))
	if err := nightTemplate.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("make the page of the night: %w", err)
	}
	return []byte(page.Printable(out.String())), nil
}

// titleOf says what kind of run it was.
func titleOf(s story) string {
	switch {
	case s.Order != "" && s.Trigger == "plan":
		return "One person, by order: what would happen"
	case s.Order != "":
		return "One person, by order"
	}
	return firstOf(map[string]string{"plan": "Plan: what a night would do", "sweep": "Sweep between two nights", "apply": "A plan, carried out"}[s.Trigger], "Night report")
}

// stateOf says how the run ended, and how it looks.
func stateOf(s story) (words, tone string) {
	switch {
	case s.ExitCode == 0 && len(s.Urgent) > 0:
		return "Done, and something is urgent", "urgent"
	case s.ExitCode == 0:
		return "In order", "good"
	case s.ExitCode == 3:
		return "Somebody has to decide", "want"
	case s.ExitCode == 4:
		return "Not everything could be read", "want"
	}
	return "Something went wrong", "urgent"
}

// nothing says why a run changed nothing, if it was not to.
func nothing(n *access.Night, s story) string {
	switch {
	case isPlan(n):
		return "This is a plan. Nothing was changed in any system, and nothing was archived: it says what would happen."
	case s.Mode == access.Observe:
		return "The mode is observe: rollcall only looked. Nothing was changed in any system."
	}
	return ""
}

// act gathers who acts next: the most urgent first, each with everything at once.
func (v *nightView) act(f Footer) {
	if v.Worksheets.Rows > 0 {
		v.Waiting = fmt.Sprintf("%s in %s for reviewers. They are asked in the next review, or by whoever sends them their file.", plural(v.Worksheets.Rows, "row"), plural(v.Worksheets.Worksheets, "worksheet"))
	}
	if v.Call == nil {
		return
	}
	for _, one := range v.Call.Say[:min(len(v.Call.Say), mostOpen)] {
		when, to := sentenceStart(one.When), sentenceStart(one.To)
		at := slices.IndexFunc(v.Acts, func(a act) bool { return a.When == when && a.To == to })
		if at < 0 {
			at = len(v.Acts)
			v.Acts = append(v.Acts, act{When: when, To: to, Urgent: one.When == now})
		}
		v.Acts[at].Words = append(v.Acts[at].Words, actWords{plainKind(one.Words), runbookLink(f, one.Runbook), runbookTitle(one.Runbook)})
	}
	slices.SortStableFunc(v.Acts, func(a, b act) int {
		switch {
		case a.Urgent == b.Urgent:
			return 0
		case a.Urgent:
			return -1
		}
		return 1
	})
	v.ActsMore = max(0, len(v.Call.Say)-mostOpen)
}

// runbookLink is where a runbook's page lies, seen from the run's folder; empty unless it
// was written.
func runbookLink(f Footer, r access.Runbook) string {
	if file, written := f.Runbooks[r]; written && r != "" {
		return href(file)
	}
	return ""
}

// plainKind says in words the kind of finding with which a sentence begins.
func plainKind(words string) string {
	kind, rest, _ := strings.Cut(words, ": ")
	if title, is := findingTitles[access.FindingKind(kind)]; is {
		return title + ": " + rest
	}
	return words
}

func runbookTitle(r access.Runbook) string { return strings.ReplaceAll(string(r), "-", " ") }

// href makes a link of the path of a file, whatever characters it has.
func href(file string) string { return (&url.URL{Path: file}).String() }

// leavers shows each leaver with the clocks.
func (v *nightView) leavers(n *access.Night) {
	sessions := map[access.AccountKey]time.Time{}
	for _, o := range n.Outcomes {
		if end := o.LingersUntil(); end.After(sessions[o.Action.Account]) {
			sessions[o.Action.Account] = end
		}
	}
	for _, l := range v.story.Leavers[:min(len(v.story.Leavers), mostPeople)] {
		p := personView{Who: l.Who, Ended: clockText(l.EffectiveAt, "no known time"), Seen: clockText(l.FirstSeenAt, "unknown"), Blocked: clockText(l.BlockedAt, "not yet"), Removed: clockText(l.RemovedAt, "not yet")}
		if l.BlockedAt == "" && l.worst >= stateVerified {
			p.Blocked = "before tonight"
		}
		p.SLA, p.Late = within(l, n.Run.StartedAt)
		p.Settled = l.worst >= stateVerified
		var last time.Time
		for _, a := range l.Accounts {
			if end := sessions[a.key]; end.After(last) {
				last = end
			}
			p.Accounts = append(p.Accounts, accountView{strings.TrimSpace(a.System + " " + a.Account), v.stateAt(a), a.worst < statePlanned, a.Details})
		}
		p.Sessions = clockText(stamp(last), "none known")
		v.People = append(v.People, p)
	}
	v.PeopleMore = max(0, len(v.story.Leavers)-mostPeople)
	for _, u := range v.Unsaid {
		v.Unknown = append(v.Unknown, u.words())
	}
	if v.Restricted.People > 0 || v.Ahead > 0 {
		v.LaterWords = aheadWords(v.story)
	}
}

// clockText is a time to the minute, where the page says for all that they are in UTC.
func clockText(stamp, none string) string {
	return firstOf(stamp[:min(len(stamp), len("2026-01-02 15:04"))], none)
}

// within says whether the block came in time. Whoever was told of late, HR's list first
// said so after the end: the clock is the end's all the same.
func within(l leaver, now time.Time) (words string, late bool) {
	switch {
	case l.ended.IsZero():
		return "no end to count from", false
	case l.blocked.IsZero() && l.worst >= stateVerified:
		return "settled before tonight", false
	case l.blocked.IsZero() && now.Sub(l.ended) > slaOf:
		return "late: open for " + span(now.Sub(l.ended)), true
	case l.blocked.IsZero():
		return "still in time: open for " + span(now.Sub(l.ended)), false
	case l.blocked.Sub(l.ended) > slaOf:
		return "late: after " + span(l.blocked.Sub(l.ended)), true
	}
	return "in time: after " + span(l.blocked.Sub(l.ended)), false
}

func (v *nightView) taken(title string, all []earlier) {
	if len(all) == 0 {
		return
	}
	t := takenView{Title: title, More: max(0, len(all)-mostPeople)}
	for _, m := range all[:min(len(all), mostPeople)] {
		t.Rows = append(t.Rows, earlierView{m.Who, strings.TrimSpace(m.System + " " + m.Account), m.Right, v.story.stateOf(m), sentence(m.Detail), m.worst < statePlanned})
	}
	v.Taken = append(v.Taken, t)
}

// held shows what guards hold, and the approvals.
func (v *nightView) held(f Footer) {
	add := func(g guard, behind bool) {
		one := guardView{guard: g, Title: guardTitle(g.Guard, g.Scope), Says: sentence(g.Says), Mend: sentence(g.Mend), Behind: behind, Runbook: runbookLink(f, g.Runbook),
			Counted: fmt.Sprintf("%d; the limit is %d. It holds %s.", g.Count, g.Limit, heldWords(g.Accounts))}
		if len(g.once) > 0 {
			one.Command = strings.Join(g.once, " ")
		}
		v.Held = append(v.Held, one)
	}
	for _, g := range v.story.Guards {
		add(g, false)
	}
	for _, g := range v.story.Behind {
		add(g, true)
	}
	for _, a := range v.story.Approvals[:min(len(v.story.Approvals), mostOpen)] {
		v.ApprovalLines = append(v.ApprovalLines, approvalView{a.head(), sentence(a.Reason), sentence(a.became(v.Trigger == "plan")), !a.Counts})
	}
}

// guardTitle says what a guard watches over.
func guardTitle(guard, scope string) string {
	says := map[string]string{"roster": "A list of HR's was refused", "blast_radius": "More accounts than usual", "concentration": "Too many from one place",
		"irreversible": "More that cannot be undone than usual", "protected": "A protected account"}[guard]
	return firstOf(says, strings.ReplaceAll(line(guard), "_", " ")) + " (" + line(guard) + ", " + scope + ")"
}

func (v *nightView) reads(n *access.Night) {
	all := n.Reads()
	slices.SortStableFunc(all, func(a, b access.Read) int {
		switch {
		case a.Complete == b.Complete:
			return strings.Compare(a.Name(), b.Name())
		case b.Complete:
			return -1
		}
		return 1
	})
	for _, r := range all[:min(len(all), mostReads)] {
		one := readView{Name: line(r.Name()), State: "complete", Records: fmt.Sprint(r.Records), Requests: fmt.Sprint(r.Requests), At: firstOf(stamp(r.FinishedAt), "not finished")}
		if r.ClaimedTotal >= 0 {
			one.Records += fmt.Sprintf(" of %d", r.ClaimedTotal)
		}
		if r.Recalled {
			one.State = "complete, by an earlier run"
		}
		if !r.Complete {
			one.State, one.Look, one.Gap = "not complete", true, firstOf(line(r.Gap), "not read")
		}
		v.Certificates = append(v.Certificates, one)
	}
	v.ReadsMore = max(0, len(all)-mostReads)
}

func (v *nightView) sheets(n *access.Night) {
	for _, w := range n.Worksheets {
		one := sheetView{Who: firstOf(line(w.ReviewerName), line(w.ReviewerMail), "a reviewer"), Because: line(w.Because), Rows: len(w.Items)}
		for _, i := range w.Items {
			if i.FindingID != "" {
				one.Flagged++
			}
		}
		if w.File != "" {
			one.File = href(path.Join("worksheets", w.File))
		}
		v.Sheets = append(v.Sheets, one)
	}
}

func besideWords(name string) string {
	switch {
	case strings.HasPrefix(name, "hr/"):
		return "For HR only: problems and questions about their list (" + path.Base(name) + ")"
	case name == "plan.json":
		return "The plan, which whoever approves something needs (plan.json)"
	case name == "summary.txt":
		return "The same as plain text (summary.txt)"
	case name == "summary.json":
		return "The same for programs (summary.json)"
	}
	return name
}

// trend is the past nights in pictures, and as a table.
type trend struct {
	Nights   int
	Calendar template.HTML
	Key      []trendKey
	Levels   template.HTML
	Rows     [][]string
}

type trendKey struct {
	Letter, Paper, Says string
	Count               int
}

// trendOf draws the past nights; one night makes no trend.
func trendOf(past []access.PastNight) (trend, error) {
	nights, levels := byDay(past)
	t := trend{Nights: len(past)}
	if len(nights) < 2 {
		return t, nil
	}
	var err error
	if t.Calendar, err = picture.Calendar(nights); err != nil {
		return t, err
	}
	count := map[string]int{}
	for _, one := range nights {
		count[one.Outcome]++
	}
	for _, o := range picture.Outcomes {
		if count[o.Outcome] > 0 {
			t.Key = append(t.Key, trendKey{o.Letter, strings.TrimSuffix(o.Fill, "-paper"), o.Says, count[o.Outcome]})
		}
	}
	t.Levels, err = picture.Levels("levels", "The past nights in numbers", levels, nights[0].Day, nights[len(nights)-1].Day)
	for _, p := range slices.Backward(past) {
		t.Rows = append(t.Rows, []string{stamp(p.At), picture.LookOf(outcomeOf(p)).Says, fmt.Sprint(p.Findings), fmt.Sprint(p.Urgent), fmt.Sprint(p.Blocked), fmt.Sprint(p.Removed), fmt.Sprint(p.Held), fmt.Sprintf("%d of %d", p.Complete, p.Reads)})
	}
	return t, err
}

func outcomeOf(p access.PastNight) string {
	switch {
	case p.Verdict == "done" && firstMode(p.Mode) == access.Observe:
		return "observe only"
	case p.Verdict == "done":
		return "ran"
	}
	return p.Verdict
}

// byDay gives every day from the first night to the last, the last run of a day for it.
func byDay(past []access.PastNight) (nights []picture.Night, levels []picture.Series) {
	levels = []picture.Series{{Name: "Findings"}, {Name: "Urgent"}, {Name: "Accounts blocked"}, {Name: "Accounts held"}}
	for i, p := range past {
		day := p.At.UTC().Truncate(24 * time.Hour)
		if i+1 < len(past) && past[i+1].At.UTC().Truncate(24*time.Hour).Equal(day) {
			continue
		}
		for len(nights) > 0 && nights[len(nights)-1].Day.AddDate(0, 0, 1).Before(day) {
			nights = append(nights, picture.Night{Day: nights[len(nights)-1].Day.AddDate(0, 0, 1), Outcome: "missed"})
		}
		nights = append(nights, picture.Night{Day: day, Outcome: outcomeOf(p)})
		for n, count := range []int{p.Findings, p.Urgent, p.Blocked, p.Held} {
			levels[n].Levels = append(levels[n].Levels, picture.Level{Day: day, Count: count})
		}
	}
	return nights, levels
}
