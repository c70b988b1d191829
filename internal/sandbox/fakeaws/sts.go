package fakeaws

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Limits of a role session in seconds; a session that assumes a further role
// gets an hour at most.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const (
	minSession  = 900
	maxSession  = 43200
	hourSession = 3600
)

type xmlIdentity struct {
	Arn     string
	UserID  string `xml:"UserId"`
	Account string
}

func getCallerIdentity(s *Server, c call, _ url.Values) (any, *apiError) {
	id := c.Account
	switch user := s.iamUser(c.Account, c.UserName); {
	case c.Session:
		id = s.sessionUserID(c)
	case user != nil:
		id = user.ID
	case c.UserName != "":
		id = c.AccessKey
	}
	return xmlIdentity{Arn: c.Principal, UserID: id, Account: c.Account}, nil
}

// sessionUserID is role id:session name, as aws:userid has it.
func (s *Server) sessionUserID(c call) string {
	session := find(s.st.Sessions, func(x *Session) bool { return x.AccessKeyID == c.AccessKey })
	role := find(s.st.Roles, func(r *Role) bool { return r.Account == session.Account && r.Name == session.Role })
	if role == nil {
		return session.Role + ":" + session.Name
	}
	return role.ID + ":" + session.Name
}

type xmlCredentials struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

type xmlAssumedRoleUser struct {
	AssumedRoleID string `xml:"AssumedRoleId"`
	Arn           string
}

type xmlAssumeRole struct {
	Credentials     xmlCredentials
	AssumedRoleUser xmlAssumedRoleUser
	SourceIdentity  string `xml:",omitempty"`
}

var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

func assumeRole(s *Server, c call, in url.Values) (any, *apiError) {
	if name := in.Get("RoleSessionName"); !sessionName.MatchString(name) {
		return nil, invalid("Value '%s' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*", name)
	}
	role := s.role(in.Get("RoleArn"))
	if role == nil || !s.assumable(*role, in) {
		return nil, fail(http.StatusForbidden, "AccessDenied",
			"User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.Principal, in.Get("RoleArn"))
	}
	seconds, failure := sessionSeconds(c, *role, in.Get("DurationSeconds"))
	if failure != nil {
		return nil, failure
	}
	session := s.openSession(*role, in, seconds)
	return xmlAssumeRole{
		Credentials: xmlCredentials{
			AccessKeyID: session.AccessKeyID, SecretAccessKey: session.Secret, SessionToken: session.Token,
			Expiration: stamp(session.ExpiresAt),
		},
		AssumedRoleUser: xmlAssumedRoleUser{AssumedRoleID: role.ID + ":" + session.Name, Arn: session.call().Principal},
		SourceIdentity:  session.SourceIdentity,
	}, nil
}

// assumable is the role's trust: its account works, and the external id fits.
func (s *Server) assumable(role Role, in url.Values) bool {
	if account := s.account(role.Account); account != nil && account.State != "ACTIVE" {
		return false
	}
	return role.ExternalID == "" || role.ExternalID == in.Get("ExternalId")
}

// sessionSeconds reads the wished duration; without a wish it is an hour.
func sessionSeconds(c call, role Role, given string) (int, *apiError) {
	seconds, limit := hourSession, role.MaxSession
	if limit == 0 {
		limit = hourSession
	}
	if given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < minSession || n > maxSession {
			return 0, invalid("Value '%s' at 'durationSeconds' failed to satisfy constraint: Member must have value between %d and %d", given, minSession, maxSession)
		}
		seconds = n
	}
	switch {
	case c.Session && seconds > hourSession:
		return 0, fail(http.StatusBadRequest, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case seconds > limit:
		return 0, fail(http.StatusBadRequest, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return seconds, nil
}

// EndSessions ends every session that is out, as an administrator who revokes
// the sessions of a role does.
func (s *Server) EndSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.st.Sessions {
		s.st.Sessions[i].ExpiresAt = s.now()
	}
}

// openSession remembers a new session. Its secrets are no secrets: nothing
// here is.
func (s *Server) openSession(role Role, in url.Values, seconds int) Session {
	key := s.nextID("ASIA", 20)
	session := Session{
		AccessKeyID: key, Secret: "secret-of-" + key, Token: "token-of-" + strings.ToLower(key),
		Account: role.Account, Role: role.Name, Name: in.Get("RoleSessionName"),
		SourceIdentity: in.Get("SourceIdentity"), ReadOnly: role.ReadOnly,
		ExpiresAt: s.now().Add(time.Duration(seconds) * time.Second),
	}
	s.st.Sessions = append(s.st.Sessions, session)
	return session
}
