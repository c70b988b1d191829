package fakeokta

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
)

// filter is what a filter asks for; nil matches everything. It is one clause, or
// several parts of which all (and) or one (or) must hold.
type filter struct {
	clause clause
	or     bool
	parts  []*filter
}

type clause struct{ attribute, op, value string }

var (
	clausePattern = regexp.MustCompile(`^\s*([A-Za-z_.]+)\s+(?:(pr)\b|(eq|ne|gt|ge|lt|le|sw)\s+(?:"((?:[^"\\]|\\.)*)"|(true|false)))`)
	joinPattern   = regexp.MustCompile(`^\s+(and|or)\s+`)
	errFilter     = errors.New("invalid search criteria")
)

// parseFilter reads Okta's filter language: comparisons joined by and, or, and
// grouped by parentheses; no not, and no [ ].
func parseFilter(src string) (*filter, error) {
	if src == "" {
		return nil, nil
	}
	f, rest, err := parseEither(src)
	if err == nil && strings.TrimSpace(rest) != "" {
		err = errFilter
	}
	return f, err
}

// parseEither reads conjunctions joined by or.
func parseEither(src string) (*filter, string, error) {
	return parseJoined(src, "or", func(src string) (*filter, string, error) { return parseJoined(src, "and", parseOne) })
}

// parseJoined reads parts as long as the word joins them.
func parseJoined(src, word string, part func(string) (*filter, string, error)) (*filter, string, error) {
	out := &filter{or: word == "or"}
	for {
		f, rest, err := part(src)
		if err != nil {
			return nil, "", err
		}
		out.parts = append(out.parts, f)
		join := joinPattern.FindStringSubmatch(rest)
		if join == nil || join[1] != word {
			return out, rest, nil
		}
		src = rest[len(join[0]):]
	}
}

// parseOne reads a comparison, or a group.
func parseOne(src string) (*filter, string, error) {
	if group, is := strings.CutPrefix(strings.TrimLeft(src, " "), "("); is {
		f, rest, err := parseEither(group)
		if err != nil {
			return nil, "", err
		}
		rest, closed := strings.CutPrefix(strings.TrimLeft(rest, " "), ")")
		if !closed {
			return nil, "", errFilter
		}
		return f, rest, nil
	}
	m := clausePattern.FindStringSubmatch(src)
	if m == nil {
		return nil, "", errFilter
	}
	return &filter{clause: clause{m[1], m[2] + m[3], unescape.Replace(m[4]) + m[5]}}, src[len(m[0]):], nil
}

var unescape = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

// only refuses attributes and operators that the endpoint does not filter on.
func (f *filter) only(allowed map[string]string) error {
	if f == nil {
		return nil
	}
	for _, part := range f.parts {
		if err := part.only(allowed); err != nil {
			return err
		}
	}
	if len(f.parts) == 0 && !slices.Contains(strings.Fields(allowed[f.clause.attribute]), f.clause.op) {
		return errFilter
	}
	return nil
}

// match asks values for an attribute's values; one of them must satisfy.
func (f *filter) match(values func(attribute string) []string) bool {
	switch {
	case f == nil:
		return true
	case len(f.parts) == 0:
		return slices.ContainsFunc(values(f.clause.attribute), f.clause.holds)
	case f.or:
		return slices.ContainsFunc(f.parts, func(part *filter) bool { return part.match(values) })
	}
	return !slices.ContainsFunc(f.parts, func(part *filter) bool { return !part.match(values) })
}

func (c clause) holds(value string) bool {
	order := compareValues(value, c.value)
	switch c.op {
	case "pr":
		return value != ""
	case "eq":
		return order == 0
	case "ne":
		return order != 0
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	case "lt":
		return order < 0
	case "le":
		return order <= 0
	default:
		return strings.HasPrefix(strings.ToLower(value), strings.ToLower(c.value))
	}
}

// compareValues compares times as times and the rest without regard to case.
func compareValues(a, b string) int {
	x, errX := time.Parse(time.RFC3339, a)
	y, errY := time.Parse(time.RFC3339, b)
	if errX == nil && errY == nil {
		return x.Compare(y)
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

func badFilter() reply {
	return refuse(400, "E0000031", "Invalid search criteria.")
}
