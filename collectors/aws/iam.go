package aws

import (
	"cmp"
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// accountFacts is what IAM said of one account.
type accountFacts struct {
	orgAccount
	users    []types.UserDetail
	groups   []types.GroupDetail
	policies []types.ManagedPolicyDetail
	report   report
	mfa      map[string]bool // user names with a virtual device
	services []types.ServiceSpecificCredentialMetadata
}

// readAccount reads one account in five to seven requests, however many users
// it has. A kind of read that fails leaves the others alone.
func (n *collecting) readAccount(ctx context.Context, a *accountFacts) {
	who, err := n.enter(ctx, n.me, a.id)
	if err != nil {
		n.unread(n.me.arn, a.id, err, readIAM, readReport, readMFA, readServiceCreds)
		return
	}
	client := n.iamOf(a.id, who.creds)
	listed := n.read(ctx, readIAM, a.id, who.arn, func(ctx context.Context) (int, error) {
		err := a.readDetails(ctx, client)
		return len(a.users) + len(a.groups) + len(a.policies), err
	})
	n.read(ctx, readReport, a.id, who.arn, func(ctx context.Context) (int, error) {
		var err error
		a.report, err = fetchReport(ctx, client, n.cfg.Sleep)
		if err == nil {
			err = a.report.covers(a.users)
		}
		return len(a.report.rows), err
	})
	n.noteYoungUsers(a)
	if listed && len(a.users) == 0 {
		client = nil // nobody there can hold what follows: nothing to ask
	}
	n.read(ctx, readMFA, a.id, who.arn, func(ctx context.Context) (int, error) {
		err := a.readMFA(ctx, client)
		return len(a.mfa), err
	})
	n.read(ctx, readServiceCreds, a.id, who.arn, func(ctx context.Context) (int, error) {
		var err error
		if client != nil {
			a.services, err = serviceCredentials(ctx, client, &iam.ListServiceSpecificCredentialsInput{AllUsers: sdk.Bool(true)})
		}
		return len(a.services), err
	})
}

func (a *accountFacts) readDetails(ctx context.Context, client *iam.Client) error {
	in := &iam.GetAccountAuthorizationDetailsInput{
		Filter:   []types.EntityType{types.EntityTypeUser, types.EntityTypeGroup, types.EntityTypeLocalManagedPolicy},
		MaxItems: sdk.Int32(1000),
	}
	return pages(func(token *string) (page, error) {
		in.Marker = token
		out, err := client.GetAccountAuthorizationDetails(ctx, in)
		if err != nil {
			return page{}, err
		}
		a.users = append(a.users, out.UserDetailList...)
		a.groups = append(a.groups, out.GroupDetailList...)
		a.policies = append(a.policies, out.Policies...)
		return marker(out.IsTruncated, out.Marker, cmp.Or(
			first(out.UserDetailList, func(u types.UserDetail) *string { return u.UserId }),
			first(out.GroupDetailList, func(g types.GroupDetail) *string { return g.GroupId }),
			first(out.Policies, func(p types.ManagedPolicyDetail) *string { return p.Arn })))
	})
}

func (a *accountFacts) readMFA(ctx context.Context, client *iam.Client) error {
	a.mfa = map[string]bool{}
	if client == nil {
		return nil
	}
	in := &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned, MaxItems: sdk.Int32(1000)}
	return pages(func(token *string) (page, error) {
		in.Marker = token
		out, err := client.ListVirtualMFADevices(ctx, in)
		if err != nil {
			return page{}, err
		}
		for _, device := range out.VirtualMFADevices {
			if device.User != nil {
				a.mfa[sdk.ToString(device.User.UserName)] = true
			}
		}
		return marker(out.IsTruncated, out.Marker, first(out.VirtualMFADevices, func(d types.VirtualMFADevice) *string { return d.SerialNumber }))
	})
}

// serviceCredentials reads those of one user, or of all in one go
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html).
func serviceCredentials(ctx context.Context, client *iam.Client, in *iam.ListServiceSpecificCredentialsInput) ([]types.ServiceSpecificCredentialMetadata, error) {
	var all []types.ServiceSpecificCredentialMetadata
	in.MaxItems = sdk.Int32(1000)
	err := pages(func(token *string) (page, error) {
		in.Marker = token
		out, err := client.ListServiceSpecificCredentials(ctx, in)
		if err != nil {
			return page{}, err
		}
		all = append(all, out.ServiceSpecificCredentials...)
		return marker(out.IsTruncated, out.Marker, first(out.ServiceSpecificCredentials, func(c types.ServiceSpecificCredentialMetadata) *string { return c.ServiceSpecificCredentialId }))
	})
	return all, err
}

// noteYoungUsers tells of users that are younger than the report: their
// passwords and keys show on the next night.
func (n *collecting) noteYoungUsers(a *accountFacts) {
	for _, u := range a.users {
		if a.report.rows != nil && a.report.predates(u) {
			n.note("account %s: user %s is younger than the credential report of %s; its password and keys show in the next one",
				a.id, sdk.ToString(u.UserName), a.report.at.UTC().Format(time.RFC3339))
		}
	}
}
