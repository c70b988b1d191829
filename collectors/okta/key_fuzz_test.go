package okta

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v3/jwt"
)

// FuzzPrivateKey: what is where the key of a service app should be is refused in words
// that hold nothing of it, or is one by which the app can prove who it is, which is found
// out here and not when a night has to sign.
func FuzzPrivateKey(f *testing.F) {
	for _, seed := range keysToRead(f) {
		f.Add(seed)
		f.Add(bytes.ReplaceAll(seed, []byte("\n"), []byte(`\n`)))
	}
	for _, text := range []string{"", "null", `{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}`, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"} {
		f.Add([]byte(text))
	}
	at := &url.URL{Scheme: "https", Host: "acme.okta.com", Path: "/oauth2/v1/token"}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := newSigner(Config{System: "okta", ClientID: "0oa1", PrivateKey: b}, at)
		if err != nil {
			for line := range strings.Lines(string(b)) {
				if line = strings.TrimSpace(line); len(line) > 40 && strings.Contains(err.Error(), line) {
					t.Fatalf("the error holds a line of it: %v", err)
				}
			}
			return
		}
		signed, err := s.sign(time.Unix(1_790_000_000, 0))
		if err != nil {
			t.Fatalf("a key is taken that cannot sign: %v", err)
		}
		key, err := readKey(b)
		if err != nil {
			t.Fatalf("a key that signed is none: %v", err)
		}
		token, err := jwt.ParseSigned(signed)
		if err != nil {
			t.Fatal(err)
		}
		var said claims
		if err := token.Claims(key.Key.(crypto.Signer).Public(), &said); err != nil || said.Issuer != "0oa1" || said.Audience != at.String() {
			t.Fatalf("the public half of a key that is taken does not verify: %v, %+v", err, said)
		}
	})
}

// keysToRead are keys of each kind, and what is near to one.
func keysToRead(t testing.TB) (all [][]byte) {
	t.Helper()
	block := func(kind string, der []byte, err error) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	eight, err := x509.MarshalPKCS8PrivateKey(key)
	block("PRIVATE KEY", eight, err)
	block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key), nil)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	block("PUBLIC KEY", public, err)
	for _, curve := range []elliptic.Curve{elliptic.P224(), elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		k, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalECPrivateKey(k)
		block("EC PRIVATE KEY", der, err)
	}
	block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(short(t)), nil)
	return all
}

// short is a key of 512 bits, which crypto/rsa makes no more.
func short(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	one, e := big.NewInt(1), big.NewInt(65537)
	for {
		p, err := rand.Prime(rand.Reader, 256)
		q, err2 := rand.Prime(rand.Reader, 256)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		rest := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		if d := new(big.Int).ModInverse(e, rest); d != nil && p.Cmp(q) != 0 {
			return &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: d, Primes: []*big.Int{p, q}}
		}
	}
}

func TestAKeyThatCannotSignIsRefusedWhereItIsRead(t *testing.T) {
	weak := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(short(t))})
	_, err := newSigner(Config{System: "okta", ClientID: "0oa1", PrivateKey: weak}, &url.URL{Scheme: "https", Host: "acme.okta.com"})
	if err == nil || !strings.Contains(err.Error(), "512-bit") || !strings.Contains(err.Error(), "make it anew") {
		t.Errorf("it says %v", err)
	}
}
