//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rollcall/internal/config"
)

// fromFiles are the readers of what a command line or the configuration names.
var fromFiles = map[string]func(file string) string{
	"--config": func(file string) string { _, err := readConfig(file, ""); return fmt.Sprint(err) },
	"--key":    func(file string) string { _, err := verificationKeys(file); return fmt.Sprint(err) },
	"secret": func(file string) string {
		_, err := (&environ{}).secretHere(config.Secret{File: file})
		return fmt.Sprint(err)
	},
	"approvals.keys": func(file string) string {
		_, flaws := (&environ{}).trustedKeys(config.Config{Approvals: config.Approvals{Keys: []string{file}}})
		return strings.Join(flaws, ";")
	},
	"network.ca_bundle": func(file string) string {
		_, err := (&environ{getenv: func(string) string { return "" }}).network(config.Config{Network: config.Network{CABundle: file}})
		return fmt.Sprint(err)
	},
	"audit sql --file": func(file string) string { return saidBy("audit", "sql", "--file", file) },
}

// fromLists are the readers of lists, of policy and of plans, which may be as long as those are.
var fromLists = map[string]func(file string) string{
	"--plan":         func(file string) string { _, err := readPlan(file); return fmt.Sprint(err) },
	"--new":          func(file string) string { _, err := roleMap(config.Config{}, file); return fmt.Sprint(err) },
	"check --roster": func(file string) string { return saidBy("check", "--roster", file) },
}

func saidBy(args ...string) string {
	var out strings.Builder
	run(append([]string{"rollcall"}, args...), func(string) string { return "" }, strings.NewReader(""), io.Discard, &out)
	return out.String()
}

func TestWhateverACommandReadsIsAFileAndNothingIsWaitedFor(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, some := range []map[string]func(string) string{fromFiles, fromLists} {
		for what, read := range some {
			t.Run(what, func(t *testing.T) {
				if says := inTime(t, what, func() string { return read(pipe) }); !strings.Contains(says, "no file") || !strings.Contains(says, pipe) {
					t.Error(says)
				}
			})
		}
	}
}

func TestAFileThatIsLargerThanAnyOfItsKindIsRefusedBeforeItIsRead(t *testing.T) {
	large := filepath.Join(t.TempDir(), "large")
	f, err := os.Create(large)
	if err == nil {
		err = f.Truncate(16<<20 + 1)
	}
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	for what, read := range fromFiles {
		t.Run(what, func(t *testing.T) {
			if says := read(large); !strings.Contains(says, "are the most") || !strings.Contains(says, large) {
				t.Error(says)
			}
		})
	}
}
