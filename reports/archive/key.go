package archive

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

// NewKey makes a signing key as two PEM blocks, PKCS#8 and PKIX: the forms
// that `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write.
func NewKey() (privatePEM, publicPEM []byte, err error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make signing key: %w", err)
	}
	privateDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("encode private key: %w", err)
	}
	publicDER, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, nil, fmt.Errorf("encode public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: privateDER}),
		pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER}), nil
}

// ParsePrivateKey reads an Ed25519 private key in PKCS#8 PEM.
func ParsePrivateKey(b []byte) (ed25519.PrivateKey, error) {
	return parseKey[ed25519.PrivateKey](b, "private key", "make one with: openssl genpkey -algorithm ed25519", x509.ParsePKCS8PrivateKey)
}

// ParsePublicKey reads an Ed25519 public key in PKIX PEM.
func ParsePublicKey(b []byte) (ed25519.PublicKey, error) {
	return parseKey[ed25519.PublicKey](b, "public key", "derive it with: openssl pkey -in PRIVATE.pem -pubout", x509.ParsePKIXPublicKey)
}

// parseKey reads a key of one kind; next says how to come by one.
func parseKey[K any](b []byte, kind, next string, parse func(der []byte) (any, error)) (none K, err error) {
	der, err := block(b, strings.ToUpper(kind), next)
	if err != nil {
		return none, err
	}
	found, err := parse(der)
	if err != nil {
		return none, fmt.Errorf("read %s: %w", kind, err)
	}
	key, ok := found.(K)
	if !ok {
		return none, fmt.Errorf("read %s: it is not an Ed25519 key; %s", kind, next)
	}
	return key, nil
}

// block gives the first PEM block of the wanted type; others before it, such
// as a certificate in the same file, are passed over.
func block(b []byte, want, next string) ([]byte, error) {
	for {
		var found *pem.Block
		found, b = pem.Decode(b)
		if found == nil {
			return nil, fmt.Errorf("no PEM block %q; %s", want, next)
		}
		if found.Type == want {
			return found.Bytes, nil
		}
	}
}
