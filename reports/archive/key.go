package archive

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
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
	der, err := block(b, "PRIVATE KEY", "make one with: openssl genpkey -algorithm ed25519")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("read private key: %w", err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("read private key: it is not an Ed25519 key; make one with: openssl genpkey -algorithm ed25519")
	}
	return private, nil
}

// ParsePublicKey reads an Ed25519 public key in PKIX PEM.
func ParsePublicKey(b []byte) (ed25519.PublicKey, error) {
	der, err := block(b, "PUBLIC KEY", "derive it with: openssl pkey -in PRIVATE.pem -pubout")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("read public key: %w", err)
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("read public key: it is not an Ed25519 key; derive it with: openssl pkey -in PRIVATE.pem -pubout")
	}
	return public, nil
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
