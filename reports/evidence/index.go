package evidence

import (
	"bytes"
	_ "embed" // the page's template and style
	"fmt"
	"html/template"
	"slices"
	"strings"

	"rollcall/internal/phrase"
	"rollcall/reports/page"
	"rollcall/reports/picture"
)

var (
	//go:embed page/index.html
	indexHTML string
	//go:embed page/index.css
	indexStyle string

	indexTemplate = page.Template(indexHTML, nil)
	// The page's own policy: it loads nothing, runs nothing, and takes no style but its own.
	indexLooks  = page.Base() + picture.Style() + indexStyle
	indexPolicy = page.Policy(indexLooks, "")
)

// indexView is what the template shows.
type indexView struct {
	CSP      string
	Style    template.CSS
	From, To string
	Tool     string
	Expired  []string
	Short    []verdict
	Facts    []fact
	Sections []section
	Files    []file
	Paste    string
	Checks   []string
}

// verdict is one of the sentences at the top. Look: somebody should look at it.
type verdict struct {
	Text string
	Look bool
}

type fact struct {
	Head, Text string
	Digest     bool
}

type section struct {
	ID, Title string
	Says      []string
	Parts     []part
	Files     []file
}

type part struct {
	Title        string
	Says         []string
	Key          []key
	Picture      template.HTML
	Class, Label string // of the picture
	Table        *grid
}

type key struct {
	Letter, Paper, Says string
	Count               int
}

// grid is a table. Fold: it is shown on demand, under these words.
type grid struct {
	Caption, Fold, More string
	Heads               []cell
	Rows                []line
}

type line struct {
	Cells []cell
	Look  bool
}

type cell struct {
	Text   string
	Number bool
	Keep   bool // it is short, and stays on one line
}

type file struct {
	Name, Title, File, Digest, Why string
	Rows                           int
	Workbook, Expired              bool
}

// heads makes the head of a table; one that begins with # is above numbers.
func heads(texts ...string) []cell { return cells(texts) }

func cells(texts []string) []cell {
	all := make([]cell, len(texts))
	for i, t := range texts {
		t, number := strings.CutPrefix(t, "#")
		all[i] = cell{Text: t, Number: number}
	}
	return all
}

// row gives a line of texts and numbers under the heads.
func (g *grid) row(look bool, values ...any) {
	l := line{Look: look, Cells: make([]cell, len(values))}
	for i, v := range values {
		text := fmt.Sprint(v)
		l.Cells[i] = cell{text, g.Heads[i].Number, len(text) <= len("2026-01-01 to 2026-01-02")}
	}
	g.Rows = append(g.Rows, l)
}

// index makes the page.
func (p *pack) index() ([]byte, error) {
	v := indexView{CSP: indexPolicy, Style: template.CSS(indexLooks), From: p.From, To: p.To, Tool: p.Tool, Paste: p.paste(), Checks: p.checks(), Facts: p.facts(), Expired: p.expired()}
	for _, make := range []func() (section, verdict, error){p.nightsSection, p.populationSection, p.leaversSection, p.reviewsSection, p.exceptionsSection, p.overridesSection, p.findingsSection, p.accessSection, p.reperformSection} {
		s, short, err := make()
		if err != nil {
			return nil, err
		}
		v.Sections = append(v.Sections, s)
		if short.Text != "" {
			v.Short = append(v.Short, short)
		}
	}
	for i := range p.answers {
		v.Files = append(v.Files, p.answers[i].file())
	}
	var out bytes.Buffer
	if err := indexTemplate.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("make the page: %w", err)
	}
	return []byte(page.Printable(out.String())), nil
}

func (a *answered) file() file {
	f := file{Name: a.Name, Title: a.Title, File: a.File, Why: a.Why}
	if a.answer != nil {
		f.Rows, f.Digest, f.Workbook = len(a.answer.Rows), a.answer.Digest(), a.fitsWorkbook()
		f.Expired = len(a.answer.Expired) > 0
	}
	return f
}

// expired says, run by run, what the answers are without because it was let go.
func (p *pack) expired() (all []string) {
	for i := range p.answers {
		if a := p.answers[i].answer; a != nil {
			all = append(all, a.Expired...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (p *pack) files(names ...string) (all []file) {
	for _, n := range names {
		all = append(all, p.find(n).file())
	}
	return all
}

func (p *pack) facts() []fact {
	first, end := p.chain[0], p.chain[len(p.chain)-1]
	runs := 0
	for _, r := range p.chain {
		if r.Date >= p.From && r.Date <= p.To {
			runs++
		}
	}
	return []fact{
		{"Period", p.From + " to " + p.To + " (UTC)", false},
		{"As of", phrase.Minute(end.CreatedAt) + ", when the newest record was signed (run " + string(end.RunID) + ")", false},
		{"Rests on", fmt.Sprintf("%s of the period, of %d in the archive since %s", count(runs, "run", "runs"), len(p.chain), phrase.Day(first.CreatedAt)), false},
		{"SLA for leavers", fmt.Sprintf("%s from the end of access to the verified block", hoursText(p.sla())), false},
		{"End of the chain", fmt.Sprintf("%d %s", end.Sequence, end.SHA256), true},
		{"Key that signs now (SHA-256 of the public one)", fingerprint(p.now), true},
		{"Program", p.Tool, false},
		{"Command", p.command(), true},
	}
}

func (p *pack) sla() float64 { return float64(24 * p.Days) }

func (p *pack) command() string {
	return fmt.Sprintf("rollcall audit export --from %s --to %s --days %d", p.From, p.To, p.Days)
}

// count writes a number with its noun.
func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + more
}

func were(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
