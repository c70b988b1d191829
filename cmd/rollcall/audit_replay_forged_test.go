package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// forged changes files of the newest run of the town's archive and signs its manifest
// anew, as somebody with the signing key could.
func (w *townsfolk) forged(change func(name string, b []byte) []byte) {
	w.t.Helper()
	root := filepath.Join(w.dir, "archive")
	names, err := filepath.Glob(filepath.Join(root, "manifests", "*.json"))
	if err != nil {
		w.t.Fatal(err)
	}
	last := slices.Max(names)
	var m archive.Manifest
	if err := json.Unmarshal(w.bytes(last), &m); err != nil {
		w.t.Fatal(err)
	}
	touched := false
	var files []archive.Entry
	for _, f := range m.Files {
		name := filepath.Join(root, f.Path)
		was := w.bytes(name)
		is := change(f.Path, was)
		switch {
		case is == nil:
			touched = true
			w.must(os.Remove(name))
			continue
		case !bytes.Equal(was, is):
			touched = true
			w.must(os.Chmod(name, 0o600))
			w.must(os.WriteFile(name, is, 0o600))
			f.Size, f.SHA256 = int64(len(is)), access.Digest(is)
		}
		files = append(files, f)
	}
	if !touched {
		w.t.Fatal("nothing was forged")
	}
	m.Files = files
	b, err := json.MarshalIndent(m, "", " ")
	w.must(err)
	b = append(b, '\n')
	key, err := archive.ParsePrivateKey([]byte(w.read("signing.pem")))
	w.must(err)
	w.must(os.Chmod(last, 0o600))
	w.must(os.WriteFile(last, b, 0o600))
	w.must(os.WriteFile(strings.TrimSuffix(last, "json")+access.Digest(b)+".sig", ed25519.Sign(key, b), 0o600))
}

func (w *townsfolk) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *townsfolk) bytes(name string) []byte {
	w.t.Helper()
	b, err := os.ReadFile(name)
	w.must(err)
	return b
}

// rewritten gives a table with its rows changed.
func rewritten[T any](t *testing.T, b []byte, change func(*T)) []byte {
	t.Helper()
	rows, err := parquet.Read[T](bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		change(&rows[i])
	}
	var out bytes.Buffer
	if err := parquet.Write(&out, rows, parquet.Compression(&parquet.Zstd), parquet.KeyValueMetadata("rollcall.schema", "1")); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatDoesNotFollowFromTheInputsIsToldFieldByField(t *testing.T) {
	for name, forge := range map[string]struct {
		change func(t *testing.T, name string, b []byte) []byte
		says   []string
	}{
		"a reason in the plan": {func(_ *testing.T, name string, b []byte) []byte {
			if strings.HasPrefix(name, "plans/") {
				return bytes.ReplaceAll(b, []byte("leo Test"), []byte("leo Lost"))
			}
			return b
		}, []string{"action suspend of leo", "reason was", "leo Lost", "leo Test", "NOT THE SAME: plan"}},
		"a finding": {func(t *testing.T, name string, b []byte) []byte {
			if strings.HasPrefix(name, "findings/") {
				return rewritten(t, b, func(r *archive.FindingRow) { r.Severity = "info" })
			}
			return b
		}, []string{"plan the same, to the byte", "severity was \"info\"", "NOT THE SAME: findings. The plan has the SHA-256 that was recorded, "}},
		"what was expected": {func(t *testing.T, name string, b []byte) []byte {
			if strings.HasPrefix(name, "grants/") {
				return rewritten(t, b, func(r *archive.GrantRow) { r.Expected = !r.Expected })
			}
			return b
		}, []string{"grant", "expected was"}},
		"what was read": {func(t *testing.T, name string, b []byte) []byte {
			if strings.HasPrefix(name, "accounts/") {
				return rewritten(t, b, func(r *archive.AccountRow) {
					if strings.HasPrefix(r.Login, "leo") {
						r.Status = "disabled"
					}
				})
			}
			return b
		}, []string{"it was recorded, and does not follow", "action deny_all of leo", "The plan that was recorded has the SHA-256 "}},
		"the moment": {func(_ *testing.T, name string, b []byte) []byte {
			if strings.HasPrefix(name, "grounds/") {
				return regexp.MustCompile(`("started_at": "[^"]*:\d\d)Z`).ReplaceAll(b, []byte("$1.0001Z"))
			}
			return b
		}, []string{"the plan: created_at was"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := aTown(t)
			w.forged(func(file string, b []byte) []byte { return forge.change(t, file, b) })
			w.want(w.again(), exitFailed, append(forge.says, "is not what follows from its inputs")...)
		})
	}
}

func TestARunWhoseBytesAreNotThoseOfItsManifestIsNotDecidedOnceMore(t *testing.T) {
	w := aTown(t)
	names, err := filepath.Glob(filepath.Join(w.dir, "archive", "inputs", "*"))
	w.must(err)
	for _, name := range names {
		b := w.bytes(name)
		if !bytes.HasPrefix(b, []byte("role,")) {
			continue
		}
		w.must(os.Chmod(name, 0o600))
		w.must(os.WriteFile(name, bytes.Replace(b, []byte("allowed"), []byte("Allowed"), 1), 0o600))
	}
	w.want(w.again(), exitAborted, "was altered", "audit verify")
}

func TestOfARunFromBeforeGroundsWereArchivedTheFindingsAreCompared(t *testing.T) {
	w := aTown(t)
	w.forged(func(name string, b []byte) []byte {
		if strings.HasPrefix(name, "grounds/") {
			return nil
		}
		return b
	})
	w.want(w.again(), exitIncomplete, "before it archived on what grounds it decided", "its findings can be compared, its plan not", "findings", "the same, to the byte", "Not compared: the plan.")
}

func TestWhichRollcallWroteThePlanIsToldWhenItIsAnother(t *testing.T) {
	w := aTown(t)
	w.forged(func(name string, b []byte) []byte {
		if strings.HasPrefix(name, "runs/") {
			return rewritten(t, b, func(r *archive.RunRow) { r.ToolVersion = "v0.0.1, commit abc" })
		}
		return b
	})
	w.want(w.again(), exitDone, "It was written by rollcall v0.0.1, commit abc, and decided once more by rollcall")
}
