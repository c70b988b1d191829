package fakeokta

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// The Add methods fill in what is left empty (id, status, times) and return
// the row as stored. They accept anything: what does not exist in a real
// organisation is the caller's mistake, not theirs to repair.

// AddUser adds a login and puts it into Everyone. Empty fields get: status
// ACTIVE, type OKTA, times of now (lastLogin stays null).
func (s *Server) AddUser(u User) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.born("00u", &u.ID, &u.Created, &u.LastUpdated, &u.StatusChanged)
	u.Status = cmp.Or(u.Status, Active)
	u.ProviderType = cmp.Or(u.ProviderType, "OKTA")
	u.ProviderName = cmp.Or(u.ProviderName, u.ProviderType)
	if u.Status != Staged {
		u.Activated = or(u.Activated, u.Created)
	}
	u.Profile = maps.Clone(u.Profile)
	s.org.putUser(u)
	if s.org.everyone != "" {
		s.org.putMember(Member{GroupID: s.org.everyone, UserID: u.ID})
	}
	return u
}

// UpdateUser changes a user in place, as an administrator's hand would; it
// reports whether the user exists.
func (s *Server) UpdateUser(id string, change func(*User)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.org.users.get(id)
	if old == nil {
		return false
	}
	u := *old
	u.Profile = maps.Clone(u.Profile)
	change(&u)
	u.ID = id
	u.LastUpdated = s.now()
	s.org.putUser(u)
	return true
}

// AddGroup adds a group, an OKTA_GROUP unless said otherwise.
func (s *Server) AddGroup(g Group) Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addGroup(g)
}

func (s *Server) addGroup(g Group) Group {
	s.born("00g", &g.ID, &g.Created, &g.LastUpdated, &g.LastMembershipUpdated)
	g.Type = cmp.Or(g.Type, TypeOktaGroup)
	s.org.putGroup(g)
	return g
}

// AddMember puts users into a group of any type.
func (s *Server) AddMember(groupID string, userIDs ...string) {
	s.addMembers(groupID, "", userIDs)
}

// RemoveMember takes a user out of a group, as an administrator does in the console.
func (s *Server) RemoveMember(groupID, userID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.org.delMember(groupID, userID)
}

// AddRuleMember puts users into a group on behalf of a rule.
func (s *Server) AddRuleMember(groupID, ruleID string, userIDs ...string) {
	s.addMembers(groupID, ruleID, userIDs)
}

func (s *Server) addMembers(groupID, ruleID string, userIDs []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range userIDs {
		s.org.putMember(Member{GroupID: groupID, UserID: id, RuleID: ruleID})
	}
	if g := s.org.groups.get(groupID); g != nil && len(userIDs) > 0 {
		g.LastMembershipUpdated = s.now()
	}
}

// AddGroupRule adds a rule, ACTIVE unless said otherwise.
func (s *Server) AddGroupRule(r GroupRule) GroupRule {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.born("0pr", &r.ID, &r.Created, &r.LastUpdated)
	r.Status = cmp.Or(r.Status, "ACTIVE")
	r.GroupIDs, r.Excluded = slices.Clone(r.GroupIDs), slices.Clone(r.Excluded)
	return *s.org.rules.put(r.ID, r)
}

// AddApp adds an application: active, SAML_2_0, named by its label unless
// said otherwise; an OAuth client is of type web and has the app's id.
func (s *Server) AddApp(a App) App {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.born("0oa", &a.ID, &a.Created, &a.LastUpdated)
	a.Status = cmp.Or(a.Status, "ACTIVE")
	a.SignOnMode = cmp.Or(a.SignOnMode, "SAML_2_0")
	a.Name = cmp.Or(a.Name, templates[a.SignOnMode], "sandbox_"+slug(a.Label))
	if a.SignOnMode == openID {
		a.ClientID, a.ClientType = cmp.Or(a.ClientID, a.ID), cmp.Or(a.ClientType, "web")
	}
	return *s.org.apps.put(a.ID, a)
}

// AssignUser assigns an app to a user directly (scope USER).
func (s *Server) AssignUser(appID string, userIDs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range userIDs {
		under(s.org.appUsers, appID).put(id, AppUser{AppID: appID, UserID: id, Created: s.now()})
	}
}

// AssignGroup assigns an app to a group; its members hold it with scope GROUP.
func (s *Server) AssignGroup(appID, groupID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := under(s.org.appGroups, appID)
	all.put(groupID, AppGroup{AppID: appID, GroupID: groupID, Priority: all.len(), Created: s.now()})
}

// AddCustomRole adds an admin role of the organisation's own.
func (s *Server) AddCustomRole(r CustomRole) CustomRole {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.born("cr0", &r.ID, &r.Created)
	return *s.org.customRoles.put(r.ID, r)
}

// AddResourceSet adds what a custom role may be bound to.
func (s *Server) AddResourceSet(r ResourceSet) ResourceSet {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.born("iam", &r.ID, &r.Created)
	r.Resources = slices.Clone(r.Resources)
	for i := range r.Resources {
		r.Resources[i].ID = cmp.Or(r.Resources[i].ID, s.org.id("ire"))
	}
	return *s.org.resourceSets.put(r.ID, r)
}

// AddRole gives an admin role. With RoleID and ResourceSetID it is a custom
// role and appears as a binding of that resource set too.
func (s *Server) AddRole(r RoleAssignment) RoleAssignment {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.RoleID != "" {
		r.Type = CustomRoleType
		if custom := s.org.customRoles.get(r.RoleID); custom != nil {
			r.Label = cmp.Or(r.Label, custom.Label)
		}
	}
	r.To = cmp.Or(r.To, ToUser)
	r.Label = cmp.Or(r.Label, r.Type)
	s.born(rolePrefix(r), &r.ID, &r.Created)
	return *s.org.roles.put(r.ID, r)
}

func rolePrefix(r RoleAssignment) string {
	switch {
	case r.RoleID != "":
		return "irb"
	case r.To == ToGroup:
		return "gra"
	case r.To == ToClient:
		return "caa"
	default:
		return "ra1"
	}
}

// AddAPIToken adds the row of an SSWS token, good for 30 days from now.
func (s *Server) AddAPIToken(t APIToken) APIToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.born("00T", &t.ID, &t.Created, &t.LastUpdated)
	t.ClientName = cmp.Or(t.ClientName, "Okta API")
	t.ExpiresAt = or(t.ExpiresAt, s.now().Add(30*24*time.Hour))
	return *s.org.apiTokens.put(t.ID, t)
}

// AddFactor enrols a second factor; push by Okta unless said otherwise.
func (s *Server) AddFactor(f Factor) Factor {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.born("ufs", &f.ID, &f.Created)
	f.Type = cmp.Or(f.Type, "push")
	f.Provider = cmp.Or(f.Provider, providers[f.Type], "OKTA")
	f.Status = cmp.Or(f.Status, "ACTIVE")
	return *s.org.factors.put(f.ID, f)
}

// AddGrant records a user's consent to a scope of an OAuth client.
func (s *Server) AddGrant(g Grant) Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.born("oag", &g.ID, &g.Created)
	g.ClientID = cmp.Or(g.ClientID, s.org.id("0oa"))
	return *s.org.grants.put(g.ID, g)
}

// AddEvent writes a line of the System Log, as what somebody did would: of now and
// successful unless said otherwise. It changes nothing else, so that a sign-in is
// told by both this and the user's LastLogin only if the caller sets both.
func (s *Server) AddEvent(e Event) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Published = or(e.Published, s.now())
	e.Persisted = or(e.Persisted, e.Published.Add(s.opts.LogDelay))
	return s.org.record(e)
}

// SignOn is the event of a user who opens an app at a time, from an address.
func (s *Server) SignOn(userID, appID string, at time.Time, from Client) Event {
	user, app := Party{ID: userID, Type: "User"}, Party{ID: appID, Type: "AppInstance"}
	s.mu.Lock()
	if u := s.org.users.get(userID); u != nil {
		user = userParty(u)
	}
	if a := s.org.apps.get(appID); a != nil {
		app = appParty(a)
	}
	s.mu.Unlock()
	return s.AddEvent(Event{Published: at, Type: "user.authentication.sso", Message: "User single sign on to app", Actor: user, Targets: []Party{app}, Client: from})
}

// born gives a new row its id and the time of its making, where it has none; its
// other times are that one too.
func (s *Server) born(prefix string, id *string, created *time.Time, others ...*time.Time) {
	*id = cmp.Or(*id, s.org.id(prefix))
	*created = or(*created, s.now())
	for _, at := range others {
		*at = or(*at, *created)
	}
}

func or(t, fallback time.Time) time.Time {
	if t.IsZero() {
		return fallback
	}
	return t
}
