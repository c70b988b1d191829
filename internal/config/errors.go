package config

import (
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong in the configuration. It never carries the
// value of a secret.
type Error struct {
	File   string
	Line   int // from 1; 0: the file as a whole
	Column int
	Key    string // where, such as systems.okta.token
	Says   string // what was seen and what is allowed
	Mend   string // the next step
}

// Error gives file:line:column: what is wrong: what to do.
func (e *Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	return at + ": " + e.Says + ": " + e.Mend
}

// Errors is everything that is wrong, in the order of the file.
type Errors []*Error

// Error gives one line for each.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

func (e Errors) inFileOrder() Errors {
	slices.SortStableFunc(e, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return e
}
