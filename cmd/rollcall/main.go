// Command rollcall calls the roll every night: who works here, what may they
// reach, what do they reach.
//
// This package is the only one that knows flags, the environment, the clock and
// exit codes. It decides nothing about access: it wires the packages that do.
// Its invariant: whatever is wrong with how it was called or configured is said
// on stderr, ends with exit code 2, and leaves stdout empty.
package main

import "os"

func main() { os.Exit(run(os.Args, os.Getenv, os.Stdin, os.Stdout, os.Stderr)) }
