package access

import (
	"slices"
	"testing"
)

func TestWhatLooksLikeAnAddressIsFoundInAnyText(t *testing.T) {
	for text, want := range map[string][]string{
		"ann@x.com|x@y.com":                   {"ann@x.com", "x@y.com"},
		"smtp:Ann@x.com":                      {"ann@x.com"},
		"mailto:ann@x.com?subject=hi":         {"ann@x.com", "ann@x.com?subject=hi"},
		"El B <el@x.com>":                     {"el@x.com"},
		"a@x.com/b@x.com":                     {"a@x.com", "b@x.com"},
		"a@x.com&b@x.com":                     {"a@x.com", "b@x.com"},
		"'o'brien@x.com'.":                    {"o'brien@x.com"},
		"=ann@x.com":                          {"ann@x.com"},
		"an\u200bn@x.com":                     {"ann@x.com", "n@x.com"},
		"an\u00adn@x.com":                     {"ann@x.com", "n@x.com"},
		"a@x.com\u00a0b@x.com":                {"a@x.com", "b@x.com"},
		"ann@x.com\u200b":                     {"ann@x.com"},
		"none, ann at x.com, @, a@, @x, a@@x": nil,
	} {
		if got := AddressesIn(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}
