package fakeaws

import (
	"net/http"
	"slices"
	"strings"
)

// denyAll is the policy that stops whoever it is attached to.
const denyAll = "arn:aws:iam::aws:policy/AWSDenyAll"

// caller tells who asks, and refuses them where AWS would before it looks at
// the request itself. Even a refused caller is named, for the log.
func (s *Server) caller(r *http.Request, op operation) (call, *apiError) {
	key := accessKeyOf(r.Header.Get("Authorization"))
	if key == "" {
		return call{}, refusal(op, "MissingAuthenticationToken", "Request is missing Authentication Token")
	}
	c, failure := s.identify(key, r.Header.Get("X-Amz-Security-Token"), op)
	if failure != nil {
		return c, failure
	}
	return c, s.permit(c, op)
}

// accessKeyOf reads the key id out of a SigV4 header:
// AWS4-HMAC-SHA256 Credential=AKIA.../20260101/us-east-1/iam/aws4_request, ...
func accessKeyOf(header string) string {
	_, rest, found := strings.Cut(header, "Credential=")
	if !found {
		return ""
	}
	key, _, _ := strings.Cut(rest, "/")
	return key
}

// identify looks a key up among the configured ones, the sessions and the keys
// of IAM users.
func (s *Server) identify(key, token string, op operation) (call, *apiError) {
	unknown := refusal(op, "InvalidClientTokenId", "The security token included in the request is invalid.")
	for _, credential := range s.opts.Credentials {
		if credential.AccessKeyID == key {
			return s.callOf(credential), nil
		}
	}
	if i := slices.IndexFunc(s.st.Sessions, func(x Session) bool { return x.AccessKeyID == key }); i >= 0 {
		session := s.st.Sessions[i]
		if session.Token != token {
			return call{}, unknown
		}
		if !s.now().Before(session.ExpiresAt) {
			return session.call(), refusal(op, "ExpiredToken", "The security token included in the request is expired")
		}
		return session.call(), nil
	}
	for _, user := range s.st.Users {
		for _, held := range user.AccessKeys {
			if held.ID == key && held.Status == active {
				return s.callOf(Credential{AccessKeyID: key, Account: user.Account, UserName: user.Name}), nil
			}
		}
	}
	return call{}, unknown
}

// callOf names the holder of a long-term key; the path of a user that exists
// is part of its arn.
func (s *Server) callOf(c Credential) call {
	principal := arn(c.Account, "root")
	if c.UserName != "" {
		principal = arn(c.Account, "user/"+c.UserName)
	}
	if user := s.iamUser(c.Account, c.UserName); user != nil {
		principal = user.arn()
	}
	return call{Account: c.Account, Principal: principal, UserName: c.UserName, ReadOnly: c.ReadOnly, AccessKey: c.AccessKeyID}
}

func (x Session) call() call {
	return call{
		Account: x.Account, Principal: "arn:aws:sts::" + x.Account + ":assumed-role/" + x.Role + "/" + x.Name,
		Session: true, ReadOnly: x.ReadOnly, AccessKey: x.AccessKeyID,
	}
}

// permit refuses writes of read-only callers, everything of an account that is
// not active, and everything of a user under AWSDenyAll. GetCallerIdentity
// needs no permission at all.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func (s *Server) permit(c call, op operation) *apiError {
	if account := s.account(c.Account); account != nil && account.State != "ACTIVE" {
		return refusal(op, "AccessDenied", "Account %s is not active (%s)", c.Account, account.State)
	}
	if op.Action == "GetCallerIdentity" {
		return nil
	}
	if s.denied(c) {
		return refusal(op, "AccessDenied", "User: %s is not authorized to perform: %s:%s with an explicit deny in an identity-based policy", c.Principal, op.Service, op.Action)
	}
	if c.ReadOnly && op.Write {
		return refusal(op, "AccessDenied", "User: %s is not authorized to perform: %s:%s because no identity-based policy allows the %s:%s action", c.Principal, op.Service, op.Action, op.Service, op.Action)
	}
	return nil
}

// denied reports whether AWSDenyAll reaches an IAM user: attached, as boundary
// or through a group.
func (s *Server) denied(c call) bool {
	user := s.iamUser(c.Account, c.UserName)
	if user == nil {
		return false
	}
	if user.Boundary == denyAll || slices.Contains(user.Attached, denyAll) {
		return true
	}
	return slices.ContainsFunc(user.Groups, func(name string) bool {
		group := s.iamGroup(c.Account, name)
		return group != nil && slices.Contains(group.Attached, denyAll)
	})
}

// jsonCodes are the codes by which the JSON services name the refusals of the
// query ones; they come with 400, not 403.
var jsonCodes = map[string]string{
	"MissingAuthenticationToken": "MissingAuthenticationTokenException",
	"InvalidClientTokenId":       "UnrecognizedClientException",
	"ExpiredToken":               "ExpiredTokenException",
	"AccessDenied":               "AccessDeniedException",
}

// refusal words a refusal in the protocol of the operation.
func refusal(op operation, code, format string, args ...any) *apiError {
	if op.JSON {
		return fail(http.StatusBadRequest, jsonCodes[code], format, args...)
	}
	return fail(http.StatusForbidden, code, format, args...)
}
