package policy

import (
	"cmp"
	"slices"

	"rollcall/internal/access"
)

type sodLine struct {
	Rule             string `csv:"rule"`
	LeftSystem       string `csv:"left_system"`
	LeftScope        string `csv:"left_scope"`
	LeftKind         string `csv:"left_kind"`
	LeftEntitlement  string `csv:"left_entitlement"`
	RightSystem      string `csv:"right_system"`
	RightScope       string `csv:"right_scope"`
	RightKind        string `csv:"right_kind"`
	RightEntitlement string `csv:"right_entitlement"`
	Reason           string `csv:"reason"`
}

var sodSheet = sheet[sodLine, access.SoD]{
	columns: slices.Concat(required("rule", "left_system", "left_scope", "left_kind", "left_entitlement", "right_system", "right_scope", "right_kind", "right_entitlement"),
		optional("reason")),
	held: "This pair is not looked for.",
	parse: func(c *check, l sodLine) access.SoD {
		c.need("left_entitlement", l.LeftEntitlement, "Write the name of the group, role or policy; * is all of them.")
		c.need("right_entitlement", l.RightEntitlement, "Write the name of the group, role or policy; * is all of them.")
		c.id("left_scope", l.LeftScope)
		c.id("right_scope", l.RightScope)
		c.wish("reason", l.Reason, "Nobody says why one person must not have both.", "The pair is looked for.", "Write what could go wrong, in a sentence: reviewers read it.")
		pair := access.SoD{
			Line: c.line, Rule: cmp.Or(l.Rule, "a pair without a name"), Reason: l.Reason,
			Left:  access.Right{System: c.side("left", l.LeftSystem), Scope: l.LeftScope, Kind: c.sideKind("left", l.LeftKind), Entitlement: l.LeftEntitlement},
			Right: access.Right{System: c.side("right", l.RightSystem), Scope: l.RightScope, Kind: c.sideKind("right", l.RightKind), Entitlement: l.RightEntitlement},
		}
		if pair.Left == pair.Right && !access.Wild(pair.Left.Entitlement) {
			c.hold("right_entitlement", l.RightEntitlement, "Both sides are the same right.", "Write the other right of the pair.")
		}
		return pair
	},
}

// side is systems, told about the column of one side.
func (c *check) side(side, pattern string) string {
	known := len(c.problems)
	s := c.systems(pattern)
	c.renamed(known, side+"_system")
	return s
}

// sideKind is kindPattern, told about the column of one side.
func (c *check) sideKind(side, pattern string) string {
	known := len(c.problems)
	k := c.kindPattern(pattern)
	c.renamed(known, side+"_kind")
	return k
}

// renamed gives the problems from one on the column that they are about.
func (c *check) renamed(from int, column string) {
	for n := from; n < len(c.problems); n++ {
		c.problems[n].Column = c.heading(column)
	}
}

// ReadSoD reads sod.csv: pairs of rights that no person may hold together. Each
// side may be a pattern.
func ReadSoD(file string, b []byte, known ...access.System) ([]access.SoD, []access.Problem) {
	return sodSheet.read(file, b, known)
}
