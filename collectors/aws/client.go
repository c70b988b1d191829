// Package aws states what AWS grants to whom (IAM of every account of an
// organization, Identity Center, Organizations), blocks a departed person there,
// and gives back what a block took.
//
// The common case: NewCollector, Collect, and for the few accounts that are to
// be blocked Detail; then NewRevoker, with credentials of its own, for Inspect
// and Act. NewRestorer has the third credentials.
//
// It must never decide who has to go, never delete a user, never write a
// policy document, and never send a request that names nobody: IAM takes an
// absent user name for the caller's own. Its invariant: a list that was not
// read to its end is a read that says so, never a shorter list.
package aws

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"rollcall/collectors"
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
	// Profile is the one of the SDK's shared configuration that the default
	// chain begins with; empty: the chain's own choice.
	Profile string
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
	// Removes lets a Revoker send also what cannot be undone; else its clients
	// refuse that.
	Removes bool
	// Deletes lets a Revoker that removes also delete users of whom nothing is left.
	Deletes bool
	// HRTag is the IAM user tag that carries the HR id; case, _ and - do not
	// matter. Empty: employee_id.
	HRTag string
	// OnlyAccounts restricts whose IAM is read; empty: every account.
	OnlyAccounts []string
	// SkipIdentityCenter says that the company has none. Without it, finding
	// none is a gap: the region may simply be the wrong one.
	SkipIdentityCenter bool
	// HTTP carries the requests; nil: a transport of its own, which heeds Proxy
	// and RootCAs.
	HTTP http.RoundTripper
	// Heard is told the time of each answer by AWS's clock; nil: nobody is.
	Heard collectors.Heard
	// Proxy names the proxy of a request, nil for none; without this function
	// Go's own transport decides.
	Proxy func(*http.Request) (*url.URL, error)
	// RootCAs are the authorities to trust, in the place of the system's; nil:
	// those that AWS_CA_BUNDLE names to the default chain, else the system's.
	RootCAs *x509.CertPool
	// Timeout bounds one attempt of one request, body included; zero: 60 s.
	// The SDK itself would wait for ever.
	Timeout time.Duration
	Rates   Rates
	// Prefer chooses between plans of reads that give the same facts.
	Prefer collectors.Prefer
	// Progress is told how far Collect has come.
	Progress collectors.Progress
	Now      func() time.Time
	// Sleep waits between retries and polls; nil: a timer. It is not asked to
	// wait beyond the deadline of its context.
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
		c.Sleep = collectors.Sleep
	}
	c.Sleep = bounded(c.Sleep)
	if c.Rates.IdentityCenter <= 0 {
		c.Rates.IdentityCenter = 10
	}
	if c.Rates.IAM <= 0 {
		c.Rates.IAM = 5
	}
	c.RunID = sessionName(c.RunID)
	return c, nil
}

var notInSessionName = regexp.MustCompile(`[^\w+=,.@-]+`)

// sessionName keeps to what AssumeRole takes: 2 to 64 of \w+=,.@-
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
func sessionName(run string) string {
	name := notInSessionName.ReplaceAllString("rollcall-"+run, "-")
	return name[:min(len(name), 64)]
}
