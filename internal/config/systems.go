package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/token"

	"rollcall/internal/access"
)

// System is one place where accounts live. Of Okta and AWS only the part that
// Type names is filled.
type System struct {
	Name access.System
	Type string
	// Canaries are logins that are always there: a read that misses one is
	// incomplete.
	Canaries []string
	Okta     Okta
	AWS      AWS
}

// Revokes reports whether a credential that blocks is configured.
func (s System) Revokes() bool { return !s.Okta.Revoke.Zero() || s.AWS.RevokeRole != "" }

// identifier is what a system or roster may be called: the name goes into file
// names, into role map lines and behind a colon.
const identifier = `[a-z][a-z0-9_-]{0,31}`

func (r *reader) systems(dst *[]System, dir string) func(value) {
	return func(v value) {
		entries := 0
		isMapping := r.each(v, func(key string, at *token.Position, entry value) {
			entries++
			if matches(identifier, "no")(key) != "" {
				r.fail(at, entry.path, fmt.Sprintf("a system is called %q", key), "use a short lower-case name, such as okta or aws-emea")
				return
			}
			s := System{Name: access.System(key)}
			r.system(&s, entry, dir)
			*dst = append(*dst, s)
		})
		if isMapping && entries == 0 {
			r.fail(r.whereIs(v), v.path, "systems is empty", "add at least one system, such as okta")
		}
		slices.SortFunc(*dst, func(a, b System) int { return strings.Compare(string(a.Name), string(b.Name)) })
	}
}

// system reads one system: its type says which keys the rest may have.
func (r *reader) system(s *System, v value, dir string) {
	fields := []field{
		{"type", "add type: " + strings.Join(typeNames(), " or type: "), r.text(&s.Type, oneOf(typeNames()...))},
		{"canaries", "", r.texts(&s.Canaries)},
	}
	t := typeNamed(typeOf(v))
	if t == nil { // which keys are known is not known: say only what is wrong with the type
		peek := &reader{file: r.file, at: r.at}
		peek.mapping(v, fields)
		r.errs = append(r.errs, slices.DeleteFunc(peek.errs, func(e *Error) bool {
			return e.Key != v.path && e.Key != join(v.path, "type")
		})...)
		return
	}
	fields = append(fields, t.fields(r, s, dir)...)
	r.mapping(v, fields)
}

// typeOf looks ahead for the text under the key type.
func typeOf(v value) (found string) {
	quiet := &reader{at: map[string]*token.Position{}}
	quiet.each(v, func(key string, _ *token.Position, entry value) {
		if key == "type" {
			found, _ = quiet.plain(entry)
		}
	})
	return found
}

// address wants scheme://host and nothing behind it. A password in it is refused
// with the rest.
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Hostname() == "" || u.User != nil ||
		u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return "only https:// and the name of the host, such as https://example.okta.com"
	}
	return ""
}

func localOnly(s string) string {
	if !local(s) {
		return "an address on this machine, such as http://127.0.0.1:5000, or remove the key to speak to AWS"
	}
	return ""
}

// local reports whether an address is on this machine.
func local(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}
