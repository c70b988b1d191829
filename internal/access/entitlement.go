package access

// EntitlementKind names a kind of right.
type EntitlementKind string

// The kinds of entitlement (docs/design.md, "The words").
const (
	OktaGroup          EntitlementKind = "group"
	OktaApp            EntitlementKind = "app"
	OktaAdminRole      EntitlementKind = "admin_role"
	OktaAPIToken       EntitlementKind = "api_token"
	IAMGroup           EntitlementKind = "iam_group"
	IAMPolicy          EntitlementKind = "iam_policy"
	IAMInlinePolicy    EntitlementKind = "iam_inline_policy"
	ConsoleLogin       EntitlementKind = "console_login"
	AccessKey          EntitlementKind = "access_key"
	SSHKey             EntitlementKind = "ssh_key"
	SigningCertificate EntitlementKind = "signing_certificate"
	ServiceCredential  EntitlementKind = "service_credential"
	PermissionSet      EntitlementKind = "permission_set"
	SSOGroup           EntitlementKind = "sso_group" // a group of Identity Center
	SSOApp             EntitlementKind = "sso_app"
)

// Risk of an entitlement.
type Risk string

// The words of Risk, from the role map.
const (
	RiskStandard   Risk = "standard"
	RiskSensitive  Risk = "sensitive"
	RiskPrivileged Risk = "privileged"
)

// KindWords is a kind of entitlement with what its own console calls it.
type KindWords struct {
	Kind  EntitlementKind
	Words string
}

// EntitlementKinds are all kinds of entitlement: those that a role map may name,
// in the order in which messages name them.
var EntitlementKinds = []KindWords{
	{OktaGroup, "Okta group"},
	{OktaApp, "Okta app"},
	{OktaAdminRole, "Okta administrator role"},
	{OktaAPIToken, "Okta API token"},
	{IAMGroup, "IAM group"},
	{IAMPolicy, "IAM policy"},
	{IAMInlinePolicy, "IAM inline policy"},
	{ConsoleLogin, "AWS console password"},
	{AccessKey, "AWS access key"},
	{SSHKey, "AWS SSH key"},
	{SigningCertificate, "AWS signing certificate"},
	{ServiceCredential, "AWS service credential"},
	{PermissionSet, "Permission set"},
	{SSOGroup, "Identity Center group"},
	{SSOApp, "Identity Center app"},
}

// Words is what people call the kind; the kind itself where it is none of ours.
func (k EntitlementKind) Words() string {
	for _, one := range EntitlementKinds {
		if one.Kind == k {
			return one.Words
		}
	}
	return string(k)
}
