package okta

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// secrets are what no text may show: what the Config gave, and what Okta or
// the signing key gave since.
type secrets struct {
	mu     sync.Mutex
	values []string // the longest first
}

// keep adds values, also as they stand in a form or an address.
func (s *secrets) keep(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range values {
		for _, form := range []string{value, url.QueryEscape(value)} {
			if form != "" && !slices.Contains(s.values, form) {
				s.values = append(s.values, form)
			}
		}
	}
	slices.SortStableFunc(s.values, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
}

// keepKey adds a key in PEM, and each of its lines.
func (s *secrets) keepKey(key string) {
	const noWord = 16 // a shorter last line could be part of any text
	lines := strings.FieldsFunc(key, func(r rune) bool { return r == '\n' || r == '\r' })
	s.keep(append(slices.DeleteFunc(lines, func(line string) bool { return len(line) < noWord }), key)...)
}

// redact takes them out of a text.
func (s *secrets) redact(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range s.values {
		text = strings.ReplaceAll(text, value, "[token]")
	}
	return text
}
