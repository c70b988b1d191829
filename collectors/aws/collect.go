package aws

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"rollcall/collectors"
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
	readApplications   = "sso_applications"
)

// atOnce bounds the goroutines of one kind of read; the limiters bound the
// requests. It is enough to send 20 a second at 800 ms an answer.
const atOnce = 16

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
// an error means that the credentials do not work at all, or that the run was
// stopped.
func (c *Collector) Collect(ctx context.Context) (access.Observation, error) {
	ctx = withMeter(ctx, &meter{tell: c.session.cfg.Progress})
	me, err := c.session.whoAmI(ctx)
	if err != nil {
		return access.Observation{System: c.System()}, err
	}
	night := &collecting{session: c.session, facts: facts{me: me, center: centerFacts{unlistedFor: map[principal]string{}}}}
	night.readOrganization(ctx)
	var group errgroup.Group
	group.Go(func() error { night.readAccounts(ctx); return nil })
	if !c.session.cfg.SkipIdentityCenter {
		group.Go(func() error { night.readIdentityCenter(ctx); return nil })
	}
	_ = group.Wait() // they return nothing but nil: gaps are in the reads
	if err := collectors.Stopped(ctx); err != nil {
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

// collecting is one run of a Collector.
type collecting struct {
	*session
	facts

	filing sync.Mutex // guards reads and notes
}

// reading is a read under way.
type reading struct {
	access.Read
	count *tally
}

func (n *collecting) begin(kind, scope, as string) *reading {
	return &reading{count: newTally(), Read: access.Read{
		System: n.cfg.System, Scope: scope, Kind: kind, Caller: as, ClaimedTotal: -1,
		Lists: kind == readIAM || kind == readSSOUsers, StartedAt: n.cfg.Now(),
	}}
}

// in gives the context whose requests count for the read.
func (r *reading) in(ctx context.Context) context.Context { return withTally(ctx, r.count) }

// finish files the certificate; it is complete only without an error.
func (n *collecting) finish(r *reading, records int, err error) bool {
	r.Records, r.FinishedAt = records, n.cfg.Now()
	r.Requests, r.Pages, r.SHA256 = r.count.requests, r.count.pages, r.count.sum()
	if err != nil {
		r.Gap = explain(err, r.Caller).Error()
	}
	r.Complete = err == nil
	n.filing.Lock()
	defer n.filing.Unlock()
	n.reads = append(n.reads, r.Read)
	return r.Complete
}

// read carries out one read and files its certificate; do returns how many
// records there were, and an error unless it came to its end.
func (n *collecting) read(ctx context.Context, kind, scope, as string, do func(context.Context) (int, error)) bool {
	r := n.begin(kind, scope, as)
	records, err := do(r.in(ctx))
	return n.finish(r, records, err)
}

// unread files certificates of what could not even be asked.
func (n *collecting) unread(as, scope string, why error, kinds ...string) {
	for _, kind := range kinds {
		n.finish(n.begin(kind, scope, as), 0, why)
	}
}

func (n *collecting) note(format string, args ...any) {
	n.filing.Lock()
	defer n.filing.Unlock()
	n.notes = append(n.notes, fmt.Sprintf(format, args...))
}

// each runs do for 0..count-1, a few at once, and gives the errors in order.
// What each part cost is added in order too, so that the digest is the same
// however they interleave.
func each(ctx context.Context, count int, do func(ctx context.Context, i int) error) error {
	ctx, forget := reserve(ctx, count)
	defer forget()
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
	{readMFA, []string{readIAM}},
	{readServiceCreds, []string{readIAM}},
	{readSSOMemberships, []string{readSSOUsers, readSSOGroups}},
	{readAssignments, []string{readPermissionSets, readSSOMemberships}},
	{readApplications, []string{readSSOMemberships}},
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
