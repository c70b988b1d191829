// Package phrase is how numbers and names read in a sentence that a person gets. It must
// never decide what is said, and makes nothing safe for a page or a cell: who writes those
// does. Always the same words for the same.
package phrase

import (
	"fmt"
	"unicode/utf8"
)

// Counted is a number of things: 1 account, 2 accounts, 2 people.
func Counted(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case noun == "person":
		return fmt.Sprintf("%d people", n)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Clip shortens a text to at most so many characters.
func Clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// Named is somebody with the address they are written to, if it says more than the name.
func Named(name, mail string) string {
	if mail == "" || mail == name {
		return name
	}
	return name + " <" + mail + ">"
}
