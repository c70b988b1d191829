package main

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reports/archive"
)

// mostApproved is how many values it may have: each takes memory before the signature is
// looked at.
const mostApproved = 1_000_000

// trustedKeys are the public keys whose approvals are believed. What is wrong
// with one is told, and it counts for nothing: the guard holds.
func (e *environ) trustedKeys(cfg config.Config) (keys []ed25519.PublicKey, flaws []string) {
	for _, file := range cfg.Approvals.Keys {
		b, err := readKey(cfg.Path(file))
		if err != nil {
			flaws = append(flaws, fmt.Sprintf("%s cannot be read (%s)", file, reason(err)))
			continue
		}
		key, err := archive.ParsePublicKey(b)
		switch {
		case err != nil:
			flaws = append(flaws, fmt.Sprintf("%s is no public key: %v", file, err))
		case e.ownKey(cfg, key):
			flaws = append(flaws, file+" is the key that signs the archive, and the night cannot answer for itself")
		default:
			keys = append(keys, key)
		}
	}
	return keys, flaws
}

// ownKey reports whether it is the night's own key, by either of its halves: one
// of them may not be here.
func (e *environ) ownKey(cfg config.Config, key ed25519.PublicKey) bool {
	if b, err := readKey(cfg.Path(cfg.Archive.PublicKey)); err == nil {
		if own, err := archive.ParsePublicKey(b); err == nil && own.Equal(key) {
			return true
		}
	}
	text, err := e.secretHere(cfg.Archive.SigningKey)
	if err != nil {
		return false
	}
	own, err := archive.ParsePrivateKey([]byte(text))
	return err == nil && key.Equal(own.Public())
}

// approvalFiles reads the approvals that a run may find: those of the folder, and
// those that the command line names. A file that is no good is a fact, not an
// error: it counts for nothing, and the run says so.
func (e *environ) approvalFiles(cfg config.Config, more []string) []jobs.ApprovalFile {
	names, flaw := approvalNames(cfg)
	var out []jobs.ApprovalFile
	if flaw != "" {
		out = append(out, jobs.ApprovalFile{GivenApproval: access.GivenApproval{File: cfg.Approvals.Dir, Unproven: flaw}})
	}
	keys, flaws := e.trustedKeys(cfg)
	for _, name := range append(names, more...) {
		a := readApproval(name, keys)
		if rel, err := filepath.Rel(cfg.Dir, name); err == nil && !strings.HasPrefix(rel, "..") {
			a.File = filepath.ToSlash(rel)
		}
		if a.Unproven != "" && len(flaws) > 0 {
			a.Unproven += " (" + strings.Join(flaws, "; ") + ")"
		}
		twin := slices.IndexFunc(out, func(o jobs.ApprovalFile) bool { return a.ID != "" && o.ID == a.ID })
		switch {
		case twin >= 0 && bytes.Equal(out[twin].Raw, a.Raw):
			continue // the same file, by another name
		case twin >= 0:
			a = jobs.ApprovalFile{GivenApproval: access.GivenApproval{File: a.File, SHA256: a.SHA256, Unproven: "it has the id of " + out[twin].File + ", and is another file"}}
		}
		out = append(out, a)
	}
	return out
}

// approvalNames are the files in the folder of approvals, which need not exist.
func approvalNames(cfg config.Config) (names []string, flaw string) {
	dir := cfg.Path(cfg.Approvals.Dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, ""
		}
		return nil, "the folder cannot be read, so that no approval in it counts: " + reason(err)
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".json" && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	return names, ""
}

// readApproval reads one file.
func readApproval(name string, keys []ed25519.PublicKey) jobs.ApprovalFile {
	a := jobs.ApprovalFile{GivenApproval: access.GivenApproval{File: name}}
	b, err := readFrom(name, largestApproval)
	if err == nil && bytes.Count(b, []byte(",")) > mostApproved {
		err = fmt.Errorf("it has more than %d values, which no approval has", mostApproved)
	}
	if err != nil {
		a.Unproven = "it cannot be read: " + reason(err)
		return a
	}
	a.SHA256 = access.Digest(b)
	if a.Approval, err = openApproval(b, keys); err != nil {
		a.Unproven = err.Error()
		return a // without its bytes: a folder full of them would be the night's memory
	}
	a.Raw = b
	return a
}
