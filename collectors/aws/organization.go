package aws

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

type orgAccount struct{ id, name, state string }

// shut are the states of an account that nobody can enter. Any other, also one
// that is not known yet, is worth the attempt: whoever is not let in says so.
var shut = []orgtypes.AccountState{
	orgtypes.AccountStatePendingActivation, orgtypes.AccountStateSuspended,
	orgtypes.AccountStatePendingClosure, orgtypes.AccountStateClosed,
}

func (a orgAccount) open() bool { return !slices.Contains(shut, orgtypes.AccountState(a.state)) }

// readOrganization lists the accounts. Without it the job's own account is
// read all the same.
func (n *collecting) readOrganization(ctx context.Context) {
	n.read(ctx, readOrganization, "", n.me.arn, func(ctx context.Context) (int, error) {
		err := n.listAccounts(ctx)
		if n.me.management == "" { // not told by an account's ARN
			var told error
			if n.me, told = n.organization(ctx, n.me); n.me.alone {
				n.note("account %s belongs to no organization; it alone was read", n.me.account)
				return 0, nil
			}
			err = errors.Join(err, told)
		}
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
	return pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := n.org.ListAccounts(ctx, &organizations.ListAccountsInput{MaxResults: sdk.Int32(20), NextToken: token})
		if err != nil {
			return page{}, err
		}
		for _, a := range out.Accounts {
			n.me.management = cmp.Or(n.me.management, managing(sdk.ToString(a.Arn)))
			n.accounts = append(n.accounts, orgAccount{id: sdk.ToString(a.Id), name: sdk.ToString(a.Name), state: state(a)})
		}
		return listed(out.NextToken, out.Accounts, "accounts", func(a orgtypes.Account) *string { return a.Id })
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

var accountARN = regexp.MustCompile(`^arn:[\w-]+:organizations::(\d{12}):account/`)

// managing gives the management account, whose number is in the ARN of every
// account of the organization: it saves the request DescribeOrganization
// (https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html).
func managing(arn string) string {
	if m := accountARN.FindStringSubmatch(arn); m != nil {
		return m[1]
	}
	return ""
}
