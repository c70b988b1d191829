//go:build system

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAKnownMistakeThatIsCalledFailsMakeVuln: with a list in which what reads the
// configuration is a mistake `make vuln` fails and names it; CI runs it, and fails with it.
func TestAKnownMistakeThatIsCalledFailsMakeVuln(t *testing.T) {
	const id = "GO-2041-0001"
	list := map[string]string{
		"index/db.json":      `{"modified":"2041-01-01T00:00:00Z"}`,
		"index/modules.json": `[{"path":"github.com/goccy/go-yaml","vulns":[{"id":"` + id + `","modified":"2041-01-01T00:00:00Z"}]}]`,
		"index/vulns.json":   `[{"id":"` + id + `","modified":"2041-01-01T00:00:00Z","aliases":[]}]`,
		"ID/" + id + ".json": `{"schema_version":"1.3.1","id":"` + id + `","modified":"2041-01-01T00:00:00Z","published":"2041-01-01T00:00:00Z","summary":"made up","details":"made up",
			"affected":[{"package":{"name":"github.com/goccy/go-yaml","ecosystem":"Go"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],
			"ecosystem_specific":{"imports":[{"path":"github.com/goccy/go-yaml/parser","symbols":["Parse"]}]}}],"database_specific":{"url":"https://pkg.go.dev/vuln/` + id + `"}}`,
	}
	dir := t.TempDir()
	for name, text := range list {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root := filepath.Join("..", "..")
	run := exec.CommandContext(t.Context(), "make", "-s", "-C", root, "vuln", "VULNDB=file://"+dir)
	run.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=")
	out, err := run.CombinedOutput()
	if err == nil || !strings.Contains(string(out), id) || !strings.Contains(string(out), "config") {
		t.Errorf("%v\n%s", err, out)
	}
	ci, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	if err != nil || !strings.Contains(string(ci), "\nmake vuln || known=$?\n") {
		t.Errorf("CI does not run it: %v", err)
	}
}
