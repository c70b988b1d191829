package policy

import (
	"strings"

	"rollcall/internal/access"
)

// within reports whether everything that the inner pattern covers is covered by
// the outer one as well.
func within(inner, outer access.Right) bool {
	return globWithin(inner.System, outer.System) && globWithin(inner.Scope, outer.Scope) &&
		globWithin(inner.Kind, outer.Kind) && globWithin(inner.Entitlement, outer.Entitlement)
}

// same reports whether two patterns cover the same.
func same(a, b access.Right) bool { return within(a, b) && within(b, a) }

// globWithin reports whether every text that matches inner matches outer: true
// is certain. It holds if outer matches inner read as a text whose * is one
// character that only a * can take, and whose ? only a * or ? can.
func globWithin(inner, outer string) bool {
	in, out := normal(inner), normal(outer)
	reach := make([]bool, len(out)+1) // which beginnings of out match what was read of in
	reach[0] = true
	open := func() {
		for j, r := range out {
			reach[j+1] = reach[j+1] || r == '*' && reach[j]
		}
	}
	open()
	for _, r := range in {
		next := make([]bool, len(out)+1)
		for j, o := range out {
			if o == '*' {
				next[j+1] = reach[j] || reach[j+1]
			} else if reach[j] && r != '*' {
				next[j+1] = o == '?' || o == r
			}
		}
		reach = next
		open()
	}
	return reach[len(out)]
}

// normal brings patterns that mean the same to the same text: lower case, and
// in a run of wildcards every ? before one *.
func normal(pattern string) []rune {
	if pattern == "" {
		return []rune("*")
	}
	var b []rune
	star := false
	flush := func() {
		if star {
			b = append(b, '*')
		}
		star = false
	}
	for _, r := range strings.ToLower(pattern) {
		switch r {
		case '*':
			star = true
			continue
		case '?':
		default:
			flush()
		}
		b = append(b, r)
	}
	flush()
	return b
}

// all reports whether a pattern matches anything.
func all(pattern string) bool { return strings.Trim(pattern, "*") == "" }
