package access

import (
	"strings"
	"unicode/utf8"
)

// Covers reports whether the pattern is about the entitlement: scope and
// entitlement by id or by name.
func (p Right) Covers(e Entitlement) bool {
	return Glob(p.System, string(e.System)) && (Glob(p.Scope, e.Scope) || Glob(p.Scope, e.ScopeName)) &&
		Glob(p.Kind, string(e.Kind)) && (Glob(p.Entitlement, e.ID) || Glob(p.Entitlement, e.Name))
}

// Right is what the rule is about.
func (r Rule) Right() Right { return Right{r.System, r.Scope, r.Kind, r.Entitlement} }

// Fits reports whether the rule is about people with this title, department
// and worker type.
func (r Rule) Fits(title, department, workerType string) bool {
	return Glob(r.Title, title) && Glob(r.Department, department) && Glob(r.WorkerType, workerType)
}

// Glob reports whether s matches a case-insensitive pattern in which * is any
// run of characters and ? is one. An empty pattern matches anything.
func Glob(pattern, s string) bool {
	return pattern == "" || globFold(strings.ToLower(pattern), strings.ToLower(s))
}

// globFold walks both once; after a mismatch the last * takes one byte more.
func globFold(p, s string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && p[i] == '?':
			_, n := utf8.DecodeRuneInString(s[j:])
			i, j = i+1, j+n
		case i < len(p) && p[i] == s[j]:
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(p[i:], "*") == ""
}
