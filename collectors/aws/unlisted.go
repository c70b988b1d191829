package aws

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"rollcall/internal/access"
)

// askUnlisted asks for each user and group that a membership or an assignment names and
// no list has. Assignments outlive those who were deleted, so that a name proves nothing
// by itself; but who exists, and did when the list was begun, shows that it is not whole.
// Passed by, all that they hold would be missing without a word. Who was made since is a
// usual night's: they are in none of its tables, and a note says so.
// A list that is not whole already says so, and is not asked about.
func (n *collecting) askUnlisted(ctx context.Context) {
	for _, list := range []struct {
		kind  string
		of    ssotypes.PrincipalType
		named []string
	}{
		{readSSOUsers, ssotypes.PrincipalTypeUser, n.center.userIDs()},
		{readSSOGroups, ssotypes.PrincipalTypeGroup, n.center.groupIDs()},
	} {
		if r, whole := n.certificate(list.kind); whole {
			n.askWho(ctx, r, n.center.unlisted(list.of, list.named))
		}
	}
}

// certificate is that of a read that is complete. Others are filed meanwhile.
func (n *collecting) certificate(kind string) (r access.Read, whole bool) {
	n.filing.Lock()
	defer n.filing.Unlock()
	if at := slices.IndexFunc(n.reads, complete(kind)); at >= 0 {
		return n.reads[at], true
	}
	return r, false
}

// amend files a certificate in the place of the one that there is.
func (n *collecting) amend(r access.Read) {
	n.filing.Lock()
	defer n.filing.Unlock()
	n.reads[slices.IndexFunc(n.reads, complete(r.Kind))] = r
}

// askWho asks for each, and files in the list's certificate what that cost and showed.
func (n *collecting) askWho(ctx context.Context, r access.Read, unlisted []principal) {
	count := newTally()
	why := make([]string, len(unlisted))
	err := each(withTally(ctx, count), len(unlisted), func(ctx context.Context, i int) error {
		name, made, err := n.nameOf(ctx, unlisted[i])
		switch {
		case absent(err):
			why[i] = "no longer exists"
			return nil
		case err != nil:
			return about(err, n.me.arn, "%s is not in the list, and whether they exist cannot be told", unlisted[i].words())
		case made.After(r.StartedAt):
			why[i] = "was made after the list was begun"
			return nil
		}
		return fmt.Errorf("%s (%s) exists and is not in the list, which was cut short; run again", unlisted[i].words(), name)
	})
	for i, who := range unlisted {
		if why[i] != "" {
			n.center.unlistedFor[who] = why[i]
		}
	}
	r.Requests, r.Pages = r.Requests+count.requests, r.Pages+count.pages
	if err != nil {
		r.Complete, r.Gap, r.FinishedAt = false, explain(err, r.Caller).Error(), n.cfg.Now()
	}
	n.amend(r)
}

// nameOf asks for one user or group, and since when there is one: zero where AWS does not
// say. Who does not exist is an error that is absent: of who
// may not be seen AWS says that it is denied
// (https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_DescribeUser.html).
func (n *collecting) nameOf(ctx context.Context, who principal) (name string, made time.Time, err error) {
	var id *string
	if who.kind == ssotypes.PrincipalTypeUser {
		out, err := n.ids.DescribeUser(ctx, &identitystore.DescribeUserInput{IdentityStoreId: &n.center.instance.store, UserId: &who.id})
		if err != nil {
			return "", made, err
		}
		id, name, made = out.UserId, sdk.ToString(out.UserName), sdk.ToTime(out.CreatedAt)
	} else {
		out, err := n.ids.DescribeGroup(ctx, &identitystore.DescribeGroupInput{IdentityStoreId: &n.center.instance.store, GroupId: &who.id})
		if err != nil {
			return "", made, err
		}
		id, name, made = out.GroupId, sdk.ToString(out.DisplayName), sdk.ToTime(out.CreatedAt)
	}
	if sdk.ToString(id) != who.id {
		return "", made, fmt.Errorf("asked for %s and was given %q", who.words(), sdk.ToString(id))
	}
	return name, made, nil
}

// unlisted are those of one kind that are named and not among the listed ids, each once.
func (c *centerFacts) unlisted(kind ssotypes.PrincipalType, listed []string) []principal {
	slices.Sort(listed)
	var all []principal
	name := func(who principal) {
		if _, is := slices.BinarySearch(listed, who.id); !is && who.kind == kind {
			all = append(all, who)
		}
	}
	for _, ids := range c.members {
		for _, id := range ids {
			name(principal{ssotypes.PrincipalTypeUser, id})
		}
	}
	for _, holders := range c.assignments {
		for _, who := range holders {
			name(who)
		}
	}
	for _, app := range c.apps {
		for _, who := range app.holders {
			name(who)
		}
	}
	slices.SortFunc(all, func(a, b principal) int { return cmp.Compare(a.id, b.id) })
	return slices.Compact(all)
}

func (c *centerFacts) userIDs() (ids []string) {
	for _, u := range c.users {
		ids = append(ids, string(u.ID))
	}
	return ids
}

func (c *centerFacts) groupIDs() (ids []string) {
	for _, g := range c.groups {
		ids = append(ids, g.id)
	}
	return ids
}
