package fakeaws

type queryAction struct {
	service string
	run     queryOp
}

// queryActions are the actions of the query protocol; an action's name tells
// its service, for no two share one.
var queryActions = map[string]queryAction{
	"AssumeRole":        {"sts", assumeRole},
	"GetCallerIdentity": {"sts", getCallerIdentity},

	"GenerateCredentialReport":       {"iam", generateCredentialReport},
	"GetAccessKeyLastUsed":           {"iam", getAccessKeyLastUsed},
	"GetAccountAuthorizationDetails": {"iam", getAccountAuthorizationDetails},
	"GetAccountSummary":              {"iam", getAccountSummary},
	"GetCredentialReport":            {"iam", getCredentialReport},
	"GetLoginProfile":                {"iam", of((*Server).subject, getLoginProfile)},
	"GetUser":                        {"iam", of((*Server).subject, getUser)},
	"GetUserPolicy":                  {"iam", of((*Server).required, getUserPolicy)},
	"ListAccessKeys":                 {"iam", of((*Server).subject, listAccessKeys)},
	"ListAttachedUserPolicies":       {"iam", of((*Server).required, listAttachedUserPolicies)},
	"ListGroupsForUser":              {"iam", of((*Server).required, listGroupsForUser)},
	"ListMFADevices":                 {"iam", of((*Server).subject, listMFADevices)},
	"ListSSHPublicKeys":              {"iam", of((*Server).subject, listSSHPublicKeys)},
	"ListServiceSpecificCredentials": {"iam", listServiceSpecificCredentials},
	"ListSigningCertificates":        {"iam", of((*Server).subject, listSigningCertificates)},
	"ListUserPolicies":               {"iam", of((*Server).required, listUserPolicies)},
	"ListUsers":                      {"iam", listUsers},
	"ListVirtualMFADevices":          {"iam", listVirtualMFADevices},

	"AddUserToGroup":                  {"iam", addUserToGroup},
	"AttachUserPolicy":                {"iam", of((*Server).required, attachUserPolicy)},
	"DeactivateMFADevice":             {"iam", of((*Server).subject, deactivateMFADevice)},
	"DeleteAccessKey":                 {"iam", deleteAccessKey},
	"DeleteLoginProfile":              {"iam", of((*Server).subject, deleteLoginProfile)},
	"DeleteSSHPublicKey":              {"iam", deleteSSHPublicKey},
	"DeleteServiceSpecificCredential": {"iam", deleteServiceSpecificCredential},
	"DeleteSigningCertificate":        {"iam", deleteSigningCertificate},
	"DeleteUser":                      {"iam", of((*Server).required, deleteUser)},
	"DeleteUserPermissionsBoundary":   {"iam", of((*Server).required, deleteUserPermissionsBoundary)},
	"DeleteUserPolicy":                {"iam", of((*Server).required, deleteUserPolicy)},
	"DeleteVirtualMFADevice":          {"iam", deleteVirtualMFADevice},
	"DetachUserPolicy":                {"iam", of((*Server).required, detachUserPolicy)},
	"PutUserPermissionsBoundary":      {"iam", of((*Server).required, putUserPermissionsBoundary)},
	"RemoveUserFromGroup":             {"iam", removeUserFromGroup},
	"TagUser":                         {"iam", of((*Server).required, tagUser)},
	"UpdateAccessKey":                 {"iam", updateAccessKey},
	"UpdateSSHPublicKey":              {"iam", updateSSHPublicKey},
	"UpdateServiceSpecificCredential": {"iam", updateServiceSpecificCredential},
	"UpdateSigningCertificate":        {"iam", updateSigningCertificate},
}

// queryWrites are the actions that change something. It stands apart from the
// table because the handlers themselves ask it. Making a credential report is
// a read to IAM.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
var queryWrites = map[string]bool{
	"AddUserToGroup": true, "AttachUserPolicy": true, "DeactivateMFADevice": true, "DeleteAccessKey": true,
	"DeleteLoginProfile": true, "DeleteSSHPublicKey": true, "DeleteServiceSpecificCredential": true,
	"DeleteSigningCertificate": true, "DeleteUser": true, "DeleteUserPermissionsBoundary": true,
	"DeleteUserPolicy": true, "DeleteVirtualMFADevice": true, "DetachUserPolicy": true,
	"PutUserPermissionsBoundary": true, "RemoveUserFromGroup": true, "TagUser": true, "UpdateAccessKey": true,
	"UpdateSSHPublicKey": true, "UpdateServiceSpecificCredential": true, "UpdateSigningCertificate": true,
}
