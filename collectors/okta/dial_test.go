package okta

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/collectors/collectortest"
	"rollcall/internal/sandbox/fakeokta"
)

// secure is a company behind TLS, whose certificate a private authority signed.
func secure(t *testing.T, newest uint16) *httptest.Server {
	t.Helper()
	okta := populate(fakeokta.Options{RateLimits: raised})
	server := httptest.NewUnstartedServer(okta.Server)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: newest}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of clients that do not trust it
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func authority(server *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return pool
}

// proxy is a forward proxy with a password. It knows one way only: to Okta.
type proxy struct {
	url      *url.URL
	tunnels  atomic.Int64
	strayed  atomic.Bool
	intruded atomic.Bool
}

func newProxy(t *testing.T, to *httptest.Server) *proxy {
	t.Helper()
	p := &proxy{}
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "example.com:443" {
			p.strayed.Store(true)
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		p.intruded.Store(r.Header.Get("Authorization") != "")
		p.tunnels.Add(1)
		p.tunnel(w, to.Listener.Addr().String())
	}))
	var err error
	if p.url, err = url.Parse(strings.Replace(address, "http://", "http://rollcall:proxyPassword@", 1)); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *proxy) tunnel(w http.ResponseWriter, to string) {
	there, err := net.Dial("tcp", to)
	if err != nil {
		http.Error(w, "no way", http.StatusBadGateway)
		return
	}
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	if _, err := io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		_ = there.Close()
	}
	go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

func dialled(t *testing.T, adjust func(*Config)) (*client, error) {
	t.Helper()
	cfg := Config{System: "okta", OrgURL: "https://example.com", Token: readerToken, Timeout: 20 * time.Second, Sleep: collectortest.NewClock().Sleep}
	adjust(&cfg)
	cfg = cfg.withDefaults()
	if own, ok := cfg.HTTP.(*http.Transport); ok {
		t.Cleanup(own.CloseIdleConnections)
	}
	return newClient(cfg, readsOnly)
}

func TestOktaIsReachedThroughAProxyByAPrivateAuthority(t *testing.T) {
	okta := secure(t, tls.VersionTLS13)
	p := newProxy(t, okta)
	c, err := dialled(t, func(cfg *Config) { cfg.Proxy, cfg.RootCAs = http.ProxyURL(p.url), authority(okta) })
	if err != nil {
		t.Fatal(err)
	}
	rows, _, err := list[wireUser](t.Context(), c, "/api/v1/users?limit=200", lean)
	if err != nil || len(rows) == 0 {
		t.Fatalf("%d users, error %v", len(rows), err)
	}
	if p.tunnels.Load() == 0 || p.strayed.Load() || p.intruded.Load() {
		t.Errorf("%d tunnels, strayed %v, the token shown to the proxy %v", p.tunnels.Load(), p.strayed.Load(), p.intruded.Load())
	}
}

func TestAProxyThatWantsAnotherPasswordIsToldAndItsPasswordIsNot(t *testing.T) {
	at, err := url.Parse(strings.Replace(serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) })), "http://", "http://rollcall:proxyPassword@", 1))
	if err != nil {
		t.Fatal(err)
	}
	c, err := dialled(t, func(cfg *Config) { cfg.Proxy = http.ProxyURL(at) })
	if err != nil {
		t.Fatal(err)
	}
	if rows, _, err := list[wireUser](t.Context(), c, "/api/v1/users?limit=200", lean); err == nil || !strings.Contains(err.Error(), "Proxy Authentication Required") || strings.Contains(err.Error(), "proxyPassword") {
		t.Errorf("%d users, error %v", len(rows), err)
	}
}

func TestAHostThatNeedsNoProxyIsReachedStraight(t *testing.T) {
	okta := secure(t, tls.VersionTLS13)
	p := newProxy(t, okta)
	c, err := dialled(t, func(cfg *Config) {
		cfg.OrgURL, cfg.RootCAs = okta.URL, authority(okta)
		cfg.Proxy = func(r *http.Request) (*url.URL, error) {
			if r.URL.Host == "example.com" {
				return p.url, nil
			}
			return nil, nil // as NO_PROXY does
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := list[wireUser](t.Context(), c, "/api/v1/users?limit=200", lean); err != nil || p.tunnels.Load() != 0 {
		t.Errorf("%d tunnels, error %v", p.tunnels.Load(), err)
	}
}

func TestAnAuthorityThatNobodyNamedIsNotTrusted(t *testing.T) {
	okta := secure(t, tls.VersionTLS13)
	notDialled(t, func(cfg *Config) { cfg.OrgURL = okta.URL }, "certificate")
}

func TestOldTLSIsRefused(t *testing.T) {
	okta := secure(t, tls.VersionTLS11)
	notDialled(t, func(cfg *Config) { cfg.OrgURL, cfg.RootCAs = okta.URL, authority(okta) }, "protocol version")
}

func notDialled(t *testing.T, change func(*Config), says string) {
	t.Helper()
	c, err := dialled(t, change)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.get(t.Context(), "/api/v1/users", nil); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v", err)
	}
}

func TestThePasswordOfAProxyIsInNoError(t *testing.T) {
	okta := secure(t, tls.VersionTLS13)
	gone := newProxy(t, okta)
	for rule, way := range map[string]func(*http.Request) (*url.URL, error){
		"unreadable": func(*http.Request) (*url.URL, error) { return nil, errors.New("parse http://rollcall:proxyPassword@[") },
		"refusing":   func(*http.Request) (*url.URL, error) { return gone.url, nil },
		"absent":     http.ProxyURL(&url.URL{Scheme: "http", User: gone.url.User, Host: "127.0.0.1:1"}),
	} {
		c, err := dialled(t, func(cfg *Config) { cfg.OrgURL, cfg.Proxy = "https://elsewhere.test", way })
		if err != nil {
			t.Fatal(err)
		}
		if _, err = c.get(t.Context(), "/api/v1/users", nil); err == nil || strings.Contains(err.Error(), "proxyPassword") {
			t.Errorf("%s: error %v", rule, err)
		}
	}
}

// The environment belongs to the program, not to this package.
func TestTheEnvironmentsProxyIsNotTakenUnasked(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	own, ok := newDialer(Config{}).(*http.Transport)
	if !ok || own.Proxy != nil {
		t.Error("a proxy is used that no Config names")
	}
}

// Over real TLS too nothing of the credential goes where an answer points: not to
// another host, and not to the same one without TLS.
func TestARedirectOverTLSSendsTheTokenNowhere(t *testing.T) {
	var leaked atomic.Bool
	leak := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked.Store(true) })
	other, plain := httptest.NewTLSServer(leak), httptest.NewServer(leak)
	defer other.Close()
	defer plain.Close()
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		for _, to := range []string{other.URL, plain.URL} {
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, to+"/api/v1/users", status)
			}))
			roots := x509.NewCertPool()
			roots.AddCert(server.Certificate())
			clock := collectortest.NewClock()
			c, err := newClient(Config{System: "okta", OrgURL: server.URL, Token: readerToken, RootCAs: roots, Now: clock.Now, Sleep: clock.Sleep}, readsOnly)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := list[wireID](t.Context(), c, "/api/v1/users", nil); err == nil || !strings.Contains(err.Error(), "redirect") || strings.Contains(err.Error(), readerToken) {
				t.Errorf("%d to %s: %v", status, to, err)
			}
			server.Close()
		}
	}
	if leaked.Load() {
		t.Error("a redirect was followed")
	}
}

// A few kilobytes of gzip are gigabytes of answer.
func TestAnAnswerThatUnpacksWithoutEndIsNotUnpacked(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range maxBody>>20 + 1 {
		_, _ = w.Write(block) // into memory
	}
	_ = w.Close()
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	})
	if _, err := p.users(t); err == nil || !strings.Contains(err.Error(), "larger than") || p.hits.Load() != 1 {
		t.Errorf("%d bytes, %d requests: %v", packed.Len(), p.hits.Load(), err)
	}
}

// A few kilobytes of gzip are millions of rows, and each takes a hundred times its bytes.
func TestAnAnswerOfMoreValuesThanAnyPageHasIsNotTakenApart(t *testing.T) {
	for _, value := range []string{"{},", "null,", `{"id":"a"},`} {
		body := "[" + strings.Repeat(value, maxValues+1) + `{"id":"b"}]`
		p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		if _, err := p.users(t); err == nil || !strings.Contains(err.Error(), "more than 1000000 values") || p.hits.Load() != 1 {
			t.Errorf("%s: %d requests: %v", value, p.hits.Load(), err)
		}
	}
}

// The name of a directory's entry is one value, however many commas it has: a page of a
// thousand members with a hundred of them each is no attack.
func TestCommasWithinTextsAreNoValues(t *testing.T) {
	body := `[{"id":"a","profile":{"login":"a@example.com","dn":"` + strings.Repeat(`CN=\"x\",`, maxValues+1) + `"}}]`
	p := newPeer(t, readsOnly, nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	if _, err := p.users(t); err != nil {
		t.Errorf("a text with %d commas: %.200v", maxValues+1, err)
	}
}
