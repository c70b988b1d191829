package access

import (
	"slices"
	"strings"
	"unicode"
)

// Aliases are the addresses of a cell that has several, as HR set them apart: by
// commas, semicolons, spaces or line ends. Whether each is an address is not said.
func Aliases(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == ',' || unicode.IsSpace(r) })
}

// AddressesIn are whatever may be meant for an address in a text that need not be
// one: lower case, each once. It finds too much rather than too little: such an
// address proves nobody's, and only keeps from taking it for somebody else's.
func AddressesIn(text string) (all []string) {
	if !strings.Contains(text, "@") {
		return nil
	}
	text = strings.ToLower(text)
	for _, t := range []string{strings.Map(unseen(-1), text), strings.Map(unseen(' '), text)} {
		for _, odd := range []string{"", "!#$%&*=?^{}~"} {
			all = append(all, strings.FieldsFunc(t, func(r rune) bool { return r != '@' && !inAddress(r) && !strings.ContainsRune(odd, r) })...)
		}
	}
	for n := range all {
		all[n] = strings.TrimRight(strings.TrimLeft(all[n], "'.=+-"), "'.-")
	}
	all = slices.DeleteFunc(all, func(a string) bool {
		local, domain, _ := strings.Cut(a, "@")
		return local == "" || domain == "" || strings.Contains(domain, "@")
	})
	slices.Sort(all)
	return slices.Compact(all)
}

// inAddress reports whether nearly every address may have such a character.
func inAddress(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune("._-+'", r)
}

// unseen puts something else (-1: nothing) in the place of what nobody sees in a text,
// but of spaces as everybody writes them.
func unseen(with rune) func(rune) rune {
	return func(r rune) rune {
		if r > unicode.MaxASCII && (unicode.IsSpace(r) || unicode.In(r, unicode.Cf)) {
			return with
		}
		return r
	}
}
