//go:build emulators

package awstest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// resigned signs again what Respelt changed on the way: it knows the secrets of
// the keys that it saw being given.
type resigned struct {
	next http.RoundTripper

	mu   sync.Mutex
	keys map[string]sdk.Credentials
}

var (
	signedBy = regexp.MustCompile(`Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request`)
	given    = regexp.MustCompile(`(?s)<AccessKeyId>([^<]+)</AccessKeyId>.*?<SecretAccessKey>([^<]+)</SecretAccessKey>.*?<SessionToken>([^<]+)</SessionToken>`)
)

func (r *resigned) RoundTrip(req *http.Request) (*http.Response, error) {
	by := signedBy.FindStringSubmatch(req.Header.Get("Authorization"))
	r.mu.Lock()
	creds, known := r.keys[by[1]]
	r.mu.Unlock()
	if known {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		req.Header.Del("Authorization")
		if err := v4.NewSigner().SignHTTP(req.Context(), creds, req, hex.EncodeToString(sum[:]), by[3], by[2], time.Now()); err != nil {
			return nil, err
		}
	}
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	if m := given.FindSubmatch(answer); m != nil {
		r.mu.Lock()
		r.keys[string(m[1])] = sdk.Credentials{AccessKeyID: string(m[1]), SecretAccessKey: string(m[2]), SessionToken: string(m[3])}
		r.mu.Unlock()
	}
	return resp, err
}

// refusing gives moto's refusals the form that AWS gives them: moto answers as
// EC2 does, whatever the protocol.
type refusing struct{ next http.RoundTripper }

var refused = regexp.MustCompile(`<Code>AccessDenied</Code>\s*<Message>([^<]*)</Message>`)

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusForbidden {
		return resp, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if m := refused.FindSubmatch(answer); m != nil {
		answer = []byte("<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>" + string(m[1]) + "</Message></Error></ErrorResponse>")
		if req.Header.Get("X-Amz-Target") != "" {
			resp.StatusCode = http.StatusBadRequest
			answer = []byte(`{"__type":"AccessDeniedException","Message":"` + string(m[1]) + `"}`)
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(answer)), int64(len(answer))
	return resp, nil
}
