package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Error says why a message did not arrive, and whether another try makes sense. Its
// words are made here: of what a library or the other side says only what is known
// to hold no secret is taken over, and the cause cannot be unwrapped.
type Error struct {
	Channel string // slack, smtp, sns, pagerduty, webhook or heartbeat
	Why     string // ends with what to do, where somebody here can do something
	// Again says that the same message may arrive later: nothing in it or in the
	// settings was refused.
	Again bool
	After time.Duration // what the other side asks to wait; 0: it did not say

	down    bool  // it takes no message of anybody's
	stopped error // that of the caller's context
}

// Down reports whether the fault is the channel's own: it was not reached, does not let
// rollcall in, or takes nothing for now. Another message would fare no better.
func (e *Error) Down() bool { return e.down }

func (e *Error) Error() string { return e.Channel + ": " + e.Why }

// Unwrap gives context.Canceled or context.DeadlineExceeded when it was the caller
// who stopped, and nothing else.
func (e *Error) Unwrap() error { return e.stopped }

// side is the other side of one channel: what errors may call it, and what they
// must not say.
type side struct {
	channel string
	host    string
	secrets []string
}

func (s side) refuse(format string, args ...any) *Error {
	return &Error{Channel: s.channel, Why: s.scrub(fmt.Sprintf(format, args...))}
}

// closed is a fault of the channel that stays until somebody mends it.
func (s side) closed(format string, args ...any) *Error {
	f := s.refuse(format, args...)
	f.down = true
	return f
}

func (s side) later(format string, args ...any) *Error {
	f := s.closed(format, args...)
	f.Again = true
	return f
}

// stopped tells a caller who gave up from a try that took too long.
func (s side) stopped(ctx context.Context) *Error {
	f := s.later("stopped before %s had answered", s.host)
	f.stopped = context.Cause(ctx)
	return f
}

// unreached says in words of our own why there was no answer.
func (s side) unreached(err error) *Error {
	var dns *net.DNSError
	var timeout net.Error
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var certificate *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &dns):
		f := s.closed("the name %s is not known to this machine's DNS: check the address", s.host)
		f.Again = !dns.IsNotFound
		return f
	case errors.As(err, &name):
		return s.closed("the certificate that %s shows is for another name: check the address", s.host)
	case errors.As(err, &authority):
		return s.closed("nobody whom this machine trusts has signed the certificate of %s: check the address, or add the company's certificates (network.ca_bundle)", s.host)
	case errors.As(err, &invalid), errors.As(err, &certificate):
		return s.closed("the certificate of %s is not valid: is it out of date?", s.host)
	case errors.As(err, &notTLS):
		return s.closed("%s does not speak TLS on that port: check the address", s.host)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return s.later("no answer from %s in time", s.host)
	case errors.Is(err, syscall.ECONNREFUSED):
		return s.later("%s refuses the connection: check address and port, the proxy and the firewall", s.host)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return s.later("%s hung up before it had answered", s.host)
	}
	return s.later("%s cannot be reached: check the network, the proxy and the firewall", s.host)
}

// scrub is the second lock: no sentence is meant to hold a secret.
func (s side) scrub(text string) string {
	for _, secret := range s.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[secret]")
		}
	}
	return text
}

// spelled gives the secret as it may be written on its way: percent-encoded, or in
// the base64 of a login.
func spelled(secrets ...string) []string {
	var all []string
	for _, s := range secrets {
		all = append(all, s, url.PathEscape(s), url.QueryEscape(s), base64.StdEncoding.EncodeToString([]byte(s)))
	}
	return all
}

// secretsOf are the pieces of a secret address: everything but its host.
func secretsOf(u *url.URL) []string {
	all := spelled(u.String(), u.RequestURI(), strings.TrimPrefix(u.Path, "/"), u.RawQuery, u.Fragment)
	for _, piece := range strings.Split(u.Path, "/") {
		if len(piece) >= 8 {
			all = append(all, spelled(piece)...)
		}
	}
	for _, values := range u.Query() {
		all = append(all, spelled(values...)...)
	}
	if password, has := u.User.Password(); has {
		all = append(all, spelled(password)...)
	}
	if name := u.User.Username(); name != "" {
		all = append(all, spelled(name)...)
	}
	return all
}
