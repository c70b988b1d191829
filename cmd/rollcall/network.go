package main

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"rollcall/internal/config"
)

// network is how the systems are reached from here.
type network struct {
	proxy func(*http.Request) (*url.URL, error)
	roots *x509.CertPool // nil: the machine's
}

// errNoProxy repeats nothing of the address, which may hold a password. What reads the
// variables would go straight instead, and say nothing.
var errNoProxy = refuse("the address of the proxy (HTTPS_PROXY or HTTP_PROXY) cannot be read: write it as http://proxy.example.com:3128, with %%25 for a %% in its password")

func readableProxy(address string) bool {
	if address != "" && !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	return err == nil && (address == "" || u.Hostname() != "")
}

// network reads the usual variables for proxies and the certificates that the
// configuration adds to those of the machine.
func (e *environ) network(cfg config.Config) (network, error) {
	through := (&httpproxy.Config{
		HTTPProxy: e.either("HTTP_PROXY", "http_proxy"), HTTPSProxy: e.either("HTTPS_PROXY", "https_proxy"), NoProxy: e.either("NO_PROXY", "no_proxy"),
	}).ProxyFunc()
	for _, address := range []string{e.either("HTTPS_PROXY", "https_proxy"), e.either("HTTP_PROXY", "http_proxy")} {
		if !readableProxy(address) {
			return network{}, errNoProxy
		}
	}
	n := network{proxy: func(r *http.Request) (*url.URL, error) { return through(r.URL) }}
	if cfg.Network.CABundle == "" {
		return n, nil
	}
	name := cfg.Path(cfg.Network.CABundle)
	b, err := readFrom(name, largestBundle)
	if err != nil {
		return n, refuse("network.ca_bundle cannot be read: %w: put the company's certificates there, or take the key out of %s", err, cfg.File)
	}
	if n.roots, err = x509.SystemCertPool(); err != nil {
		n.roots = x509.NewCertPool()
	}
	if !n.roots.AppendCertsFromPEM(b) {
		return n, refuse("network.ca_bundle (%s) holds no certificate in PEM: put the company's certificates there, or take the key out of %s", name, cfg.File)
	}
	return n, nil
}

// either is the first of two variables that is set.
func (e *environ) either(names ...string) string {
	for _, name := range names {
		if v := e.getenv(name); v != "" {
			return v
		}
	}
	return ""
}
