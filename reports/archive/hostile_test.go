package archive

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// These tests are about whoever can write to the archive and has no key.

func packed(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

func TestAListOfFirstSeenDaysThatClaimsMoreThanItHoldsIsRefused(t *testing.T) {
	for _, n := range []uint64{1 << 20, 1 << 40, math.MaxUint64} {
		b := packed(t, binary.AppendUvarint([]byte(seenMagic), n))
		if got, err := decodeSeen(b); err == nil || len(got) != 0 {
			t.Errorf("%d grants in %d bytes: %d are read", n, len(b), len(got))
		}
	}
	bomb := packed(t, append(binary.AppendUvarint([]byte(seenMagic), 8<<20), bytes.Repeat([]byte{1}, 16<<20)...))
	if got, err := decodeSeen(bomb); err == nil {
		t.Errorf("%d grants are read from %d bytes", len(got), len(bomb))
	}
}

// A night that waits for ever blocks nobody.
func TestWhatIsNoFileIsRefusedAndNotWaitedFor(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "manifests"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(root, "manifests", "0000000001.json")); err != nil {
		t.Fatal(err)
	}
	said := make(chan error, 2)
	go func() {
		_, err := NewFolder(root).Read("manifests/0000000001.json")
		said <- err
		_, err = NewFolder(root).Open("manifests/0000000001.json")
		said <- err
	}()
	for range 2 {
		select {
		case err := <-said:
			if err == nil || !strings.Contains(err.Error(), "is no file") {
				t.Errorf("it says %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("it waits for a device to end")
		}
	}
}

func TestAFileOfTerabytesIsRefusedBeforeItIsRead(t *testing.T) {
	root := t.TempDir()
	file, err := os.Create(filepath.Join(root, "large"))
	if err == nil {
		err = file.Truncate(1 << 41)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := NewFolder(root).Read("large"); err == nil || !strings.Contains(err.Error(), "bytes large") {
		t.Errorf("it says %v", err)
	}
}

func recorded(f testing.TB, of func(string) bool) [][]byte {
	f.Helper()
	var all [][]byte
	root := f.TempDir()
	if err := record(NewFolder(root), 1); err != nil {
		f.Fatal(err)
	}
	names, err := NewFolder(root).List("")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		if b, err := NewFolder(root).Read(name); err != nil {
			f.Fatal(err)
		} else if of(name) {
			all = append(all, b)
		}
	}
	return all
}

func FuzzManifest(f *testing.F) {
	for _, b := range recorded(f, func(name string) bool {
		return strings.HasPrefix(name, "manifests/") && strings.HasSuffix(name, ".json")
	}) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeManifest(b)
		if err != nil {
			return
		}
		strict, err := strictManifest(b)
		if err != nil || strict.RunID != m.RunID || len(strict.Files) != len(m.Files) {
			t.Fatalf("the quick reader and the strict one differ: %+v, %+v, %v", m, strict, err)
		}
		for _, e := range m.Files {
			_, _ = NewFolder("/nowhere").path(e.Path) // any name is refused or stays inside
			m.file(e.Path)
		}
	})
}

func FuzzState(f *testing.F) {
	for _, b := range recorded(f, func(name string) bool { return strings.HasPrefix(name, "states/") && strings.HasSuffix(name, ".json") }) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := decodeState(b); err == nil {
			s.memory()
		}
	})
}

func FuzzFirstSeen(f *testing.F) {
	for _, b := range recorded(f, func(name string) bool { return strings.HasSuffix(name, ".grants") }) {
		f.Add(b)
	}
	f.Add(packed(f, binary.AppendUvarint([]byte(seenMagic), math.MaxUint64)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := decodeSeen(b); err == nil && len(got) > len(b) {
			t.Fatalf("%d grants from %d bytes", len(got), len(b))
		}
	})
}

// One altered bit in the table of a run ended the verification that was to find it.
func TestVerificationSurvivesATableWhoseIndexWasAltered(t *testing.T) {
	root := archiveOf(t, 1)
	found, err := filepath.Glob(filepath.Join(root, "runs", "*", "*", "*.parquet"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%q, %v", found, err)
	}
	good, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	verified, refused := 0, 0
	for at := len(good) - 9; at > len(good)-1500; at-- {
		b := bytes.Clone(good)
		b[at] ^= 0x40
		if _, err := openTable[RunRow](b); err == nil || !strings.Contains(err.Error(), "its index cannot be right") {
			continue
		}
		if refused++; verified == 2 {
			continue
		}
		if err := os.WriteFile(found[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
		verified++
		r, err := Verify(root, testPub)
		if err != nil || len(r.Faults) != 1 || !strings.Contains(r.Faults[0].String(), "was altered") {
			t.Errorf("byte %d: %v, %v", at, r.Faults, err)
		}
	}
	if refused == 0 {
		t.Error("no altered bit makes an index that cannot be right: this test shows nothing")
	}
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

func FuzzTable(f *testing.F) {
	for _, b := range recorded(f, func(name string) bool {
		return strings.HasPrefix(name, "findings/") || strings.HasPrefix(name, "reads/")
	}) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = rowsIn(inMemory{bytes.NewReader(b)})
		_, _ = openTable[FindingRow](b)
	})
}
