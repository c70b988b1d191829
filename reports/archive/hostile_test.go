package archive

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
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

// What is behind a link is not left out as if it were not there: a journal without records
// has nothing that the guards would count.
func TestAFolderBehindALinkIsRefusedAndNotTakenForAnEmptyOne(t *testing.T) {
	for _, folder := range []string{"journal", "manifests", filepath.Join("journal", string(runID(1)))} {
		root := archiveOf(t, 1)
		aside := filepath.Join(t.TempDir(), "aside")
		if err := os.Rename(filepath.Join(root, folder), aside); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(aside, filepath.Join(root, folder)); err != nil {
			t.Fatal(err)
		}
		for _, prefix := range []string{strings.Split(folder, "/")[0] + "/", ""} {
			if names, err := NewFolder(root).List(prefix); err == nil || !strings.Contains(err.Error(), folder+" is a link to a folder") {
				t.Errorf("%s is a link: %q has %d names: %v", folder, prefix, len(names), err)
			}
		}
		if _, err := Verify(root, Checks{Keys: publicKeys()}); err == nil {
			t.Errorf("%s is a link, and verification takes no notice", folder)
		}
	}
}

// The archive as a whole may lie where a link points to.
func TestAnArchiveBehindALinkIsTheArchive(t *testing.T) {
	root := archiveOf(t, 2)
	link := filepath.Join(t.TempDir(), "archive")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	r, err := Verify(link, Checks{Keys: publicKeys()})
	if err != nil || !r.OK() || r.Manifests != 2 || len(r.Notes) != 0 {
		t.Errorf("%+v: %v", r, err)
	}
}

func publicKeys() []ed25519.PublicKey {
	return []ed25519.PublicKey{testKey.Public().(ed25519.PublicKey)}
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
	sound, refused := 0, 0
	for at := len(good) - 9; at > len(good)-1500; at-- {
		b := bytes.Clone(good)
		b[at] ^= 0x40
		if _, err := openTable[RunRow](b); err == nil || !strings.Contains(err.Error(), "its index cannot be right") {
			continue
		}
		if refused++; sound == 2 {
			continue
		}
		if err := os.WriteFile(found[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
		sound++
		r, err := verified(root, testPub)
		if err != nil || len(r.Faults) != 1 || !strings.Contains(r.Faults[0].String(), "was altered") {
			t.Errorf("byte %d: %v, %v", at, r.Faults, err)
		}
	}
	if refused == 0 {
		t.Error("no altered bit makes an index that cannot be right: this test shows nothing")
	}
}

// parquet-go takes what a table claims to need before it looks whether that is there: a
// few altered bytes were gigabytes of memory, which no night recovers from.
func TestATableThatClaimsMoreThanItHoldsIsRefusedBeforeMemoryIsTaken(t *testing.T) {
	good := recorded(t, func(name string) bool { return strings.HasPrefix(name, "findings/") })[0]
	index := len(good) - 8 - int(binary.LittleEndian.Uint32(good[len(good)-8:]))
	claiming := func(footer ...byte) []byte {
		b := append(bytes.Clone(good[:index]), footer...)
		return append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), "PAR1"...)
	}
	longer := bytes.Clone(good)
	binary.LittleEndian.PutUint32(longer[len(longer)-8:], 0xD6D6D6D6)
	deep := bytes.Repeat([]byte{0x1C}, 10_000)
	for name, b := range map[string][]byte{
		"an index longer than the file":   longer,
		"a list of 200 million columns":   claiming(0x15, 0x02, 0x19, 0xFC, 0x80, 0x84, 0xAF, 0x5F, 0x00),
		"a map of 200 million values":     claiming(0x1B, 0x80, 0x84, 0xAF, 0x5F, 0x88, 0x00),
		"a text of 200 million bytes":     claiming(0x18, 0x80, 0x84, 0xAF, 0x5F, 0x00),
		"a number that does not end":      claiming(0x15, 0xFF, 0xFF, 0xFF),
		"an index that nests without end": claiming(deep...),
		"a type that there is not":        claiming(0x1E, 0x00),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, rows := rowsIn(inMemory{bytes.NewReader(b)})
		_, table := openTable[FindingRow](b)
		_, compared := openRows(b)
		runtime.ReadMemStats(&after)
		for _, err := range []error{rows, table, compared} {
			if err == nil || !strings.Contains(err.Error(), "its index cannot be right") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("%s: it took %d bytes", name, took)
		}
	}
}

func TestPagesThatClaimMoreThanTheTableHoldsAreRefusedBeforeMemoryIsTaken(t *testing.T) {
	good := recorded(t, func(name string) bool { return strings.HasPrefix(name, "findings/") })[0]
	table, err := openTable[FindingRow](good)
	if err != nil {
		t.Fatal(err)
	}
	column := table.Metadata().RowGroups[0].Columns[0]
	for name, at := range map[string]int64{"columns": column.ColumnIndexOffset, "offsets": column.OffsetIndexOffset} {
		b := bytes.Clone(good)
		copy(b[at:], []byte{0x19, 0xFC, 0x80, 0x84, 0xAF, 0x5F})
		if _, err := openTable[FindingRow](b); err == nil || !strings.Contains(err.Error(), "values in") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := thriftAt(bytes.NewReader(good), int64(len(good)), int64(len(good))-1, 1<<31-1); err == nil {
		t.Error("an index of pages may end behind the file")
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
