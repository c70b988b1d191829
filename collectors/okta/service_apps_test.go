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
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
	"rollcall/internal/sandbox/faults"
)

const (
	readApp   = "0oareader00000000000"
	revokeApp = "0oarevoker0000000000"
)

// keys are made once: an RSA key takes a while.
var keys = sync.OnceValue(func() (k struct {
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey
}) {
	var err error
	if k.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		panic(err)
	}
	if k.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		panic(err)
	}
	return k
})

func toPEM(kind string, der []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func pkcs1() []byte { return toPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(keys().rsa), nil) }

func pkcs8(key any) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return toPEM("PRIVATE KEY", der, err)
}

// serviceApps is the company with service apps. What Okta describes is judged; the
// token endpoint is described elsewhere.
type serviceApps struct {
	*company
	*faults.Injector
	*clock
	url  string
	mu   sync.Mutex
	seen []string // every secret that went over the wire
}

func newApps(t *testing.T, adjust func(*fakeokta.ServiceApp)) *serviceApps {
	t.Helper()
	a := &serviceApps{clock: collectortest.NewClock()}
	a.company = populate(fakeokta.Options{Now: a.Now, RateLimits: raised})
	app := fakeokta.ServiceApp{
		Name: "reader app", Scopes: CollectorScopes(),
		Keys: map[string]crypto.PublicKey{"rsa": &keys().rsa.PublicKey, "ec": &keys().ec.PublicKey},
	}
	if adjust != nil {
		adjust(&app)
	}
	a.SetServiceApp(readApp, app)
	app.Name, app.Scopes = "revoker app", RevokerScopes(false, false)
	a.SetServiceApp(revokeApp, app)
	judged := oktaspec.Judge(t, a.Server)
	a.Injector = faults.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == tokenPath {
			a.Server.ServeHTTP(w, r)
			return
		}
		judged.ServeHTTP(w, r)
	}))
	a.url = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.note(r)
		a.Injector.ServeHTTP(w, r)
	}))
	return a
}

// note keeps the secrets of a request.
func (a *serviceApps) note(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		panic(err)
	}
	_, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, secret := range []string{bearer, form.Get("client_assertion")} {
		if secret != "" && !slices.Contains(a.seen, secret) {
			a.seen = append(a.seen, secret)
		}
	}
}

func (a *serviceApps) config(client string) Config {
	cfg := testConfig(a.url, "", a.clock)
	cfg.ClientID, cfg.PrivateKey, cfg.KeyID, cfg.Scopes = client, pkcs8(keys().rsa), "rsa", CollectorScopes()
	if client == revokeApp {
		cfg.Scopes = RevokerScopes(false, false)
	}
	return cfg
}

func (a *serviceApps) collect(t *testing.T, cfg Config) access.Observation {
	t.Helper()
	_, obs := collected(t, cfg)
	return obs
}

// minted counts the requests for a token that were granted.
func (a *serviceApps) minted() (granted, asked int) {
	for _, r := range a.Requests() {
		if r.Path == tokenPath {
			asked++
			if r.Status == http.StatusOK {
				granted++
			}
		}
	}
	return granted, asked
}
