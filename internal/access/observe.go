package access

import "time"

// AccountStatus is what a system says of an account, in rollcall's words.
type AccountStatus string

// The statuses of an account. The vendor's own word is kept beside it.
const (
	AccountUnknown   AccountStatus = "unknown"
	AccountActive    AccountStatus = "active"    // can log in, or could with a step of the user's own
	AccountSuspended AccountStatus = "suspended" // blocked, reversible
	AccountDisabled  AccountStatus = "disabled"  // ended in its system (DEPROVISIONED, DISABLED)
)

// MFA says whether a second factor guards an account's login.
type MFA string

// The words of MFA. No login at all is MFANotApplicable.
const (
	MFAUnknown       MFA = "unknown"
	MFAYes           MFA = "yes"
	MFANo            MFA = "no"
	MFANotApplicable MFA = "not_applicable"
)

// AccountKind tells the kinds of account of one system apart.
type AccountKind string

// The kinds of account.
const (
	OktaUser       AccountKind = "okta_user"
	OktaClient     AccountKind = "okta_client" // an OAuth client that holds admin roles
	IAMUser        AccountKind = "iam_user"
	IAMRoot        AccountKind = "iam_root"
	IdentityCenter AccountKind = "identity_center_user"
)

// LogsRead is the kind of a Read of a system's own log.
const LogsRead = "logs"

// LastUsedAt gives the time of last use, zero when never or unknown.
func (g Grant) LastUsedAt() time.Time {
	if g.LastUsed == 0 {
		return time.Time{}
	}
	return time.Unix(int64(g.LastUsed), 0).UTC()
}

// Via is the path by which a grant is held, in words ("group Engineering"), or
// empty when it is held directly.
func (o *Observation) Via(g Grant) string {
	if g.Direct() {
		return ""
	}
	c := o.Entitlements[g.Carrier-1]
	return string(c.Kind) + " " + c.Name
}
