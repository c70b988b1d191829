// Command rollcall calls the roll every night: who works here, what may they
// reach, what do they reach.
//
// This package is the only one that knows flags, the environment, exit codes and
// the clock by which anything is decided or recorded. It wires the packages that
// decide about access, and must never do so itself.
// Its invariant: whatever is wrong with how it was called or configured is said
// on stderr, ends with exit code 2, and leaves stdout empty.
package main

import "os"

func main() { os.Exit(run(os.Args, os.Getenv, os.Stdin, os.Stdout, os.Stderr)) }
