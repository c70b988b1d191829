// Package aws states what AWS grants to whom (IAM of every account of an
// organization, Identity Center, Organizations) and blocks a departed person
// there.
//
// The common case: NewCollector, Collect, and for the few accounts that are to
// be blocked Detail; then NewRevoker, with credentials of its own, for Inspect
// and Act.
//
// It must never decide who has to go, never delete a user, never write a
// policy document, and never send a request that names nobody: IAM takes an
// absent user name for the caller's own. Its invariant: a list that was not
// read to its end is a read that says so, never a shorter list.
package aws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/time/rate"

	"rollcall/internal/access"
)

// Config says which AWS to talk to and as whom. Only System, Region and Now
// are required.
type Config struct {
	System access.System
	// Region is the home region of Identity Center; IAM and Organizations are
	// the same everywhere.
	Region string
	// Endpoint replaces every address of AWS, for a sandbox or an emulator.
	// Empty: AWS's own. AWS_ENDPOINT_URL and its kin are never heeded, because
	// whoever sets them would receive the job's requests.
	Endpoint string
	// Credentials of the job; nil: the SDK's default chain.
	Credentials sdk.CredentialsProvider
	// RoleName is the role assumed in each member account, such as
	// rollcall-read; a path may precede it.
	RoleName string
	// ManagementRoleName is the role assumed in the management account, which
	// has no role of the member accounts by default. Empty: the job's own
	// credentials there.
	ManagementRoleName string
	ExternalID         string
	RunID              string // the role session's name, for CloudTrail
	SourceIdentity     string // needs sts:SetSourceIdentity; empty: not sent
	// HRTag is the IAM user tag that carries the HR id; case, _ and - do not
	// matter. Empty: employee_id.
	HRTag string
	// OnlyAccounts restricts whose IAM is read; empty: every account.
	OnlyAccounts []string
	// SkipIdentityCenter says that the company has none. Without it, finding
	// none is a gap: the region may simply be the wrong one.
	SkipIdentityCenter bool
	// HTTP carries the requests; nil: a transport of its own.
	HTTP http.RoundTripper
	// Timeout bounds one attempt of one request, body included; zero: 60 s.
	// The SDK itself would wait for ever.
	Timeout time.Duration
	Rates   Rates
	Now     func() time.Time
	// Sleep waits between retries and polls; nil: a timer.
	Sleep func(context.Context, time.Duration) error
}

// Rates bounds the requests a second that all goroutines send together; zero
// is the default.
type Rates struct {
	// IdentityCenter, by default 10: AWS allows 20 in all, to everybody
	// together (https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html).
	IdentityCenter float64
	// IAM is a bound for each account, by default 5: AWS publishes none.
	IAM float64
}

func (c Config) complete() (Config, error) {
	switch {
	case c.System == "":
		return c, errors.New("aws: no system name: give this system one in rollcall.yaml")
	case c.Region == "":
		return c, fmt.Errorf("%s: no region: set it to the home region of Identity Center", c.System)
	case c.Now == nil:
		return c, fmt.Errorf("%s: no clock was passed in", c.System)
	}
	if c.HRTag == "" {
		c.HRTag = "employee_id"
	}
	if c.Timeout <= 0 {
		c.Timeout = time.Minute
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Rates.IdentityCenter <= 0 {
		c.Rates.IdentityCenter = 10
	}
	if c.Rates.IAM <= 0 {
		c.Rates.IAM = 5
	}
	c.RunID = sessionName(c.RunID)
	return c, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

var notInSessionName = regexp.MustCompile(`[^\w+=,.@-]+`)

// sessionName keeps to what AssumeRole takes: 2 to 64 of \w+=,.@-
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
func sessionName(run string) string {
	name := notInSessionName.ReplaceAllString("rollcall-"+run, "-")
	return name[:min(len(name), 64)]
}

// session holds one client for each service and account: the SDK's retryer
// lives in the client, and so do its connections.
type session struct {
	cfg  Config
	base sdk.Config
	sts  *sts.Client
	org  *organizations.Client
	sso  *ssoadmin.Client
	ids  *identitystore.Client

	ssoLimit stackOption // what every client of Identity Center shares

	mu          sync.Mutex
	clients     map[string]*iam.Client // by account
	ssoManaging *ssoadmin.Client       // as the management account's role
}

// newSession makes the clients; operations are all that they will ever send.
func newSession(ctx context.Context, cfg Config, operations ...operationSet) (*session, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	creds, carrier := cfg.Credentials, cfg.HTTP
	if creds == nil {
		chain, err := config.LoadDefaultConfig(ctx, config.WithRegion(cfg.Region),
			config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(cfg.Timeout)))
		if err != nil {
			return nil, fmt.Errorf("%s: find AWS credentials: %w", cfg.System, err)
		}
		creds = chain.Credentials
		if own, ok := chain.HTTPClient.(*awshttp.BuildableClient); ok && carrier == nil {
			carrier = own.GetTransport() // it knows the company's AWS_CA_BUNDLE
		}
	}
	client := &http.Client{
		Transport: &transport{next: roundTripper(carrier)},
		Timeout:   cfg.Timeout,
		// An answer that points elsewhere is an error, not an address: signed
		// requests go to AWS only.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s := &session{cfg: cfg, clients: map[string]*iam.Client{}}
	// A config of our own, not the loaded one: that one's ConfigSources would
	// let the environment choose the endpoints.
	s.base = sdk.Config{
		Region:      cfg.Region,
		Credentials: sdk.NewCredentialsCache(creds), // a provider of one's own need not bear many callers at once
		HTTPClient:  client,
		Retryer:     func() sdk.Retryer { return newRetryer(cfg.Sleep) },
		APIOptions:  []stackOption{only(operations...)},
	}
	if cfg.Endpoint != "" {
		s.base.BaseEndpoint = sdk.String(cfg.Endpoint)
	}
	s.ssoLimit = limited(rate.NewLimiter(perSecond(cfg.Rates.IdentityCenter)))
	s.sts = sts.NewFromConfig(s.base)
	s.org = organizations.NewFromConfig(s.with(limited(rate.NewLimiter(perSecond(cfg.Rates.IAM)))))
	s.sso = ssoadmin.NewFromConfig(s.with(s.ssoLimit))
	s.ids = identitystore.NewFromConfig(s.with(s.ssoLimit))
	return s, nil
}

func roundTripper(given http.RoundTripper) http.RoundTripper {
	if given != nil {
		return given
	}
	own := http.DefaultTransport.(*http.Transport).Clone()
	own.MaxIdleConnsPerHost = 16
	return own
}

// perSecond lets half a second's worth go at once, so that a burst and the
// second after it together stay under twice the rate.
func perSecond(r float64) (rate.Limit, int) { return rate.Limit(r), max(1, int(r/2)) }

// with gives the base configuration with one more option on every stack.
func (s *session) with(option stackOption) sdk.Config {
	c := s.base.Copy()
	c.APIOptions = append(c.APIOptions, option)
	return c
}

// iamOf gives the one client of an account, which acts as the given identity.
func (s *session) iamOf(account string, creds sdk.CredentialsProvider) *iam.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if client := s.clients[account]; client != nil {
		return client
	}
	c := s.with(limited(rate.NewLimiter(perSecond(s.cfg.Rates.IAM))))
	c.Credentials = creds
	s.clients[account] = iam.NewFromConfig(c)
	return s.clients[account]
}

// ssoAs gives the one client of Identity Center that acts as the role of the
// management account.
func (s *session) ssoAs(creds sdk.CredentialsProvider) *ssoadmin.Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ssoManaging == nil {
		c := s.with(s.ssoLimit)
		c.Credentials = creds
		s.ssoManaging = ssoadmin.NewFromConfig(c)
	}
	return s.ssoManaging
}

// assume gives credentials of a role, fetched at first use and renewed by
// themselves.
func (s *session) assume(role string) sdk.CredentialsProvider {
	provider := stscreds.NewAssumeRoleProvider(s.sts, role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = s.cfg.RunID
		if s.cfg.ExternalID != "" {
			o.ExternalID = sdk.String(s.cfg.ExternalID)
		}
		if s.cfg.SourceIdentity != "" {
			o.SourceIdentity = sdk.String(s.cfg.SourceIdentity)
		}
	})
	return sdk.NewCredentialsCache(provider)
}
