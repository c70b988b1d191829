package okta

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// newDialer is how Okta is reached unless Config.HTTP says otherwise: with TLS
// 1.2 or later, through the proxy and by the certificate authorities that the
// Config names.
func newDialer(cfg Config) http.RoundTripper {
	return &http.Transport{
		Proxy:               discreet(cfg.Proxy),
		DialContext:         (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: cfg.RootCAs},
		TLSHandshakeTimeout: 15 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        mostAtOne,
		MaxIdleConnsPerHost: mostAtOne,
		IdleConnTimeout:     90 * time.Second,
	}
}

// discreet keeps a proxy's address out of errors: it may hold a password.
func discreet(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	if proxy == nil {
		return nil
	}
	return func(req *http.Request) (*url.URL, error) {
		address, err := proxy(req)
		if err != nil {
			return nil, errors.New("the address of the proxy cannot be read; write it as http://proxy.example.com:3128")
		}
		return address, nil
	}
}
