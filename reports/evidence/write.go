package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/wholefile"
	"rollcall/reports/archive"
	"rollcall/reports/audit"
)

// The files of a pack that are no answers and no manifests.
const (
	indexName     = "index.html"
	verifyName    = "VERIFY.txt"
	keyName       = "public-key.pem"
	sumsName      = "SHA256SUMS"
	signatureName = "SHA256SUMS.sig"
)

// Export makes a pack in the new folder dir. The folder appears at once and whole, or
// not at all: whoever finds it there already is told fs.ErrExist, and a process that dies
// leaves nothing but a folder beside it whose name begins with a dot.
func Export(ctx context.Context, a *audit.Archive, r Request, dir string) (made Made, err error) {
	if _, err := os.Lstat(dir); err == nil {
		return made, fmt.Errorf("%s is there already: %w", dir, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return made, err
	}
	p, err := gather(ctx, a, r)
	if err != nil {
		return made, err
	}
	f := &folder{sums: map[string]string{}}
	err = wholefile.NewFolder(dir, func(draft string) error {
		f.dir = draft
		return p.writeTo(ctx, f)
	})
	if err != nil {
		return made, fmt.Errorf("write the pack: %w", err)
	}
	made = Made{Files: len(f.sums), SHA256: access.Digest(f.list()), KeySHA256: fingerprint(p.now), Manifests: len(p.signed)}
	for i := range p.answers {
		if p.answers[i].Why != "" {
			made.Not = append(made.Not, p.answers[i].Name+": "+p.answers[i].Why)
			continue
		}
		made.Answers++
	}
	return made, nil
}

// writeTo writes every file, and last the list of their digests.
func (p *pack) writeTo(ctx context.Context, f *folder) error {
	for i := range p.answers {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.answers[i].writeTo(f); err != nil {
			return err
		}
	}
	for _, s := range p.signed {
		for _, one := range append(s.Signatures, s.Manifest) {
			f.put(one.Name, one.Bytes)
		}
	}
	index, err := p.index()
	if err != nil {
		return err
	}
	first, err := archive.PublicPEM(p.first)
	if err != nil {
		return err
	}
	f.put(keyName, first)
	f.put(verifyName, p.verifyText())
	f.put(indexName, index)
	list := f.list()
	f.write(sumsName, list)
	if p.Signer != nil {
		f.write(signatureName, ed25519.Sign(p.Signer, list))
	}
	return f.err
}

func (a *answered) writeTo(f *folder) error {
	if a.answer == nil {
		return nil
	}
	f.put(a.File+".csv", a.answer.CSV())
	f.put(a.File+".evidence.txt", a.evidence())
	if !a.fitsWorkbook() {
		return nil
	}
	var b bytes.Buffer
	if err := a.answer.WriteXLSX(&b); err != nil {
		return fmt.Errorf("write the workbook of %s: %w", a.Name, err)
	}
	f.put(a.File+".xlsx", b.Bytes())
	return nil
}

// fitsWorkbook: a sheet has 1,048,576 rows, of which one is the head.
func (a *answered) fitsWorkbook() bool { return len(a.answer.Rows) < 1<<20-1 }

// evidence is what the answer rests on, in a text.
func (a *answered) evidence() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n%s\n\n", a.Title, a.About)
	_ = a.answer.WriteEvidence(&b) // a buffer takes all
	fmt.Fprintf(&b, "%-18s %s\n\n%s", "columns", strings.Join(a.answer.Columns, ", "), a.SQL)
	return b.Bytes()
}

// folder is a pack in the making. Its first error stays.
type folder struct {
	dir  string
	sums map[string]string // by name
	err  error
}

// put writes a file that the list of digests has.
func (f *folder) put(name string, b []byte) {
	f.sums[name] = access.Digest(b)
	f.write(name, b)
}

func (f *folder) write(name string, b []byte) {
	if f.err != nil {
		return
	}
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	if f.err = os.MkdirAll(filepath.Dir(path), 0o700); f.err != nil {
		return
	}
	f.err = wholefile.New(path, b, 0o600)
}

// list is what sha256sum --check reads.
func (f *folder) list() []byte {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f.sums)) {
		fmt.Fprintf(&b, "%s  %s\n", f.sums[name], name)
	}
	return []byte(b.String())
}
