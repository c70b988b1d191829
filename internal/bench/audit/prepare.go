package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"rollcall/reports/archive"
	"rollcall/reports/audit"
)

// prepare checks that the archive has what it should, makes the young one of it, and
// builds the program.
func prepare(ctx context.Context, w wanted, stderr io.Writer) (*asked, error) {
	a := &asked{wanted: w, old: filepath.Join(w.Dir, "archive"), young: filepath.Join(w.Dir, fmt.Sprintf("young-%d", w.young)), key: filepath.Join(w.Dir, "public.pem")}
	public := signer().Public().(ed25519.PublicKey)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(a.key, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	runs, err := archive.Committed(archive.NewFolder(a.old), public)
	if err != nil {
		return nil, err
	}
	if err := a.count(runs); err != nil {
		return nil, err
	}
	if err := a.cutOff(runs); err != nil {
		return nil, err
	}
	if a.binary == "" {
		a.binary = filepath.Join(w.Dir, "rollcall")
		build := exec.CommandContext(ctx, "go", "build", "-o", a.binary, "rollcall/cmd/rollcall")
		build.Stderr = stderr
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("build rollcall: %w", err)
		}
	}
	a.questions, err = audit.Questions()
	return a, err
}

func (a *asked) count(runs []archive.CommittedRun) error {
	nights := 0
	for _, r := range runs {
		if r.Has("reads") {
			nights++
		}
		for _, f := range r.Tables {
			a.bytes += f.Size
			if f.Table == "grants" {
				a.rows += *f.Rows
			}
		}
	}
	if nights != a.Nights {
		return fmt.Errorf("the archive in %s has %d nights and should have %d: name another folder with -dir", a.Dir, nights, a.Nights)
	}
	return nil
}

// cutOff makes the young archive: the first manifests of the old one with the files
// that they list, as hard links.
func (a *asked) cutOff(runs []archive.CommittedRun) error {
	if _, err := os.Stat(a.young); err == nil {
		return nil
	}
	draft := a.young + ".draft"
	if err := os.RemoveAll(draft); err != nil {
		return err
	}
	for nights, n := 0, 0; n < len(runs) && nights < a.wanted.young; n++ {
		if runs[n].Has("reads") {
			nights++
		}
		names, err := filepath.Glob(filepath.Join(a.old, "manifests", fmt.Sprintf("%010d.*", runs[n].Sequence)))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := link(name, filepath.Join(draft, "manifests", filepath.Base(name))); err != nil {
				return err
			}
		}
		for _, f := range runs[n].Tables {
			if err := link(filepath.Join(a.old, filepath.FromSlash(f.Path)), filepath.Join(draft, filepath.FromSlash(f.Path))); err != nil {
				return err
			}
		}
	}
	return os.Rename(draft, a.young)
}

func link(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	if err := os.Link(from, to); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
