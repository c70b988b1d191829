package fakeaws

import (
	"net/http"
	"net/url"
	"strings"
)

type xmlVirtualMFA struct {
	SerialNumber string
	User         *xmlUser `xml:",omitempty"`
	EnableDate   string   `xml:",omitempty"`
}

// listVirtualMFADevices shows virtual devices only: a hardware key or passkey
// is in no account-wide list.
func listVirtualMFADevices(s *Server, c call, in url.Values) (any, *apiError) {
	status := in.Get("AssignmentStatus")
	var devices []xmlVirtualMFA
	if status != "Unassigned" {
		devices = s.assignedMFA(c.Account)
	}
	if status != "Assigned" {
		for _, loose := range s.st.LooseMFA {
			if loose.Account == c.Account {
				devices = append(devices, xmlVirtualMFA{SerialNumber: loose.Serial})
			}
		}
	}
	return listing(s, "VirtualMFADevices", devices, in)
}

func (s *Server) assignedMFA(account string) []xmlVirtualMFA {
	var devices []xmlVirtualMFA
	for _, user := range s.usersOf(account) {
		for _, device := range user.MFA {
			if device.Virtual {
				owner := shortUserShape(user)
				devices = append(devices, xmlVirtualMFA{SerialNumber: device.Serial, User: &owner, EnableDate: stamp(device.EnabledAt)})
			}
		}
	}
	return devices
}

type xmlServiceCredential struct {
	UserName                    string
	Status                      string
	ServiceUserName             string `xml:",omitempty"`
	CreateDate                  string
	ExpirationDate              string `xml:",omitempty"`
	ServiceSpecificCredentialID string `xml:"ServiceSpecificCredentialId"`
	ServiceName                 string
}

// listServiceSpecificCredentials lists one user's, or with AllUsers the whole
// account's; the two exclude each other.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html
func listServiceSpecificCredentials(s *Server, c call, in url.Values) (any, *apiError) {
	all := in.Get("AllUsers") == "true"
	if all && in.Has("UserName") {
		return nil, invalid("AllUsers and UserName cannot be given together")
	}
	users := s.usersOf(c.Account)
	if !all {
		user, failure := s.subject(c, in)
		if failure != nil {
			return nil, failure
		}
		users = []*IAMUser{user}
	}
	var credentials []xmlServiceCredential
	for _, user := range users {
		credentials = append(credentials, serviceCredentialShapes(user, in.Get("ServiceName"))...)
	}
	return listing(s, "ServiceSpecificCredentials", credentials, in)
}

func serviceCredentialShapes(u *IAMUser, service string) []xmlServiceCredential {
	var shapes []xmlServiceCredential
	for _, k := range u.ServiceCredentials {
		if service == "" || service == k.Service {
			shapes = append(shapes, xmlServiceCredential{
				UserName: u.Name, Status: k.Status, ServiceUserName: k.UserName, CreateDate: stamp(k.CreatedAt),
				ExpirationDate: stamp(k.ExpiresAt), ServiceSpecificCredentialID: k.ID, ServiceName: k.Service,
			})
		}
	}
	return shapes
}

type xmlSummaryEntry struct {
	Key   string `xml:"key"`
	Value int    `xml:"value"`
}

func getAccountSummary(s *Server, c call, _ url.Values) (any, *apiError) {
	users := s.usersOf(c.Account)
	devices := len(s.assignedMFA(c.Account))
	loose := pick(s.st.LooseMFA, func(d *LooseMFADevice) bool { return d.Account == c.Account })
	local := pick(s.st.Policies, func(p *ManagedPolicy) bool { return p.Account == c.Account })
	var root Root
	if account := s.account(c.Account); account != nil {
		root = account.Root
	}
	entries := []xmlSummaryEntry{
		{"Users", len(users)}, {"Groups", len(s.groupsOf(c.Account))}, {"Roles", len(s.rolesOf(c.Account))},
		{"Policies", len(local)}, {"MFADevices", devices + len(loose)}, {"MFADevicesInUse", devices},
		{"AccountMFAEnabled", oneIf(root.MFA)}, {"AccountAccessKeysPresent", oneIf(len(root.AccessKeys) > 0)},
		{"AccountSigningCertificatesPresent", 0}, {"UsersQuota", 5000}, {"GroupsQuota", 300}, {"RolesQuota", 1000},
		{"PoliciesQuota", 1500}, {"GroupsPerUserQuota", 10}, {"AccessKeysPerUserQuota", 2},
		{"SigningCertificatesPerUserQuota", 2}, {"AttachedPoliciesPerUserQuota", policyQuota},
	}
	return struct {
		Entries []xmlSummaryEntry `xml:"SummaryMap>entry"`
	}{entries}, nil
}

func oneIf(present bool) int {
	if present {
		return 1
	}
	return 0
}

func getUser(_ *Server, _ call, _ url.Values, user *IAMUser) (any, *apiError) {
	return struct{ User xmlUser }{userShape(user)}, nil
}

type xmlLoginProfile struct {
	UserName              string
	CreateDate            string
	PasswordResetRequired bool
}

func getLoginProfile(s *Server, _ call, _ url.Values, user *IAMUser) (any, *apiError) {
	if user.LoginProfile == nil {
		return nil, missing("Login Profile for User %s cannot be found.", user.Name)
	}
	return struct{ LoginProfile xmlLoginProfile }{xmlLoginProfile{
		UserName: user.Name, CreateDate: stamp(user.LoginProfile.CreatedAt), PasswordResetRequired: user.LoginProfile.ResetRequired,
	}}, nil
}

type xmlUserPolicy struct {
	UserName       string
	PolicyName     string
	PolicyDocument string
}

func getUserPolicy(s *Server, _ call, in url.Values, user *IAMUser) (any, *apiError) {
	policy := find(user.Inline, func(p *InlinePolicy) bool { return p.Name == in.Get("PolicyName") })
	if policy == nil {
		return nil, missing("The user policy with name %s cannot be found.", in.Get("PolicyName"))
	}
	return xmlUserPolicy{UserName: user.Name, PolicyName: policy.Name, PolicyDocument: encodeDocument(policy.Document)}, nil
}

type xmlLastUsed struct {
	LastUsedDate string `xml:",omitempty"`
	ServiceName  string
	Region       string
}

type xmlAccessKeyLastUsed struct {
	UserName          string
	AccessKeyLastUsed xmlLastUsed
}

// getAccessKeyLastUsed answers AccessDenied for a key it does not know, since
// it will not say whose it is.
func getAccessKeyLastUsed(s *Server, c call, in url.Values) (any, *apiError) {
	for _, user := range s.usersOf(c.Account) {
		for _, key := range user.AccessKeys {
			if key.ID == in.Get("AccessKeyId") {
				return xmlAccessKeyLastUsed{UserName: user.Name, AccessKeyLastUsed: xmlLastUsed{
					LastUsedDate: stamp(key.LastUsedAt), ServiceName: orNA(key.LastUsedService), Region: orNA(key.LastUsedRegion),
				}}, nil
			}
		}
	}
	return nil, fail(http.StatusForbidden, "AccessDenied", "User: %s is not authorized to perform: iam:GetAccessKeyLastUsed", c.Principal)
}

// orNA is how IAM words what does not apply.
func orNA(value string) string {
	if value == "" {
		return "N/A"
	}
	return value
}

// encodeDocument writes a policy document as IAM sends it, per RFC 3986: a
// space is %20, never +.
func encodeDocument(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}
