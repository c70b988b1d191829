package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"rollcall/jobs"
)

// The exit codes by the names that they have here; jobs says what they are.
const (
	exitDone       = jobs.ExitDone
	exitAborted    = jobs.ExitAborted
	exitRefused    = jobs.ExitRefused
	exitHeld       = jobs.ExitHeld
	exitIncomplete = jobs.ExitIncomplete
	exitFailed     = jobs.ExitFailed
)

// exitError is an error that knows its exit code. Without err there is nothing
// left to say: the command has said it.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// refuse is an error of usage, configuration or input: nothing was attempted.
func refuse(format string, args ...any) error {
	return exitError{exitRefused, fmt.Errorf(format, args...)}
}

// graver is the order of precedence when several codes apply. 2 comes last: it
// stands only when nothing else happened.
var graver = []int{exitAborted, exitFailed, exitIncomplete, exitHeld, exitRefused}

// exitCode is the one place where errors become exit codes. Joined errors give
// the gravest of their codes; an error without a code aborts.
func exitCode(err error) int {
	codes := codesOf(err)
	for _, code := range graver {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitDone
}

func codesOf(err error) []int {
	if err == nil {
		return nil
	}
	if coded, ok := err.(exitError); ok {
		return []int{coded.code}
	}
	// urfave/cli makes these itself only for misuse of its help.
	if _, ok := err.(cli.ExitCoder); ok {
		return []int{exitRefused}
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var codes []int
		for _, one := range many.Unwrap() {
			codes = append(codes, codesOf(one)...)
		}
		return codes
	}
	if inner := errors.Unwrap(err); inner != nil {
		return codesOf(inner)
	}
	return []int{exitAborted}
}
