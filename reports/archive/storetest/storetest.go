// Package storetest is the conformance suite of archive.Store: what every store
// has to do for the archive to be proof, and a store in memory that passes it. The suite
// never looks inside a store. Its invariant: it knows no kind of store, so that all of
// them pass the same.
package storetest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"rollcall/reports/archive"
)

// Run holds an empty store to the contract; make makes another one each time.
func Run(t *testing.T, make func(t *testing.T) archive.Store) {
	for name, rule := range map[string]func(*testing.T, archive.Store){
		"what is written is read back":             readsBack,
		"a name is taken once":                     takenOnce,
		"of many writers of a name one wins":       oneWinner,
		"the same bytes written twice are refused": sameBytes,
		"what fails half-way leaves nothing":       nothingHalf,
		"much is streamed and read in pieces":      streams,
		"lists are whole and sorted as text":       lists,
		"names stay inside the root":               names,
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) { rule(t, make(t)) })
	}
}

func readsBack(t *testing.T, s archive.Store) {
	for _, want := range [][]byte{{}, []byte("x"), bytes.Repeat([]byte("rollcall\n"), 5000)} {
		name := fmt.Sprintf("a/date=2026-03-02/run=r_1.x/%d-%s.json", len(want), "å b+c")
		if err := s.Create(name, want); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Read(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes came back as %d (%v)", len(want), len(got), err)
		}
	}
	if _, err := s.Read("a/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read what is not there: %v", err)
	}
	if _, err := s.Open("a/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open what is not there: %v", err)
	}
}

func takenOnce(t *testing.T, s archive.Store) {
	if err := s.Create("manifests/0000000001.json", []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := s.Create("manifests/0000000001.json", []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a taken name: %v", err)
	}
	err := s.Stream("manifests/0000000001.json", func(w io.Writer) error { _, err := w.Write([]byte("third")); return err })
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("a taken name, streamed: %v", err)
	}
	if got, err := s.Read("manifests/0000000001.json"); err != nil || string(got) != "first" {
		t.Errorf("it holds %q (%v)", got, err)
	}
}

func oneWinner(t *testing.T, s archive.Store) {
	const writers = 16
	results := make([]error, writers)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { results[i] = s.Create("manifests/0000000001.json", fmt.Append(nil, i)) })
	}
	wg.Wait()
	var won []int
	for i, err := range results {
		if err == nil {
			won = append(won, i)
		} else if !errors.Is(err, fs.ErrExist) {
			t.Errorf("loser %d: %v", i, err)
		}
	}
	if got, err := s.Read("manifests/0000000001.json"); err != nil || len(won) != 1 || string(got) != fmt.Sprint(won[0]) {
		t.Errorf("winners %v, content %q (%v)", won, got, err)
	}
}

func sameBytes(t *testing.T, s archive.Store) {
	first := s.Create("spent/a/first.json", []byte("{}"))
	if second := s.Create("spent/a/first.json", []byte("{}")); first != nil || !errors.Is(second, fs.ErrExist) {
		t.Errorf("two writers of the same bytes were told %v and %v", first, second)
	}
}

func nothingHalf(t *testing.T, s archive.Store) {
	broken := errors.New("broken")
	err := s.Stream("a/b", func(w io.Writer) error {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if all, err := s.List(""); err != nil || len(all) != 0 {
		t.Errorf("left %v (%v)", all, err)
	}
}

func streams(t *testing.T, s archive.Store) {
	const size = 20 << 20 // more than any store holds in memory
	want := sha256.New()
	err := s.Stream("grants/part-00000.parquet", func(w io.Writer) error {
		block := make([]byte, 1<<20)
		for n := range size / len(block) {
			for i := range block {
				block[i] = byte(i * (n + 1) >> 7)
			}
			if _, err := io.MultiWriter(w, want).Write(block); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Open("grants/part-00000.parquet")
	if err != nil {
		t.Fatal(err)
	}
	got := sha256.New()
	if _, err := io.Copy(got, io.NewSectionReader(f, 0, f.Size())); err != nil || f.Size() != size || !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
		t.Errorf("%d bytes came back otherwise (%v)", f.Size(), err)
	}
	last := make([]byte, 8)
	if n, err := f.ReadAt(last, size-8); n != 8 || err != nil && !errors.Is(err, io.EOF) {
		t.Errorf("the last bytes: %d, %v", n, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func lists(t *testing.T, s archive.Store) {
	var all []string
	for n := range 25 {
		all = append(all, fmt.Sprintf("journal/run-%02d/000001.json", n))
	}
	all = append(all, "a-b", "a/b", "a/bc", "b/x")
	for _, name := range all {
		if err := s.Create(name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(all)
	for _, prefix := range []string{"", "a", "a/", "journal/", "journal/run-0", "none/"} {
		want := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !strings.HasPrefix(name, prefix) })
		if got, err := s.List(prefix); err != nil || !slices.Equal(got, want) {
			t.Errorf("below %q: %v (%v), want %v", prefix, got, err, want)
		}
	}
}

func names(t *testing.T, s archive.Store) {
	for _, name := range []string{"", ".", "..", "../x", "/x", "a/../../x", "a//b", `a\b`, "a\x00"} {
		if err := s.Create(name, nil); err == nil {
			t.Errorf("created %q", name)
		}
		if err := s.Stream(name, func(io.Writer) error { return nil }); err == nil {
			t.Errorf("streamed %q", name)
		}
		if _, err := s.Read(name); err == nil {
			t.Errorf("read %q", name)
		}
		if _, err := s.Open(name); err == nil {
			t.Errorf("opened %q", name)
		}
	}
}
