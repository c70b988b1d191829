package fakeaws

import (
	"net/url"
	"slices"
	"strings"
)

// listOf answers a per-user list: the user is the caller when not named.
func listOf[T any](s *Server, c call, in url.Values, of func(*IAMUser) []T) ([]T, iamPaging, *apiError) {
	user, failure := s.subject(c, in)
	if failure != nil {
		return nil, iamPaging{}, failure
	}
	return pageIAM(s, of(user), in)
}

// listOfNamed is listOf for actions that insist on a name.
func listOfNamed[T any](s *Server, c call, in url.Values, of func(*IAMUser) []T) ([]T, iamPaging, *apiError) {
	user, failure := s.required(c, in)
	if failure != nil {
		return nil, iamPaging{}, failure
	}
	return pageIAM(s, of(user), in)
}

func convert[T, U any](all []T, one func(T) U) []U {
	var converted []U
	for _, item := range all {
		converted = append(converted, one(item))
	}
	return converted
}

func listUsers(s *Server, c call, in url.Values) (any, *apiError) {
	users := s.usersOf(c.Account)
	if prefix := in.Get("PathPrefix"); prefix != "" {
		users = slices.DeleteFunc(users, func(u *IAMUser) bool { return !strings.HasPrefix(u.Path, prefix) })
	}
	items, paging, failure := pageIAM(s, convert(users, shortUserShape), in)
	return struct {
		Users members[xmlUser]
		iamPaging
	}{members[xmlUser]{items}, paging}, failure
}

type xmlAccessKey struct {
	UserName    string
	AccessKeyID string `xml:"AccessKeyId"`
	Status      string
	CreateDate  string
}

func listAccessKeys(s *Server, c call, in url.Values) (any, *apiError) {
	items, paging, failure := listOf(s, c, in, func(u *IAMUser) []xmlAccessKey {
		return convert(u.AccessKeys, func(k AccessKey) xmlAccessKey {
			return xmlAccessKey{UserName: u.Name, AccessKeyID: k.ID, Status: k.Status, CreateDate: stamp(k.CreatedAt)}
		})
	})
	return struct {
		AccessKeyMetadata members[xmlAccessKey]
		iamPaging
	}{members[xmlAccessKey]{items}, paging}, failure
}

type xmlSSHKey struct {
	UserName       string
	SSHPublicKeyID string `xml:"SSHPublicKeyId"`
	Status         string
	UploadDate     string
}

func listSSHPublicKeys(s *Server, c call, in url.Values) (any, *apiError) {
	items, paging, failure := listOf(s, c, in, func(u *IAMUser) []xmlSSHKey {
		return convert(u.SSHKeys, func(k SSHKey) xmlSSHKey {
			return xmlSSHKey{UserName: u.Name, SSHPublicKeyID: k.ID, Status: k.Status, UploadDate: stamp(k.UploadedAt)}
		})
	})
	return struct {
		SSHPublicKeys members[xmlSSHKey]
		iamPaging
	}{members[xmlSSHKey]{items}, paging}, failure
}

type xmlCertificate struct {
	UserName        string
	CertificateID   string `xml:"CertificateId"`
	CertificateBody string
	Status          string
	UploadDate      string
}

func listSigningCertificates(s *Server, c call, in url.Values) (any, *apiError) {
	items, paging, failure := listOf(s, c, in, func(u *IAMUser) []xmlCertificate {
		return convert(u.Certificates, func(k Certificate) xmlCertificate {
			return xmlCertificate{UserName: u.Name, CertificateID: k.ID, CertificateBody: k.Body, Status: k.Status, UploadDate: stamp(k.UploadedAt)}
		})
	})
	return struct {
		Certificates members[xmlCertificate]
		iamPaging
	}{members[xmlCertificate]{items}, paging}, failure
}

type xmlMFADevice struct {
	UserName     string
	SerialNumber string
	EnableDate   string
}

func listMFADevices(s *Server, c call, in url.Values) (any, *apiError) {
	items, paging, failure := listOf(s, c, in, func(u *IAMUser) []xmlMFADevice {
		return convert(u.MFA, func(d MFADevice) xmlMFADevice {
			return xmlMFADevice{UserName: u.Name, SerialNumber: d.Serial, EnableDate: stamp(d.EnabledAt)}
		})
	})
	return struct {
		MFADevices members[xmlMFADevice]
		iamPaging
	}{members[xmlMFADevice]{items}, paging}, failure
}

func listGroupsForUser(s *Server, c call, in url.Values) (any, *apiError) {
	items, paging, failure := listOfNamed(s, c, in, func(u *IAMUser) []xmlGroup {
		var groups []xmlGroup
		for _, name := range u.Groups {
			if group := s.iamGroup(u.Account, name); group != nil {
				groups = append(groups, groupShape(group))
			}
		}
		return groups
	})
	return struct {
		Groups members[xmlGroup]
		iamPaging
	}{members[xmlGroup]{items}, paging}, failure
}

func listAttachedUserPolicies(s *Server, c call, in url.Values) (any, *apiError) {
	items, paging, failure := listOfNamed(s, c, in, func(u *IAMUser) []xmlAttached { return attachedShapes(u.Attached) })
	return struct {
		AttachedPolicies members[xmlAttached]
		iamPaging
	}{members[xmlAttached]{items}, paging}, failure
}

func listUserPolicies(s *Server, c call, in url.Values) (any, *apiError) {
	items, paging, failure := listOfNamed(s, c, in, func(u *IAMUser) []string {
		return convert(u.Inline, func(p InlinePolicy) string { return p.Name })
	})
	return struct {
		PolicyNames members[string]
		iamPaging
	}{members[string]{items}, paging}, failure
}
