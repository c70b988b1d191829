package audit

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The questions, one file each. Their SQL is what DuckDB, Spark and Trino share, but
// for three functions that prelude.sql gives DuckDB: hours_between, days_between,
// add_days. A parameter is written :name, and is bound as text.
//
//go:embed questions/*.sql
var questionFiles embed.FS

// Question is one of the auditors' questions.
type Question struct {
	Number     int
	Name       string
	Title      string // the question in words
	About      string // what a row is, and what to know of it
	Parameters []Parameter
	Columns    []string
	SQL        string // with its head
	Later      int    // so many days after its period are read too

	nights  []string // parameters: all tables are read of the night that stands at each; with "<" before it of the last night before that day; with "?", if there is one
	period  []string // tables that are read of every run in from..to
	history []string // tables that are read of every run up to the last date asked for
	reviews []string // and of those runs that are no nights: what reviews recorded
}

// Parameter is what a question may be asked with.
type Parameter struct {
	Name    string
	Type    string // date, text or count
	Default string // of a count
}

// MisuseError is a question or a parameter that there is not, or a value that is
// none: nothing was asked.
type MisuseError struct{ says string }

func (e *MisuseError) Error() string { return e.says }

// Misuse makes a MisuseError.
func Misuse(format string, args ...any) error { return &MisuseError{fmt.Sprintf(format, args...)} }

// period is how long a period is whose beginning is not given.
const period = 90

// Questions gives all questions by number.
func Questions() ([]Question, error) {
	entries, err := questionFiles.ReadDir("questions")
	if err != nil {
		return nil, err
	}
	var all []Question
	for _, e := range entries {
		b, err := questionFiles.ReadFile(path.Join("questions", e.Name()))
		if err != nil {
			return nil, err
		}
		q, err := parse(e.Name(), string(b))
		if err != nil {
			return nil, fmt.Errorf("question %s: %w", e.Name(), err)
		}
		all = append(all, q)
	}
	return all, nil
}

// parse reads a question's head: lines of comment "-- key: value"; one with a known
// key less goes on with the value before it.
func parse(file, text string) (Question, error) {
	number, name, _ := strings.Cut(strings.TrimSuffix(file, ".sql"), "-")
	q := Question{Name: name, SQL: text}
	var err error
	if q.Number, err = strconv.Atoi(number); err != nil {
		return q, fmt.Errorf("its file's name begins with no number")
	}
	for line := range strings.Lines(text) {
		comment, is := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		if !is {
			break
		}
		key, value, _ := strings.Cut(comment, ": ")
		if err := q.take(key, value, comment); err != nil {
			return q, err
		}
	}
	if q.Title == "" || len(q.Columns) == 0 {
		return q, fmt.Errorf("its head lacks a title or columns")
	}
	return q, nil
}

func (q *Question) take(key, value, line string) error {
	switch key {
	case "title":
		q.Title = value
	case "about":
		q.About = value
	case "columns":
		q.Columns = list(value)
	case "nights":
		q.nights = list(value)
	case "period":
		q.period = list(value)
	case "history":
		q.history = list(value)
	case "reviews":
		q.reviews = list(value)
	case "later":
		var err error
		if q.Later, err = strconv.Atoi(value); err != nil {
			return fmt.Errorf("how many days later is no number: %w", err)
		}
	case "parameters":
		for _, p := range list(value) {
			words := append(strings.Fields(p), "", "")
			if !slices.Contains([]string{"date", "text", "count"}, words[1]) {
				return fmt.Errorf("the parameter %q has no type", p)
			}
			q.Parameters = append(q.Parameters, Parameter{words[0], words[1], words[2]})
		}
	default:
		if q.About == "" || q.Columns != nil {
			return fmt.Errorf("its head has a line that is not understood: %q", line)
		}
		q.About += " " + line
	}
	return nil
}

func list(s string) (all []string) {
	for one := range strings.SplitSeq(s, ",") {
		all = append(all, strings.TrimSpace(one))
	}
	return all
}

// bind gives every parameter its value. to is the last day of the archive.
func (q Question) bind(values map[string]string, last string) (map[string]string, error) {
	for name := range values {
		if !slices.ContainsFunc(q.Parameters, func(p Parameter) bool { return p.Name == name }) {
			return nil, Misuse("the question %s takes no --%s; it takes %s", q.Name, name, q.takes())
		}
	}
	bound := map[string]string{}
	for _, p := range q.Parameters {
		value, given := values[p.Name]
		if !given {
			continue
		}
		if err := p.fits(value); err != nil {
			return nil, err
		}
		bound[p.Name] = value
	}
	for _, p := range q.Parameters {
		if _, given := bound[p.Name]; !given && p.Name != "from" {
			bound[p.Name] = map[string]string{"date": last, "count": p.Default}[p.Type]
		}
	}
	if q.has("from") && bound["from"] == "" {
		end, _ := time.Parse(time.DateOnly, bound["to"]) // fits has seen it
		bound["from"] = end.AddDate(0, 0, -period).Format(time.DateOnly)
	}
	if q.has("from") && bound["from"] > bound["to"] {
		return nil, Misuse("--from %s is after --to %s: give the earlier day first", bound["from"], bound["to"])
	}
	return bound, nil
}

func (q Question) has(name string) bool {
	return slices.ContainsFunc(q.Parameters, func(p Parameter) bool { return p.Name == name })
}

// until is the last day of which the period's tables are read.
func (q Question) until(to string) string {
	end, err := time.Parse(time.DateOnly, to)
	if err != nil { // a question without a period
		return to
	}
	return end.AddDate(0, 0, q.Later).Format(time.DateOnly)
}

func (q Question) takes() string {
	var names []string
	for _, p := range q.Parameters {
		names = append(names, "--"+p.Name)
	}
	return strings.Join(names, ", ")
}

func (p Parameter) fits(value string) error {
	switch p.Type {
	case "date":
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return Misuse("--%s is %q: write a date as 2026-03-31", p.Name, value)
		}
	case "count":
		if n, err := strconv.Atoi(value); err != nil || n < 0 {
			return Misuse("--%s is %q: write a whole number, 0 or more", p.Name, value)
		}
	}
	return nil
}

// named rewrites :name for an engine that writes parameters its own way, outside of
// texts and comments, and gives the names in the order in which they occur.
func named(query string, as func(name string) string) (string, []string) {
	var out strings.Builder
	var names []string
	for i := 0; i < len(query); {
		end := i + 1
		switch c := query[i]; {
		case c == '\'' || c == '"':
			end = i + 1 + closes(query[i+1:], string(c))
		case strings.HasPrefix(query[i:], "--"):
			end = i + closes(query[i:], "\n")
		case c == ':' && end < len(query) && isLetter(query[end]):
			for end < len(query) && isLetter(query[end]) {
				end++
			}
			names = append(names, query[i+1:end])
			out.WriteString(as(query[i+1 : end]))
			i = end
			continue
		}
		out.WriteString(query[i:end])
		i = end
	}
	return out.String(), names
}

// closes is where a text or a comment ends, with what ends it.
func closes(s, with string) int {
	if n := strings.Index(s, with); n >= 0 {
		return n + len(with)
	}
	return len(s)
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || c == '_' }
