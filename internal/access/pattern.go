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

// Profile is all of a person that rules look at, in lower case: whoever has the
// same one has the same access by role.
type Profile struct{ Title, Department, WorkerType string }

// Profile is what rules look at of the person whose row it is.
func (i Identity) Profile() Profile { return profile(i.Title, i.Department, i.WorkerType) }

// Profile is what rules looked at while the person had the job.
func (m Move) Profile() Profile { return profile(m.Title, m.Department, m.WorkerType) }

func profile(title, department, workerType string) Profile {
	return Profile{strings.ToLower(title), strings.ToLower(department), strings.ToLower(workerType)}
}

// Fits reports whether the rule is about people of this profile.
func (r Rule) Fits(p Profile) bool {
	return Glob(r.Title, p.Title) && Glob(r.Department, p.Department) && Glob(r.WorkerType, p.WorkerType)
}

// Fold is the same for texts that strings.EqualFold calls the same.
func Fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

// About reports whether the line registers the account: by id, or by login in any
// case. An empty scope is any.
func (n NonHuman) About(a Account) bool {
	return strings.EqualFold(n.System, string(a.System)) && (n.Scope == "" || n.Scope == a.Scope) &&
		n.Account != "" && (n.Account == string(a.ID) || strings.EqualFold(n.Account, a.Login))
}

// Wild reports whether a pattern may mean more than one text; an empty one, which
// means any, is not written as a pattern.
func Wild(pattern string) bool { return strings.ContainsAny(pattern, "*?") }

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
