package okta

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v3"
	"github.com/go-jose/go-jose/v3/jwt"
)

// assertionLife is how long an assertion could be used by who steals it. It
// also is how far our clock may be behind Okta's.
const assertionLife = 10 * time.Minute

// signer makes the assertions by which a service app proves who it is.
// https://developer.okta.com/docs/reference/api/oidc/#jwt-with-private-key
type signer struct {
	jose     jose.Signer
	clientID string
	audience string
}

func newSigner(cfg Config, tokenURL *url.URL) (*signer, error) {
	key, err := readKey(cfg.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("read private key of %s: %w", cfg.System, err)
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	if cfg.KeyID != "" {
		options = options.WithHeader("kid", cfg.KeyID)
	}
	made, err := jose.NewSigner(key, options)
	if err != nil {
		return nil, fmt.Errorf("use private key of %s: %w", cfg.System, err)
	}
	s := &signer{jose: made, clientID: cfg.ClientID, audience: tokenURL.String()}
	if _, err := s.sign(time.Time{}); err != nil { // such as one that is too short
		return nil, fmt.Errorf("use private key of %s: it cannot sign (%w); make it anew at Okta, or with openssl", cfg.System, err)
	}
	return s, nil
}

// sign makes an assertion for one use. It does not say when it was made: Okta
// refuses one from the future, and our clock may be ahead.
func (s *signer) sign(now time.Time) (string, error) {
	return jwt.Signed(s.jose).Claims(claims{
		Issuer: s.clientID, Subject: s.clientID, Audience: s.audience,
		Expiry: now.Add(assertionLife).Unix(), ID: rand.Text(),
	}).CompactSerialize()
}

// claims have one audience as a text; the library's own make a list of it.
type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Expiry   int64  `json:"exp"`
	ID       string `json:"jti"`
}

// readKey takes the PEM that Okta's console gives, and what openssl makes of
// it. A variable of an environment often holds \n for its line ends.
func readKey(raw []byte) (jose.SigningKey, error) {
	block, _ := pem.Decode([]byte(strings.ReplaceAll(string(raw), `\n`, "\n")))
	if block == nil {
		return jose.SigningKey{}, errors.New("it is no PEM; set all of it, from -----BEGIN to -----END")
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return jose.SigningKey{}, errors.New("it is encrypted; decrypt it with openssl pkey, and guard the file")
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return jose.SigningKey{}, errors.New("the PEM holds something else than a private key; set the private one of the pair")
	}
	if err != nil {
		return jose.SigningKey{}, errors.New("the PEM holds no private key that can be read; make it anew at Okta, or with openssl")
	}
	return algorithm(key)
}

// algorithm is the one that Okta takes for a key.
func algorithm(key any) (jose.SigningKey, error) {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return jose.SigningKey{Algorithm: jose.RS256, Key: k}, nil
	case *ecdsa.PrivateKey:
		switch k.Curve {
		case elliptic.P256():
			return jose.SigningKey{Algorithm: jose.ES256, Key: k}, nil
		case elliptic.P384():
			return jose.SigningKey{Algorithm: jose.ES384, Key: k}, nil
		case elliptic.P521():
			return jose.SigningKey{Algorithm: jose.ES512, Key: k}, nil
		}
	}
	return jose.SigningKey{}, errors.New("the key is neither RSA nor on the curve P-256, P-384 or P-521; make an RSA key")
}
