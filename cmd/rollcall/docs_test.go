//go:build cgo

package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every line in a document that somebody may copy into a shell is held against the
// program. A document whose lines another test runs is in runBy; a line that is not run
// is in onlyRead, with the reason; all others are run here, on the demo's company.

// runBy are documents whose commands a test of their own runs, each as it stands there.
var runBy = map[string]struct{ test, file string }{
	"docs/auditors.md": {"TestAWholeQuarterAnswersEachLineOfTheGuide", "cmd/rollcall/quarter_guide_test.go"},
	"docs/replay.md":   {"TestEveryRunOfTheDemoIsDecidedOnceMoreByTheLinesOfTheGuide", "cmd/rollcall/audit_replay_test.go"},
}

// onlyRead are lines that are held against the flags that there are, and not run: the
// beginning of the line, and why.
var onlyRead = []struct{ document, begins, why string }{
	{"README.md", "go run ./cmd/rollcall demo ", "demo.txtar plays it"},
	{"README.md", "make test", "make test-all, which runs this test, begins with it"},
	{"CONTRIBUTING.md", "go test ./reconcile", "make test runs all of it"},
	{"CONTRIBUTING.md", "go tool staticcheck", "make lint runs it, on everything"},
	{"docs/operations.md", "rollcall approve --guard ", "it takes a night that a guard held, as approve.txtar makes one"},
	{"docs/operations.md", "rollcall audit rotate-key --lost", "the key has to be gone; audit_trust_test.go loses one"},
	{"docs/operations.md", "rollcall status --archive s3:", "it takes a bucket in S3; status_test.go runs it on a folder"},
	{"docs/mutation.md", "go run ./internal/mutants", "the tests of internal/mutants list the changes of a package that is small"},
	{"docs/mutation.md", "make mutate", "it takes many minutes; the tests of internal/mutants go through a package that is small"},
	{"docs/performance.md", "make bench", "each takes minutes and gigabytes"},
	{"docs/performance.md", "go tool benchstat", "it takes the figures of two commits; the tests of internal/bench read their lines with its parser"},
	{"docs/releases.md", "make release", "it takes half an hour; tools/release/release_test.go makes a smaller one"},
}

// elsewhere are lines that call other programs than rollcall, make and go: the beginning,
// and what holds it.
var elsewhere = []struct{ document, begins, why string }{
	{"README.md", "export AWS_", "TestWhoeverReadsOnlyTheReadme sets them from this line"},
	{"CONTRIBUTING.md", "git clone ", "where from is for whoever reads it to say; .ci/fresh clones"},
	{"docs/operations.md", "*/5 * * * *", "deploy_system_test.go runs such a line of deploy/cron"},
	{"docs/performance.md", "for i in 1 2 3 4 5 6; do make ", "each takes minutes and gigabytes"},
	{"docs/performance.md", "git switch ", "the commit is the reader's"},
	{"deploy/aws/README.md", "aws ", "they change a real account; internal/deploytest holds the templates, and what the roles may do"},
}

// written is one command line of a document.
type written struct {
	document, line string // the line as it stands there, with what continues it
}

// writtenLines walks the documents at the root, docs and deploy.
func writtenLines(t *testing.T) []written {
	t.Helper()
	return linesThat(t, asCommand)
}

// linesThat are the lines of these documents that match.
func linesThat(t *testing.T, what *regexp.Regexp) (all []written) {
	t.Helper()
	root := filepath.Join("..", "..")
	for _, from := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "deploy"} {
		err := filepath.WalkDir(filepath.Join(root, from), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, path)
			for _, line := range commandLines(string(b), what) {
				all = append(all, written{filepath.ToSlash(name), line})
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

var (
	asCommand = regexp.MustCompile(`^(?:\$ )?((?:rollcall|make|go run|go test|go tool) .*)$`)
	remark    = regexp.MustCompile(`\s+# .*$`)
)

// commandLines are the lines that stand by themselves, indented or between fences, and
// match.
func commandLines(text string, what *regexp.Regexp) (all []string) {
	fenced := false
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		bare := strings.TrimSpace(line)
		if strings.HasPrefix(bare, "```") {
			fenced = !fenced
			continue
		}
		if !fenced && !strings.HasPrefix(line, "    ") {
			continue
		}
		if found := what.FindStringSubmatch(bare); found != nil {
			all = append(all, strings.Join(strings.Fields(remark.ReplaceAllString(found[1], "")), " "))
		}
	}
	return all
}

// reasonNotToRun is why a line is only read, or "".
func reasonNotToRun(w written) string {
	for _, o := range onlyRead {
		if o.document == w.document && strings.HasPrefix(w.line+" ", o.begins) {
			return o.why
		}
	}
	return ""
}

var otherProgram = regexp.MustCompile(`^(?:\$ )?((?:export|for|git|aws|curl|openssl|jq|crontab|systemctl|journalctl|docker|podman|kubectl|helm|terraform|duckdb|spark-sql|pip|npm|apt-get|sudo|cd|\*/[0-9]+) .*)$`)

// What calls other programs is not run here, so each such line says what holds it.
func TestALineThatCallsAnotherProgramSaysWhatHoldsIt(t *testing.T) {
	used := map[string]bool{}
	for _, w := range linesThat(t, otherProgram) {
		if by, is := runBy[w.document]; is || w.document == "docs/verify.md" { // reports/archive runs that one as a script
			t.Logf("%s: %v runs %s", w.document, by, w.line)
			continue
		}
		n := slices.IndexFunc(elsewhere, func(e struct{ document, begins, why string }) bool {
			return e.document == w.document && strings.HasPrefix(w.line, e.begins)
		})
		if n < 0 {
			t.Errorf("%s: %s: nothing runs it, and elsewhere does not say what holds it", w.document, w.line)
			continue
		}
		used[elsewhere[n].document+elsewhere[n].begins] = true
	}
	for _, e := range elsewhere {
		if !used[e.document+e.begins] {
			t.Errorf("%s has no line that begins with %q: take it out", e.document, e.begins)
		}
	}
}

func TestEveryExceptionIsStillNeeded(t *testing.T) {
	lines := writtenLines(t)
	for _, o := range onlyRead {
		if !slices.ContainsFunc(lines, func(w written) bool {
			return w.document == o.document && strings.HasPrefix(w.line+" ", o.begins)
		}) {
			t.Errorf("%s has no line that begins with %q: take the exception out", o.document, o.begins)
		}
	}
	for _, o := range endsOtherwise {
		if !slices.ContainsFunc(lines, func(w written) bool { return w.document == o.document && strings.HasPrefix(w.line, o.begins) }) {
			t.Errorf("%s has no line that begins with %q: take it out of endsOtherwise", o.document, o.begins)
		}
	}
	for document, by := range runBy {
		if !slices.ContainsFunc(lines, func(w written) bool { return w.document == document }) {
			t.Errorf("%s has no command: take it out of runBy", document)
		}
		b, err := os.ReadFile(filepath.Join("..", "..", by.file))
		if err != nil || !bytes.Contains(b, []byte("func "+by.test)) {
			t.Errorf("%s is run by %s in %s, and there is none (%v)", document, by.test, by.file, err)
		}
	}
}

// shellSplit gives the words of a line as a shell takes them.
func shellSplit(line string) (all []string) {
	for _, found := range regexp.MustCompile(`(?:"[^"]*"|'[^']*'|[^\s"'])+`).FindAllString(line, -1) {
		all = append(all, strings.NewReplacer(`"`, "", `'`, "").Replace(found))
	}
	return all
}

// endsOtherwise are commands that do not end with 0 on the demo's company.
var endsOtherwise = []struct {
	document, begins string
	code             int
	says             string
}{
	{"docs/operations.md", "rollcall audit expire --before 2019-01-01 --by", exitRefused, "--confirm is not the digest of the list"},
}

// Every other line is run as it stands, in the folder of the demo's company after its two
// nights. What the line reads is put there first.
func TestEveryCommandInADocumentRuns(t *testing.T) {
	lines := writtenLines(t)
	hour := strings.Join(readmeHour(t), "")
	d := openDemo(t)
	d.playTwoNights(t)
	d.standIns(t)
	hr := t.TempDir()
	if err := os.Rename(d.path("roster.csv"), filepath.Join(hr, "roster.csv")); err != nil {
		t.Fatal(err)
	}
	for _, w := range lines {
		_, elsewhere := runBy[w.document]
		stranger := w.document == "README.md" && strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(hour, "\\\n", " ")), " "), w.line)
		if elsewhere || stranger || reasonNotToRun(w) != "" {
			continue
		}
		want, says := exitDone, ""
		for _, o := range endsOtherwise {
			if o.document == w.document && strings.HasPrefix(w.line, o.begins) {
				want, says = o.code, o.says
			}
		}
		command := shellSplit(w.line)
		if command[0] != "rollcall" {
			t.Errorf("%s: %s: it is neither run nor among the exceptions (onlyRead)", w.document, w.line)
			continue
		}
		if at := slices.Index(command, ">"); at > 0 {
			command = command[:at]
		}
		if w.document == "docs/hr.md" { // HR has no configuration, and one list
			t.Chdir(hr)
		} else {
			t.Chdir(d.dir)
		}
		if code, out := d.command(t, command[1:]...); code != want || out == "" || !strings.Contains(out, says) {
			t.Errorf("%s: %s: it ends with %d, and not with %d: %s", w.document, w.line, code, want, out)
		}
		if strings.HasPrefix(w.line, "rollcall audit rotate-key --make") { // the step after it, in words
			if err := d.editConfig("keys/rollcall-signing.pem", "keys/signing-2027.pem"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// standIns puts into the demo's folder what the documents' examples read.
func (d *demo) standIns(t *testing.T) {
	t.Helper()
	rolemap, err := os.ReadFile(d.path("rolemap.csv"))
	if err != nil {
		t.Fatal(err)
	}
	roster, err := os.ReadFile(d.path("employees.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"rolemap_new.csv": string(rolemap), "roster.csv": string(roster),
		"expectations.csv": "source,employee_id,title,department,worker_type,expect,system,scope,kind,entitlement,reason\nemployees,E1004,,,,may,okta,,group,All Staff,everybody may\n",
	} {
		if err := os.WriteFile(d.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
