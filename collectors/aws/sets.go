package aws

import (
	"context"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
)

// findSets finds the instance and lists its permission sets.
func (n *collecting) findSets(ctx context.Context) (arns []string, err error) {
	if n.center.instance, err = n.instance(ctx, n.me.management); err != nil {
		return nil, err
	}
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := n.sso.ListPermissionSets(ctx, &ssoadmin.ListPermissionSetsInput{
			InstanceArn: &n.center.instance.arn, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		arns = append(arns, out.PermissionSets...)
		return listed(out.NextToken, out.PermissionSets, "permission sets", self)
	})
	slices.Sort(arns)
	return slices.Compact(arns), err
}

// nameSets asks for the name of each set, which no list gives. What a set
// allows would be three requests more for each (its documents): that it is
// powerful is told by the roles that Identity Center makes of it, which are in
// the details of every account.
func (n *collecting) nameSets(ctx context.Context, arns []string) error {
	sets := make([]permissionSet, len(arns))
	err := each(ctx, len(arns), func(ctx context.Context, i int) error {
		sets[i] = permissionSet{arn: arns[i], name: arns[i]}
		out, err := n.sso.DescribePermissionSet(ctx, &ssoadmin.DescribePermissionSetInput{
			InstanceArn: &n.center.instance.arn, PermissionSetArn: &arns[i],
		})
		if err != nil {
			return about(err, n.me.arn, "permission set %s", arns[i])
		}
		if out.PermissionSet == nil || sdk.ToString(out.PermissionSet.Name) == "" {
			return fmt.Errorf("permission set %s: the answer does not describe it", arns[i])
		}
		sets[i].name, sets[i].createdAt = *out.PermissionSet.Name, sdk.ToTime(out.PermissionSet.CreatedDate).UTC()
		return nil
	})
	n.center.sets = sets
	return err
}

// listPairs lists where each permission set is provisioned.
func (n *collecting) listPairs(ctx context.Context, arns []string) (pairs []pair, err error) {
	var found [][]pair
	if pairsByAccount(len(n.accounts), len(arns), n.listedWhole()) {
		found = make([][]pair, len(n.accounts))
		err = each(ctx, len(found), func(ctx context.Context, i int) (err error) {
			found[i], err = n.setsIn(ctx, n.accounts[i].id)
			if !n.accounts[i].open() && absent(err) {
				return nil // a closed account that Identity Center has let go
			}
			return about(err, n.me.arn, "account %s", n.accounts[i].id)
		})
	} else {
		found = make([][]pair, len(arns))
		err = each(ctx, len(found), func(ctx context.Context, i int) (err error) {
			found[i], err = n.accountsWith(ctx, arns[i])
			return about(err, n.me.arn, "permission set %s", arns[i])
		})
	}
	return inOrder(slices.Concat(found...)), err
}

// listedWhole says whether every account of the organization is known.
func (n *collecting) listedWhole() bool {
	n.filing.Lock()
	defer n.filing.Unlock()
	return slices.ContainsFunc(n.reads, complete(readOrganization))
}

func (n *collecting) accountsWith(ctx context.Context, set string) (found []pair, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := n.sso.ListAccountsForProvisionedPermissionSet(ctx, &ssoadmin.ListAccountsForProvisionedPermissionSetInput{
			InstanceArn: &n.center.instance.arn, PermissionSetArn: &set, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, account := range out.AccountIds {
			found = append(found, pair{account, set})
		}
		return listed(out.NextToken, none(out.AccountIds), "accounts", self)
	})
	return found, err
}

func (n *collecting) setsIn(ctx context.Context, account string) (found []pair, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := n.sso.ListPermissionSetsProvisionedToAccount(ctx, &ssoadmin.ListPermissionSetsProvisionedToAccountInput{
			InstanceArn: &n.center.instance.arn, AccountId: &account, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, set := range out.PermissionSets {
			found = append(found, pair{account, set})
		}
		return listed(out.NextToken, none(out.PermissionSets), "permission sets", self)
	})
	return found, err
}

// none: of what is provisioned, and of that alone, Identity Center writes no list where
// there is nothing (https://github.com/PeterBengtson/AFT-SSO-account-configuration/issues/1:
// a new account, and an answer without PermissionSets).
func none(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
