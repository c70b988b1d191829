//go:build cgo

package evidence

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/reports/audit"
)

func request(from, to string) Request {
	return Request{From: from, To: to, Days: 1, Tool: "rollcall test", Key: testPub}
}

// packed makes a pack in a new folder.
func packed(t testing.TB, a *audit.Archive, r Request) (string, Made) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pack")
	made, err := Export(t.Context(), a, r, dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, made
}

func text(t testing.TB, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var tags = regexp.MustCompile(`(?s)<style>.*</style>|<[^>]*>`)

// plain is what a page says, without its tags.
func plain(page string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
}

func TestThePageTellsTheQuarterInPlainWords(t *testing.T) {
	a, _ := played(t, "2026-01-01", "2026-03-31")
	dir, made := packed(t, a, request("2026-01-01", "2026-03-31"))
	if keep := os.Getenv("KEEP"); keep != "" {
		os.RemoveAll(keep)
		os.CopyFS(keep, os.DirFS(dir))
	}
	if len(made.Not) > 0 || made.Answers != 23 {
		t.Errorf("%+v", made)
	}
	page := text(t, dir, "index.html")
	says := plain(page)
	for _, want := range []string{
		"The nightly check ran on 87 of 90 days: 3 only observed, 1 held something back, 1 could not read everything, 1 had a change that failed and 3 missed.",
		"13 people had to lose access, with 22 accounts: 16 blocked and verified within 24 h, 5 later, 1 not verified; 1 had no account.",
		"1 review was held (2026-q1): 3 of 4 rights were answered; 1 right was to be removed or changed, and none was seen to be done.",
		"1 read was not complete, the first: page 3 of groups: 500 from Okta, five times",
		"2 changes were held back, the first held by guard blast_radius",
		"It held back 2 changes on 1 night of the period.",
		"1 right was held after the exception for it had ended.",
		"the books balance in each of them.",
		"Sven Berg guard blast_radius 2 counted a team was closed, HR confirmed it",
	} {
		if !strings.Contains(says, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(says[strings.Index(says, "Evidence of access control 2026"):])
	}
	if strings.Contains(page, nameScript) {
		t.Error("a name became a script")
	}
	if strings.Contains(page, nameFuture) {
		t.Error("the page names somebody who leaves on a day ahead")
	}
	for _, name := range []string{"answers/02-leavers.csv", "answers/02-leavers.evidence.txt"} {
		if got := text(t, dir, name); strings.Contains(got, nameFuture) {
			t.Errorf("%s names somebody who leaves on a day ahead", name)
		}
	}
}

func TestTheSameArchiveAndPeriodGiveTheSameBytes(t *testing.T) {
	a, store := played(t, "2026-03-01", "2026-03-05")
	r := request("2026-03-01", "2026-03-05")
	first, one := packed(t, a, r)
	second, two := packed(t, reopened(t, store), r)
	if one.SHA256 != two.SHA256 {
		t.Errorf("%s and %s:\n%s", one.SHA256, two.SHA256, cmp.Diff(text(t, first, "SHA256SUMS"), text(t, second, "SHA256SUMS")))
	}
}

func TestAPackOverNothingReadsWell(t *testing.T) {
	a, _ := played(t, "2026-02-05", "2026-02-10")
	for name, c := range map[string]struct {
		from, to string
		says     []string
		not      int
	}{
		"before the archive": {"2025-10-01", "2025-12-31", []string{"The nightly check did not run on any of the 92 days of the period.", "The archive begins on 2026-02-05: 92 days of the period lie before it",
			"Whether access ended when people left is not known: there was no night on 2025-12-31 or before.", "No review of access was held in the period.", "No answer: there was no night on 2025-12-31 or before."}, 13},
		"nights that were missed": {"2026-02-07", "2026-02-08", []string{"The nightly check did not run on any of the 2 days of the period.", "No review of access was held in the period."}, 0},
		"no review":               {"2026-02-05", "2026-02-05", []string{"Nobody’s access had to end in the period.", "No review of access was held in the period.", "The nightly check ran on 1 of 1 day, each time to its end and over everything."}, 0},
	} {
		dir, made := packed(t, a, request(c.from, c.to))
		if len(made.Not) != c.not {
			t.Errorf("%s: without an answer: %q", name, made.Not)
		}
		says := plain(text(t, dir, "index.html"))
		for _, want := range c.says {
			if !strings.Contains(says, want) {
				t.Errorf("%s: it does not say %q:\n%s", name, want, says)
			}
		}
	}
}

func TestAnAlteredArchiveGivesNoPack(t *testing.T) {
	a, store := played(t, "2026-03-01", "2026-03-05")
	for name, b := range store.All() {
		if strings.HasPrefix(name, "findings/date=2026-03-04/") {
			b[len(b)/2] ^= 1
		}
	}
	out := t.TempDir()
	_, err := Export(t.Context(), a, request("2026-03-01", "2026-03-05"), filepath.Join(out, "pack"))
	if err == nil || !strings.Contains(err.Error(), "was altered") {
		t.Errorf("%v", err)
	}
	if left, _ := os.ReadDir(out); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestWhatIsThereIsNeverOverwritten(t *testing.T) {
	a, _ := played(t, "2026-03-01", "2026-03-01")
	dir := t.TempDir() // empty, and that is enough
	if _, err := Export(t.Context(), a, request("2026-03-01", "2026-03-01"), dir); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v", err)
	}
}

func TestOnlyItsOwnerReadsAPack(t *testing.T) {
	a, _ := played(t, "2026-03-01", "2026-03-01")
	dir, _ := packed(t, a, request("2026-03-01", "2026-03-01"))
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[d.IsDir()]
		if info.Mode().Perm() != want {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheListOfDigestsHasEveryFile(t *testing.T) {
	a, _ := played(t, "2026-03-01", "2026-03-01")
	dir, made := packed(t, a, request("2026-03-01", "2026-03-01"))
	var files, listed []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != sumsName {
			rel, _ := filepath.Rel(dir, path)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(text(t, dir, sumsName)) {
		listed = append(listed, strings.TrimSpace(l[66:]))
	}
	slices.Sort(files)
	slices.Sort(listed)
	if d := cmp.Diff(files, listed); d != "" || made.Files != len(files) {
		t.Errorf("%d files counted; %s", made.Files, d)
	}
	if got := access.Digest([]byte(text(t, dir, sumsName))); got != made.SHA256 {
		t.Errorf("the list has the digest %s, and %s was told", got, made.SHA256)
	}
}

func TestEveryLinkOfThePageLeadsToAFile(t *testing.T) {
	a, _ := played(t, "2026-03-01", "2026-03-02")
	dir, _ := packed(t, a, request("2026-03-01", "2026-03-02"))
	page, links := text(t, dir, indexName), regexp.MustCompile(`href="([^"#]+)"`)
	found := links.FindAllStringSubmatch(page, -1)
	for _, l := range found {
		if _, err := os.Stat(filepath.Join(dir, l[1])); err != nil {
			t.Error(err)
		}
	}
	if len(found) < 60 {
		t.Errorf("%d links", len(found))
	}
	for _, l := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+l[1]+`"`) {
			t.Errorf("#%s is nowhere", l[1])
		}
	}
}
