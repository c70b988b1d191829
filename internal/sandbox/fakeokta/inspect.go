package fakeokta

import (
	"encoding/json"
	"maps"
	"slices"
)

// State is a deep copy of everything, for tests that compare before and after.
func (s *Server) State() State {
	raw, err := s.Snapshot()
	if err != nil {
		return State{}
	}
	var out State
	// What Snapshot wrote reads back; Restore relies on it as well.
	_ = json.Unmarshal(raw, &out)
	return out
}

// User is a copy of one user, by id or login.
func (s *Server) User(idOrLogin string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.org.find(idOrLogin)
	if u == nil {
		return User{}, false
	}
	out := *u
	out.Profile = maps.Clone(u.Profile)
	return out, true
}

// GroupsOf lists the ids of the user's groups, Everyone included.
func (s *Server) GroupsOf(userID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ids(s.org.memberOf[userID].keysOf())
}

// MembersOf lists the ids of a group's members.
func (s *Server) MembersOf(groupID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ids(s.org.members[groupID].keysOf())
}

// Everyone is the id of the built-in group of all users.
func (s *Server) Everyone() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.org.everyone
}

// EventsOf lists what happened to a user, or was done by them, oldest first.
func (s *Server) EventsOf(userID string) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Event{}
	for _, e := range s.org.events {
		if e.Actor.ID == userID || slices.ContainsFunc(e.Targets, func(p Party) bool { return p.ID == userID }) {
			out = append(out, e)
		}
	}
	return out
}

// Request is one line of the log of requests, in the order of arrival.
type Request struct {
	Method string
	Path   string
	Query  string
	Status int
	Token  string // the name of the token in Options.Tokens; empty when unknown
}

// Requests is a copy of the log since the start or the last ResetRequests.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ResetRequests empties the log of requests.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}
