package reports

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/encoding/charmap"

	"rollcall/internal/access"
)

// Recognise puts the issued text in place of each locked cell that came back as
// spreadsheet programs write that text into a CSV: a day in the form of the machine's
// country, an id without its zeros, letters that the old "CSV" cannot hold as others. Nothing else is touched, and what the reviewer wrote is not either. Call it
// before the rows are compared with what was issued.
func Recognise(back *access.ReturnedSheet, sheets []access.Sheet) {
	issued := map[string][][]string{}
	for i := range sheets {
		if back.Worksheet != "" && back.Worksheet != sheets[i].ID {
			continue
		}
		for j := range sheets[i].Rows {
			r := &sheets[i].Rows[j]
			issued[r.ID] = append(issued[r.ID], r.Cells)
		}
	}
	for i := range back.Rows {
		for _, was := range issued[back.Rows[i].ID] {
			recognise(back.Rows[i].Cells, was)
		}
	}
}

func recognise(back, issued []string) {
	if len(back) != len(issued) {
		return
	}
	for i := range back {
		if back[i] != issued[i] && (sameDay(back[i], issued[i]) || sameDigits(back[i], issued[i]) || sameLetters(back[i], issued[i])) {
			back[i] = issued[i]
		}
	}
}

// dayForms are how programs write a day, by country. Which of day and month comes
// first need not be known: it is asked only whether it can be the issued day.
var dayForms = []string{
	"2.1.2006", "2.1.06", "2/1/2006", "2/1/06", "1/2/2006", "1/2/06", "2-1-2006", "2-1-06", "1-2-2006", "2006/1/2", "2006. 1. 2", "2006.1.2", "2006. 1. 2.",
	"2-Jan-06", "2-Jan-2006", "02-Jan-2006", "2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006",
	"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2.1.2006 15:04", "2/1/2006 15:04", "1/2/2006 15:04",
}

func sameDay(back, issued string) bool {
	day, err := time.Parse(time.DateOnly, issued)
	if err != nil {
		return false
	}
	for _, form := range dayForms {
		if got, err := time.Parse(form, back); err == nil && got.Truncate(24*time.Hour).Equal(day) {
			return true
		}
	}
	return dayOfSerial(back, false) == issued && strings.Trim(back, "0123456789") == ""
}

// sameDigits: a number to a spreadsheet, which has no zeros before it.
func sameDigits(back, issued string) bool {
	return back != "" && strings.Trim(issued, "0123456789") == "" && len(issued) > len(back) && strings.TrimLeft(issued, "0") == strings.TrimLeft(back, "0") && strings.Trim(back, "0123456789") == ""
}

// sameLetters: letters that western Windows does not have were lost, or the apostrophes
// that keep a text from being run stand elsewhere since the ends of lines moved, or a
// text that looks like a character's number was taken for that character.
func sameLetters(back, issued string) bool {
	return back != issued && issued != unescaped(issued) && sameLetters(back, unescaped(issued)) || likeLetters(bare(back), bare(issued))
}

func likeLetters(got, was []rune) bool {
	if len(got) != len(was) {
		return false
	}
	for i, r := range was {
		if got[i] == r {
			continue
		}
		if _, has := charmap.Windows1252.EncodeRune(r); has { // else any other: programs take ? or a letter like it
			return false
		}
	}
	return true
}

func bare(s string) []rune {
	return slices.DeleteFunc([]rune(s), func(r rune) bool { return r == '\'' || unicode.IsSpace(r) })
}
