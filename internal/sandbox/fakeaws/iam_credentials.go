package fakeaws

import "net/url"

// finder gives the user of a call: subject, or required where IAM insists on
// a name.
type finder func(s *Server, c call, in url.Values) (*IAMUser, *apiError)

// setStatus is every Update... of a credential: held lists the user's
// credentials of the kind, id is the parameter that names one.
func setStatus[T any](find finder, id string, held func(*IAMUser) []T, fields func(*T) (string, *string)) queryOp {
	return of(find, func(_ *Server, _ call, in url.Values, user *IAMUser) (any, *apiError) {
		status := in.Get("Status")
		if status != active && status != inactive {
			return nil, invalid("Value '%s' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]", status)
		}
		credentials := held(user)
		for i := range credentials {
			if name, current := fields(&credentials[i]); name == in.Get(id) {
				*current = status
				return nil, nil
			}
		}
		return nil, missing("The %s with id %s cannot be found.", id, in.Get(id))
	})
}

// remove is every Delete... of a credential.
func remove[T any](find finder, id string, held func(*IAMUser) *[]T, name func(T) string) queryOp {
	return of(find, func(_ *Server, _ call, in url.Values, user *IAMUser) (any, *apiError) {
		if !drop(held(user), func(credential T) bool { return name(credential) == in.Get(id) }) {
			return nil, missing("The %s with id %s cannot be found.", id, in.Get(id))
		}
		return nil, nil
	})
}

// The credentials that have a status. Only SSH keys insist on a UserName.
var (
	updateAccessKey = setStatus((*Server).subject, "AccessKeyId",
		func(u *IAMUser) []AccessKey { return u.AccessKeys },
		func(k *AccessKey) (string, *string) { return k.ID, &k.Status })
	deleteAccessKey = remove((*Server).subject, "AccessKeyId",
		func(u *IAMUser) *[]AccessKey { return &u.AccessKeys }, func(k AccessKey) string { return k.ID })

	updateSSHPublicKey = setStatus((*Server).required, "SSHPublicKeyId",
		func(u *IAMUser) []SSHKey { return u.SSHKeys },
		func(k *SSHKey) (string, *string) { return k.ID, &k.Status })
	deleteSSHPublicKey = remove((*Server).required, "SSHPublicKeyId",
		func(u *IAMUser) *[]SSHKey { return &u.SSHKeys }, func(k SSHKey) string { return k.ID })

	updateSigningCertificate = setStatus((*Server).subject, "CertificateId",
		func(u *IAMUser) []Certificate { return u.Certificates },
		func(k *Certificate) (string, *string) { return k.ID, &k.Status })
	deleteSigningCertificate = remove((*Server).subject, "CertificateId",
		func(u *IAMUser) *[]Certificate { return &u.Certificates }, func(k Certificate) string { return k.ID })

	updateServiceSpecificCredential = setStatus((*Server).subject, "ServiceSpecificCredentialId",
		func(u *IAMUser) []ServiceCredential { return u.ServiceCredentials },
		func(k *ServiceCredential) (string, *string) { return k.ID, &k.Status })
	deleteServiceSpecificCredential = remove((*Server).subject, "ServiceSpecificCredentialId",
		func(u *IAMUser) *[]ServiceCredential { return &u.ServiceCredentials }, func(k ServiceCredential) string { return k.ID })
)

func deleteLoginProfile(s *Server, _ call, _ url.Values, user *IAMUser) (any, *apiError) {
	if user.LoginProfile == nil {
		return nil, missing("Login Profile for User %s cannot be found.", user.Name)
	}
	user.LoginProfile = nil
	return nil, nil
}

// deactivateMFADevice takes a device from its user. A virtual one goes on
// existing, without a user, until it is deleted.
func deactivateMFADevice(s *Server, _ call, in url.Values, user *IAMUser) (any, *apiError) {
	serial := in.Get("SerialNumber")
	device := find(user.MFA, func(d *MFADevice) bool { return d.Serial == serial })
	if device == nil {
		return nil, missing("MFA Device invalid for user.")
	}
	if device.Virtual {
		s.st.LooseMFA = append(s.st.LooseMFA, LooseMFADevice{Account: user.Account, Serial: serial})
	}
	drop(&user.MFA, func(d MFADevice) bool { return d.Serial == serial })
	return nil, nil
}

func deleteVirtualMFADevice(s *Server, c call, in url.Values) (any, *apiError) {
	serial := in.Get("SerialNumber")
	for _, device := range s.assignedMFA(c.Account) {
		if device.SerialNumber == serial {
			return nil, conflict("DeleteConflict", "VirtualMFADevice is assigned to user %s, deactivate it first.", device.User.UserName)
		}
	}
	if !drop(&s.st.LooseMFA, func(d LooseMFADevice) bool { return d.Account == c.Account && d.Serial == serial }) {
		return nil, missing("VirtualMFADevice with serial number %s doesn't exist.", serial)
	}
	return nil, nil
}
