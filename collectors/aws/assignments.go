package aws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

// readAssignments reads who is assigned what: first which permission sets are
// where, then the holders, by pair or by principal. people is closed when users
// and groups have been listed.
//
// It is not documented whether the question for a user gives the rows of the
// user's groups too. It does not matter here: each row is taken for the principal
// that it names, and users and groups are all asked, so that both ways give the
// same set. What a principal's answer may leave out is caught by the pairs: one
// that is provisioned and that nobody named is asked for by itself, and where
// asking by principal fails, every pair is.
func (n *collecting) readAssignments(ctx context.Context, arns []string, people <-chan struct{}) {
	n.read(ctx, readAssignments, "", n.me.arn, func(ctx context.Context) (int, error) {
		pairs, placed := n.listPairs(ctx, arns)
		held := map[pair][]principal{}
		if placed == nil && n.sideOf(len(pairs), people) == byPrincipal {
			if rows, err := n.askPrincipals(ctx); err == nil {
				held = rows
			}
		}
		asked := n.askPairs(ctx, pairs, held)
		n.center.pairs = inOrder(slices.AppendSeq(pairs, maps.Keys(held)))
		n.center.assignments = make([][]principal, len(n.center.pairs))
		for i, p := range n.center.pairs {
			n.center.assignments[i] = held[p]
		}
		return total(n.center.assignments), errors.Join(placed, asked)
	})
}

// sideOf counts and chooses.
func (n *collecting) sideOf(pairs int, people <-chan struct{}) side {
	known := counts{pairs: pairs, managing: n.me.management != "" && n.me.account == n.me.management}
	if known.waits(n.cfg.Prefer) {
		<-people // it comes: every request on the way there ends with its context
		known.principals, known.everybody = len(n.center.users)+len(n.center.groups), n.center.everybody
	}
	return known.side(n.cfg.Prefer)
}

// askPairs adds the holders of the pairs that have none yet.
func (n *collecting) askPairs(ctx context.Context, pairs []pair, held map[pair][]principal) error {
	open := slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return len(held[p]) > 0 })
	found := make([][]principal, len(open))
	err := each(ctx, len(open), func(ctx context.Context, i int) error {
		rows, err := holders(ctx, n.sso, n.center.instance.arn, open[i])
		for _, r := range rows {
			who, strange := principalOf(r.PrincipalType, r.PrincipalId)
			if strange != nil {
				return about(strange, n.me.arn, "permission set %s in account %s", open[i].set, open[i].account)
			}
			found[i] = append(found[i], who)
		}
		return about(err, n.me.arn, "permission set %s in account %s", open[i].set, open[i].account)
	})
	for i, p := range open {
		held[p] = found[i]
	}
	return err
}

// askPrincipals asks every user and group. The first goes alone: a caller who
// may not ask is told so once.
func (n *collecting) askPrincipals(ctx context.Context) (map[pair][]principal, error) {
	var all []principal
	for _, g := range n.center.groups {
		all = append(all, principal{ssotypes.PrincipalTypeGroup, g.id})
	}
	for _, u := range n.center.users {
		all = append(all, principal{ssotypes.PrincipalTypeUser, string(u.ID)})
	}
	rows := make([][]holding, len(all))
	ask := func(from int) func(context.Context, int) error {
		return func(ctx context.Context, i int) (err error) {
			rows[from+i], err = n.holdingsOf(ctx, all[from+i])
			return err
		}
	}
	if err := each(ctx, 1, ask(0)); err != nil {
		return nil, err
	}
	if err := each(ctx, len(all)-1, ask(1)); err != nil {
		return nil, err
	}
	return byPairs(rows), nil
}

// holding is one assignment as a principal's own list gives it.
type holding struct {
	of pair
	by principal
}

// byPairs turns the rows of principals into the holders of pairs, each once.
func byPairs(rows [][]holding) map[pair][]principal {
	held, seen := map[pair][]principal{}, map[holding]bool{}
	for _, list := range rows {
		for _, h := range list {
			if !seen[h] {
				seen[h] = true
				held[h.of] = append(held[h.of], h.by)
			}
		}
	}
	return held
}

func (n *collecting) holdingsOf(ctx context.Context, who principal) (all []holding, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := n.sso.ListAccountAssignmentsForPrincipal(ctx, &ssoadmin.ListAccountAssignmentsForPrincipalInput{
			InstanceArn: &n.center.instance.arn, PrincipalId: &who.id, PrincipalType: who.kind, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, a := range out.AccountAssignments {
			h := holding{pair{sdk.ToString(a.AccountId), sdk.ToString(a.PermissionSetArn)}, principal{a.PrincipalType, sdk.ToString(a.PrincipalId)}}
			if h.of.account == "" || h.of.set == "" || (h.by != who && h.by.kind != ssotypes.PrincipalTypeGroup) {
				return page{}, fmt.Errorf("asked for the assignments of %s and was given one of %s %q", who.id, h.by.kind, h.by.id)
			}
			all = append(all, h)
		}
		// Rows have no id of their own, and two pages may begin with the same
		// account: the token alone tells pages apart.
		return page{next: out.NextToken, rows: len(out.AccountAssignments)}, present(out.AccountAssignments, "assignments")
	})
	return all, err
}

// inOrder sorts pairs, each once.
func inOrder(pairs []pair) []pair {
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.set, b.set))
	})
	return slices.Compact(pairs)
}

// holders reads the direct principals of one pair.
func holders(ctx context.Context, client *ssoadmin.Client, instance string, of pair) (all []ssotypes.AccountAssignment, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := client.ListAccountAssignments(ctx, &ssoadmin.ListAccountAssignmentsInput{
			InstanceArn: &instance, PermissionSetArn: &of.set, AccountId: &of.account, MaxResults: sdk.Int32(centerPage), NextToken: token,
		})
		if err != nil {
			return page{}, err
		}
		for _, a := range out.AccountAssignments {
			if a.PrincipalType == "" {
				return page{}, fmt.Errorf("an assignment in the answer does not say whether %q is a user or a group", sdk.ToString(a.PrincipalId))
			}
		}
		all = append(all, out.AccountAssignments...)
		return listed(out.NextToken, out.AccountAssignments, "assignments", func(a ssotypes.AccountAssignment) *string { return a.PrincipalId })
	})
	return all, err
}
