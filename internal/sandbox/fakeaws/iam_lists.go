package fakeaws

import (
	"net/url"
	"slices"
	"strings"
)

// listing answers one page of a list, under the name that its action has for it.
func listing[T any](s *Server, name string, all []T, in url.Values) (any, *apiError) {
	items, paging, failure := pageIAM(s, all, in)
	if failure != nil {
		return nil, failure
	}
	return struct {
		List *xmlNamed
		iamPaging
	}{&xmlNamed{name: name, body: members[T]{items}}, paging}, nil
}

func listUsers(s *Server, c call, in url.Values) (any, *apiError) {
	users := s.usersOf(c.Account)
	if prefix := in.Get("PathPrefix"); prefix != "" {
		users = slices.DeleteFunc(users, func(u *IAMUser) bool { return !strings.HasPrefix(u.Path, prefix) })
	}
	return listing(s, "Users", convert(users, shortUserShape), in)
}

type xmlAccessKey struct {
	UserName    string
	AccessKeyID string `xml:"AccessKeyId"`
	Status      string
	CreateDate  string
}

func listAccessKeys(s *Server, _ call, in url.Values, u *IAMUser) (any, *apiError) {
	return listing(s, "AccessKeyMetadata", convert(u.AccessKeys, func(k AccessKey) xmlAccessKey {
		return xmlAccessKey{UserName: u.Name, AccessKeyID: k.ID, Status: k.Status, CreateDate: stamp(k.CreatedAt)}
	}), in)
}

type xmlSSHKey struct {
	UserName       string
	SSHPublicKeyID string `xml:"SSHPublicKeyId"`
	Status         string
	UploadDate     string
}

func listSSHPublicKeys(s *Server, _ call, in url.Values, u *IAMUser) (any, *apiError) {
	return listing(s, "SSHPublicKeys", convert(u.SSHKeys, func(k SSHKey) xmlSSHKey {
		return xmlSSHKey{UserName: u.Name, SSHPublicKeyID: k.ID, Status: k.Status, UploadDate: stamp(k.UploadedAt)}
	}), in)
}

type xmlCertificate struct {
	UserName        string
	CertificateID   string `xml:"CertificateId"`
	CertificateBody string
	Status          string
	UploadDate      string
}

func listSigningCertificates(s *Server, _ call, in url.Values, u *IAMUser) (any, *apiError) {
	return listing(s, "Certificates", convert(u.Certificates, func(k Certificate) xmlCertificate {
		return xmlCertificate{UserName: u.Name, CertificateID: k.ID, CertificateBody: k.Body, Status: k.Status, UploadDate: stamp(k.UploadedAt)}
	}), in)
}

type xmlMFADevice struct {
	UserName     string
	SerialNumber string
	EnableDate   string
}

func listMFADevices(s *Server, _ call, in url.Values, u *IAMUser) (any, *apiError) {
	return listing(s, "MFADevices", convert(u.MFA, func(d MFADevice) xmlMFADevice {
		return xmlMFADevice{UserName: u.Name, SerialNumber: d.Serial, EnableDate: stamp(d.EnabledAt)}
	}), in)
}

func listGroupsForUser(s *Server, _ call, in url.Values, u *IAMUser) (any, *apiError) {
	var groups []xmlGroup
	for _, name := range u.Groups {
		if group := s.iamGroup(u.Account, name); group != nil {
			groups = append(groups, groupShape(group))
		}
	}
	return listing(s, "Groups", groups, in)
}

func listAttachedUserPolicies(s *Server, _ call, in url.Values, u *IAMUser) (any, *apiError) {
	return listing(s, "AttachedPolicies", attachedShapes(u.Attached), in)
}

func listUserPolicies(s *Server, _ call, in url.Values, u *IAMUser) (any, *apiError) {
	return listing(s, "PolicyNames", convert(u.Inline, func(p InlinePolicy) string { return p.Name }), in)
}
