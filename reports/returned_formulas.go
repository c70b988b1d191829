package reports

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// formula is what stands in a cell that has one.
type formula struct {
	T   string `xml:"t,attr"`
	Ref string `xml:"ref,attr"` // the cells that it fills
}

// formulaAreas are the formulas that fill several cells: the file has such a one in the first
// of them alone, and of the others what it gave (ECMA-376 part 1, 18.3.1.40).
type formulaAreas []formulaArea

type formulaArea struct{ left, right, bottom int }

const mostAreas = 1000 // at one line; a worksheet has none

// add takes in the formula of a cell, and forgets those that ended above it.
func (s *formulaAreas) add(f *formula, line int) error {
	if f == nil || f.Ref == "" || f.T == "shared" { // a shared one stands in each of its cells
		return nil
	}
	*s = slices.DeleteFunc(*s, func(one formulaArea) bool { return one.bottom < line })
	from, to, several := strings.Cut(f.Ref, ":")
	bottom, err := strconv.Atoi(strings.TrimLeft(to, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	if !several || err != nil {
		return nil
	}
	if len(*s) == mostAreas {
		return errors.New("it has too many formulas")
	}
	*s = append(*s, formulaArea{columnOfRef(from), columnOfRef(to), bottom})
	return nil
}

// has reports whether a cell, of the lines after those that were added, is filled by one.
func (s formulaAreas) has(column, line int) bool {
	return slices.ContainsFunc(s, func(one formulaArea) bool { return column >= one.left && column <= one.right && line <= one.bottom })
}
