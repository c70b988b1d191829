package reports

import (
	"bytes"
	"cmp"
	_ "embed" // the page's template, script and style
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"rollcall/internal/access"
	"rollcall/reports/page"
)

// The page is a worksheet in one HTML file, for those who would rather not use a
// spreadsheet. It loads nothing and sends nothing: its own policy forbids it, and lets
// no other script run than the one below.

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string

	pageTemplate = page.Template(pageHTML, nil)
	pagePolicy   = page.Policy(pageStyle, pageScript)
)

// pageView is what the template shows.
type pageView struct {
	CSP        string
	Style      template.CSS
	Script     template.JS
	About      pageAbout
	Title, Due string
	Head       [][2]string
	Decisions  []decisionWord
	Rows       []pageRow
	Systems    []string // of the rows, as they are written there
	Rights     []string
	Statement  string
	Contacts   [][]string
	Card       []string
	CardRest   []string
	Tables     []pageTable
}

// pageAbout is what the script knows of the worksheet, and what its file says of
// itself.
type pageAbout struct {
	Schema    string   `json:"schema"`
	Campaign  string   `json:"campaign"`
	Sheet     string   `json:"sheet"`
	Digest    string   `json:"digest"`
	Decisions []string `json:"decisions"`
}

type pageRow struct {
	ID, MAC, Group                            string // Group is the same for all rows of one person
	Person, Job, Means, System, Name, Account string
	Flag, Suggested, WhySuggested             string
	First, Against                            bool // Against: a Keep is against the suggestion
	Marks                                     []pageMark
	Facts, More                               []pageFact
}

type pageFact struct{ Head, Text string }

type pageMark struct{ Text, Class string }

type pageTable struct {
	Title string
	Parts []pagePart
}

type pagePart struct {
	Title string
	Heads []string
	Lines [][]string
	Note  string
}

// page makes the HTML file of a campaign's worksheet.
func (s *sheet) page() ([]byte, error) {
	c := s.campaign.Campaign
	v := pageView{CSP: pagePolicy, Style: template.CSS(pageStyle), Script: template.JS(pageScript),
		About: pageAbout{Schema: campaignSchema, Campaign: string(c.ID), Sheet: s.campaign.sheet.ID, Digest: s.campaign.sheet.SHA256, Decisions: decisionWords()},
		Title: "Access review: " + cmp.Or(c.Title, string(c.ID)), Due: c.Due.String(), Head: s.head(), Decisions: decisions,
		Rows: s.pageRows(), Rights: s.rights(), Statement: signStatement, Contacts: s.contactLines(), Card: s.cardGive(), CardRest: s.cardRest(), Tables: s.pageTables()}
	for _, r := range v.Rows {
		v.Systems = appendNew(v.Systems, r.System)
	}
	const perRow = 4000 // bytes, about
	var out bytes.Buffer
	out.Grow(len(pageScript) + len(pageStyle) + perRow*(len(v.Rows)+10))
	if err := pageTemplate.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("make page: %w", err)
	}
	return []byte(xmlText(out.String())), nil // names may hold control characters
}

func decisionWords() []string {
	out := make([]string, len(decisions))
	for i, d := range decisions {
		out[i] = d.Word
	}
	return out
}

// The columns that a row of the page shows at once, and those behind "More about this
// row"; the others have places of their own.
var (
	pageFacts = []string{"How they got it", "Since", "Last used", "Same role has it", headLast, "Also goes with it"}
	pageMore  = []string{headRow, "Employee ID", "Manager", "Worker type", "Employment", "Approved by", "Approval ref", headDuty}
)

func (s *sheet) pageRows() []pageRow {
	groups := map[string]string{}
	out := make([]pageRow, len(s.rows))
	for r := range s.rows {
		who := s.groupKey(r)
		if groups[who] == "" {
			groups[who] = strconv.Itoa(len(groups) + 1)
		}
		out[r] = s.pageRow(r, groups[who])
	}
	return out
}

// groupKey is the same for the rows of one person, or of one account that is nobody's.
func (s *sheet) groupKey(row int) string {
	i := &s.issued[row].Item
	if k := i.Person.Key(); !k.Zero() {
		return "person " + k.String()
	}
	return "account " + i.Account.Key().String()
}

func (s *sheet) pageRow(r int, group string) pageRow {
	say := func(head string) string { return s.text(r, head) }
	p := pageRow{ID: s.issued[r].ID, MAC: s.issued[r].MAC, Group: group, Person: say(headPerson), Means: say("What it lets them do"), System: say("System"),
		Name: say("Technical name"), Account: say("Account"), Flag: say(headFlag), Suggested: say(headSuggested), WhySuggested: say(headWhySuggested), First: s.first(r)}
	p.Job = strings.Trim(say("Job title")+", "+say("Department"), ", ")
	p.Against = p.Suggested != "" && p.Suggested != decisions[0].Word
	p.Marks = pageMarks(say(headRisk), say(headSince))
	p.Facts, p.More = s.facts(r, pageFacts), s.facts(r, pageMore)
	return p
}

func pageMarks(risk, since string) []pageMark {
	m := pageMark{Text: risk}
	switch risk {
	case riskWord(access.RiskStandard), riskWord(access.RiskSensitive), riskWord(access.RiskPrivileged):
		m.Text += " access"
	}
	if risk == riskWord(access.RiskPrivileged) {
		m.Class = "urgent"
	}
	out := []pageMark{m}
	switch since {
	case "New", "Changed":
		out = append(out, pageMark{Text: since + " since the last review"})
	}
	return out
}

// facts gives what a row says in these columns, where it says anything.
func (s *sheet) facts(row int, heads []string) []pageFact {
	var out []pageFact
	for _, h := range heads {
		if v := s.text(row, h); v != "" {
			out = append(out, pageFact{h, v})
		}
	}
	return out
}

// pageTables are the workbook's other sheets.
func (s *sheet) pageTables() []pageTable {
	news := pagePart{Heads: changeHeads}
	for _, c := range s.campaign.changes {
		news.Lines = append(news.Lines, c.texts())
	}
	terms := pagePart{Heads: termHeads}
	for _, t := range s.glossary {
		terms.Lines = append(terms.Lines, t.texts())
	}
	source := pageTable{Title: sheetSource}
	for _, t := range s.sources() {
		source.Parts = append(source.Parts, t.pagePart())
	}
	return []pageTable{{sheetNews, []pagePart{news}}, {sheetTerms, []pagePart{terms}}, source}
}

// pagePart gives the table as texts, without its gaps.
func (t table) pagePart() pagePart {
	p := pagePart{Title: t.Title, Note: t.Note}
	for _, h := range t.Heads {
		if h != "" {
			p.Heads = append(p.Heads, h)
		}
	}
	for _, l := range t.Lines {
		var texts []string
		for i, v := range l {
			if i >= len(t.Heads) || t.Heads[i] != "" {
				texts = append(texts, fmt.Sprint(v))
			}
		}
		p.Lines = append(p.Lines, texts)
	}
	return p
}
