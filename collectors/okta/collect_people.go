package okta

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"rollcall/collectors"
	"rollcall/internal/access"
)

// readUsers reads the live users and then the deactivated, which Okta leaves
// out of the first list; in this order nobody who is deactivated meanwhile is
// missed.
func (s *survey) readUsers(ctx context.Context) {
	f := s.family[users]
	live := "/api/v1/users?limit=" + strconv.Itoa(userPage)
	gone := live + "&filter=" + url.QueryEscape(`status eq "DEPROVISIONED"`)
	for _, path := range []string{live, gone} {
		rows, err := rowsOf[wireUser](ctx, s, query{kind: users, path: path, header: lean})
		if err != nil {
			f.miss("the list of users", err)
			continue
		}
		s.users = append(s.users, rows...)
	}
	s.users = distinct(s.users)
}

// distinct keeps the last row of each user.
func distinct(rows []wireUser) []wireUser {
	at := make(map[string]int, len(rows))
	kept := rows[:0]
	for _, u := range rows {
		if i, twice := at[u.ID]; twice {
			kept[i] = u
			continue
		}
		at[u.ID] = len(kept)
		kept = append(kept, u)
	}
	return kept
}

// readGroups reads the groups with their counts, which plan and judge what
// follows.
func (s *survey) readGroups(ctx context.Context) {
	f := s.family[groups]
	path := "/api/v1/groups?expand=stats&limit=" + strconv.Itoa(groupPage)
	rows, err := rowsOf[wireGroup](ctx, s, query{kind: groups, path: path})
	if err != nil {
		f.miss("the list of groups", err)
		return
	}
	s.groups = distinctGroups(rows)
}

// distinctGroups keeps the first row of each group.
func distinctGroups(rows []wireGroup) []wireGroup {
	seen := make(map[string]bool, len(rows))
	return slices.DeleteFunc(rows, func(g wireGroup) bool {
		twice := seen[g.ID]
		seen[g.ID] = true
		return twice
	})
}

// judge holds the lists of users and groups against what the groups tell. The
// group Everyone exists in each organisation, holds everybody, and is hidden
// from an admin of some groups only.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Group/
func (s *survey) judge() {
	f := s.family[users]
	if len(s.users) == 0 && !f.broken() {
		f.note("the list of users is empty", "okta shows nobody to a credential without an admin role; grant one that covers all users and groups")
	}
	if s.family[groups].broken() {
		return // nothing to hold the users against; the groups say why
	}
	at := slices.IndexFunc(s.groups, wireGroup.everyone)
	if at < 0 {
		const why = "which okta hides from an admin of some groups only; grant a role that covers all users and groups"
		s.family[groups].note("the list of groups is without the group Everyone", why)
		f.note("the list of users cannot be held against the group Everyone", why)
		return
	}
	f.claimed = s.groups[at].members()
	switch {
	case f.broken():
	case len(s.users) < f.claimed:
		f.note(fmt.Sprintf("the list of users ends after %d", len(s.users)),
			fmt.Sprintf("the group Everyone counts %d; run again, and if it stays so look for a scoped admin role", f.claimed))
	case len(s.users) != f.claimed && s.live() != f.claimed:
		f.claimed = -1
	}
}

// live counts the users who are not deactivated. Whether Everyone counts those too is not
// documented: the count is that of the list if it is that of all, or that of the live ones;
// else the many who were ever deactivated could hide that live ones are missing.
func (s *survey) live() int {
	n := 0
	for _, u := range s.users {
		if statusOfUser(u.Status) != access.AccountDisabled {
			n++
		}
	}
	return n
}

// readMembers reads every group that may have members but the built-in ones:
// Everyone is known from the users, and Okta Administrators refuses the call.
// The longest lists go first, since a list is read page after page.
func (s *survey) readMembers(ctx context.Context) {
	f := s.family[groupMembers]
	f.restsOn(s.family[groups])
	some := slices.DeleteFunc(slices.Clone(s.groups), func(g wireGroup) bool { return !g.listsMembers() })
	slices.SortStableFunc(some, func(a, b wireGroup) int { return b.members() - a.members() })
	f.claimed = 0
	for _, g := range some {
		f.claimed += max(g.members(), 0)
		s.tally.expect(pages(g.members(), memberPage))
	}
	collectors.InParallel(abreast, some, func(g wireGroup) {
		what := fmt.Sprintf("group %s (%s)", g.Profile.Name, g.ID)
		ids, err := s.membersOf(ctx, g)
		if err != nil {
			f.miss(what, err)
			return
		}
		keep(s, s.members, g.ID, ids)
		if len(ids) < g.members() {
			f.note(what, fmt.Sprintf("okta counts %d members and lists %d; run again", g.members(), len(ids)))
		}
	})
}

// membersOf reads a group, once more when it has fewer members than Okta
// counts.
func (s *survey) membersOf(ctx context.Context, g wireGroup) ([]string, error) {
	q := query{kind: groupMembers, header: lean, pages: pages(g.members(), memberPage)}
	var ids []string
	for range 2 {
		some, err := readBelow(ctx, s, q, "group", g.ID, "/api/v1/groups/%s/users?limit="+strconv.Itoa(memberPage), wireID.named)
		if err != nil {
			return nil, err
		}
		if ids = unique(some); len(ids) >= g.members() {
			break
		}
		q.pages = 0
	}
	return ids, nil
}

// unique sorts ids and drops what comes twice.
func unique(ids []string) []string {
	slices.Sort(ids)
	return slices.Clip(slices.Compact(ids))
}

// readRules reads which groups are filled by rules.
func (s *survey) readRules(ctx context.Context) {
	path := "/api/v1/groups/rules?limit=" + strconv.Itoa(rulePage)
	rows, err := rowsOf[wireRule](ctx, s, query{kind: groupRules, path: path})
	if err != nil {
		s.family[groupRules].miss("the list of group rules", err)
		return
	}
	s.rules = rows
}

// readTokens reads the API tokens, one answer without pages.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/ApiToken/
func (s *survey) readTokens(ctx context.Context) {
	rows, err := rowsOf[wireToken](ctx, s, query{kind: apiTokens, path: "/api/v1/api-tokens"})
	if err != nil {
		s.family[apiTokens].miss("the list of API tokens", err)
		return
	}
	s.tokens = rows
}
