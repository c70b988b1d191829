package reports

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// FuzzRunsPage: each summary that lies in the folder is a line of the list or is counted
// as left out, and nothing that one says is markup or a link out of the folder.
func FuzzRunsPage(f *testing.F) {
	n, foot := reported()
	whole, err := SummaryJSON(n, foot)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("run-1", whole)
	for _, text := range []string{"", "null", "[]", `{"happened":["<img src=x onerror=alert(1)>"],"exit_code":3}`, `{"started_at":"</a><script>","urgent":[{}]}`} {
		f.Add("javascript:alert(1)", []byte(text))
	}
	quiet, err := RunsPage([]ToldRun{{"a", []byte("{}")}}, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, dir string, b []byte) {
		page, err := RunsPage([]ToldRun{{dir, b}}, 2)
		if err != nil {
			t.Fatal(err)
		}
		var s story
		if json.Unmarshal(b, &s) != nil {
			if bytes.Contains(page, []byte("<a href")) || !bytes.Contains(page, []byte("3 older folders")) {
				t.Fatal("a summary that cannot be read is listed, or not counted")
			}
			return
		}
		for _, part := range []string{"<script", "<img", "<iframe", "<a ", "<link", "<meta", "<style"} {
			if got, want := bytes.Count(page, []byte(part)), bytes.Count(quiet, []byte(part)); got != want {
				t.Fatalf("%d of %s, want %d", got, part, want)
			}
		}
		for _, says := range append(s.Happened, s.StartedAt) {
			if strings.ContainsAny(says, "<>") && bytes.Contains(page, []byte(says)) && !bytes.Contains(quiet, []byte(says)) {
				t.Fatalf("it stands in the page as it is: %q", says)
			}
		}
		for link := range bytes.SplitSeq(page, []byte(`href="`)) {
			if to, _, _ := bytes.Cut(link, []byte(`"`)); bytes.HasPrefix(bytes.ToLower(to), []byte("javascript:")) {
				t.Fatalf("a link runs something: %s", to)
			}
		}
	})
}
