//go:build system && cgo

package evidence

import (
	"crypto/ed25519"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// These tests need sha256sum and openssl, and nothing of rollcall: they paste what
// VERIFY.txt says into a shell that has only the pack.

// pasted runs the lines of VERIFY.txt in the folder and gives what they print.
func pasted(t *testing.T, dir string) string {
	t.Helper()
	say := text(t, dir, verifyName)
	begin, end := strings.Index(say, "# 1."), strings.Index(say, "\n\nThe last record")
	if begin < 0 || end < begin {
		t.Fatalf("VERIFY.txt has no commands:\n%s", say)
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh")
	cmd.Dir, cmd.Stdin, cmd.Env = dir, strings.NewReader(say[begin:end]+"\n"), []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
	out, _ := cmd.CombinedOutput() // what it prints is what a person goes by
	return string(out)
}

func TestThePackIsVerifiedWithOpenSSLAlone(t *testing.T) {
	a, _ := played(t, "2026-03-01", "2026-03-05")
	r := request("2026-03-01", "2026-03-05")
	r.Signer = testKey
	dir, made := packed(t, a, r)
	said := pasted(t, dir)
	for _, want := range []string{"files: as they were made\nfiles: none was added\n", "digest of the list: " + made.SHA256 + "\n", "digest of the key:  " + made.KeySHA256 + "\n",
		"chain: 7 signed records, the last has the digest ", "Signature Verified Successfully"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	last := a.Chain()[len(a.Chain())-1].SHA256
	if !strings.Contains(said, "the last has the digest "+last+"\n") || !strings.Contains(text(t, dir, verifyName), last) {
		t.Errorf("the end of the chain is %s:\n%s", last, said)
	}
}

func TestThePackIsVerifiedOverAChangeOfKeys(t *testing.T) {
	_, store := played(t, "2026-03-01", "2026-03-03")
	next := ed25519.NewKeyFromSeed([]byte(strings.Repeat("n", ed25519.SeedSize)))
	at := dayAt("2026-03-03 09:00")
	run := access.Run{ID: "20260303T090000Z-k", StartedAt: at, FinishedAt: at, Mode: access.Observe, Trigger: "rotate-key", Verdict: "done", Previous: "20260303T010000Z-a", Actor: "ann@host"}
	if _, err := archive.New(store, testKey).RotateKey(run, next, "Ann", "yearly"); err != nil {
		t.Fatal(err)
	}
	r := request("2026-03-01", "2026-03-03")
	r.Signer = testKey
	if _, err := Export(t.Context(), reopened(t, store), r, filepath.Join(t.TempDir(), "pack")); !errors.Is(err, ErrOtherKey) {
		t.Errorf("signed with the key of before: %v", err)
	}
	r.Signer = next
	dir, made := packed(t, reopened(t, store), r)
	said := pasted(t, dir)
	for _, want := range []string{"chain: 4 signed records", "digest of the key:  " + access.Digest(next.Public().(ed25519.PublicKey)) + "\n", "Signature Verified Successfully"} {
		if !strings.Contains(said, want) || made.KeySHA256 != access.Digest(next.Public().(ed25519.PublicKey)) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}

func TestWhateverIsChangedInAPackShows(t *testing.T) {
	a, _ := played(t, "2026-03-01", "2026-03-03")
	clean, _ := packed(t, a, request("2026-03-01", "2026-03-03"))
	manifests, err := filepath.Glob(filepath.Join(clean, "manifests", "*.json"))
	if err != nil || len(manifests) != 3 {
		t.Fatalf("%v %v", manifests, err)
	}
	second := "manifests/" + filepath.Base(manifests[1])
	for name, c := range map[string]struct {
		change  func(dir string) error
		without string // what it must not say any more
	}{
		"an answer":     {func(dir string) error { return alter(filepath.Join(dir, "answers/02-leavers.csv")) }, "files: as they were made"},
		"the page":      {func(dir string) error { return alter(filepath.Join(dir, indexName)) }, "files: as they were made"},
		"a file lost":   {func(dir string) error { return os.Remove(filepath.Join(dir, "answers/18-nights.csv")) }, "files: as they were made"},
		"a file added":  {func(dir string) error { return os.WriteFile(filepath.Join(dir, "answers/more.csv"), nil, 0o600) }, "files: none was added"},
		"a link added":  {func(dir string) error { return os.Symlink("people.csv", filepath.Join(dir, "answers/more.csv")) }, "files: none was added"},
		"a record":      {func(dir string) error { return alter(filepath.Join(dir, second)) }, "chain: 3 signed records"},
		"a record lost": {func(dir string) error { return os.Remove(filepath.Join(dir, second)) }, "signed records"},
		"another's key": {func(dir string) error { return anotherKey(dir) }, "signed records"},
	} {
		dir := filepath.Join(t.TempDir(), "pack")
		if err := os.CopyFS(dir, os.DirFS(clean)); err != nil {
			t.Fatal(err)
		}
		if err := c.change(dir); err != nil {
			t.Fatal(err)
		}
		if said := pasted(t, dir); strings.Contains(said, c.without) {
			t.Errorf("%s was changed, and it says\n%s", name, said)
		}
	}
}

func alter(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	b[len(b)/2] ^= 1
	return os.WriteFile(file, b, 0o600)
}

func anotherKey(dir string) error {
	out, err := exec.Command("sh", "-c", "openssl genpkey -algorithm ed25519 | openssl pkey -pubout").Output()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, keyName), out, 0o600)
}
