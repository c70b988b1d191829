package fakeokta

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
)

// filter is a disjunction of conjunctions; empty matches everything.
type filter [][]clause

type clause struct{ attribute, op, value string }

var (
	clausePattern = regexp.MustCompile(`^\s*([A-Za-z_.]+)\s+(?:(pr)\b|(eq|ne|gt|ge|lt|le|sw)\s+(?:"((?:[^"\\]|\\.)*)"|(true|false)))`)
	joinPattern   = regexp.MustCompile(`^\s+(and|or)\s+`)
	errFilter     = errors.New("invalid search criteria")
)

// parseFilter reads the simple part of Okta's filter language: comparisons
// joined by and, or; no parentheses, no not.
func parseFilter(src string) (filter, error) {
	if src == "" {
		return nil, nil
	}
	out := filter{nil}
	for {
		m := clausePattern.FindStringSubmatch(src)
		if m == nil {
			return nil, errFilter
		}
		last := len(out) - 1
		out[last] = append(out[last], clause{m[1], m[2] + m[3], unescape.Replace(m[4]) + m[5]})
		src = src[len(m[0]):]
		if strings.TrimSpace(src) == "" {
			return out, nil
		}
		join := joinPattern.FindStringSubmatch(src)
		if join == nil {
			return nil, errFilter
		}
		if join[1] == "or" {
			out = append(out, nil)
		}
		src = src[len(join[0]):]
	}
}

var unescape = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

// only refuses attributes and operators that the endpoint does not filter on.
func (f filter) only(allowed map[string]string) error {
	for _, all := range f {
		for _, c := range all {
			if !slices.Contains(strings.Fields(allowed[c.attribute]), c.op) {
				return errFilter
			}
		}
	}
	return nil
}

// match asks values for an attribute's values; one of them must satisfy.
func (f filter) match(values func(attribute string) []string) bool {
	if len(f) == 0 {
		return true
	}
	return slices.ContainsFunc(f, func(all []clause) bool {
		return !slices.ContainsFunc(all, func(c clause) bool {
			return !slices.ContainsFunc(values(c.attribute), c.holds)
		})
	})
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
