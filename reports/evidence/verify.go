package evidence

import (
	"crypto/ed25519"
	_ "embed" // the commands that check a pack
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

var (
	//go:embed page/verify.sh
	verifyPaste string
	//go:embed page/verify-signed.sh
	verifySigned string
)

// paste is what checks the pack, without rollcall.
func (p *pack) paste() string {
	if p.Signer == nil {
		return verifyPaste
	}
	return verifyPaste + verifySigned
}

// checks say what the paste cannot.
func (p *pack) checks() []string {
	end := p.chain[len(p.chain)-1]
	all := []string{
		fmt.Sprintf("The last record is number %d. It should have the digest %s, and the notices that compliance gets print the end of the chain each night: compare it with the one of %s.", end.Sequence, end.SHA256, phrase.Day(end.CreatedAt)),
		"Each record lists every file that its run wrote, with its SHA-256. Whoever has the archive can check those files too: rollcall audit verify. The answers were made from files that were checked so.",
		"To have an answer made again, run the command in its evidence text on the archive: its CSV has the same digest.",
	}
	if p.Signer == nil {
		all = append(all, "The list of digests is not signed: whoever made this folder has the key that checks records, not the one that signs them. That is why its digest is told by another way.")
	}
	return all
}

// verifyText is VERIFY.txt.
func (p *pack) verifyText() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "How to check this folder, without rollcall\n\nPaste these lines into a terminal in this folder (sha256sum, and openssl of version 3):\n\n%s\n", p.paste())
	for _, c := range p.checks() {
		fmt.Fprintf(&b, "%s\n\n", c)
	}
	return []byte(strings.TrimRight(b.String(), "\n") + "\n")
}

// fingerprint is the SHA-256 of the 32 bytes of a public key, as audit verify prints it.
func fingerprint(key ed25519.PublicKey) string { return access.Digest(key) }
