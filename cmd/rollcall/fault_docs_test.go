package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// testsHere are the names of all tests of the repository, each with a space behind it.
func testsHere(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	name := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, found := range name.FindAllSubmatch(b, -1) {
			all.WriteString("\n" + string(found[1]) + " ")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestEveryFaultThatIsDocumentedIsTestedAndEveryOneOfTheTableIsDocumented(t *testing.T) {
	b, err := os.ReadFile("../../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, codes := testsHere(t), map[string]string{}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for _, cited := range regexp.MustCompile("`(Test[^`]+)`").FindAllStringSubmatch(line, -1) {
			whole, begins := strings.CutSuffix(cited[1], "...")
			if !begins {
				whole += " "
			}
			if !strings.Contains(tests, "\n"+whole) {
				t.Errorf("no test is called %s", cited[1])
			}
		}
		if len(cells) == 4 {
			codes[strings.TrimSpace(cells[0])] = strings.TrimSpace(cells[2])
		}
	}
	for _, f := range faultTable {
		if codes[f.name] != strconv.Itoa(f.code) {
			t.Errorf("docs/faults.md has exit code %q for %q, and it is %d", codes[f.name], f.name, f.code)
		}
	}
}
