// Package bucket keeps an archive in S3: every object is written once, under a
// name that is free, with its SHA-256, and locked for as long as the
// configuration says. One object is rewritten and holds no evidence: the lease
// by which one run at a time is at work (lease.go).
//
// It must never take an answer that was lost for a success or for a failure, nor
// a list or a content that was cut short for a whole one. Its invariant: an
// object that was created holds the bytes that were given, and nobody else's.
package bucket

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/logging"

	"rollcall/internal/awsreach"
)

// Config says which bucket, how to reach it, and how its objects are kept.
type Config struct {
	Root    string // s3://bucket or s3://bucket/prefix
	Region  string // empty: the SDK's usual places
	Profile string // of the SDK's shared configuration; empty: the SDK's usual places
	// PathStyle puts the bucket's name into the path, as many stores that are not
	// AWS's want it.
	PathStyle bool

	// KMSKey encrypts every object (SSE-KMS); empty: as the bucket does by default.
	KMSKey string
	// RetainMode is governance or compliance, for RetainDays from the day of
	// writing; empty: no lock is asked for, and the bucket's own default holds.
	RetainMode string
	RetainDays int
	// LegalHold locks every object until somebody lifts the hold.
	LegalHold bool

	Credentials sdk.CredentialsProvider // nil: the SDK's default chain
	Proxy       func(*http.Request) (*url.URL, error)
	RootCAs     *x509.CertPool // nil: the machine's
	Now         func() time.Time
	Sleep       func(context.Context, time.Duration) error // between two attempts
}

// Bucket is an archive's store in S3.
type Bucket struct {
	cfg          Config
	client       *s3.Client
	name, prefix string // prefix is empty or ends in a slash
	ctx          context.Context
}

// Is reports whether a root lies in S3.
func Is(root string) bool { return strings.HasPrefix(root, "s3://") }

// Open sends no request. When ctx ends, reading ends; what is being written then
// is finished, for an archive.Store is not asked to stop half-way.
func Open(ctx context.Context, cfg Config) (*Bucket, error) {
	name, prefix, _ := strings.Cut(strings.TrimPrefix(cfg.Root, "s3://"), "/")
	if !Is(cfg.Root) || name == "" {
		return nil, fmt.Errorf("%q is no place in S3: write s3://bucket/prefix", cfg.Root)
	}
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	chain, err := config.LoadDefaultConfig(ctx, config.WithRegion(cfg.Region), config.WithSharedConfigProfile(cfg.Profile), config.WithHTTPClient(client(cfg)))
	if err != nil {
		return nil, fmt.Errorf("find AWS credentials for %s: %w", cfg.Root, err)
	}
	if cfg.Credentials != nil {
		chain.Credentials = cfg.Credentials
	}
	if chain.Region == "" {
		return nil, fmt.Errorf("it is not known in which region %s is: set archive.s3.region, or AWS_REGION", cfg.Root)
	}
	return &Bucket{cfg: cfg, name: name, prefix: prefix, ctx: ctx, client: s3.NewFromConfig(chain, func(o *s3.Options) {
		o.UsePathStyle, o.Retryer, o.Logger = cfg.PathStyle, newRetryer(ctx, cfg.Sleep), logging.Nop{}
	})}, nil
}

// answerTime is how long an answer may take to begin once the request was sent.
const answerTime = 30 * time.Second

func client(cfg Config) *awshttp.BuildableClient {
	return awsreach.Client(cfg.Proxy, cfg.RootCAs).WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = answerTime })
}

const (
	maxAttempts = 6
	longestWait = 10 * time.Second
)

// retryer is the SDK's, without the quota after which it would give up early, and
// with a Sleep that can be passed in.
type retryer struct {
	*retry.Standard
	sleep func(time.Duration) error
}

func newRetryer(ctx context.Context, sleep func(context.Context, time.Duration) error) sdk.Retryer {
	ctx = context.WithoutCancel(ctx) // the requests have contexts of their own
	return retryer{sleep: func(d time.Duration) error { return sleep(ctx, d) }, Standard: retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff, o.RateLimiter = maxAttempts, longestWait, ratelimit.None
	})}
}

// RetryDelay has waited when it returns. The SDK draws each wait from nothing up, and
// all tries could be over in seconds; of ours half of each is certain, so that they
// last 12 s at least.
func (r retryer) RetryDelay(attempt int, _ error) (time.Duration, error) {
	half := min(time.Second<<(attempt-1), longestWait) / 2
	return 0, r.sleep(half + rand.N(half))
}

func (b *Bucket) key(name string) *string { return sdk.String(b.prefix + name) }

// where names an object for people.
func (b *Bucket) where(name string) string { return "s3://" + b.name + "/" + b.prefix + name }

// kept fills in how an object of the archive is encrypted and locked.
func (b *Bucket) kept(in *s3.PutObjectInput) {
	b.encrypted(in)
	if b.cfg.RetainMode != "" {
		in.ObjectLockMode = types.ObjectLockMode(strings.ToUpper(b.cfg.RetainMode))
		in.ObjectLockRetainUntilDate = sdk.Time(b.cfg.Now().UTC().AddDate(0, 0, b.cfg.RetainDays))
	}
	if b.cfg.LegalHold {
		in.ObjectLockLegalHoldStatus = types.ObjectLockLegalHoldStatusOn
	}
}

func (b *Bucket) encrypted(in *s3.PutObjectInput) {
	if b.cfg.KMSKey != "" {
		in.ServerSideEncryption, in.SSEKMSKeyId, in.BucketKeyEnabled = types.ServerSideEncryptionAwsKms, &b.cfg.KMSKey, sdk.Bool(true)
	}
}

// limit is how long one object of that size may take, all attempts together.
func limit(size int64) time.Duration {
	return 3*time.Minute + time.Duration(size>>18)*time.Second // at 256 KiB a second at the worst
}
