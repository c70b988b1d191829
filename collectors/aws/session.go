package aws

import (
	"context"
	"net/http"
	"sync"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// session holds one client for each service and account: the SDK's retryer
// lives in the client, and so do its connections.
type session struct {
	cfg  Config
	base sdk.Config
	sts  *sts.Client
	org  *organizations.Client
	sso  *ssoadmin.Client
	ids  *identitystore.Client

	ssoPace *pace // what every client of Identity Center shares
	orgPace *pace

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
	if cfg.Credentials == nil {
		if cfg, err = chained(ctx, cfg); err != nil {
			return nil, err
		}
	}
	may := union(operations)
	client := &http.Client{
		Transport: &transport{next: roundTripper(cfg), may: may},
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
		Credentials: renewing(cfg.Credentials), // a provider of one's own need not bear many callers at once
		HTTPClient:  client,
		Retryer:     func() sdk.Retryer { return newRetryer(cfg.Sleep) },
		APIOptions:  []stackOption{only(may)},
	}
	if cfg.Endpoint != "" {
		s.base.BaseEndpoint = sdk.String(cfg.Endpoint)
	}
	s.ssoPace, s.orgPace = newPace(cfg.Rates.IdentityCenter, cfg.Now), newPace(cfg.Rates.IAM, cfg.Now)
	s.sts = sts.NewFromConfig(s.base)
	s.org = organizations.NewFromConfig(s.with(limited(s.orgPace)))
	s.sso = ssoadmin.NewFromConfig(s.with(limited(s.ssoPace)))
	s.ids = identitystore.NewFromConfig(s.with(limited(s.ssoPace)))
	return s, nil
}

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
	c := s.with(limited(newPace(s.cfg.Rates.IAM, s.cfg.Now)))
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
		c := s.with(limited(s.ssoPace))
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
	return renewing(provider)
}
