package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"rollcall/internal/wholefile"
	"rollcall/reports/archive"
)

const bundleReadme = `# Evidence for each row of a sample

Made by %s. What was asked, of what, and how the sample was drawn: sample.csv and evidence.txt.

There is one folder for each row of the sample, item-0001 for the first:

- row.csv: the row.
- identities.csv, accounts.csv, grants.csv, findings.csv, actions.csv, endings.csv, items.csv,
  decisions.csv: the rows of the archive about the same person, account and right. Accounts and
  grants are of the runs that the answer rests on; identities, findings and endings of the 90 days
  before them too; the rest of all runs. A file that is not there: there are no such rows.
- approvals.csv: the approvals that released those actions.
- journal/: the records of those actions as they were made, byte for byte.
- worksheets/: the files of reviewers that those decisions came in, byte for byte, by their SHA-256.
- proof.csv: for each file of the archive that any of this was taken from: its name, SHA-256 and
  number of rows, and the manifest that lists it.

manifests/ has those manifests with their signatures, byte for byte. To check by hand that one is
genuine, with the public key that compliance gave you:

    openssl pkeyutl -verify -pubin -inkey PUBLIC.pem -rawin -in manifests/N.json -sigfile manifests/N.DIGEST.sig

and that a file is what it lists: sha256sum FILE, and look the digest up in the manifest. Rows in CSV
files are copies out of the archive's Parquet files that proof.csv names; "rollcall audit sql" shows
them again. SHA256SUMS has the digest of every file here: sha256sum -c SHA256SUMS

It holds personal data.
`

// manifest adds what proves a run.
func (b *bundle) manifest(r archive.CommittedRun) error {
	s, err := b.a.Signed(r)
	if err != nil {
		return err
	}
	for _, one := range append(s.Signatures, s.Manifest) {
		b.files["manifests/"+path.Base(one.Name)] = one.Bytes
	}
	return nil
}

// write writes everything, the list of digests last, and then names the folder.
func (b *bundle) write(dir string) (sum string, err error) {
	var list bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		digest := sha256.Sum256(b.files[name])
		fmt.Fprintf(&list, "%s  %s\n", hex.EncodeToString(digest[:]), name)
	}
	b.files["SHA256SUMS"] = list.Bytes()
	err = wholefile.NewFolder(dir, func(draft string) error {
		for _, name := range slices.Sorted(maps.Keys(b.files)) {
			path := filepath.Join(draft, filepath.FromSlash(name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), wholefile.New(path, b.files[name], 0o600)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(list.Bytes())
	return hex.EncodeToString(digest[:]), nil
}
