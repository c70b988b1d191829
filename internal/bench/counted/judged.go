package counted

import (
	"encoding/hex"
	"encoding/json"
	"hash"
	"hash/fnv"
	"slices"

	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/population"
)

// Judged is what a system itself says of some people, and of everybody else.
type Judged struct {
	Okta *population.OktaOpen `json:",omitempty"` // what they can still get in with
	AWS  *population.AWSOpen  `json:",omitempty"`
	// Theirs is how many of the users that are theirs are not as they were filled in,
	// Others are the ids of everything else of which that is so, sorted.
	Theirs int
	Others []string
}

// nobody has what belongs to no user: groups, applications, roles, policies.
const nobody = "what belongs to no user"

// rows are digests of all that a system has of each user, by the user's id. What only
// tells that it was read or changed (logs, sessions, reports) is in none.
type rows map[string]hash.Hash

func (all rows) add(owner string, row any) error {
	if all[owner] == nil {
		all[owner] = fnv.New128a()
	}
	return json.NewEncoder(all[owner]).Encode(row)
}

// sums are the digests as they are now.
func (all rows) sums() map[string]string {
	out := make(map[string]string, len(all))
	for owner, h := range all {
		out[owner] = hex.EncodeToString(h.Sum(nil))
	}
	return out
}

// changed are the owners of whom there is something else now, sorted.
func changed(before, now map[string]string) (ids []string) {
	for id, sum := range now {
		if before[id] != sum {
			ids = append(ids, id)
		}
	}
	for id := range before {
		if _, is := now[id]; !is {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// compare fills in who was changed.
func (j *Judged) compare(before, now map[string]string, theirs []string) {
	for _, id := range changed(before, now) {
		if slices.Contains(theirs, id) {
			j.Theirs++
			continue
		}
		j.Others = append(j.Others, id)
	}
}

// each adds every row of a table.
func each[T any](all rows, table []T, owner func(T) string) error {
	for _, row := range table {
		if err := all.add(owner(row), row); err != nil {
			return err
		}
	}
	return nil
}

// none is the owner of what belongs to no user.
func none[T any](T) string { return nobody }

func oktaRows(s fakeokta.State) (map[string]string, error) {
	all := rows{}
	for _, err := range []error{
		each(all, s.Users, func(u fakeokta.User) string { return u.ID }),
		each(all, s.Members, func(m fakeokta.Member) string { return m.UserID }),
		each(all, s.AppUsers, func(a fakeokta.AppUser) string { return a.UserID }),
		each(all, s.Roles, func(r fakeokta.RoleAssignment) string { return r.Assignee }),
		each(all, s.APITokens, func(t fakeokta.APIToken) string { return t.UserID }),
		each(all, s.Factors, func(f fakeokta.Factor) string { return f.UserID }),
		each(all, s.Grants, func(g fakeokta.Grant) string { return g.UserID }),
		each(all, s.Groups, none), each(all, s.Rules, none), each(all, s.Apps, none), each(all, s.AppGroups, none),
		each(all, s.CustomRoles, none), each(all, s.ResourceSets, none),
	} {
		if err != nil {
			return nil, err
		}
	}
	return all.sums(), nil
}

func awsRows(s fakeaws.State) (map[string]string, error) {
	all := rows{}
	for _, err := range []error{
		each(all, s.Users, func(u fakeaws.IAMUser) string { return u.ID }),
		each(all, s.Center.Users, func(u fakeaws.CenterUser) string { return u.ID }),
		each(all, s.Center.Memberships, func(m fakeaws.Membership) string { return m.UserID }),
		each(all, s.Center.Assignments, func(a fakeaws.Assignment) string { return a.PrincipalID }),
		each(all, s.Accounts, none), each(all, s.Roles, none), each(all, s.Groups, none), each(all, s.Policies, none), each(all, s.LooseMFA, none),
		each(all, s.Center.Groups, none), each(all, s.Center.PermissionSets, none), each(all, s.Center.Applications, none),
	} {
		if err != nil {
			return nil, err
		}
	}
	return all.sums(), nil
}

// judgeOkta remembers how an organisation is now, and judges it by that later.
func judgeOkta(org *fakeokta.Server) (func(people map[string]bool) (Judged, error), error) {
	before, err := oktaRows(org.Rows())
	return func(people map[string]bool) (j Judged, err error) {
		state := org.Rows()
		open, users := population.OpenOkta(state, people)
		now, err := oktaRows(state)
		j.Okta = &open
		j.compare(before, now, users)
		return j, err
	}, err
}

func judgeAWS(org *fakeaws.Server) (func(people map[string]bool) (Judged, error), error) {
	before, err := awsRows(org.State())
	return func(people map[string]bool) (j Judged, err error) {
		state := org.State()
		open, users := population.OpenAWS(state, people)
		now, err := awsRows(state)
		j.AWS = &open
		j.compare(before, now, users)
		return j, err
	}, err
}
