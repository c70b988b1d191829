package audit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"rollcall/internal/phrase"
)

// Evidence is what an answer rests on, a line each.
func (a *Answer) Evidence() []Given {
	lines := []Given{{"question", strings.TrimSpace(a.Question + " " + a.Title)}}
	if a.Question == "" {
		lines = []Given{{"query", strings.Join(strings.Fields(a.Query), " ")}}
	}
	var given []string
	for _, p := range a.Parameters {
		given = append(given, fmt.Sprintf("%s=%q", p.Name, p.Value))
	}
	lines = append(lines, Given{"parameters", strings.Join(given, " ")},
		Given{"as of", a.AsOf.Format(time.RFC3339)},
		Given{"chain", fmt.Sprintf("%d manifest(s): each link from the first on checked and whole, and signed at the end of each key", a.Manifests)},
		Given{"end of the chain", fmt.Sprintf("%s (run %s)", a.Head, a.HeadRun)},
		Given{"rests on", fmt.Sprintf("%d run(s), %d file(s), %s", len(a.Runs), a.Files, cmp.Or(a.Checked, "each checked against its signed manifest"))},
		Given{"runs", strings.Join(a.Runs, " ")})
	lines = append(lines, a.Notes...)
	if len(a.Expired) > 0 {
		lines = append(lines, Given{"EXPIRED", fmt.Sprintf("this answer is without what %d run(s) recorded of people: %s", len(a.Expired), strings.Join(a.Expired, "; "))})
	}
	if len(a.Unread) > 0 {
		lines = append(lines, Given{"NOT READ", fmt.Sprintf("%d night(s) that this answer rests on did not read everything, and of what they did not read it proves nothing: %s",
			len(a.Unread), strings.Join(aFew(a.Unread, " (rollcall audit ask --question nights)"), "; "))})
	}
	if p := a.Population; p != nil {
		lines = append(lines, Given{"population", fmt.Sprintf("%d row(s), SHA-256 %s", p.Rows, p.SHA256)},
			Given{"sample", fmt.Sprintf("%d row(s), seed %d", len(a.Rows), p.Seed)})
	}
	return append(lines, Given{"rows", fmt.Sprint(len(a.Rows))}, Given{"sha256 of the CSV", a.Digest()}, Given{"tool", a.Tool})
}

// WriteTable writes the answer for a terminal. None of it moves the cursor, or turns
// the text around it.
func (a *Answer) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(a.Columns, "\t"))
	for _, row := range a.Rows {
		cells := Texts(row)
		for i, c := range cells {
			cells[i] = phrase.AsItIs(c)
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return a.WriteEvidence(w)
}

// WriteEvidence writes what the answer rests on as text.
func (a *Answer) WriteEvidence(w io.Writer) error {
	for _, l := range a.Evidence() {
		if _, err := fmt.Fprintf(w, "%-18s %s\n", l.Name, phrase.AsItIs(l.Value)); err != nil {
			return err
		}
	}
	return nil
}

// inMarkdown keeps a text what it is in a table of GitHub's Markdown: a pattern with stars
// has all of them, and no name is markup, a link or a mention. Blanks in a row stay as many.
var inMarkdown = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "\\|", "\\", "&#92;", "`", "&#96;", "*", "&#42;", "_", "&#95;",
	"[", "&#91;", "]", "&#93;", "#", "&#35;", "~", "&#126;", "$", "&#36;", "@", "&#64;", "!", "&#33;",
	"://", "&#58;//", "www.", "www&#46;", "  ", " &nbsp;",
)

// WriteMarkdown writes the answer for a ticket or a page.
func (a *Answer) WriteMarkdown(w io.Writer) error {
	line := func(cells []string) {
		out := make([]string, len(cells))
		for i, c := range cells {
			out[i] = inMarkdown.Replace(phrase.AsItIs(c))
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(out, " | "))
	}
	fmt.Fprintf(w, "### %s\n\n", phrase.OneLine(inMarkdown.Replace(strings.TrimSpace(a.Title+" "+strings.Join(strings.Fields(a.Query), " ")))))
	line(a.Columns)
	fmt.Fprintf(w, "|%s\n", strings.Repeat("---|", len(a.Columns)))
	for _, row := range a.Rows {
		line(Texts(row))
	}
	fmt.Fprint(w, "\n| evidence | |\n|---|---|\n")
	for _, l := range a.Evidence() {
		line([]string{l.Name, l.Value})
	}
	_, err := fmt.Fprintln(w)
	return err
}

// WriteJSON writes the answer for a program: rows as lists in the order of columns.
func (a *Answer) WriteJSON(w io.Writer) error {
	parameters := map[string]string{}
	for _, p := range a.Parameters {
		parameters[p.Name] = p.Value
	}
	notes := map[string]string{}
	for _, n := range a.Notes {
		notes[n.Name] = n.Value
	}
	rows := a.Rows
	if rows == nil {
		rows = [][]any{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(struct {
		Question   string            `json:"question,omitempty"`
		Title      string            `json:"title,omitempty"`
		Query      string            `json:"query,omitempty"`
		Parameters map[string]string `json:"parameters"`
		AsOf       time.Time         `json:"as_of"`
		Head       string            `json:"chain_end"`
		HeadRun    string            `json:"chain_end_run"`
		Manifests  int               `json:"manifests_checked"`
		Runs       []string          `json:"runs"`
		Files      int               `json:"files"`
		Checked    string            `json:"checked,omitempty"` // how, where not byte for byte on this machine
		Notes      map[string]string `json:"notes,omitempty"`   // of the engine
		Expired    []string          `json:"expired,omitempty"`
		Unread     []string          `json:"not_read,omitempty"`
		Population *Population       `json:"population,omitempty"`
		Tool       string            `json:"tool"`
		Count      int               `json:"row_count"`
		SHA256     string            `json:"sha256"` // of the canonical CSV
		Columns    []string          `json:"columns"`
		Rows       [][]any           `json:"rows"`
	}{a.Question, a.Title, a.Query, parameters, a.AsOf, a.Head, a.HeadRun, a.Manifests, a.Runs, a.Files, a.Checked, notes, a.Expired, a.Unread, a.Population, a.Tool, len(a.Rows), a.Digest(), a.Columns, rows})
}

// moment is how an answer writes a time: in UTC.
const moment = "2006-01-02T15:04:05.999Z"

// kindsOf says which columns are dates or times, and in which form: those of which
// every cell that is not empty is one.
func kindsOf(rows [][]any) []string {
	kinds := make([]string, len(rows[0]))
	for n := range kinds {
		for _, form := range []string{time.DateOnly, moment} {
			some, all := false, true
			for _, row := range rows[1:] {
				if row[n] == nil || row[n] == "" {
					continue
				}
				s, is := row[n].(string)
				at, err := time.Parse(form, s)
				some, all = true, all && is && err == nil && !at.Before(firstOfSheets)
			}
			if some && all {
				kinds[n] = form
			}
		}
	}
	return kinds
}
