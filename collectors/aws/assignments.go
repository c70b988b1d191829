package aws

import (
	"cmp"
	"context"
	"errors"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

// readAssignments reads who is assigned what, pair by pair: first which
// permission sets are where, then the holders of each pair.
func (n *collecting) readAssignments(ctx context.Context) {
	n.read(ctx, readAssignments, "", n.me.arn, func(ctx context.Context) (int, error) {
		placed := n.listPairs(ctx)
		held := n.listHolders(ctx)
		return total(n.center.assignments), errors.Join(placed, held)
	})
}

// listPairs asks by permission set or by account, whichever takes fewer
// requests.
func (n *collecting) listPairs(ctx context.Context) error {
	c := &n.center
	var found [][]pair
	var err error
	if n.listedWhole() && len(n.accounts) < len(c.sets) {
		found = make([][]pair, len(n.accounts))
		err = each(ctx, len(found), func(ctx context.Context, i int) (err error) {
			found[i], err = n.setsIn(ctx, n.accounts[i].id)
			if !n.accounts[i].active() && absent(err) {
				return nil // a closed account that Identity Center has let go
			}
			return about(err, n.me.arn, "account %s", n.accounts[i].id)
		})
	} else {
		found = make([][]pair, len(c.sets))
		err = each(ctx, len(found), func(ctx context.Context, i int) (err error) {
			found[i], err = n.accountsWith(ctx, *c.sets[i].PermissionSetArn)
			return about(err, n.me.arn, "permission set %s", sdk.ToString(c.sets[i].Name))
		})
	}
	c.pairs = slices.Concat(found...)
	slices.SortFunc(c.pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.set, b.set))
	})
	c.pairs = slices.Compact(c.pairs)
	return err
}

// listedWhole says whether every account of the organization is known.
func (n *collecting) listedWhole() bool {
	n.filing.Lock()
	defer n.filing.Unlock()
	return slices.ContainsFunc(n.reads, complete(readOrganization))
}

func (n *collecting) accountsWith(ctx context.Context, set string) (found []pair, err error) {
	err = pages(func(token *string) (page, error) {
		out, err := n.sso.ListAccountsForProvisionedPermissionSet(ctx, &ssoadmin.ListAccountsForProvisionedPermissionSetInput{
			InstanceArn: &n.center.instance.arn, PermissionSetArn: &set, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, account := range out.AccountIds {
			found = append(found, pair{account, set})
		}
		return page{out.NextToken, first(out.AccountIds, self)}, nil
	})
	return found, err
}

func (n *collecting) setsIn(ctx context.Context, account string) (found []pair, err error) {
	err = pages(func(token *string) (page, error) {
		out, err := n.sso.ListPermissionSetsProvisionedToAccount(ctx, &ssoadmin.ListPermissionSetsProvisionedToAccountInput{
			InstanceArn: &n.center.instance.arn, AccountId: &account, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, set := range out.PermissionSets {
			found = append(found, pair{account, set})
		}
		return page{out.NextToken, first(out.PermissionSets, self)}, nil
	})
	return found, err
}

func (n *collecting) listHolders(ctx context.Context) error {
	c := &n.center
	c.assignments = make([][]ssotypes.AccountAssignment, len(c.pairs))
	return each(ctx, len(c.pairs), func(ctx context.Context, i int) (err error) {
		c.assignments[i], err = holders(ctx, n.sso, c.instance.arn, c.pairs[i])
		return about(err, n.me.arn, "permission set %s in account %s", c.pairs[i].set, c.pairs[i].account)
	})
}

// holders reads the direct principals of one pair.
func holders(ctx context.Context, client *ssoadmin.Client, instance string, of pair) (all []ssotypes.AccountAssignment, err error) {
	err = pages(func(token *string) (page, error) {
		out, err := client.ListAccountAssignments(ctx, &ssoadmin.ListAccountAssignmentsInput{
			InstanceArn: &instance, PermissionSetArn: &of.set, AccountId: &of.account, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		all = append(all, out.AccountAssignments...)
		return page{out.NextToken, first(out.AccountAssignments, func(a ssotypes.AccountAssignment) *string { return a.PrincipalId })}, nil
	})
	return all, err
}
