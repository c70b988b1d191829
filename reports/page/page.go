// Package page is what the pages of rollcall have in common: how they look, and the
// policy that keeps each to itself. A page is one file; it must never load or send
// anything, or run a script but its own, and what comes from outside is text in it. Its
// invariant: the policy names exactly the style and the script that the page holds.
package page

import (
	"crypto/sha256"
	_ "embed" // the style and the head
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"unicode"
)

var (
	//go:embed base.css
	base string
	//go:embed head.html
	head string
)

// Template reads the HTML of a page. It begins with {{template "head" .}}, and defines
// "title"; what it shows has a field CSP, the page's Policy, and a field Style.
func Template(html string, words template.FuncMap) *template.Template {
	return template.Must(template.Must(template.New("page").Funcs(words).Parse(head)).Parse(html))
}

// Base is the style that pages share: colours by what they mean, in light, in dark and
// on paper; texts, tables and lists.
func Base() string { return base }

// Policy is what a page says in its head about what it may do: take this style, run this
// script (none if it is empty), and nothing else.
// https://www.w3.org/TR/CSP3/#grammardef-hash-source
func Policy(style, script string) string {
	scripts := ""
	if script != "" {
		scripts = fmt.Sprintf("script-src '%s'; ", hash(script))
	}
	return fmt.Sprintf("default-src 'none'; %sstyle-src '%s'; base-uri 'none'; form-action 'none'", scripts, hash(style))
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Printable gives a page without the control characters that names may hold and no page
// may.
func Printable(html string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return '\uFFFD'
		}
		return r
	}, html)
}
