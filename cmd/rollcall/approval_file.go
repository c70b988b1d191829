package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"

	"rollcall/internal/access"
)

// approvalFile is what lies in approvals/: the approval, and who signed it.
type approvalFile struct {
	Approval  access.Approval `json:"approval"`
	Key       string          `json:"key_sha256"` // of the public key: which one to look for
	Signature string          `json:"signature"`  // Ed25519, base64
}

// signedAs begins what is signed, so that no other signature of the same key
// (of a manifest, say) can ever pass for an approval.
const signedAs = "rollcall approval 1\n"

// approvalID is what an approval may be called: it names a file of the archive.
var approvalID = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{16}$`)

// newApprovalID sorts by time and is unique.
func newApprovalID(now time.Time) string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

// toSign is what the signature is of.
func toSign(a access.Approval) ([]byte, error) {
	b, err := json.Marshal(a)
	return append([]byte(signedAs), b...), err
}

// sealApproval gives the bytes of the file.
func sealApproval(a access.Approval, key ed25519.PrivateKey) ([]byte, error) {
	b, err := toSign(a)
	if err != nil {
		return nil, err
	}
	return approvalFile{a, fingerprint(key.Public().(ed25519.PublicKey)), base64.StdEncoding.EncodeToString(ed25519.Sign(key, b))}.bytes()
}

func (f approvalFile) bytes() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	return append(b, '\n'), err
}

func fingerprint(key ed25519.PublicKey) string { return access.Digest(key) }

// openApproval believes a file only as it was written, to the byte, and only
// under the signature of a key that is trusted. The error is a reason for people.
func openApproval(b []byte, trusted []ed25519.PublicKey) (access.Approval, error) {
	var none access.Approval
	var f approvalFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return none, fmt.Errorf("it is not an approval that this rollcall can read (%w): write it anew with rollcall approve", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return none, fmt.Errorf("something stands behind the approval: write it anew with rollcall approve")
	}
	if whole, err := f.bytes(); err != nil || !bytes.Equal(whole, b) {
		return none, fmt.Errorf("it was changed after it was signed (it is not what rollcall approve writes, to the byte): write it anew")
	}
	signed, err := toSign(f.Approval)
	if err != nil {
		return none, err
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(f.Signature)
	at := slices.IndexFunc(trusted, func(k ed25519.PublicKey) bool { return fingerprint(k) == f.Key })
	switch {
	case len(trusted) == 0:
		return none, fmt.Errorf("approvals.keys names no key that can be used, so that nobody's approval is believed: add the public key of whoever may approve")
	case at < 0:
		return none, fmt.Errorf("it is signed with a key that approvals.keys does not have (its SHA-256 is %.16s...): whoever may approve has their public key added there", f.Key)
	case err != nil, !ed25519.Verify(trusted[at], signed, signature):
		return none, fmt.Errorf("its signature does not fit: it was changed after it was signed; write it anew")
	case !approvalID.MatchString(f.Approval.ID):
		return none, fmt.Errorf("its id is not one that rollcall approve makes: write it anew")
	}
	return f.Approval, nil
}
