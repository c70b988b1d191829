// Package awsreach is how AWS is reached by what takes its credentials from the SDK's
// default chain: through the company's proxy, trusting the company's authorities, never
// below TLS 1.2, and straight.
//
// It must never carry a request to where an answer points. Its invariant: what was signed,
// or what fetches a credential, goes to the address that was asked for and nowhere else.
package awsreach

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Proxy names the proxy of a request, nil for none.
type Proxy func(*http.Request) (*url.URL, error)

// Client is for config.WithHTTPClient, so that also the chain's own requests go this way.
// Without a proxy function the variables of the environment say which one is used;
// roots of nil are the machine's, and those that AWS_CA_BUNDLE names.
//
// The SDK's client, which alone bears AWS_CA_BUNDLE, sends a request on when it is
// answered with 307 or 308, and lets nobody change that. Its transport asks for the proxy
// before it sends anything, and there a request that an answer made is refused. Over HTTP/2
// a request may join a connection that is open without asking, so that this is HTTP/1.1.
func Client(proxy Proxy, roots *x509.CertPool) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.Proxy, t.ForceAttemptHTTP2 = straight(proxy), false
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	})
}

func straight(proxy Proxy) Proxy {
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	return func(r *http.Request) (*url.URL, error) {
		if by := r.Response; by != nil {
			return nil, fmt.Errorf("the answer is a redirect (%d) to %s, which is not followed: check the address, the region and the proxy", by.StatusCode, r.URL.Hostname())
		}
		return proxy(r)
	}
}
