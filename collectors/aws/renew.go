package aws

import (
	"context"
	"sync"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"rollcall/internal/awsreach"
)

// over are the codes of temporary credentials that have ended, in the query and
// in the JSON protocol: whoever ends a role's sessions, or a clock that goes
// wrong, ends them before the SDK expects it. What is refused so was not read.
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
var over = map[string]struct{}{"ExpiredToken": {}, "ExpiredTokenException": {}}

func expired(err error) bool {
	_, is := over[awsreach.Code(err)]
	return is
}

// renewable are credentials of which an operation remembers what it was signed
// with, so that exactly those can be replaced.
type renewable struct {
	cache *sdk.CredentialsCache

	mu sync.Mutex // one renewal at a time
}

// renewing keeps credentials until they end. A cache is taken as it is: behind a
// second one it could not be told that what it holds is over.
func renewing(provider sdk.CredentialsProvider) *renewable {
	cache, is := provider.(*sdk.CredentialsCache)
	if !is {
		cache = sdk.NewCredentialsCache(provider)
	}
	return &renewable{cache: cache}
}

// Retrieve gives the credentials for one attempt, and tells the operation.
func (r *renewable) Retrieve(ctx context.Context) (sdk.Credentials, error) {
	c, err := r.cache.Retrieve(ctx)
	if s := sendingOf(ctx); s != nil && err == nil {
		s.as, s.used = r, c
	}
	return c, err
}

// renew forgets credentials that were refused, unless somebody else replaced
// them already: a hundred requests that fail together ask for one new session.
func (r *renewable) renew(ctx context.Context, refused sdk.Credentials) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, err := r.cache.Retrieve(ctx)
	if err == nil && now.SessionToken == refused.SessionToken {
		r.cache.Invalidate()
		now, err = r.cache.Retrieve(ctx)
	}
	switch {
	case err != nil:
		return notRenewed{"there are no new credentials: " + cause(err)}
	case now.SessionToken == refused.SessionToken:
		return notRenewed{"whoever gives the credentials gives the same ones again: start the run with new ones"}
	}
	return nil
}

// notRenewed says why credentials that ended were not replaced. The refusal
// itself is told beside it.
type notRenewed struct{ says string }

func (e notRenewed) Error() string { return e.says }

// renew replaces the credentials of an operation, once: new ones that are
// refused as well are a matter for a person.
func (s *sending) renew(ctx context.Context) error {
	switch {
	case s == nil || s.as == nil || s.used.SessionToken == "":
		return notRenewed{"they are not temporary, so that there are no new ones to get"}
	case s.renewed:
		return notRenewed{"new ones were refused too: check the clock of this machine"}
	}
	s.renewed = true
	return s.as.renew(ctx, s.used)
}
