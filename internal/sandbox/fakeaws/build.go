package fakeaws

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// active is the status of whatever works.
const (
	active   = "Active"
	inactive = "Inactive"
)

const plainTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`

// AddAccount adds an account; without a State it is ACTIVE.
func (s *Server) AddAccount(a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.State == "" {
		a.State = "ACTIVE"
	}
	s.born(&a.JoinedAt)
	a.Root.AccessKeys = slices.Clone(a.Root.AccessKeys)
	for i := range a.Root.AccessKeys {
		k := &a.Root.AccessKeys[i]
		s.credential(&k.ID, &k.Status, &k.CreatedAt, "AKIA", 20)
	}
	s.st.Accounts = append(s.st.Accounts, a)
}

// SetAccountState changes the State of an account that exists, for instance to
// SUSPENDED between two nights.
func (s *Server) SetAccountState(id, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if account := s.account(id); account != nil {
		account.State = state
	}
}

// AddRole adds a role that any caller may assume.
func (s *Server) AddRole(r Role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fill(&r.Path, &r.ID, "AROA")
	s.born(&r.CreatedAt)
	if r.TrustPolicy == "" {
		r.TrustPolicy = plainTrust
	}
	for _, policy := range r.Attached {
		s.ensurePolicy(policy)
	}
	s.st.Roles = append(s.st.Roles, r)
}

// AddIAMUser adds a user. Ids, paths, dates and statuses that are not given
// get defaults; policies that it names come to exist.
func (s *Server) AddIAMUser(u IAMUser) IAMUser {
	s.mu.Lock()
	defer s.mu.Unlock()
	u = copyOf(u)
	s.fill(&u.Path, &u.ID, "AIDA")
	s.born(&u.CreatedAt)
	s.fillCredentials(&u)
	for _, policy := range append(slices.Clone(u.Attached), u.Boundary) {
		s.ensurePolicy(policy)
	}
	s.st.Users = append(s.st.Users, u)
	return copyOf(u)
}

// fillCredentials gives a new user's credentials their ids and dates.
func (s *Server) fillCredentials(u *IAMUser) {
	for i := range u.AccessKeys {
		s.credential(&u.AccessKeys[i].ID, &u.AccessKeys[i].Status, &u.AccessKeys[i].CreatedAt, "AKIA", 20)
	}
	for i := range u.SSHKeys {
		s.credential(&u.SSHKeys[i].ID, &u.SSHKeys[i].Status, &u.SSHKeys[i].UploadedAt, "APKA", 20)
	}
	for i := range u.Certificates {
		s.credential(&u.Certificates[i].ID, &u.Certificates[i].Status, &u.Certificates[i].UploadedAt, "CERT", 24)
	}
	for i := range u.ServiceCredentials {
		s.credential(&u.ServiceCredentials[i].ID, &u.ServiceCredentials[i].Status, &u.ServiceCredentials[i].CreatedAt, "ACCA", 20)
	}
	for i := range u.MFA {
		s.born(&u.MFA[i].EnabledAt)
	}
	if u.LoginProfile != nil {
		s.born(&u.LoginProfile.CreatedAt)
	}
}

func (s *Server) credential(id, status *string, created *time.Time, prefix string, n int) {
	if *id == "" {
		*id = s.nextID(prefix, n)
	}
	if *status == "" {
		*status = active
	}
	s.born(created)
}

// AddIAMGroup adds a group; users join it by naming it.
func (s *Server) AddIAMGroup(g IAMGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fill(&g.Path, &g.ID, "AGPA")
	s.born(&g.CreatedAt)
	for _, policy := range g.Attached {
		s.ensurePolicy(policy)
	}
	s.st.Groups = append(s.st.Groups, g)
}

// AddManagedPolicy adds a policy; Account "aws" makes it one of AWS's.
func (s *Server) AddManagedPolicy(p ManagedPolicy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addPolicy(p)
}

func (s *Server) addPolicy(p ManagedPolicy) {
	s.fill(&p.Path, &p.ID, "ANPA")
	s.born(&p.CreatedAt)
	if p.Document == "" {
		p.Document = `{"Version":"2012-10-17","Statement":[]}`
	}
	s.st.Policies = append(s.st.Policies, p)
}

// ensurePolicy makes a policy that a builder only names.
func (s *Server) ensurePolicy(policy string) {
	if policy == "" || s.policyExists(policy) {
		return
	}
	rest, ok := strings.CutPrefix(policy, "arn:aws:iam::")
	account, path, cut := strings.Cut(rest, ":policy")
	if !ok || !cut {
		return
	}
	slash := strings.LastIndex(path, "/") + 1
	s.addPolicy(ManagedPolicy{Account: account, Path: path[:slash], Name: path[slash:]})
}

// UpdateIAMUser changes a user behind the API's back, as an administrator
// would on the console; it reports whether the user exists.
func (s *Server) UpdateIAMUser(account, name string, change func(*IAMUser)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.iamUser(account, name)
	if user == nil {
		return false
	}
	change(user)
	s.fillCredentials(user)
	return true
}

// IAMUser gives a copy of a user, and whether there is one.
func (s *Server) IAMUser(account, name string) (IAMUser, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.iamUser(account, name)
	if user == nil {
		return IAMUser{}, false
	}
	return copyOf(*user), true
}

// fill gives a thing the root path and an id of its kind.
func (s *Server) fill(path, id *string, prefix string) {
	if *path == "" {
		*path = "/"
	}
	if *id == "" {
		*id = s.nextID(prefix, 21)
	}
}

// born dates what has no date.
func (s *Server) born(at *time.Time) {
	if at.IsZero() {
		*at = s.now()
	}
}

// copyOf shares nothing with the original.
func copyOf[T any](original T) T {
	data, err := json.Marshal(original)
	if err != nil {
		panic(err) // the state is plain data; a type that JSON refuses is a defect here
	}
	var c T
	if err := json.Unmarshal(data, &c); err != nil {
		panic(err)
	}
	return c
}
