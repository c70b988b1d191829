// Package accesstest is what tests of several packages hold the nouns against. It is for
// tests only, and must never call what it judges. Its invariant: what a pattern means is
// written down once, as plainly as possible.
package accesstest

import "strings"

// Glob is what a pattern of policy means: nothing is everything, * is any text, ? is one
// letter, and upper and lower case are the same.
func Glob(pattern, s string) bool {
	return pattern == "" || globRunes([]rune(strings.ToLower(pattern)), []rune(strings.ToLower(s)))
}

func globRunes(p, s []rune) bool {
	switch {
	case len(p) == 0:
		return len(s) == 0
	case p[0] == '*':
		return globRunes(p[1:], s) || len(s) > 0 && globRunes(p, s[1:])
	case len(s) == 0:
		return false
	}
	return (p[0] == '?' || p[0] == s[0]) && globRunes(p[1:], s[1:])
}
