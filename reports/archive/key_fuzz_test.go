package archive

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"testing"
)

// FuzzKeys: a file of keys is refused, or each key of it is one that can verify; the first
// is that of the common case, and what is read of a private key signs for itself.
func FuzzKeys(f *testing.F) {
	private, public, err := NewKey()
	if err != nil {
		f.Fatal(err)
	}
	_, other, err := NewKey()
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{private, public, append(bytes.Clone(public), other...), append(bytes.Clone(private), public...), bytes.Replace(public, []byte("MC"), []byte("MA"), 1),
		[]byte("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"), nil} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		first, one := ParsePublicKey(b)
		keys, all := ParsePublicKeys(b)
		if all == nil && (one != nil || !first.Equal(keys[0])) {
			t.Fatalf("the first of %d keys is %x, alone it is %x (%v)", len(keys), keys[0], first, one)
		}
		for _, k := range keys {
			der, err := x509.MarshalPKIXPublicKey(k)
			if err != nil || len(k) != ed25519.PublicKeySize {
				t.Fatalf("%x is no key: %v", k, err)
			}
			if back, err := ParsePublicKey(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})); err != nil || !back.Equal(k) {
				t.Fatalf("%x comes back as %x, %v", k, back, err)
			}
		}
		if k, err := ParsePrivateKey(b); err == nil && !ed25519.Verify(k.Public().(ed25519.PublicKey), []byte("x"), ed25519.Sign(k, []byte("x"))) {
			t.Fatal("a private key does not sign for its public half")
		}
	})
}
