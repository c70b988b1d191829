package aws

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

// application is one that users of Identity Center can sign in to, with those
// that it is assigned to.
type application struct {
	arn, name string
	createdAt time.Time
	holders   []principal
}

// readApplications reads every application of the instance and who may use it:
// one request for each, and no list gives more
// (https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListApplicationAssignments.html).
func (n *collecting) readApplications(ctx context.Context) {
	n.read(ctx, readApplications, "", n.me.arn, func(ctx context.Context) (int, error) {
		listed := n.listApplications(ctx)
		apps := n.center.apps
		asked := each(ctx, len(apps), func(ctx context.Context, i int) (err error) {
			apps[i].holders, err = n.usersOf(ctx, apps[i].arn)
			return about(err, n.me.arn, "application %s", apps[i].name)
		})
		records := len(apps)
		for _, a := range apps {
			records += len(a.holders)
		}
		return records, errors.Join(listed, asked)
	})
}

func (n *collecting) listApplications(ctx context.Context) error {
	var apps []application
	err := pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := n.sso.ListApplications(ctx, &ssoadmin.ListApplicationsInput{
			InstanceArn: &n.center.instance.arn, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, a := range out.Applications {
			arn := sdk.ToString(a.ApplicationArn)
			apps = append(apps, application{arn: arn, name: cmp.Or(sdk.ToString(a.Name), arn), createdAt: sdk.ToTime(a.CreatedDate).UTC()})
		}
		return listed(out.NextToken, out.Applications, "applications", func(a ssotypes.Application) *string { return a.ApplicationArn })
	})
	slices.SortFunc(apps, func(a, b application) int { return cmp.Compare(a.arn, b.arn) })
	n.center.apps = slices.CompactFunc(apps, func(a, b application) bool { return a.arn == b.arn })
	return err
}

func (n *collecting) usersOf(ctx context.Context, app string) (all []principal, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := n.sso.ListApplicationAssignments(ctx, &ssoadmin.ListApplicationAssignmentsInput{
			ApplicationArn: &app, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, a := range out.ApplicationAssignments {
			who, err := principalOf(a.PrincipalType, a.PrincipalId)
			if err != nil {
				return page{}, err
			}
			all = append(all, who)
		}
		return listed(out.NextToken, out.ApplicationAssignments, "assignments", func(a ssotypes.ApplicationAssignment) *string { return a.PrincipalId })
	})
	return all, err
}
