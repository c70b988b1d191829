package bucket

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"rollcall/internal/sandbox/fakes3"
	"rollcall/internal/sandbox/faults"
	"rollcall/reports/archive"
	"rollcall/reports/archive/storetest"
)

// The SDK looks for credentials in the environment first, and nowhere else then.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull} {
		_ = os.Setenv(name, value)
	}
	os.Exit(m.Run())
}

// store is a bucket of the sandbox behind faults.
type store struct {
	*Bucket
	s3     *fakes3.Server
	faults *faults.Injector
}

func newStore(t *testing.T, opts fakes3.Options, change func(*Config)) store {
	t.Helper()
	opts.Bucket = "evidence"
	s := store{s3: fakes3.New(opts)}
	s.faults = faults.New(s.s3)
	server := httptest.NewUnstartedServer(s.faults)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // faults cut connections
	server.Start()
	t.Cleanup(server.Close)
	s.Bucket = open(t, server.URL, change)
	return s
}

func open(t *testing.T, endpoint string, change func(*Config)) *Bucket {
	t.Helper()
	cfg := Config{Root: "s3://evidence/archive/", Region: "eu-west-1", PathStyle: true, Now: time.Now, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	if change != nil {
		change(&cfg)
	}
	b, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.client = s3.New(b.client.Options(), func(o *s3.Options) { o.BaseEndpoint = &endpoint }) // what AWS_ENDPOINT_URL_S3 does, but to one test
	return b
}

func TestABucketIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) archive.Store { return newStore(t, fakes3.Options{MaxPage: 7}, nil).Bucket })
}

func TestABucketWithLocksIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) archive.Store {
		return newStore(t, fakes3.Options{Lock: true}, func(c *Config) {
			c.Root, c.RetainMode, c.RetainDays, c.LegalHold, c.KMSKey = "s3://evidence", "compliance", 10, true, "alias/rollcall"
		}).Bucket
	})
}

func puts(r *http.Request) bool { return r.Method == http.MethodPut }
func gets(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Query().Get("list-type") == ""
}
func lists(r *http.Request) bool { return r.URL.Query().Get("list-type") != "" }
