package access

import "time"

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

// effects are what a verb does to an account, where more follows from it than
// that it was done.
var effects = map[Verb]struct{ stops, takes, separate bool }{
	OktaSuspend:         {stops: true},
	OktaDeactivate:      {stops: true},
	OktaDeleteToken:     {takes: true},
	IAMDeny:             {stops: true},
	SSODeleteAssignment: {stops: true, takes: true, separate: true},
	SSODeleteMembership: {stops: true, takes: true, separate: true},
	OktaLeaveGroup:      {takes: true, separate: true},
	OktaUnassignApp:     {takes: true, separate: true},
	OktaRemoveAdminRole: {takes: true},
	IAMLeaveGroup:       {separate: true},
	IAMDetachPolicy:     {separate: true},
	IAMDeletePolicy:     {separate: true},
}

// longestSession is the longest that AWS lets a session of a role, or of a
// permission set, live (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html).
const longestSession = 12 * time.Hour

// LingersUntil is by when the sessions end that the account began before this was
// done and that no verb can end; zero if there are none.
func (o Outcome) LingersUntil() time.Time {
	switch o.Action.Verb {
	case IAMDeny, SSODeleteAssignment, SSODeleteMembership:
		if o.Result == Done && !o.VerifiedAt.IsZero() {
			return o.VerifiedAt.Add(longestSession)
		}
	}
	return time.Time{}
}

// Stops reports whether the verb by itself ends the use of an account.
func (v Verb) Stops() bool { return effects[v].stops }

// Takes reports whether the system lists a record less once the verb was done.
func (v Verb) Takes() bool { return effects[v].takes }

// Separate reports whether the verb takes one right and leaves the account, and all
// that lets its person in, as it is: the only verbs for somebody who works here.
func (v Verb) Separate() bool { return effects[v].separate }
