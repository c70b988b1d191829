package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
)

// A browser calls the second file that it saves "sheet (1)", which sorts before "sheet".
func TestOfFilesThatComeInTogetherTheOneThatWasSavedLastIsTheNewest(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	for n, name := range []string{"sheet.json", "sheet (1).json", "other.csv"} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at.Add(time.Duration(n)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := returnedNames(dir, []string{filepath.Join(dir, "sheet.json")})
	if want := []string{filepath.Join(dir, "sheet.json"), filepath.Join(dir, "sheet (1).json"), filepath.Join(dir, "other.csv")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

// An archive and a stick know times to two seconds, and a copy may have that of the copying.
func TestOfFilesThatWereSavedAtTheSameTimeTheBrowsersNumberTells(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	want := []string{"b (1).json", "a.json", "a (1).json", "a (2).json", "a (10).json", "a (3).json"} // b was saved before the last of the others
	for n, name := range slices.Backward(want) {
		file, saved := filepath.Join(dir, name), at.Add(time.Second-time.Duration(n)*time.Millisecond)
		switch name {
		case "a (3).json":
			saved = at.Add(2 * time.Second)
		case "b (1).json":
			saved = at
		}
		if err := errors.Join(os.WriteFile(file, []byte(name), 0o600), os.Chtimes(file, at, saved)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := returnedNames(dir, nil)
	for n := range got {
		got[n] = filepath.Base(got[n])
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestEachFileToMendHasACopyOfItsOwnThatATerminalCanShow(t *testing.T) {
	for file, want := range map[string]string{
		"a.xlsx": "a_0123abcd_to-mend", "a.csv": "a_csv_0123abcd_to-mend", "a.b.XLSX": "a.b_0123abcd_to-mend", "a": "a_0123abcd_to-mend",
		"\x1b[2J\u009b1m.json":        "_[2J_1m_json_0123abcd_to-mend",
		"a_89abcdef_to-mend.xlsx":     "a_0123abcd_to-mend", // a copy that came back
		"a_89abcdef_to-mend (1).xlsx": "a_89abcdef_to-mend (1)_0123abcd_to-mend",
		"a_csv_89abcdef_to-mend.xlsx": "a_csv_0123abcd_to-mend",
	} {
		if got := copyName(access.ReturnedFile{File: file, SHA256: "0123abcd4567"}); got != want {
			t.Errorf("the copy of %q is %q, want %q", file, got, want)
		}
	}
}

func TestAMessageTakesNoOthersPlace(t *testing.T) {
	name := filepath.Join(t.TempDir(), "messages", "2026-11-26_a-lee-example-com")
	for _, text := range []string{"to a.lee", "to a-lee", "to a.lee", "and later"} {
		if err := writeBeside(name, ".txt", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for file, want := range map[string]string{".txt": "to a.lee", "_2.txt": "to a-lee", "_3.txt": "and later"} {
		if got, err := os.ReadFile(name + file); err != nil || string(got) != want {
			t.Errorf("%s has %q (%v), want %q", file, got, err, want)
		}
	}
}
