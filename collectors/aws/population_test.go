package aws

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

// population is an organization of a stated size (reference: 20 accounts, 1,000
// people of Identity Center, 500 of IAM).
type population struct {
	accounts, users, groups, sets, pairs, apps int
	big, bigMembers, members                   int // groups of more than a page, and their members; members in all
	iamUsers, iamGroups, iamRoles, iamMembers  int
	iamKeys                                    int
	inOne                                      bool // IAM is in one account, or spread evenly over all
	options                                    fakeaws.Options

	ids    []string
	server *fakeaws.Server
}

func reference() population {
	return population{
		accounts: 20, users: 1000, groups: 100, sets: 20, pairs: 300, apps: 10,
		big: 15, bigMembers: 150, members: 5000,
		iamUsers: 500, iamGroups: 50, iamRoles: 100, iamMembers: 999, iamKeys: 400,
	}
}

// small is an organisation of a few people and one group, where time counts and not work.
func small() population {
	p := reference()
	p.users, p.groups, p.big, p.members, p.pairs, p.apps, p.iamUsers = 10, 1, 0, 5, 5, 0, 20
	return p
}

// membersOf gives the number of members of a group: the big ones come first, and
// the others share the rest evenly.
func (p *population) membersOf(group int) int {
	if group < p.big {
		return p.bigMembers
	}
	rest, small := p.members-p.big*p.bigMembers, p.groups-p.big
	count := rest / small
	if group-p.big < rest%small {
		count++
	}
	return count
}

// minimum is what the list of performance.md sums up to: the tree of parents is
// not read, because ListAccounts gives all accounts and the management account;
// permission sets are named and their documents left alone.
func (p *population) minimum() int {
	sum := 1 + pagesOf(p.accounts, 20) + // who the job is, and the accounts
		1 + pagesOf(p.sets, 100) + p.sets + // the instance, the sets, and the name of each
		pagesOf(p.users, 100) + pagesOf(p.groups, 100) +
		min(p.accounts, p.sets) + p.pairs +
		pagesOf(p.apps, 100) + p.apps
	for g := range p.groups {
		sum += pagesOf(p.membersOf(g), 100)
	}
	for i := range p.accounts {
		sum += pagesOf(p.itemsOf(i), 1000) + 2 // the details; a report is asked for and fetched
		if p.share(p.iamUsers, i) > 0 {
			sum++ // service-specific credentials
		}
		if i > 0 {
			sum++ // the role is assumed
		}
	}
	return sum
}

// published is the formula of performance.md to the letter (without documents of
// permission sets), and the applications, which it does not know. It counts no
// request to the token service.
func (p *population) published(parents int) int {
	sum := 1 + 2*parents + 1 + pagesOf(p.sets, 100) + p.sets + pagesOf(p.users, 100) + pagesOf(p.groups, 100) +
		min(p.accounts, p.sets) + p.pairs + pagesOf(p.apps, 100) + p.apps
	for g := range p.groups {
		sum += pagesOf(p.membersOf(g), 100)
	}
	for i := range p.accounts {
		sum += pagesOf(p.itemsOf(i), 1000) + 3
	}
	return sum
}

// share is the part of a total that falls to one account.
func (p *population) share(total, account int) int {
	switch {
	case !p.inOne:
		from := total * account / p.accounts
		return total*(account+1)/p.accounts - from
	case account == 0:
		return total
	}
	return 0
}

func (p *population) itemsOf(account int) int {
	return p.share(p.iamUsers, account) + p.share(p.iamGroups, account) + p.share(p.iamRoles, account) + 1 // the role that reads
}

// fill makes it all.
func (p *population) fill(now func() time.Time) *fakeaws.Server {
	opts := p.options
	opts.Now, opts.ManagementAccount = now, accountID(0)
	opts.Credentials = []fakeaws.Credential{{AccessKeyID: "AKIAJOB", Secret: "s", Account: accountID(0)}}
	p.server, p.ids = fakeaws.New(opts), nil
	for i := range p.accounts {
		p.server.AddAccount(fakeaws.Account{ID: accountID(i), Name: fmt.Sprintf("account-%d", i)})
		p.server.AddRole(fakeaws.Role{Account: accountID(i), Name: "read", ReadOnly: true})
		p.fillIAM(i)
	}
	p.fillCenter()
	return p.server
}

func accountID(i int) string { return fmt.Sprintf("%012d", 100000000000+i) }

func (p *population) fillIAM(account int) {
	id := accountID(account)
	groups, users := p.share(p.iamGroups, account), p.share(p.iamUsers, account)
	for i := range p.share(p.iamRoles, account) {
		p.server.AddRole(fakeaws.Role{Account: id, Name: fmt.Sprintf("role-%d", i)})
	}
	for i := range groups {
		p.server.AddIAMGroup(fakeaws.IAMGroup{Account: id, Name: fmt.Sprintf("group-%d", i), Attached: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}})
	}
	for i := range users {
		u := fakeaws.IAMUser{Account: id, Name: fmt.Sprintf("user-%d", i)}
		for m := range min(groups, part(p.share(p.iamMembers, account), users, i)) {
			u.Groups = append(u.Groups, fmt.Sprintf("group-%d", (i+m)%groups))
		}
		u.AccessKeys = make([]fakeaws.AccessKey, part(p.share(p.iamKeys, account), users, i))
		p.server.AddIAMUser(u)
	}
}

// part is what falls to one of many when a total is dealt out.
func part(total, many, one int) int {
	count := total / many
	if one < total%many {
		count++
	}
	return count
}

func (p *population) fillCenter() {
	for i := range p.users {
		p.ids = append(p.ids, p.server.AddCenterUser(fakeaws.CenterUser{UserName: fmt.Sprintf("person%04d@example.com", i), Status: "ENABLED"}))
	}
	var groups, sets []string
	for g := range p.groups {
		groups = append(groups, p.server.AddCenterGroup(fakeaws.CenterGroup{DisplayName: fmt.Sprintf("group-%03d", g)}))
		for m := range p.membersOf(g) {
			p.server.AddCenterMember(groups[g], p.ids[(g*37+m)%p.users])
		}
	}
	for i := range p.sets {
		sets = append(sets, p.server.AddPermissionSet(fmt.Sprintf("Set%02d", i), "PT8H"))
	}
	for i := range p.pairs {
		account, set := accountID(i/p.sets%p.accounts), sets[i%p.sets]
		p.server.Assign(account, set, "GROUP", groups[i%p.groups])
		p.server.Assign(account, set, "USER", p.ids[i%p.users])
	}
	for i := range p.apps {
		app := p.server.AddApplication(fmt.Sprintf("app-%02d", i), accountID(0))
		p.server.AssignApplication(app, "GROUP", groups[i%p.groups])
	}
}

// inProcess carries requests straight to a handler, each as long as a network
// would take. No socket is involved, so that it works with a time of its own.
type inProcess struct {
	handler http.Handler
	latency time.Duration
}

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(p.latency)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// collector reads the population through the given transport.
func (p *population) collector(t *testing.T, carry http.RoundTripper, change ...func(*Config)) *Collector {
	t.Helper()
	return made(t, NewCollector, Config{
		System: "aws", Region: "us-east-1", Endpoint: "http://sandbox.invalid", RoleName: "read", RunID: "t", HTTP: carry,
		Credentials: credentials.NewStaticCredentialsProvider("AKIAJOB", "s", ""),
		Rates:       Rates{IdentityCenter: 1e6, IAM: 1e6}, Now: time.Now,
	}, change)
}

// watching notes when requests to Identity Center are sent.
type watching struct {
	inProcess
	center chan time.Time
}

func (w *watching) RoundTrip(r *http.Request) (*http.Response, error) {
	if target := r.Header.Get("X-Amz-Target"); target != "" && !strings.HasPrefix(target, "AWSOrganizations") {
		w.center <- time.Now()
	}
	return w.inProcess.RoundTrip(r)
}

// refusePrincipals answers the question by principal as a delegated
// administrator is answered.
func refusePrincipals(next http.Handler) http.Handler {
	refuses := faults.New(next)
	rule := apiError("ListAccountAssignmentsForPrincipal", http.StatusBadRequest, "AccessDeniedException")
	rule.Header, rule.Body = http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, `{"__type":"AccessDeniedException","message":"no"}`
	refuses.Add(rule)
	return refuses
}
