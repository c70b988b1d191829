package fakeokta

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// org is the state in the form in which it is looked up. It is guarded by
// Server.mu and knows nothing of HTTP.
type org struct {
	info   Org
	lastID int

	users        *table[User]
	groups       *table[Group]
	members      map[string]*table[Member] // group -> user
	memberOf     map[string]*table[Member] // user -> group
	rules        *table[GroupRule]
	apps         *table[App]
	appUsers     map[string]*table[AppUser]  // app -> user
	appGroups    map[string]*table[AppGroup] // app -> group
	customRoles  *table[CustomRole]
	resourceSets *table[ResourceSet]
	roles        *table[RoleAssignment]
	apiTokens    *table[APIToken]
	factors      *table[Factor]
	grants       *table[Grant]
	events       []Event

	logins   map[string]string // lower-case login -> user
	everyone string            // the built-in group of all users
}

func newOrg() *org {
	return &org{
		users: newTable[User](), groups: newTable[Group](), rules: newTable[GroupRule](),
		members: map[string]*table[Member]{}, memberOf: map[string]*table[Member]{},
		apps: newTable[App](), appUsers: map[string]*table[AppUser]{}, appGroups: map[string]*table[AppGroup]{},
		customRoles: newTable[CustomRole](), resourceSets: newTable[ResourceSet](), roles: newTable[RoleAssignment](),
		apiTokens: newTable[APIToken](), factors: newTable[Factor](), grants: newTable[Grant](),
		logins: map[string]string{},
	}
}

// id makes the next id of Okta's shape: a prefix of three and 17 more.
func (o *org) id(prefix string) string {
	o.lastID++
	return fmt.Sprintf("%s%017d", prefix, o.lastID)
}

func (o *org) putUser(u User) {
	if old := o.users.get(u.ID); old != nil {
		delete(o.logins, strings.ToLower(old.Login()))
	}
	o.users.put(u.ID, u)
	o.logins[strings.ToLower(u.Login())] = u.ID
}

func (o *org) putGroup(g Group) {
	o.groups.put(g.ID, g)
	if g.Type == TypeBuiltIn && g.Name == "Everyone" {
		o.everyone = g.ID
	}
}

// find resolves an id or a login.
func (o *org) find(idOrLogin string) *User {
	if u := o.users.get(idOrLogin); u != nil {
		return u
	}
	return o.users.get(o.logins[strings.ToLower(idOrLogin)])
}

func under[T any](m map[string]*table[T], key string) *table[T] {
	if m[key] == nil {
		m[key] = newTable[T]()
	}
	return m[key]
}

func (o *org) putMember(m Member) {
	under(o.members, m.GroupID).put(m.UserID, m)
	under(o.memberOf, m.UserID).put(m.GroupID, m)
}

func (o *org) delMember(groupID, userID string) {
	under(o.members, groupID).del(userID)
	under(o.memberOf, userID).del(groupID)
}

// rolesOf lists the roles that a user or a group was given directly.
func (o *org) rolesOf(to, assignee string) []*RoleAssignment {
	return o.roles.where(func(r *RoleAssignment) bool { return r.To == to && r.Assignee == assignee })
}

// appsOf lists the apps that are assigned to a group.
func (o *org) appsOf(groupID string) []*App {
	return o.apps.where(func(a *App) bool { return o.appGroups[a.ID].get(groupID) != nil })
}

func (o *org) record(e Event) Event {
	o.lastID++
	e.ID = cmp.Or(e.ID, fmt.Sprintf("00000000-0000-4000-8000-%012d", o.lastID))
	e.Outcome = cmp.Or(e.Outcome, "SUCCESS")
	if !e.Persisted.After(e.Published) {
		e.Persisted = time.Time{}
	}
	o.events = append(o.events, e)
	return e
}

func flatten[T any](m map[string]*table[T]) []T {
	out := []T{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[key].list()...)
	}
	return out
}

func (o *org) state() State {
	return State{
		Org: o.info, LastID: o.lastID,
		Users: o.users.list(), Groups: o.groups.list(), Members: flatten(o.members), Rules: o.rules.list(),
		Apps: o.apps.list(), AppUsers: flatten(o.appUsers), AppGroups: flatten(o.appGroups),
		CustomRoles: o.customRoles.list(), ResourceSets: o.resourceSets.list(), Roles: o.roles.list(),
		APITokens: o.apiTokens.list(), Factors: o.factors.list(), Grants: o.grants.list(),
		Events: slices.Clone(o.events),
	}
}

func load(s State) *org {
	o := newOrg()
	o.info, o.lastID, o.events = s.Org, s.LastID, slices.Clone(s.Events)
	for _, u := range s.Users {
		o.putUser(u)
	}
	for _, g := range s.Groups {
		o.putGroup(g)
	}
	for _, m := range s.Members {
		o.putMember(m)
	}
	for _, a := range s.AppUsers {
		under(o.appUsers, a.AppID).put(a.UserID, a)
	}
	for _, a := range s.AppGroups {
		under(o.appGroups, a.AppID).put(a.GroupID, a)
	}
	fill(o.rules, s.Rules, func(r GroupRule) string { return r.ID })
	fill(o.apps, s.Apps, func(a App) string { return a.ID })
	fill(o.customRoles, s.CustomRoles, func(r CustomRole) string { return r.ID })
	fill(o.resourceSets, s.ResourceSets, func(r ResourceSet) string { return r.ID })
	fill(o.roles, s.Roles, func(r RoleAssignment) string { return r.ID })
	fill(o.apiTokens, s.APITokens, func(t APIToken) string { return t.ID })
	fill(o.factors, s.Factors, func(f Factor) string { return f.ID })
	fill(o.grants, s.Grants, func(g Grant) string { return g.ID })
	return o
}

func fill[T any](t *table[T], rows []T, key func(T) string) {
	for _, row := range rows {
		t.put(key(row), row)
	}
}

// Snapshot is the whole state as JSON; equal states give equal bytes.
func (s *Server) Snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(s.org.state())
}

// Restore replaces the state by a snapshot; rate windows and the log of
// requests stay.
func (s *Server) Restore(snapshot []byte) error {
	var state State
	if err := json.Unmarshal(snapshot, &state); err != nil {
		return fmt.Errorf("read okta snapshot: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.org = load(state)
	return nil
}
