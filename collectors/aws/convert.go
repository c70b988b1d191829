package aws

import (
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"rollcall/internal/access"
)

// rootID stands for the id that a root user does not have.
const rootID = "root"

// convert turns what AWS said into rollcall's nouns. It is pure.
func convert(cfg Config, f *facts) access.Observation {
	t := newTable(cfg.System, f.reads)
	for _, a := range f.iam {
		converted := account{table: t, accountFacts: a, hrTag: plainTag(cfg.HRTag)}
		converted.fill()
	}
	center := centerTable{table: t, centerFacts: &f.center, names: map[string]string{}, strong: map[string]map[string]bool{}}
	for _, a := range f.accounts {
		center.names[a.id] = a.name
	}
	notes := slices.Clone(f.notes)
	for _, a := range f.iam {
		center.strong[a.id] = a.strongSets()
		if note := a.bridgeNote(); note != "" {
			notes = append(notes, note)
		}
	}
	t.obs.Notes = append(notes, center.fill()...)
	t.obs.Self = f.me.self(cfg.System)
	slices.Sort(t.obs.Notes)
	return sorted(t.obs)
}

// account converts one account's IAM.
type account struct {
	*table
	*accountFacts
	hrTag  string
	groups map[string]carrier // by name
}

// carrier is a group with what it passes on: of a group of IAM the rights, of
// one of Identity Center the members to whom.
type carrier struct {
	self   uint32
	passes []uint32
}

func (a *account) fill() {
	a.groups = map[string]carrier{}
	for _, g := range a.accountFacts.groups {
		a.groups[sdk.ToString(g.GroupName)] = a.group(g)
	}
	for _, u := range a.users {
		a.user(u)
	}
	a.root()
}

// right adds an entitlement of this account.
func (a *account) right(e access.Entitlement, read string) uint32 {
	e.Scope, e.ScopeName = a.id, a.name
	return a.entitlement(e, scopeKind{a.id, read})
}

func (a *account) group(g types.GroupDetail) carrier {
	var c carrier
	privileged, denies := false, false
	pass := func(e uint32) {
		c.passes = append(c.passes, e)
		privileged, denies = privileged || a.obs.Entitlements[e].Privileged, denies || a.obs.Entitlements[e].Denies
	}
	for _, p := range g.AttachedManagedPolicies {
		denies = denies || isDenyAll(sdk.ToString(p.PolicyArn))
		if !isDenyAll(sdk.ToString(p.PolicyArn)) {
			pass(a.policy(p))
		}
	}
	for _, p := range g.GroupPolicyList {
		pass(a.inline(sdk.ToString(g.GroupName), "group", p))
	}
	c.self = a.right(access.Entitlement{
		Kind: access.IAMGroup, ID: sdk.ToString(g.GroupId), Name: sdk.ToString(g.GroupName), Privileged: privileged, Denies: denies, Editable: true,
		CreatedAt: sdk.ToTime(g.CreateDate).UTC(),
	}, readIAM)
	return c
}

func (a *account) policy(p types.AttachedPolicy) uint32 {
	arn := sdk.ToString(p.PolicyArn)
	return a.right(access.Entitlement{
		Kind: access.IAMPolicy, ID: arn, Name: sdk.ToString(p.PolicyName), Editable: true,
		Privileged: a.opensAccount(arn), Denies: a.denying(arn), CreatedAt: a.policies[arn].createdAt,
	}, readIAM)
}

// opensAccount says whether a policy opens the account, or the way to it.
func (a *accountFacts) opensAccount(arn string) bool {
	return a.policies[arn].open || slices.Contains(powerful, managed(arn))
}

// strongSets are the permission sets whose role opens this account.
func (a *accountFacts) strongSets() map[string]bool {
	found := map[string]bool{}
	for name, role := range a.roles.sets {
		found[name] = role.open || slices.ContainsFunc(role.attached, a.opensAccount)
	}
	return found
}

func (a *account) inline(owner, ofWhat string, p types.PolicyDetail) uint32 {
	name := sdk.ToString(p.PolicyName)
	return a.right(access.Entitlement{
		Kind: access.IAMInlinePolicy, ID: ofWhat + "/" + owner + "/" + name, Name: name, Editable: true,
		Privileged: open(sdk.ToString(p.PolicyDocument)), Denies: denies(sdk.ToString(p.PolicyDocument)),
	}, readIAM)
}

func (a *account) user(u types.UserDetail) {
	name, id := sdk.ToString(u.UserName), sdk.ToString(u.UserId)
	row, known := a.report.of(u)
	hrID, mail := whose(u.Tags, a.hrTag)
	made := access.Account{
		Scope: a.id, ScopeName: a.name, ID: access.AccountID(id), Kind: access.IAMUser, Login: name, Email: mail, HRID: hrID,
		Status: access.AccountActive, MFA: a.factor(name, row), CreatedAt: sdk.ToTime(u.CreateDate).UTC(),
		LastUsedAt: row.lastUse(), UsageKnown: known,
	}
	if made.Email == "" && isMail(name) {
		made.Email = name
	}
	if deniedAll(u) {
		made.Status, made.VendorStatus = access.AccountSuspended, "denied"
	}
	i := a.account(made, readIAM)
	a.userPolicies(i, u)
	if known {
		a.fromReport(i, id, row)
	}
	for _, s := range a.services {
		if sdk.ToString(s.UserName) == name && s.Status == types.StatusTypeActive {
			a.grant(i, a.right(serviceCredential(s), readServiceCreds), 0)
		}
	}
}

// deniedAll says whether the user is blocked the way rollcall blocks.
func deniedAll(u types.UserDetail) bool {
	return (u.PermissionsBoundary != nil && isDenyAll(sdk.ToString(u.PermissionsBoundary.PermissionsBoundaryArn))) ||
		slices.ContainsFunc(u.AttachedManagedPolicies, func(p types.AttachedPolicy) bool {
			return isDenyAll(sdk.ToString(p.PolicyArn))
		})
}

func (a *account) userPolicies(i uint32, u types.UserDetail) {
	for _, p := range u.AttachedManagedPolicies {
		if !isDenyAll(sdk.ToString(p.PolicyArn)) {
			a.grant(i, a.policy(p), 0)
		}
	}
	for _, p := range u.UserPolicyList {
		a.grant(i, a.inline(sdk.ToString(u.UserName), "user", p), 0)
	}
	for _, name := range u.GroupList {
		g, ok := a.groups[name]
		if !ok { // the list of groups is not whole: its read says so
			continue
		}
		a.grant(i, g.self, 0)
		for _, e := range g.passes {
			a.carried(i, e, g.self)
		}
	}
}

// fromReport adds what only the report tells of everybody: that there is a
// password, and that there are keys, though not which. A key's age counts
// from its last rotation, which is when it was made or last changed
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html).
func (a *account) fromReport(i uint32, id string, row reportRow) {
	if row.yes("password_enabled") {
		login := a.right(access.Entitlement{Kind: access.ConsoleLogin, ID: "console_login", Name: "console login", Editable: true}, readReport)
		a.grant(i, login, unix(row.time("password_last_used")))
	}
	for _, n := range []string{"1", "2"} {
		if row.yes("access_key_" + n + "_active") {
			key := a.right(access.Entitlement{
				Kind: access.AccessKey, ID: id + "/" + n, Name: "access key " + n, Editable: true, CreatedAt: row.time("access_key_" + n + "_last_rotated"),
			}, readReport)
			a.grant(i, key, unix(row.time("access_key_"+n+"_last_used_date")))
		}
		if row.yes("cert_" + n + "_active") {
			cert := a.right(access.Entitlement{
				Kind: access.SigningCertificate, ID: id + "/" + n, Name: "signing certificate " + n, Editable: true, CreatedAt: row.time("cert_" + n + "_last_rotated"),
			}, readReport)
			a.grant(i, cert, 0)
		}
	}
}

func serviceCredential(s types.ServiceSpecificCredentialMetadata) access.Entitlement {
	return access.Entitlement{
		Kind: access.ServiceCredential, ID: sdk.ToString(s.ServiceSpecificCredentialId), Name: sdk.ToString(s.ServiceName),
		Editable: true, Credential: true, CreatedAt: sdk.ToTime(s.CreateDate).UTC(),
	}
}

// root adds the root user, which every account has. It is nobody's, and no
// verb of the Revoker can touch it.
func (a *account) root() {
	row, known := a.report.rows[reportRoot]
	made := access.Account{
		Scope: a.id, ScopeName: a.name, ID: rootID, Kind: access.IAMRoot, Login: reportRoot, Status: access.AccountActive,
		Privileged: true, MFA: access.MFAUnknown, LastUsedAt: row.lastUse(), UsageKnown: known,
	}
	if known {
		made.MFA, made.CreatedAt = yesNo(row.yes("mfa_active")), row.time("user_creation_time")
	}
	i := a.account(made, readIAM)
	if known {
		a.fromReport(i, rootID, row)
	}
}

// factor says whether a second factor guards the console.
func (a *account) factor(name string, row reportRow) access.MFA {
	switch {
	case row != nil && !row.yes("password_enabled"):
		return access.MFANotApplicable
	case row.yes("mfa_active") || a.mfa[name]:
		return access.MFAYes
	case row != nil:
		return access.MFANo
	}
	return access.MFAUnknown
}

func yesNo(yes bool) access.MFA {
	if yes {
		return access.MFAYes
	}
	return access.MFANo
}

// lastUse is the newest use of a password or key.
func (r reportRow) lastUse() time.Time {
	newest := time.Time{}
	for _, column := range []string{"password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date"} {
		if t := r.time(column); t.After(newest) {
			newest = t
		}
	}
	return newest
}

func unix(t time.Time) uint32 {
	if t.IsZero() {
		return 0
	}
	return uint32(t.Unix())
}
