package fakeaws

import (
	"fmt"
	"net/url"
	"slices"
)

// Request is one call as it was answered.
type Request struct {
	Service, Action    string
	Account, Principal string // who asked; empty when the key is unknown
	UserName           string // the IAM user that the call names, if any
	Error              string // the code of the refusal; empty: it succeeded
	Write              bool
}

// CallerHit is a call that named no user, so that it acted on its own caller
// (or was refused because a role session is no user). A revoker must never
// cause one.
type CallerHit struct {
	Action, Account, Principal string
	Write                      bool
}

// record logs a call and, if the caller meant itself by silence, the hit.
func (s *Server) record(c call, op operation, failure *apiError) {
	request := Request{
		Service: op.Service, Action: op.Action, Account: c.Account, Principal: c.Principal,
		UserName: op.target, Write: op.Write,
	}
	if failure != nil {
		request.Error = failure.Code
	}
	s.log = append(s.log, request)
}

// Requests gives every call since the start or ResetRequests, in order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// ResetRequests forgets the log and the caller hits.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log, s.hits = nil, nil
}

// CallerHits gives the calls that acted on their caller.
func (s *Server) CallerHits() []CallerHit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.hits)
}

func (s *Server) requestID() string {
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", s.serial)
}

// subject finds the user that a call is about. An absent UserName means the
// caller, which is AWS's trap: the SDK leaves an unset name out of the form.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html
func (s *Server) subject(c call, in url.Values) (*IAMUser, *apiError) {
	name := in.Get("UserName")
	if !in.Has("UserName") {
		action := in.Get("Action")
		s.hits = append(s.hits, CallerHit{Action: action, Account: c.Account, Principal: c.Principal, Write: queryWrites[action]})
		if c.UserName == "" {
			return nil, fail(400, "ValidationError", "Must specify userName when calling with non-User credentials")
		}
		name = c.UserName
	}
	return s.named(c, name)
}

// required finds the user of a call that AWS refuses without a UserName.
func (s *Server) required(c call, in url.Values) (*IAMUser, *apiError) {
	if !in.Has("UserName") {
		return nil, invalid("Value null at 'userName' failed to satisfy constraint: Member must not be null")
	}
	return s.named(c, in.Get("UserName"))
}

func (s *Server) named(c call, name string) (*IAMUser, *apiError) {
	if name == "" {
		return nil, invalid("Value at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1")
	}
	if user := s.iamUser(c.Account, name); user != nil {
		return user, nil
	}
	return nil, missing("The user with name %s cannot be found.", name)
}

// missing is IAM's word for what is not there.
func missing(format string, args ...any) *apiError {
	return fail(404, "NoSuchEntity", format, args...)
}
