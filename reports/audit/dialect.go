package audit

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What an engine calls the three functions that questions share; %[1]s and %[2]s are
// what is between the brackets. DuckDB has them from prelude.sql, which says what they
// mean.
var (
	trinoCalls = map[string]string{
		"hours_between": "(floor((CAST(date_diff('millisecond', %[1]s, %[2]s) AS double) + 18000) / 36000) / 100)",
		"days_between":  "date_diff('day', %[1]s, %[2]s)",
		"add_days":      "CAST(date_add('day', %[2]s, %[1]s) AS date)",
	}
	sparkFunctions = []string{
		"hours_between(a TIMESTAMP, b TIMESTAMP) RETURNS DOUBLE RETURN floor((CAST(timestampdiff(MILLISECOND, a, b) AS DOUBLE) + 18000) / 36000) / 100",
		"days_between(a DATE, b DATE) RETURNS BIGINT RETURN datediff(b, a)",
		"add_days(d DATE, n INT) RETURNS DATE RETURN date_add(d, n)",
	}
)

// nightRuns is the condition of prelude.sql: which runs are nights.
const nightRuns = `"trigger" NOT IN ('sweep', 'revoke', 'restore') AND "trigger" NOT LIKE 'review %' AND "trigger" NOT LIKE 'audit %'`

// expand writes calls of these functions as forms say, outside of texts and comments.
func expand(query string, forms map[string]string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(query); {
		end := pastToken(query, i)
		form, known := forms[query[i:end]]
		if !known || end == len(query) || query[end] != '(' {
			out.WriteString(query[i:end])
			i = end
			continue
		}
		args, after := arguments(query, end+1)
		if len(args) != 2 {
			return "", fmt.Errorf("%s is called with %d values and takes 2", query[i:end], len(args))
		}
		var written [2]any
		for n, arg := range args {
			inner, err := expand(strings.TrimSpace(arg), forms)
			if err != nil {
				return "", err
			}
			written[n] = inner
		}
		fmt.Fprintf(&out, form, written[:]...)
		i = after
	}
	return out.String(), nil
}

// pastToken is where a text, a comment, a word or a single sign ends that begins at i.
func pastToken(query string, i int) int {
	end := i + 1
	switch c := query[i]; {
	case c == '\'' || c == '"':
		end += closes(query[end:], string(c))
	case strings.HasPrefix(query[i:], "--"):
		end = i + closes(query[i:], "\n")
	case isLetter(c):
		for end < len(query) && (isLetter(query[end]) || '0' <= query[end] && query[end] <= '9') {
			end++
		}
	}
	return end
}

// arguments are what stands between brackets that were opened before from, and where
// what follows them begins.
func arguments(query string, from int) (args []string, after int) {
	depth, start := 1, from
	for i := from; i < len(query); i = pastToken(query, i) {
		switch query[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return append(args, query[start:i]), i + 1
			}
		case ',':
			if depth == 1 {
				args, start = append(args, query[start:i]), i+1
			}
		}
	}
	return args, len(query)
}

// within puts common table expressions before a query, which may have its own.
func within(expressions, query string) string {
	i := 0
	for i < len(query) && (strings.ContainsRune(" \t\r\n", rune(query[i])) || strings.HasPrefix(query[i:], "--")) {
		i = pastToken(query, i)
	}
	head, rest := query[:i], query[i:]
	recursive := ""
	if after, has := keyword(rest, "WITH"); has {
		rest = after
		if after, has := keyword(rest, "RECURSIVE"); has {
			recursive, rest = "RECURSIVE ", after
		}
		return head + "WITH " + recursive + expressions + ",\n" + rest
	}
	return head + "WITH " + expressions + "\n" + rest
}

func keyword(s, word string) (after string, has bool) {
	if len(s) <= len(word) || !strings.EqualFold(s[:len(word)], word) || !strings.ContainsRune(" \t\r\n", rune(s[len(word)])) {
		return s, false
	}
	return strings.TrimLeft(s[len(word):], " \t\r\n"), true
}

// text is a literal of SQL.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// timeForm is how an answer writes a time.
const timeForm = "2006-01-02T15:04:05.999Z"

// Cell makes of a value that an engine wrote as text, and of the engine's name for its
// type, what an answer holds. Times are in UTC.
func Cell(kind, written string) (any, error) {
	kind, _, _ = strings.Cut(strings.ToLower(kind), "(")
	switch kind {
	case "boolean":
		return strconv.ParseBool(written)
	case "tinyint", "smallint", "int", "integer", "bigint":
		return strconv.ParseInt(written, 10, 64)
	case "float", "real", "double", "decimal":
		return strconv.ParseFloat(written, 64)
	case "timestamp":
		at, err := time.Parse("2006-01-02 15:04:05", written) // with a fraction, or without
		return at.Format(timeForm), err
	case "varchar", "char", "string", "date", "unknown":
		return written, nil
	}
	return nil, fmt.Errorf("its type is %s, which an answer cannot hold: CAST it to varchar", kind)
}
