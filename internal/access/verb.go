package access

// Stage of a revocation.
type Stage string

// The stages. Block stops all use at once; remove tidies up after a grace period
// and cannot be undone.
const (
	Block  Stage = "block"
	Remove Stage = "remove"
)

// Verb is one change that a Revoker can make.
type Verb string

// The verbs of the block stage (docs/design.md).
const (
	OktaSuspend       Verb = "suspend"          // LOCKED_OUT: unlock and suspend at once
	OktaDeactivate    Verb = "deactivate"       // for states that cannot be suspended; irreversible
	OktaClearSessions Verb = "clear_sessions"   // sessions and OAuth tokens
	OktaDeleteToken   Verb = "delete_api_token" // irreversible

	IAMDeny                  Verb = "deny_all" // AWSDenyAll as policy, else as boundary
	IAMDeactivateKey         Verb = "deactivate_access_key"
	IAMDeactivateSSHKey      Verb = "deactivate_ssh_key"
	IAMDeactivateCertificate Verb = "deactivate_certificate"
	IAMDeactivateCredential  Verb = "deactivate_service_credential"

	SSODeleteAssignment Verb = "delete_assignment"
	SSODeleteMembership Verb = "delete_membership"
)

// The verbs of the remove stage; nothing that they do to who left can be undone.
// OktaDeactivate, the last one in Okta, is a verb of both stages, and so are those of
// Identity Center where access of a former job is taken.
const (
	OktaRevokeGrants    Verb = "revoke_grants" // consents to OAuth clients
	OktaResetFactors    Verb = "reset_factors"
	OktaLeaveGroup      Verb = "leave_group"
	OktaUnassignApp     Verb = "unassign_app"
	OktaRemoveAdminRole Verb = "remove_admin_role"

	IAMDeleteLogin       Verb = "delete_login_profile" // the console password
	IAMDeleteKey         Verb = "delete_access_key"
	IAMDeleteSSHKey      Verb = "delete_ssh_key"
	IAMDeleteCertificate Verb = "delete_certificate"
	IAMDeleteCredential  Verb = "delete_service_credential"
	IAMLeaveGroup        Verb = "remove_from_group"
	IAMDetachPolicy      Verb = "detach_policy" // any but AWSDenyAll
	IAMDeletePolicy      Verb = "delete_inline_policy"
	IAMRemoveMFA         Verb = "remove_mfa"
	IAMTagRemoved        Verb = "tag_removed" // rollcall:removed, with the run
	IAMDeleteUser        Verb = "delete_user" // by policy, of one who holds nothing else
)

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

// Stops reports whether the verb by itself ends the use of an account.
func (v Verb) Stops() bool { return effects[v].stops }

// Takes reports whether the system lists a record less once the verb was done.
func (v Verb) Takes() bool { return effects[v].takes }

// Separate reports whether the verb takes one right and leaves the account, and all
// that lets its person in, as it is: the only verbs for somebody who works here.
func (v Verb) Separate() bool { return effects[v].separate }
