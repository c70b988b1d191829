package aws

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"rollcall/collectors"
)

// accountFacts is what IAM said of one account.
type accountFacts struct {
	orgAccount
	users    []types.UserDetail
	groups   []types.GroupDetail
	policies map[string]localPolicy // by ARN
	roles    roleFacts
	report   report
	mfa      map[string]bool // user names with a virtual device, when it was asked for
	services []types.ServiceSpecificCredentialMetadata
}

// visit is one account under way.
type visit struct {
	*accountFacts
	client  *iam.Client
	as      string
	details *reading
	listed  error // of the details
	told    *reading
	asked   error // of the report
	ready   bool  // the report need not be waited for
}

// atLeast is what an account costs that has anybody in it: to enter it, to ask
// for the report, the details, and to fetch the report.
const atLeast = 4

// readAccounts reads the IAM of every open account, a few at a time, in four to
// five requests however many users there are. All reports are asked for first
// and fetched last, so that AWS makes them in the meantime.
func (n *collecting) readAccounts(ctx context.Context) {
	var visits []*visit
	for _, account := range n.accounts {
		switch only := n.cfg.OnlyAccounts; {
		case len(only) > 0 && !slices.Contains(only, account.id):
			n.note("account %s (%s) is not in only_accounts; its IAM was not read", account.id, account.name)
		case !account.open():
			n.note("account %s (%s) is %s; its IAM was not read", account.id, account.name, account.state)
		default:
			found := &accountFacts{orgAccount: account}
			n.iam = append(n.iam, found)
			visits = append(visits, &visit{accountFacts: found})
		}
	}
	ctx, forget := reserve(ctx, atLeast*len(visits))
	defer forget()
	collectors.InParallel(atOnce, visits, func(v *visit) { n.enterAndList(ctx, v) })
	collectors.InParallel(atOnce, visits, func(v *visit) { n.fetchAndProve(ctx, v) })
}

// enterAndList asks for the report and reads what needs none. A kind of read
// that fails leaves the others alone.
func (n *collecting) enterAndList(ctx context.Context, v *visit) {
	who, err := n.enter(ctx, n.me, v.id)
	if err != nil {
		n.unread(n.me.arn, v.id, err, readIAM, readReport, readMFA, readServiceCreds)
		return
	}
	v.client, v.as = n.iamOf(v.id, who.creds), who.arn
	v.told = n.begin(readReport, v.id, v.as)
	v.ready, v.asked = askForReport(v.told.in(ctx), v.client)
	v.details = n.begin(readIAM, v.id, v.as)
	v.listed = v.readDetails(v.details.in(ctx), v.client)
	n.read(ctx, readServiceCreds, v.id, v.as, func(ctx context.Context) (int, error) {
		if v.empty() {
			return 0, nil // nobody there can hold any: nothing to ask
		}
		var err error
		v.services, err = serviceCredentials(ctx, v.client, &iam.ListServiceSpecificCredentialsInput{AllUsers: sdk.Bool(true)})
		return len(v.services), err
	})
}

// empty says that the account is known to have no users.
func (v *visit) empty() bool { return v.listed == nil && len(v.users) == 0 }

// fetchAndProve fetches the report and holds the list of users against it.
func (n *collecting) fetchAndProve(ctx context.Context, v *visit) {
	if v.client == nil {
		return // it was not entered, and the reads say so
	}
	if v.asked == nil && !v.ready {
		// What is left of the usual wait: a report fetched too early costs a
		// request more.
		v.asked = n.cfg.Sleep(ctx, max(0, reportWait-n.cfg.Now().Sub(v.told.StartedAt)))
	}
	if v.asked == nil {
		v.report, v.asked = fetchReport(v.told.in(ctx), v.client, n.cfg.Sleep)
	}
	if v.asked == nil {
		v.asked = v.report.covers(v.users)
	}
	if v.report.rows != nil && v.listed == nil {
		v.details.ClaimedTotal, v.listed = v.proveUsers(v.details.in(ctx))
	}
	n.finish(v.details, len(v.users), v.listed)
	n.finish(v.told, len(v.report.rows), v.asked)
	n.noteYoungUsers(v.accountFacts)
	n.read(ctx, readMFA, v.id, v.as, func(ctx context.Context) (int, error) {
		err := v.readMFA(ctx)
		return v.guarded(), err
	})
}

// readMFA lists the virtual devices, unless the report tells already of every
// user whether a device of any kind is there.
func (v *visit) readMFA(ctx context.Context) error {
	untold := func(u types.UserDetail) bool { _, there := v.report.of(u); return !there }
	if v.empty() || (v.listed == nil && v.asked == nil && !slices.ContainsFunc(v.users, untold)) {
		return nil
	}
	v.mfa = map[string]bool{}
	in := &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned, MaxItems: sdk.Int32(iamPage)}
	return pages(ctx, func(ctx context.Context, token *string) (page, error) {
		in.Marker = token
		out, err := v.client.ListVirtualMFADevices(ctx, in)
		if err != nil {
			return page{}, err
		}
		for _, device := range out.VirtualMFADevices {
			if device.User != nil {
				v.mfa[sdk.ToString(device.User.UserName)] = true
			}
		}
		return marked(out.IsTruncated, out.Marker, out.VirtualMFADevices, "devices", func(d types.VirtualMFADevice) *string { return d.SerialNumber })
	})
}

// guarded counts the users who are known to have a second factor.
func (v *visit) guarded() int {
	count := 0
	for _, u := range v.users {
		if row, _ := v.report.of(u); row.yes("mfa_active") || v.mfa[sdk.ToString(u.UserName)] {
			count++
		}
	}
	return count
}

// serviceCredentials reads those of one user, or of all in one go
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html).
func serviceCredentials(ctx context.Context, client *iam.Client, in *iam.ListServiceSpecificCredentialsInput) ([]types.ServiceSpecificCredentialMetadata, error) {
	var all []types.ServiceSpecificCredentialMetadata
	in.MaxItems = sdk.Int32(iamPage)
	err := pages(ctx, func(ctx context.Context, token *string) (page, error) {
		in.Marker = token
		out, err := client.ListServiceSpecificCredentials(ctx, in)
		if err != nil {
			return page{}, err
		}
		all = append(all, out.ServiceSpecificCredentials...)
		return marked(out.IsTruncated, out.Marker, out.ServiceSpecificCredentials, "credentials", func(c types.ServiceSpecificCredentialMetadata) *string { return c.ServiceSpecificCredentialId })
	})
	return all, err
}

// noteYoungUsers tells of users that are younger than the report: their
// passwords and keys show on the next night.
func (n *collecting) noteYoungUsers(a *accountFacts) {
	for _, u := range a.users {
		if a.report.rows != nil && a.report.predates(u) {
			n.note("account %s: user %s is younger than the credential report of %s; its password and keys show in the next one",
				a.id, sdk.ToString(u.UserName), a.report.at.UTC().Format("2006-01-02T15:04:05Z07:00"))
		}
	}
}
