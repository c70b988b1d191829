package phrase

import (
	"slices"
	"testing"
)

func TestTheNearestWordsAreThoseThatAFewLettersMakeOfIt(t *testing.T) {
	known := []string{"okta", "aws", "octet", "OKTB", "okta", "a whole sentence", "a while sentences"}
	for given, want := range map[string][]string{
		"okta":              {"okta", "OKTB"},
		"Okt":               {"OKTB", "okta"},
		"octe":              {"octet", "OKTB", "okta"},
		"aw":                {"aws"},
		"github":            nil,
		"a whale sentence":  {"a whole sentence", "a while sentences"},
		"a while sentences": {"a while sentences", "a whole sentence"},
		"a whxxx sentense":  {"a whole sentence", "a while sentences"},
	} {
		if got := Nearest(known, given); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", given, got, want)
		}
	}
}

func TestLettersAreCountedUpToTheMost(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"okta", "okta", 0}, {"octa", "okta", 1}, {"kta", "okta", 1}, {"a", "abcdef", 3}, {"", "ab", 2}, {"ë", "e", 1}} {
		if got := letters(c.a, c.b, 2); got != c.want {
			t.Errorf("%s, %s: %d", c.a, c.b, got)
		}
	}
}
