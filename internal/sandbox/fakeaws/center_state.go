package fakeaws

import (
	"fmt"
	"slices"
	"time"
)

// Center is Identity Center of the organization: who is in its directory, and
// who may become what in which account.
type Center struct {
	PermissionSets []PermissionSet
	Users          []CenterUser
	Groups         []CenterGroup
	Memberships    []Membership
	Assignments    []Assignment
	Changes        []AssignmentChange
	Applications   []Application
	// FailNextDeletion and FailNextCreation, when set, are the reasons with which
	// the next deletion and creation of an assignment will end FAILED.
	FailNextDeletion, FailNextCreation string
}

// PermissionSet is a named role template.
type PermissionSet struct {
	ARN, Name, Description string
	SessionDuration        string // ISO 8601, such as PT1H
	CreatedAt              time.Time
}

// CenterUser is a user of the identity store. ExternalIssuer is set when SCIM
// provisions it from another system.
type CenterUser struct {
	ID, UserName, DisplayName, Email string
	ExternalIssuer, ExternalID       string
	Status                           string    // ENABLED, DISABLED or empty
	CreatedAt                        time.Time // zero: the store does not say
}

// CenterGroup is a group of the identity store.
type CenterGroup struct {
	ID, DisplayName, Description string
	ExternalIssuer, ExternalID   string
	CreatedAt                    time.Time // zero: the store does not say
}

// Membership says that a user is in a group.
type Membership struct{ ID, GroupID, UserID string }

// Assignment lets a USER or GROUP use a permission set in an account.
type Assignment struct{ Account, PermissionSet, PrincipalType, PrincipalID string }

// AssignmentChange is an asynchronous creation or deletion of an assignment.
type AssignmentChange struct {
	RequestID  string
	Deletion   bool
	Assignment Assignment
	PollsLeft  int
	Status     string // IN_PROGRESS, SUCCEEDED or FAILED
	Reason     string
	CreatedAt  time.Time
}

// Application is an application that users of Identity Center can sign in to.
type Application struct {
	ARN, Name, Account, Status string
	CreatedAt                  time.Time
	Assigned                   []AppAssignment
}

// AppAssignment lets a USER or GROUP use an application.
type AppAssignment struct{ PrincipalType, PrincipalID string }

const (
	instanceID = "ssoins-7223000000000001"
	storeID    = "d-9067000001"
)

// InstanceARN and StoreID name the organization's instance of Identity Center.
const (
	InstanceARN = "arn:aws:sso:::instance/" + instanceID
	StoreID     = storeID
)

// uuid makes an id in the identity store's shape.
func (s *Server) uuid() string {
	s.st.NextID++
	return fmt.Sprintf("906700%04x-5a1b-4c2d-8e3f-%012x", s.st.NextID&0xffff, s.st.NextID)
}

// AddPermissionSet adds a permission set and gives its arn.
func (s *Server) AddPermissionSet(name, sessionDuration string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := PermissionSet{ARN: "arn:aws:sso:::permissionSet/" + instanceID + "/" + s.nextID("ps-", 19), Name: name, SessionDuration: sessionDuration, CreatedAt: s.now()}
	s.st.Center.PermissionSets = append(s.st.Center.PermissionSets, p)
	return p.ARN
}

// AddCenterUser adds a user and gives its id.
func (s *Server) AddCenterUser(u CenterUser) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.ID == "" {
		u.ID = s.uuid()
	}
	s.st.Center.Users = append(s.st.Center.Users, u)
	return u.ID
}

// AddCenterGroup adds a group and gives its id.
func (s *Server) AddCenterGroup(g CenterGroup) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.ID == "" {
		g.ID = s.uuid()
	}
	s.st.Center.Groups = append(s.st.Center.Groups, g)
	return g.ID
}

// AddCenterMember puts a user into a group and gives the membership's id.
func (s *Server) AddCenterMember(groupID, userID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := Membership{ID: s.uuid(), GroupID: groupID, UserID: userID}
	s.st.Center.Memberships = append(s.st.Center.Memberships, m)
	return m.ID
}

// Assign lets a USER or GROUP use a permission set in an account, at once.
func (s *Server) Assign(account, permissionSet, principalType, principalID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.st.Center.Assignments = append(s.st.Center.Assignments, Assignment{account, permissionSet, principalType, principalID})
}

// AddApplication adds an application and gives its arn.
func (s *Server) AddApplication(name, account string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := Application{ARN: "arn:aws:sso::" + account + ":application/" + instanceID + "/" + s.nextID("apl-", 20), Name: name, Account: account, Status: "ENABLED", CreatedAt: s.now()}
	s.st.Center.Applications = append(s.st.Center.Applications, a)
	return a.ARN
}

// AssignApplication lets a USER or GROUP use an application.
func (s *Server) AssignApplication(arn, principalType, principalID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if app := s.application(arn); app != nil {
		app.Assigned = append(app.Assigned, AppAssignment{principalType, principalID})
	}
}

func (s *Server) application(arn string) *Application {
	return find(s.st.Center.Applications, func(a *Application) bool { return a.ARN == arn })
}

// FailNextDeletion makes the next deletion of an assignment end FAILED.
func (s *Server) FailNextDeletion(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.st.Center.FailNextDeletion = reason
}

// FailNextCreation makes the next creation of an assignment end FAILED.
func (s *Server) FailNextCreation(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.st.Center.FailNextCreation = reason
}

// Assignments gives a copy of the assignments in force.
func (s *Server) Assignments() []Assignment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.st.Center.Assignments)
}

// MembersOf gives the ids of a group's users.
func (s *Server) MembersOf(groupID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, m := range s.st.Center.Memberships {
		if m.GroupID == groupID {
			out = append(out, m.UserID)
		}
	}
	return out
}
