//go:build cgo

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// Whatever is run or not: each command and flag in a document is one that there is.
func TestEveryCommandInADocumentIsOneThatThereIs(t *testing.T) {
	lines := writtenLines(t)
	if len(lines) < 40 {
		t.Fatalf("only %d lines were found", len(lines))
	}
	for _, w := range lines {
		if err := knownLine(w.line); err != nil {
			t.Errorf("%s: %s: %v", w.document, w.line, err)
		}
	}
	for _, wrong := range []string{"rollcall nigthly", "rollcall audit asks", "rollcall check --rooster x", "rollcall check F", "make tset", "rollcall check --roster", "go run ./cmd/rolcall demo", "go test ./reconcil", "go test ./reconcile -run TestDecision", "rollcall nightly | grep x --config"} {
		if knownLine(wrong) == nil {
			t.Errorf("%q passes", wrong)
		}
	}
}

// knownLine holds a line against the real commands and flags, or against the Makefile.
func knownLine(line string) error {
	words := shellSplit(line)
	switch words[0] {
	case "make":
		c := exec.Command("make", append([]string{"--dry-run", "-C", "../.."}, words[1:]...)...)
		out, err := c.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	case "go":
		if words[1] == "test" {
			return knownTests(words[2:])
		}
		if len(words) < 3 || words[1] != "run" {
			return nil
		}
		if info, err := os.Stat(filepath.Join("../..", words[2])); err != nil || !info.IsDir() {
			return fmt.Errorf("there is no program %s", words[2])
		}
		if words[2] != "./cmd/rollcall" {
			return nil
		}
		words = words[2:]
	}
	return knownFlags(words[1:])
}

// knownTests holds a line of go test against the packages and tests that there are.
func knownTests(words []string) error {
	for i, word := range words {
		if strings.HasPrefix(word, "./") {
			if info, err := os.Stat(filepath.Join("../..", word)); err != nil || !info.IsDir() {
				return fmt.Errorf("there is no package %s", word)
			}
		}
		if word != "-run" || i+1 == len(words) {
			continue
		}
		test, decision, _ := strings.Cut(words[i+1], "/")
		found := false
		files, err := filepath.Glob(filepath.Join("../..", words[0], "*_test.go"))
		for _, file := range files {
			b, err := os.ReadFile(file)
			found = found || err == nil && bytes.Contains(b, []byte("func "+test+"("))
		}
		if _, missing := os.Stat(filepath.Join("../..", words[0], "testdata", decision+".txtar")); err != nil || !found || decision != "" && missing != nil {
			return fmt.Errorf("there is no test %s in %s", words[i+1], words[0])
		}
	}
	return nil
}

func knownFlags(words []string) error {
	command := &cli.Command{Subcommands: newApp(&environ{}).Commands}
	for len(words) > 0 && !strings.HasPrefix(words[0], "-") && len(command.Subcommands) > 0 {
		at := slices.IndexFunc(command.Subcommands, func(c *cli.Command) bool { return c.Name == words[0] })
		if at < 0 {
			return fmt.Errorf("there is no command %s", words[0])
		}
		command, words = command.Subcommands[at], words[1:]
	}
	if len(command.Subcommands) > 0 {
		return fmt.Errorf("it does not say which %s", command.Name)
	}
	for i := 0; i < len(words); i++ {
		name, _, joined := strings.Cut(strings.TrimLeft(words[i], "-"), "=")
		at := slices.IndexFunc(command.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
		switch {
		case words[i] == ">" && i+2 == len(words):
			return nil
		case !strings.HasPrefix(words[i], "--"):
			return fmt.Errorf("%s takes only flags, and there is %s", command.Name, words[i])
		case name == "help":
		case at < 0:
			return fmt.Errorf("%s has no flag --%s", command.Name, name)
		case takesValue(command.Flags, name) && !joined:
			if i++; i == len(words) {
				return fmt.Errorf("--%s has no value", name)
			}
		}
	}
	return nil
}
