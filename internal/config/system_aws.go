package config

// TypeAWS is the type of an AWS organisation.
const TypeAWS = "aws"

var awsType = systemType{
	name:    TypeAWS,
	fields:  func(r *reader, s *System, _ string) []field { return r.aws(&s.AWS) },
	agree:   func(r *reader, path string, s *System, acting string) { r.agreeAWS(path, &s.AWS, acting) },
	secrets: func(System) []Secret { return nil }, // they are where the AWS SDK looks
}

// AWS is how to reach one AWS organisation. The job's own credentials come from
// the standard places of the AWS SDK, never from this file.
type AWS struct {
	Region               string // of Identity Center
	Role                 string // name of the reading role, the same in each account
	ManagementRole       string // name of the reading role in the management account; empty: the job's own credentials
	ExternalID           string // sent with every AssumeRole; not a secret
	RevokeRole           string // name of the changing role in each account
	ManagementRevokeRole string // name of the changing role in the management account
	// Profile and RevokeProfile are profiles of the AWS SDK's shared
	// configuration that hold the job's own credentials, for reading and for
	// changing; empty: the SDK's usual places.
	Profile, RevokeProfile string
	// RestoreRole, ManagementRestoreRole and RestoreProfile give back. They are
	// for the machine of whoever restores: the night does without.
	RestoreRole, ManagementRestoreRole, RestoreProfile string
	SkipIdentityCenter                                 bool   // the company has none; without it, finding none is a gap
	HRIDTag                                            string // the tag of an IAM user that holds the employee id; empty: employee_id
	Endpoint                                           string // an emulator on this machine; empty: AWS itself
}

// Names and ARNs of roles: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
// and https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (external id).
func (r *reader) aws(a *AWS) []field {
	role := matches(`[\w+=,.@/-]{1,512}`, "the name of a role, with its path if it has one, such as rollcall-read (no ARN: it is the same in every account)")
	return []field{
		{"region", "add the region of Identity Center, such as eu-west-1", r.text(&a.Region, region)},
		{"role", "add the name of the reading role that exists in each account", r.text(&a.Role, role)},
		{"management_role", "", r.text(&a.ManagementRole, role)},
		{"external_id", "", r.text(&a.ExternalID, matches(`[\w+=,.@:/-]{2,}`, "at least 2 letters, digits or + = , . @ : / -"))},
		{"revoke_role", "", r.text(&a.RevokeRole, role)},
		{"management_revoke_role", "", r.text(&a.ManagementRevokeRole, role)},
		{"hr_id_tag", "", r.text(&a.HRIDTag)},
		{"profile", "", r.text(&a.Profile)},
		{"revoke_profile", "", r.text(&a.RevokeProfile)},
		{"skip_identity_center", "", r.yesNo(&a.SkipIdentityCenter)},
		{"endpoint", "", r.text(&a.Endpoint, address, localOnly)},
		{"restore_role", "", r.text(&a.RestoreRole, role)},
		{"management_restore_role", "", r.text(&a.ManagementRestoreRole, role)},
		{"restore_profile", "", r.text(&a.RestoreProfile)},
	}
}

func (r *reader) agreeAWS(path string, a *AWS, acting string) {
	if a.RevokeRole != "" && a.RevokeRole == a.Role {
		r.differ(join(path, "revoke_role"), "role")
	}
	if a.ManagementRevokeRole != "" && a.ManagementRevokeRole == a.ManagementRole {
		r.differ(join(path, "management_revoke_role"), "management_role")
	}
	for _, two := range []struct{ one, other, is, was string }{
		{"restore_role", "role", a.RestoreRole, a.Role}, {"restore_role", "revoke_role", a.RestoreRole, a.RevokeRole},
		{"management_restore_role", "management_role", a.ManagementRestoreRole, a.ManagementRole},
		{"management_restore_role", "management_revoke_role", a.ManagementRestoreRole, a.ManagementRevokeRole},
	} {
		if two.is != "" && two.is == two.was {
			r.differ(join(path, two.one), two.other)
		}
	}
	r.needs(join(path, "revoke_role"), acting, path)
	r.needs(join(path, "management_revoke_role"), acting, path)
}
