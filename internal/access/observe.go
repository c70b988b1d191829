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

// Account is a login in one system.
type Account struct {
	System       System
	Scope        string // the AWS account id of an IAM user; empty otherwise
	ScopeName    string
	ID           AccountID
	Kind         AccountKind
	Login        string
	Email        string
	HRID         EmployeeID // the HR id in the account's profile or tag, if any
	Name         string     // shown to people; never used to match
	Status       AccountStatus
	VendorStatus string // the vendor's own word, such as PASSWORD_EXPIRED
	Upstream     string // the issuer that provisions it (SCIM), empty for an account of its own
	Privileged   bool
	MFA          MFA
	CreatedAt    time.Time
	LastUsedAt   time.Time // zero: never, or not known (UsageKnown tells)
	UsageKnown   bool
	Read         int // index into Observation.Reads: the scope that listed it
}

// Key is the account's key.
func (a Account) Key() AccountKey { return AccountKey{a.System, a.Scope, a.ID} }

// AccountKey is what names an account for ever.
type AccountKey struct {
	System System    `json:"system"`
	Scope  string    `json:"scope"`
	ID     AccountID `json:"account_id"`
}

// String gives system:scope:id for sorting and messages.
func (k AccountKey) String() string {
	return string(k.System) + ":" + k.Scope + ":" + string(k.ID)
}

// AppendTo writes a key as String does.
func (k AccountKey) AppendTo(b []byte) []byte {
	b = append(append(b, k.System...), ':')
	b = append(append(b, k.Scope...), ':')
	return append(b, k.ID...)
}

// EntitlementKind names a kind of right.
type EntitlementKind string

// The kinds of entitlement (design.md, section 3).
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

// Entitlement is a right that can be held.
type Entitlement struct {
	System    System
	Scope     string // the AWS account id, or empty
	ScopeName string
	Kind      EntitlementKind
	ID        string // the vendor's id
	Name      string // what people know it by
	// Privileged is a fact of the vendor's (an admin role, an admin policy);
	// the role map's risk is policy and is kept apart.
	Privileged bool
	// Editable says that a membership can be taken away by itself: false for
	// Okta's APP_GROUP and BUILT_IN groups and for groups pushed from upstream.
	Editable bool
	// Ruled says that a rule of the system fills it: whoever is taken out of it is
	// excluded from the rule, also when they come back.
	Ruled bool
	// Denies says that it, or what it carries, also denies something, as a policy of
	// AWS can: whoever loses it may do more than before.
	Denies bool
	// Credential says that holding it lets somebody in without any other right
	// (an access key, an API token), so a block must end it. A key that is inactive
	// already is held and is no credential.
	Credential bool
	// CreatedAt is when it was made, where the vendor says so: of a key it
	// tells the age. Zero: not known.
	CreatedAt time.Time
	Read      int // index into Observation.Reads: the scope that listed its holders
}

// Grant says that an account holds an entitlement. Both are indexes into the
// Observation that holds the grant, so that a grant costs 16 bytes.
type Grant struct {
	Account     uint32
	Entitlement uint32
	Carrier     uint32 // 1 + index of the entitlement that carries it (a group); 0: held directly
	LastUsed    uint32 // unix seconds; 0: never or unknown
}

// LogsRead is the kind of a Read of a system's own log.
const LogsRead = "logs"

// Read is the certificate of one scope that was read: complete, or why not.
// The zero Read is incomplete.
type Read struct {
	System       System    `json:"system"`
	Scope        string    `json:"scope"` // the AWS account id, or empty
	Kind         string    `json:"kind"`  // the family of endpoints, such as "users" or "iam"
	Complete     bool      `json:"complete"`
	Gap          string    `json:"gap,omitempty"` // what could not be read, and why, when not complete
	Requests     int       `json:"requests"`
	Pages        int       `json:"pages"`
	Records      int       `json:"records"`
	ClaimedTotal int       `json:"claimed_total"` // what the API says there is; -1: it does not say
	StartedAt    time.Time `json:"started_at"`
	FinishedAt   time.Time `json:"finished_at"`
	SHA256       string    `json:"sha256"` // over the raw pages, in order
	Caller       string    `json:"caller"` // the identity that read
	// Lists says that this scope lists accounts, so that a block may rest on it.
	Lists bool `json:"lists"`
	// Recalled says that an earlier run read it, and this one did not.
	Recalled bool `json:"recalled,omitempty"`
}

// Name is system[/scope]/kind, as messages print a scope.
func (r Read) Name() string {
	if r.Scope == "" {
		return string(r.System) + "/" + r.Kind
	}
	return string(r.System) + "/" + r.Scope + "/" + r.Kind
}

// Observation is what one collector saw. Accounts, entitlements and reads are
// tables; a grant refers to them by index.
type Observation struct {
	System       System
	Accounts     []Account
	Entitlements []Entitlement
	Grants       []Grant
	Reads        []Read
	// Aside are the certificates of what was read besides (LogsRead): nothing rests on
	// them that is decided about who holds what, or what is taken from whom.
	Aside []Read
	// Self are the accounts that the job itself acts as: never acted on.
	Self []AccountKey
	// AdminsUnread are accounts that the system names as holders of admin roles,
	// when which ones could not be read: each may hold any of them.
	AdminsUnread []AccountKey
	// Uses are what the system's own log says of the use of accounts that were
	// watched, oldest first; Watched are those whose log was read to its end.
	Uses    []Event
	Watched []Watched
	// Notes are facts a person should know that are no grant, such as "account
	// 1234 is suspended and was not read".
	Notes []string
}

// Direct reports whether the grant is held without a path.
func (g Grant) Direct() bool { return g.Carrier == 0 }

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

// GrantKey is a 64-bit key of a grant that is the same on every night.
func (o *Observation) GrantKey(g Grant) uint64 {
	return o.GrantKeyOf(o.Accounts[g.Account].Key().Hash(), g)
}

// GrantKeyOf is GrantKey for who has the hash of the grant's account already.
func (o *Observation) GrantKeyOf(account uint64, g Grant) uint64 {
	e, carrier := &o.Entitlements[g.Entitlement], ""
	if !g.Direct() {
		carrier = o.Entitlements[g.Carrier-1].ID
	}
	return hashed(account, string(e.Kind), e.Scope, e.ID, carrier)
}

// HashGrant is the hash behind GrantKey (FNV-1a). An entitlement's id is unique within
// its system, kind and scope.
func HashGrant(a AccountKey, kind EntitlementKind, scope, id, carrier string) uint64 {
	return hashed(a.Hash(), string(kind), scope, id, carrier)
}

// Hash is what the hashes of an account's grants begin with.
func (k AccountKey) Hash() uint64 {
	return hashed(14695981039346656037, string(k.System), k.Scope, string(k.ID))
}

func hashed(h uint64, parts ...string) uint64 {
	const prime = 1099511628211
	for _, s := range parts {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * prime
		}
		h *= prime // a zero byte
	}
	return h
}
