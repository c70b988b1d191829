package reconcile

import (
	"strings"

	"rollcall/internal/access"
)

// observed builds one Observation from lines of facts.
type observed struct {
	*fixture
	o        access.Observation
	reads    map[string]int
	accounts map[string]int
	rights   map[string]int
}

// system reads a system section:
//
//	read KIND [scope=ID] [lists] [recalled] [gap="..."]
//	account ID login=... [email= hr= status= vendor= kind= scope= upstream= used= made= mfa= read=] [privileged]
//	right KIND:ID [name= scope= made= read=] [editable] [ruled] [denies] [credential] [privileged]
//	grant ACCOUNT KIND:ID [via=KIND:ID] [used=]
//	use ACCOUNT EVENT AT [says=] [from=]
//	log [gap=]
//	self ACCOUNT
//	unread-admin ACCOUNT
func (f *fixture) system(name access.System, text string) access.Observation {
	f.t.Helper()
	b := &observed{fixture: f, o: access.Observation{System: name}, reads: map[string]int{}, accounts: map[string]int{}, rights: map[string]int{}}
	for _, l := range lines(text) {
		b.fact(l[0], l[1:])
	}
	return b.o
}

func (b *observed) index(in map[string]int, key string) int {
	b.t.Helper()
	n, ok := in[key]
	if !ok {
		n, ok = in["/"+key] // a read without a scope
	}
	if !ok {
		b.t.Fatalf("system/%s: %q is not declared above", b.o.System, key)
	}
	return n
}

func (b *observed) fact(what string, l []string) {
	b.t.Helper()
	opt := options(l[min(1, len(l)):])
	flag := func(k string) bool { _, ok := opt[k]; return ok }
	switch what {
	case "read":
		b.reads[opt["scope"]+"/"+l[0]] = len(b.o.Reads)
		b.o.Reads = append(b.o.Reads, access.Read{System: b.o.System, Scope: opt["scope"], Kind: l[0], Complete: !flag("gap"), Gap: opt["gap"], Lists: flag("lists"), Recalled: flag("recalled")})
	case "account":
		b.accounts[l[0]] = len(b.o.Accounts)
		b.o.Accounts = append(b.o.Accounts, b.account(l[0], opt))
	case "right":
		kind, id, _ := strings.Cut(l[0], ":")
		e := access.Entitlement{
			System: b.o.System, Scope: opt["scope"], Kind: access.EntitlementKind(kind), ID: id, Name: opt["name"],
			Editable: flag("editable"), Ruled: flag("ruled"), Denies: flag("denies"), Credential: flag("credential"), Privileged: flag("privileged"),
		}
		if e.Name == "" {
			e.Name = id
		}
		if flag("made") {
			e.CreatedAt = b.time(opt["made"])
		}
		if flag("read") {
			e.Read = b.index(b.reads, opt["read"])
		}
		b.rights[l[0]] = len(b.o.Entitlements)
		b.o.Entitlements = append(b.o.Entitlements, e)
	case "grant":
		g := access.Grant{Account: uint32(b.index(b.accounts, l[0])), Entitlement: uint32(b.index(b.rights, l[1]))}
		if opt["via"] != "" {
			g.Carrier = uint32(b.index(b.rights, opt["via"])) + 1
		}
		if opt["used"] != "" {
			g.LastUsed = uint32(b.time(opt["used"]).Unix())
		}
		b.o.Grants = append(b.o.Grants, g)
	case "use":
		k := b.o.Accounts[b.index(b.accounts, l[0])].Key()
		b.o.Uses = append(b.o.Uses, access.Event{ID: l[1], Account: k, At: b.time(l[2]), Says: opt["says"], Client: opt["from"]})
	case "log":
		b.o.Aside = append(b.o.Aside, access.Read{System: b.o.System, Kind: access.LogsRead, Complete: opt["gap"] == "", Gap: opt["gap"]})
	case "self":
		b.o.Self = append(b.o.Self, b.o.Accounts[b.index(b.accounts, l[0])].Key())
	case "unread-admin":
		b.o.AdminsUnread = append(b.o.AdminsUnread, b.o.Accounts[b.index(b.accounts, l[0])].Key())
	default:
		b.t.Fatalf("system/%s: unknown fact %q", b.o.System, what)
	}
}

func (b *observed) account(id string, opt map[string]string) access.Account {
	b.t.Helper()
	a := access.Account{
		System: b.o.System, Scope: opt["scope"], ID: access.AccountID(id), Kind: access.AccountKind(opt["kind"]), Login: opt["login"],
		Email: opt["email"], HRID: access.EmployeeID(opt["hr"]), Status: access.AccountStatus(opt["status"]), VendorStatus: opt["vendor"], Upstream: opt["upstream"],
	}
	_, a.Privileged = opt["privileged"]
	if a.Kind == "" {
		a.Kind = map[access.System]access.AccountKind{"okta": access.OktaUser, "aws": access.IAMUser, "sso": access.IdentityCenter}[b.o.System]
	}
	if a.Kind == access.OktaUser && a.VendorStatus == "" {
		a.VendorStatus = "ACTIVE"
	}
	if a.Status == "" {
		a.Status = statusOf(a.VendorStatus)
	}
	if opt["used"] != "" {
		a.LastUsedAt, a.UsageKnown = b.time(opt["used"]), true
	}
	if opt["made"] != "" {
		a.CreatedAt = b.time(opt["made"])
	}
	if opt["mfa"] != "" {
		a.MFA, a.UsageKnown = access.MFA(opt["mfa"]), true
	}
	if opt["read"] != "" {
		a.Read = b.index(b.reads, opt["read"])
	}
	return a
}

// statusOf says what Okta's word means.
func statusOf(vendor string) access.AccountStatus {
	switch vendor {
	case "SUSPENDED":
		return access.AccountSuspended
	case "DEPROVISIONED":
		return access.AccountDisabled
	}
	return access.AccountActive
}
