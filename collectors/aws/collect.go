package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"golang.org/x/sync/errgroup"

	"rollcall/internal/access"
)

// The kinds of read.
const (
	readOrganization   = "organization"
	readIAM            = "iam"
	readReport         = "credential_report"
	readMFA            = "mfa"
	readServiceCreds   = "service_credentials"
	readCredentials    = "credentials" // Detail's
	readSSOUsers       = "sso_users"
	readSSOGroups      = "sso_groups"
	readSSOMemberships = "sso_memberships"
	readPermissionSets = "sso_permission_sets"
	readAssignments    = "sso_assignments"
)

// atOnce bounds the goroutines of one kind of read; the limiters bound the
// requests.
const atOnce = 8

// Collector reads AWS. It has no means to change anything: its clients refuse
// every operation that is not a read.
type Collector struct{ session *session }

// NewCollector sends nothing yet.
func NewCollector(ctx context.Context, cfg Config) (*Collector, error) {
	s, err := newSession(ctx, cfg, reads)
	if err != nil {
		return nil, err
	}
	return &Collector{session: s}, nil
}

// System is the configured name.
func (c *Collector) System() access.System { return c.session.cfg.System }

// Collect reads everything once. What could not be read is a Read with a gap;
// an error means that the credentials do not work at all, or that ctx ended.
func (c *Collector) Collect(ctx context.Context) (access.Observation, error) {
	me, err := c.session.whoAmI(ctx)
	if err != nil {
		return access.Observation{System: c.System()}, err
	}
	night := &collecting{session: c.session, facts: facts{me: me}}
	night.readOrganization(ctx)
	var group errgroup.Group
	group.Go(func() error { night.readAccounts(ctx); return nil })
	if !c.session.cfg.SkipIdentityCenter {
		group.Go(func() error { night.readIdentityCenter(ctx); return nil })
	}
	_ = group.Wait() // they return nothing but nil: gaps are in the reads
	if err := ctx.Err(); err != nil {
		return access.Observation{System: c.System()}, fmt.Errorf("collect %s: %w", c.System(), err)
	}
	night.reads = withReasons(night.reads)
	return convert(c.session.cfg, &night.facts), nil
}

// facts is what AWS said, before it is turned into rollcall's nouns.
type facts struct {
	me       caller
	accounts []orgAccount // sorted by id
	iam      []*accountFacts
	center   centerFacts
	notes    []string
	reads    []access.Read
}

type orgAccount struct{ id, name, state string }

func (a orgAccount) active() bool { return a.state == string(orgtypes.AccountStateActive) }

// collecting is one run of a Collector.
type collecting struct {
	*session
	facts

	filing sync.Mutex // guards reads and notes
}

// read carries out one read and files its certificate. The certificate is
// complete only if do came to its end; do returns how many records there were.
func (n *collecting) read(ctx context.Context, kind, scope, as string, do func(context.Context) (int, error)) bool {
	count := newTally()
	r := access.Read{
		System: n.cfg.System, Scope: scope, Kind: kind, Caller: as, ClaimedTotal: -1,
		Lists: kind == readIAM || kind == readSSOUsers, StartedAt: n.cfg.Now(),
	}
	records, err := do(withTally(ctx, count))
	r.Records, r.FinishedAt = records, n.cfg.Now()
	r.Requests, r.Pages, r.SHA256 = count.requests, count.pages, count.sum()
	if err != nil {
		r.Gap = explain(err, as).Error()
	}
	r.Complete = err == nil
	n.filing.Lock()
	defer n.filing.Unlock()
	n.reads = append(n.reads, r)
	return r.Complete
}

// unread files certificates of what could not even be asked.
func (n *collecting) unread(as, scope string, why error, kinds ...string) {
	for _, kind := range kinds {
		n.read(context.Background(), kind, scope, as, func(context.Context) (int, error) { return 0, why })
	}
}

func (n *collecting) note(format string, args ...any) {
	n.filing.Lock()
	defer n.filing.Unlock()
	n.notes = append(n.notes, fmt.Sprintf(format, args...))
}

// readOrganization lists the accounts. Without it the job's own account is
// read all the same.
func (n *collecting) readOrganization(ctx context.Context) {
	n.read(ctx, readOrganization, "", n.me.arn, func(ctx context.Context) (int, error) {
		me, err := n.organization(ctx, n.me)
		if err != nil {
			return 0, err
		}
		n.me = me
		if me.alone {
			n.note("account %s belongs to no organization; it alone was read", me.account)
			return 0, nil
		}
		err = n.listAccounts(ctx)
		return len(n.accounts), err
	})
	own := func(a orgAccount) bool { return a.id == n.me.account }
	if !slices.ContainsFunc(n.accounts, own) {
		n.accounts = append(n.accounts, orgAccount{id: n.me.account, state: string(orgtypes.AccountStateActive)})
	}
	slices.SortFunc(n.accounts, func(a, b orgAccount) int { return strings.Compare(a.id, b.id) })
	n.accounts = slices.CompactFunc(n.accounts, func(a, b orgAccount) bool { return a.id == b.id })
}

func (n *collecting) listAccounts(ctx context.Context) error {
	return pages(func(token *string) (page, error) {
		out, err := n.org.ListAccounts(ctx, &organizations.ListAccountsInput{MaxResults: sdk.Int32(20), NextToken: token})
		if err != nil {
			return page{}, err
		}
		for _, a := range out.Accounts {
			n.accounts = append(n.accounts, orgAccount{id: sdk.ToString(a.Id), name: sdk.ToString(a.Name), state: state(a)})
		}
		return page{out.NextToken, first(out.Accounts, func(a orgtypes.Account) *string { return a.Id })}, nil
	})
}

// state is the account's; Status, which it replaces, was announced to retire
// on 2026-09-09, and is all that emulators know
// (https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html).
func state(a orgtypes.Account) string {
	if a.State != "" {
		return string(a.State)
	}
	return string(a.Status)
}

// readAccounts reads the IAM of every active account, a few at a time.
func (n *collecting) readAccounts(ctx context.Context) {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, account := range n.accounts {
		if only := n.cfg.OnlyAccounts; len(only) > 0 && !slices.Contains(only, account.id) {
			n.note("account %s (%s) is not in only_accounts; its IAM was not read", account.id, account.name)
			continue
		}
		if !account.active() {
			n.note("account %s (%s) is %s; its IAM was not read", account.id, account.name, account.state)
			continue
		}
		found := &accountFacts{orgAccount: account}
		n.iam = append(n.iam, found)
		group.Go(func() error { n.readAccount(ctx, found); return nil })
	}
	_ = group.Wait() // gaps are in the reads
}

// each runs do for 0..count-1, a few at once, and gives the errors in order.
// What each part cost is added in order too, so that the digest is the same
// however they interleave.
func each(ctx context.Context, count int, do func(ctx context.Context, i int) error) error {
	errs := make([]error, count)
	parts := make([]*tally, count)
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i := range count {
		parts[i] = newTally()
		group.Go(func() error {
			errs[i] = do(withTally(ctx, parts[i]), i)
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs
	if whole := tallyOf(ctx); whole != nil {
		for _, part := range parts {
			whole.add(part)
		}
	}
	return few(errs)
}

// complete gives a test for the complete read of a kind.
func complete(kind string) func(access.Read) bool {
	return func(r access.Read) bool { return r.Kind == kind && r.Complete }
}

// rests says which reads a kind of read cannot do without: a list of holders
// is not whole while some of the people or groups in it are unknown. What
// comes earlier is judged earlier.
var rests = []struct {
	kind string
	on   []string
}{
	{readReport, []string{readIAM}},
	{readServiceCreds, []string{readIAM}},
	{readSSOMemberships, []string{readSSOUsers, readSSOGroups}},
	{readAssignments, []string{readPermissionSets, readSSOMemberships}},
}

// withReasons marks the reads that rest on an incomplete one.
func withReasons(reads []access.Read) []access.Read {
	find := func(scope, kind string) int {
		return slices.IndexFunc(reads, func(r access.Read) bool { return r.Scope == scope && r.Kind == kind })
	}
	for _, rule := range rests {
		for i, r := range reads {
			if r.Kind != rule.kind {
				continue
			}
			for _, kind := range rule.on {
				if on := find(r.Scope, kind); on >= 0 && !reads[on].Complete && reads[i].Complete {
					reads[i].Complete, reads[i].Gap = false, "it rests on "+reads[on].Name()+", which is incomplete"
				}
			}
		}
	}
	return reads
}
