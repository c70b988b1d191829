package csvfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// layout says where in a row each canonical column stands.
type layout struct {
	names    []string // canonical, those the file has, in the form's order
	at       []int    // for each name: which cell
	also     []beside // cells that a name has besides
	key      []bool
	headings map[string]string
	cells    int      // of the header, as written
	width    int      // of the header, without empty headings at its end
	extra    []int    // columns that mean nothing to us
	shown    []string // headings
	used     []bool   // columns without a heading that have something in them
	row      int      // of the header
}

// beside is one more cell of names[name].
type beside struct{ name, at int }

// layout finds the form's columns in a header.
func (f Form) layout(header []string, row int) (layout, *access.Problem) {
	shown := make([]string, len(header))
	width := 0
	for i, h := range header {
		if shown[i] = Clean(h); shown[i] != "" {
			width = i + 1
		}
	}
	l := layout{headings: map[string]string{}, cells: len(header), width: width, row: row, shown: shown, used: make([]bool, len(header))}
	taken := make([]bool, len(header))
	if unknown := f.unknownNames(); len(unknown) > 0 {
		return l, mapped(unknown[0], fmt.Sprintf("The configuration maps %s; this kind of file has no such column.", list(unknown)))
	}
	var missing []string
	for _, c := range f.Columns {
		found := f.find(c, shown[:width])
		switch {
		case c.All:
			if len(found) > 0 {
				l.add(c, shown, found, taken)
			}
		case len(found) > 1:
			return l, f.two(c, shown, found)
		case len(found) == 1:
			l.add(c, shown, found, taken)
		case f.Mapping[c.Name] != "":
			return l, mapped(c.Name, fmt.Sprintf("The configuration says that %s is in a column %q; there is none. We found: %s.",
				c.Name, f.Mapping[c.Name], list(shown[:width])))
		case c.Required:
			missing = append(missing, c.Name)
		}
	}
	if len(missing) > 0 {
		return l, f.lacking(missing, shown[:width])
	}
	f.strays(&l, shown[:width], taken)
	for i, is := range taken {
		if !is {
			l.extra = append(l.extra, i)
		}
	}
	return l, nil
}

// add takes the cells of a column, one or several.
func (l *layout) add(c Column, shown []string, cells []int, taken []bool) {
	for _, at := range cells[1:] {
		l.also = append(l.also, beside{len(l.names), at})
	}
	l.names = append(l.names, c.Name)
	l.at = append(l.at, cells[0])
	l.key = append(l.key, c.Key)
	l.headings[c.Name] = shown[cells[0]]
	for _, i := range cells {
		taken[i] = true
	}
}

// strays gives the columns whose headings mean nothing to the one that has them.
func (f Form) strays(l *layout, shown []string, taken []bool) {
	at := slices.IndexFunc(f.Columns, func(c Column) bool { return c.Name == f.Strays })
	if at < 0 || l.headings[f.Strays] != "" {
		return
	}
	known := map[int]bool{}
	for _, c := range f.Apart {
		for _, i := range f.find(c, shown) {
			known[i] = true
		}
	}
	var strays []int
	for i, h := range shown {
		if h != "" && !taken[i] && !known[i] {
			strays = append(strays, i)
		}
	}
	if len(strays) > 0 {
		l.add(f.Columns[at], shown, strays, taken)
	}
}

// unknownNames gives the mapped names that the form does not have, sorted.
func (f Form) unknownNames() []string {
	known := map[string]bool{}
	for _, c := range f.Columns {
		known[c.Name] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(f.Mapping)), func(name string) bool { return known[name] })
}

// find gives the cells of the header that mean the column.
func (f Form) find(c Column, shown []string) []int {
	means := map[string]bool{}
	if own := f.Mapping[c.Name]; own != "" {
		means[Fold(own)] = true
	} else {
		means[Fold(c.Name)] = true
		for _, a := range c.Aliases {
			means[Fold(a)] = true
		}
	}
	found := named(shown, means)
	if len(found) > 0 || f.Mapping[c.Name] != "" {
		return found
	}
	weak := map[string]bool{}
	for _, a := range c.Weak {
		weak[Fold(a)] = true
	}
	return named(shown, weak)
}

// named gives the headings that are among the words.
func named(shown []string, words map[string]bool) (found []int) {
	for i, h := range shown {
		if word := Fold(h); word != "" && words[word] {
			found = append(found, i)
		}
	}
	return found
}

// take puts the cells of a row into dst in the order of names, and says what
// is wrong with them as cells. plain: all are ASCII.
func (l *layout) take(raw, dst []string, plain bool, form *Form) []access.Problem {
	var flaws []access.Problem
	if len(raw) != l.cells && len(raw) != l.width {
		flaws = append(flaws, access.Problem{Severity: access.Hold, Meanwhile: form.Held,
			Says: fmt.Sprintf("This row has %d cells, the header has %d, so we cannot tell which cell belongs to which column.", len(raw), l.cells),
			Mend: "Give every row one cell for each column, also where it is empty. Put cells with a comma in quotation marks."})
	}
	for i, at := range l.at {
		cell := ""
		if at < len(raw) {
			cell = raw[at]
		}
		if ordinary(cell) && (plain || ascii(cell)) {
			dst[i] = cell
			continue
		}
		var flaw *access.Problem
		if dst[i], flaw = l.cell(i, cell, form); flaw != nil {
			flaws = append(flaws, *flaw)
		}
	}
	for _, b := range l.also {
		if b.at < len(raw) && strings.Contains(raw[b.at], "@") {
			dst[b.name] = l.join(b.name, dst[b.name], raw[b.at], form)
		}
	}
	for _, i := range l.extra {
		if l.shown[i] == "" && i < len(raw) && !l.used[i] {
			l.used[i] = Clean(raw[i]) != ""
		}
	}
	return flaws
}

// join puts an address behind those that were read of the column names[i]; what is no
// address gives way to it.
func (l *layout) join(i int, read, raw string, form *Form) string {
	value, _ := l.cell(i, raw, form)
	if !strings.Contains(read, "@") {
		return value
	}
	return read + " " + value
}

// cell reads a cell of the column names[i], and says what is wrong with it.
func (l *layout) cell(i int, raw string, form *Form) (string, *access.Problem) {
	value := Clean(raw)
	switch inner, wrapped := unwrap(value); {
	case wrapped:
		return inner, nil
	case failed(value) && !l.key[i]:
		return "", &access.Problem{Severity: access.Note, Column: l.headings[l.names[i]], Value: value,
			Says: value + " is an error of the spreadsheet's, no value.", Meanwhile: "The cell was taken for empty.", Mend: "Write the value itself."}
	case Formula(raw):
		return value, formula(l.headings[l.names[i]], value, l.key[i], form)
	}
	return value, nil
}

func formula(heading, value string, key bool, form *Form) *access.Problem {
	p := &access.Problem{Severity: access.Note, Column: heading, Value: value,
		Says: "The cell looks like a formula.", Meanwhile: "It was kept as text.",
		Mend: "If it should be text, remove the first character."}
	if key {
		p.Severity, p.Meanwhile = access.Hold, form.Held
		p.Mend = "Write the value itself, as text."
	}
	return p
}

// notes tells what a file has too much and what it could have.
func (l layout) notes(file string, form Form) []access.Problem {
	var notes []access.Problem
	var extra []string
	for _, i := range l.extra {
		if l.shown[i] != "" || l.used[i] {
			extra = append(extra, heading(i, l.shown[i]))
		}
	}
	if len(extra) > 0 {
		notes = append(notes, access.Problem{Severity: access.Note, File: file, Row: l.row,
			Says:      "These columns are not needed: " + list(extra) + ".",
			Meanwhile: "They were not kept.", Mend: form.Spare})
	}
	for _, c := range form.Columns {
		if _, ok := l.headings[c.Name]; !ok && c.Missed != "" {
			notes = append(notes, access.Problem{Severity: access.Note, File: file, Row: l.row, Column: c.Name,
				Says: fmt.Sprintf("There is no column %q.", c.Name), Meanwhile: c.Missed,
				Mend: "Add it if you can. " + form.Renamed})
		}
	}
	return notes
}

func (f Form) two(c Column, shown []string, found []int) *access.Problem {
	var names []string
	for _, i := range found {
		names = append(names, heading(i, shown[i]))
	}
	return &access.Problem{Column: c.Name, Value: strings.Join(names, ", "),
		Says: fmt.Sprintf("%d columns mean %s: %s.", len(found), c.Name, list(names)),
		Mend: strings.TrimSpace("Keep one of them. " + f.Renamed)}
}

func mapped(name, says string) *access.Problem {
	return &access.Problem{Column: name, Says: says,
		Mend: "Send the file with the column that was agreed, or ask IT to change the mapping in rollcall.yaml."}
}

func (f Form) lacking(missing, shown []string) *access.Problem {
	says := fmt.Sprintf("Column %s is missing. We found: %s.", list(missing), list(shown))
	if len(missing) > 1 {
		says = fmt.Sprintf("Columns %s are missing. We found: %s.", list(missing), list(shown))
	}
	return &access.Problem{Column: missing[0], Value: strings.Join(shown, ", "), Says: says,
		Mend: "Add what is missing; the first row must be the headings. " + f.Renamed}
}

// heading names a column for people; one without a heading by its letters.
func heading(i int, shown string) string {
	if shown != "" {
		return shown
	}
	return "column " + letters(i)
}

func letters(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}

// list joins words for a sentence, forty at most.
func list(words []string) string { return phrase.AndMore(words, 40) }
