//go:build emulators || system

package deploytest

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// judged asks a program that nobody here wrote: it reads JSON and answers with JSON.
func judged(t *testing.T, asked, answer any, wants, program, script string) {
	t.Helper()
	input, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, script)
	cmd.Stdin = bytes.NewReader(input)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v; %s\n%s", err, wants, stderr.String())
	}
	if err := json.Unmarshal(out, answer); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
}
