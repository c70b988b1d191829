package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// That exactly one wins, and how the others are told, is for every store (storetest).
func TestManyWritersOfOneNameLeaveNoDraftsBehind(t *testing.T) {
	folder := NewFolder(t.TempDir())
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() { _ = folder.Create("manifests/0000000001.json", fmt.Append(nil, i)) }) // all but one lose
	}
	wg.Wait()
	if drafts, _ := folder.Drafts(); len(drafts) != 0 {
		t.Errorf("drafts stay behind: %v", drafts)
	}
}

func TestAFailedStreamLeavesNothing(t *testing.T) {
	root := t.TempDir()
	broken := errors.New("broken")
	err := NewFolder(root).Stream("a/b", func(w io.Writer) error {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if entries, _ := os.ReadDir(filepath.Join(root, "a")); len(entries) != 0 {
		t.Errorf("left %v", entries)
	}
}

func TestNamesStayInsideTheRoot(t *testing.T) {
	folder := NewFolder(t.TempDir())
	for _, name := range []string{"", ".", "..", "../x", "/x", "a/../../x", "a//b", `a\b`, "a\x00"} {
		if err := folder.Create(name, nil); err == nil {
			t.Errorf("created %q", name)
		}
		if _, err := folder.Read(name); err == nil {
			t.Errorf("read %q", name)
		}
	}
}

func TestListIsSortedByTheWholeNameAndSkipsDrafts(t *testing.T) {
	root := t.TempDir()
	folder := NewFolder(root)
	for _, name := range []string{"a/b", "a-b", "a/b/"[:3] + "c", "b/x", "a/" + temporary + "1"} {
		if err := folder.Create(name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := folder.List("a")
	if want := []string{"a-b", "a/b", "a/bc"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := folder.List("none/"); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	if info, err := os.Stat(filepath.Join(root, "a", "b")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Join(root, "a")); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestAKeyReadsBackFromPEM(t *testing.T) {
	private, public, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := ParsePublicKey(public)
	if err != nil || !pub.Equal(key.Public()) {
		t.Errorf("public key %v: %v", pub, err)
	}
	if _, err := ParsePrivateKey(public); err == nil {
		t.Error("a public key was taken for a private one")
	}
	if _, err := ParsePublicKey(private); err == nil {
		t.Error("a private key was taken for a public one")
	}
}
