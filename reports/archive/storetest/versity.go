//go:build emulators

package storetest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"rollcall/internal/sandbox/faults"
)

// S3 is a store that nobody here wrote.
type S3 struct {
	URL string
	// Client is an independent client with all rights.
	Client *s3.Client
	// Dir is where a versitygw keeps its buckets, a folder each.
	Dir string
}

// KeyID and Secret are credentials for a store that is to have any.
const (
	KeyID  = "AKIAJOB"
	Secret = "s"
)

// StartVersity starts a versitygw, a real S3 with versions and Object Lock, on a
// port that is free. ROLLCALL_VERSITYGW names the program; make builds it.
func StartVersity(t *testing.T, keyID, secret string) S3 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(cmp.Or(os.Getenv("ROLLCALL_VERSITYGW"), "versitygw"), "--access", keyID, "--secret", secret, "--region", "eu-west-1",
		"--port", address, "--quiet", "posix", "--versioning-dir", t.TempDir(), dir)
	if err := cmd.Start(); err != nil {
		t.Fatalf("start versitygw: %v; set ROLLCALL_VERSITYGW to the program that make builds", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has nothing to save
		_ = cmd.Wait()         // reports the kill
	})
	store := Reach("http://"+address, keyID, secret)
	store.Dir = dir
	for try := 0; ; try++ {
		_, err := store.Client.ListBuckets(t.Context(), &s3.ListBucketsInput{})
		if err == nil {
			return store
		}
		if try == 100 {
			t.Fatalf("versitygw did not start: %v", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// Reach is the store at an address.
func Reach(address, keyID, secret string) S3 {
	return S3{URL: address, Client: s3.New(s3.Options{BaseEndpoint: &address, Region: "eu-west-1", UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(keyID, secret, "")})}
}

// MakeBucket makes a bucket; with locks it has versions too.
func (s S3) MakeBucket(t *testing.T, name string, locks bool) {
	t.Helper()
	in := &s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}}
	if locks {
		in.ObjectLockEnabledForBucket = sdk.Bool(true)
	}
	if _, err := s.Client.CreateBucket(t.Context(), in); err != nil {
		t.Fatalf("make bucket %s: %v", name, err)
	}
}

// Behind puts a proxy with faults before the store.
func (s S3) Behind(t *testing.T) (endpoint string, injector *faults.Injector) {
	t.Helper()
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0) // faults cut connections
	injector = faults.New(&httputil.ReverseProxy{ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is signed
	}})
	server := httptest.NewUnstartedServer(injector)
	server.Config.ErrorLog = quiet
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, injector
}

// Versions are all versions of one object, the newest first.
func (s S3) Versions(ctx context.Context, bucket, key string) ([]string, error) {
	out, err := s.Client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &key})
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	var ids []string
	for _, v := range out.Versions {
		if *v.Key == key {
			ids = append(ids, *v.VersionId)
		}
	}
	return ids, nil
}
