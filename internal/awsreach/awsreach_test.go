package awsreach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

var redirects = []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}

// points is a server that sends everybody on to a thief.
func points(t *testing.T, status int) (address string, stolen *atomic.Int64) {
	t.Helper()
	stolen = &atomic.Int64{}
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	t.Cleanup(thief.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, thief.URL, status) }))
	t.Cleanup(server.Close)
	return server.URL, stolen
}

func alone(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_MAX_ATTEMPTS": "1"} {
		t.Setenv(name, value)
	}
}

func TestARedirectOfASignedRequestIsRefusedAndGoesNowhere(t *testing.T) {
	alone(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAJOB")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	for _, status := range redirects {
		address, stolen := points(t, status)
		chain, err := config.LoadDefaultConfig(t.Context(), config.WithHTTPClient(Client(nil, nil)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = sts.NewFromConfig(chain, func(o *sts.Options) { o.BaseEndpoint = &address }).GetCallerIdentity(t.Context(), nil)
		if err == nil || stolen.Load() != 0 {
			t.Errorf("%d: error %v, %d requests at the thief's", status, err, stolen.Load())
		}
	}
}

// reads sends a reading request and gives its error.
func reads(t *testing.T, roots *x509.CertPool, address string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := Client(nil, roots).Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	return err
}

// A request without a body is the one that Go's client would send again.
func TestARedirectOfAReadingRequestIsRefusedAndSaysWhy(t *testing.T) {
	for _, status := range []int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		address, stolen := points(t, status)
		if err := reads(t, nil, address); err == nil || !strings.Contains(err.Error(), "is a redirect") || stolen.Load() != 0 {
			t.Errorf("%d: error %v, %d requests at the thief's", status, err, stolen.Load())
		}
	}
}

// What fetches the credentials holds a secret too: the token of the machine.
func TestARedirectOfTheCredentialChainIsRefusedAndGoesNowhere(t *testing.T) {
	for _, status := range redirects {
		alone(t)
		address, stolen := points(t, status)
		token := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(token, []byte("secretToken"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
		t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/night")
		t.Setenv("AWS_ENDPOINT_URL_STS", address)
		chain, err := config.LoadDefaultConfig(t.Context(), config.WithHTTPClient(Client(nil, nil)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		got, err := chain.Credentials.Retrieve(ctx)
		cancel()
		if err == nil || got != (sdk.Credentials{}) || strings.Contains(err.Error(), "secretToken") || stolen.Load() != 0 {
			t.Errorf("%d: credentials %v, error %v, %d requests at the thief's", status, got.HasKeys(), err, stolen.Load())
		}
	}
}

// Over HTTP/2, which this server offers, Go asks for no proxy where a connection is open.
func TestARedirectToWhereAConnectionIsOpenIsRefusedToo(t *testing.T) {
	var followed atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			followed.Add(1)
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	if err := reads(t, roots, server.URL); err == nil || !strings.Contains(err.Error(), "is a redirect") || followed.Load() != 0 {
		t.Errorf("error %v, followed %d times", err, followed.Load())
	}
}

// S3, Athena, the secrets in AWS and SNS are all reached with this client.
func TestAnOldTLSOfAWSIsRefused(t *testing.T) {
	for newest, refused := range map[uint16]bool{tls.VersionTLS11: true, tls.VersionTLS12: false} {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: newest}
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of who does not go on
		server.StartTLS()
		t.Cleanup(server.Close)
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		if err := reads(t, roots, server.URL); (err != nil) != refused || refused && !strings.Contains(err.Error(), "protocol version") {
			t.Errorf("%s: %v", tls.VersionName(newest), err)
		}
	}
}
