package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"rollcall/internal/access"
)

// system is one system while it is being read.
type system struct {
	access.Observation
	c  *company
	m  *access.Memory
	at map[string]uint32 // entitlements by kind, scope and name
	// removed are rights that a review took away, by account and right.
	removed map[string]bool
}

func (c *company) observe(m *access.Memory) []access.Observation {
	removed := map[string]bool{}
	for _, r := range m.Removals {
		if days := c.now().Sub(r.DecidedAt).Hours() / 24; days > float64(1+mixed(len(r.RowID), int(r.RowID[len(r.RowID)-1]))%9) {
			removed[string(r.Account.ID)+" "+r.Entitlement] = true
		}
	}
	of := func(name access.System) *system {
		return &system{Observation: access.Observation{System: name}, c: c, m: m, at: map[string]uint32{}, removed: removed}
	}
	okta, aws := of("okta"), of("aws")
	okta.readOkta()
	aws.readAWS()
	return []access.Observation{okta.whole(), aws.whole()}
}

// right gives the index of a right, which is made when it is first asked for.
func (s *system) right(kind access.EntitlementKind, scope, name string) uint32 {
	key := string(kind) + " " + scope + " " + name
	n, known := s.at[key]
	if !known {
		n = uint32(len(s.Entitlements))
		s.at[key] = n
		sum := sha256.Sum256([]byte(key))
		e := access.Entitlement{System: s.System, Scope: scope, Kind: kind, ID: hex.EncodeToString(sum[:10]), Name: name, Editable: true, Privileged: privileged(name)}
		if scope != "" {
			e.ScopeName = "Account " + scope[len(scope)-3:]
		}
		s.Entitlements = append(s.Entitlements, e)
	}
	return n
}

// privileged reports whether a system itself calls a right one of administrators.
func privileged(name string) bool { return name == "AdministratorAccess" }

func (s *system) read(kind, scope string, lists bool) int {
	at := s.c.now()
	sum := sha256.Sum256([]byte(string(s.System) + scope + kind + at.String()))
	s.Reads = append(s.Reads, access.Read{System: s.System, Scope: scope, Kind: kind, Complete: true, Requests: 25, Pages: 25, ClaimedTotal: -1,
		StartedAt: at.Add(time.Minute), FinishedAt: at.Add(3 * time.Minute), SHA256: hex.EncodeToString(sum[:]), Caller: "rollcall-read", Lists: lists})
	return len(s.Reads) - 1
}

func (s *system) account(a access.Account) uint32 {
	a.System = s.System
	if _, blocked := s.m.Blocked[a.Key()]; blocked && a.Status == access.AccountActive {
		a.Status, a.VendorStatus = access.AccountSuspended, "SUSPENDED"
	}
	s.Accounts = append(s.Accounts, a)
	return uint32(len(s.Accounts) - 1)
}

func (s *system) hold(account, right uint32, carrier uint32) {
	if !s.removed[string(s.Accounts[account].ID)+" "+s.Entitlements[right].ID] {
		s.Grants = append(s.Grants, access.Grant{Account: account, Entitlement: right, Carrier: carrier})
	}
}

// group gives an account a group, with the applications behind it.
func (s *system) group(account uint32, name string, apps ...string) {
	g := s.right(access.OktaGroup, "", name)
	s.hold(account, g, 0)
	for _, app := range apps {
		s.hold(account, s.right(access.OktaApp, "", app), g+1)
	}
}

func roleGroup(role, n int) string { return fmt.Sprintf("role-%03d-%d", role, n) }
func deptGroup(d, n int) string    { return fmt.Sprintf("dept-%02d-%d", d, n) }

// drifts reports whether, of so many, this right of this person differs from policy
// in this part of the year.
func (c *company) drifts(p person, right, of int) bool {
	return mixed(p.number, right, (c.day+p.number)/60, 9)%uint64(of) == 0
}

func (s *system) readOkta() {
	users := s.read("users", "", true)
	groups := s.read("groups", "", false)
	for _, kind := range []string{"apps", "admin_roles", "api_tokens"} {
		s.read(kind, "", false)
	}
	for _, p := range s.c.all() {
		if p.left >= 0 && s.c.day-p.left > existsDays {
			continue
		}
		a := s.account(access.Account{ID: access.AccountID(p.okta()), Kind: access.OktaUser, Login: p.mail(), Email: p.mail(), HRID: p.id(), Name: p.name(), Status: access.AccountActive, VendorStatus: "ACTIVE",
			MFA: access.MFAYes, CreatedAt: s.c.on(p.hired), LastUsedAt: s.c.used(p), UsageKnown: true, Read: users})
		s.group(a, "everyone", "app-mail", "app-chat")
		for n := range deptGroups {
			if n == 0 {
				s.group(a, deptGroup(p.dept, n), fmt.Sprintf("app-dept-%02d", p.dept))
			} else if !s.c.drifts(p, n, 400) {
				s.group(a, deptGroup(p.dept, n))
			}
		}
		s.ofRole(a, p, p.role)
		if p.was >= 0 && s.c.day-p.moved < 20+p.number%30 { // what the job before leaves behind
			s.group(a, roleGroup(p.was, 1))
		}
		if s.c.drifts(p, 99, 30) {
			s.group(a, roleGroup((p.role+1+p.number%(roles-1))%roles, 2))
		}
	}
	for n := range strangers {
		mail := fmt.Sprintf("guest%d@elsewhere.example", n)
		s.account(access.Account{ID: access.AccountID(fmt.Sprintf("00x%017d", n)), Kind: access.OktaUser, Login: mail, Email: mail, Name: fmt.Sprintf("Guest %d", n), Status: access.AccountActive, VendorStatus: "ACTIVE",
			MFA: access.MFANo, CreatedAt: s.c.on(-400), LastUsedAt: s.c.on(s.c.day - 1 - n), UsageKnown: true, Read: users})
	}
	s.readsOf(groups, access.OktaGroup, access.OktaApp)
}

func (s *system) ofRole(a uint32, p person, role int) {
	for n := range roleGroups {
		switch {
		case n == 0:
			s.group(a, roleGroup(role, n), fmt.Sprintf("app-role-%03d-a", role), fmt.Sprintf("app-role-%03d-b", role))
		case !s.c.drifts(p, 10+n, 500):
			s.group(a, roleGroup(role, n))
		}
	}
}

// used is when somebody was last seen: most of them yesterday, some not for weeks.
func (c *company) used(p person) time.Time {
	day := c.day - 1
	if p.left >= 0 {
		day = p.left
	}
	if mixed(p.number, 11)%50 == 0 {
		day -= day % 90
	}
	return c.on(max(day, p.hired)).Add(time.Duration(8+p.number%9) * time.Hour)
}

func (s *system) readAWS() {
	users := s.read("sso_users", "", true)
	for _, kind := range []string{"sso_assignments", "sso_memberships", "sso_applications"} {
		s.read(kind, "", false)
	}
	var scopes []int
	for n := range awsAccounts {
		scopes = append(scopes, s.read("iam", awsAccount(n), true))
		s.read("credentials", awsAccount(n), false)
		s.read("service_credentials", awsAccount(n), false)
	}
	for _, p := range s.c.all() {
		if !p.cloud() || p.left >= 0 && s.c.day-p.left > existsDays {
			continue
		}
		a := s.account(access.Account{ID: access.AccountID(p.center()), Kind: access.IdentityCenter, Login: p.mail(), Email: p.mail(), Name: p.name(), Status: access.AccountActive, VendorStatus: "ENABLED",
			Upstream: "https://scim.okta.example", MFA: access.MFANotApplicable, Read: users})
		if s.Accounts[a].Status != access.AccountActive {
			continue // its assignments were taken
		}
		for n := range cloudGroups {
			s.cloudGroup(a, p.role, n)
		}
	}
	for n := range servants {
		s.servant(n, scopes[n%awsAccounts])
	}
	s.readsOf(users, access.SSOGroup, access.PermissionSet)
}

func (s *system) cloudGroup(a uint32, role, n int) {
	g := s.right(access.SSOGroup, "", fmt.Sprintf("cloud-%03d-%d", role, n))
	s.hold(a, g, 0)
	for k := range setsOfGroup {
		scope := awsAccount(int(mixed(role, n, k) % awsAccounts))
		name := [setNames]string{"ReadOnly", "Developer", "Support", "Billing", "Operator", "AdministratorAccess"}[(n*setsOfGroup+k)%setNames]
		if name == "AdministratorAccess" && role%10 != 0 {
			name = "PowerUser"
		}
		s.hold(a, s.right(access.PermissionSet, scope, name), g+1)
	}
}

// servant is an account that is no person's, with a key.
func (s *system) servant(n, read int) {
	scope := awsAccount(n % awsAccounts)
	a := s.account(access.Account{Scope: scope, ScopeName: "Account " + scope[len(scope)-3:], ID: access.AccountID("AIDA" + strconv.Itoa(100000+n)), Kind: access.IAMUser, Login: servantLogin(n), Name: servantLogin(n),
		Status: access.AccountActive, VendorStatus: "ACTIVE", MFA: access.MFANotApplicable, CreatedAt: s.c.on(-600), LastUsedAt: s.c.on(s.c.day - 1), UsageKnown: true, Read: read})
	key := s.right(access.AccessKey, scope, "AKIA"+strconv.Itoa(200000+n))
	s.Entitlements[key].CreatedAt, s.Entitlements[key].Credential = s.c.on(s.c.day-s.c.day%80), true
	s.hold(a, key, 0)
	s.hold(a, s.right(access.IAMPolicy, scope, "deploy"), 0)
}

func servantLogin(n int) string { return fmt.Sprintf("svc-deploy-%02d", n) }

// readsOf says which read listed the holders of rights.
func (s *system) readsOf(read int, kinds ...access.EntitlementKind) {
	for n := range s.Entitlements {
		if slices.Contains(kinds, s.Entitlements[n].Kind) {
			s.Entitlements[n].Read = read
		}
	}
}

// whole counts what was read, and puts grants in the order of collectors.
func (s *system) whole() access.Observation {
	for _, a := range s.Accounts {
		s.Reads[a.Read].Records++
	}
	slices.SortFunc(s.Grants, func(a, b access.Grant) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Entitlement, b.Entitlement), cmp.Compare(a.Carrier, b.Carrier))
	})
	s.Grants = slices.Compact(s.Grants)
	return s.Observation
}

// policy is the role map and the registers: each role, each department and everybody
// has a line for each right, and some people have exceptions.
func (c *company) policy() access.Policy {
	var p access.Policy
	add := func(r access.Rule) {
		r.Line = access.Line{File: "rolemap.csv", Row: len(p.RoleMap.Rules) + 2}
		r.Requirement, r.Owner, r.ApprovedBy, r.ApprovedOn = access.Required, "IT", "p00001@example.com", access.Day{At: c.on(-200)}
		r.Meaning = "Work of " + cmp.Or(r.Title, r.Department, "everybody")
		p.RoleMap.Rules = append(p.RoleMap.Rules, r)
	}
	for role := range roles {
		for n := range roleGroups {
			r := access.Rule{Role: title(role), Title: title(role), System: "okta", Kind: "group", Entitlement: roleGroup(role, n), Risk: access.RiskStandard}
			if role%10 == 0 && n == 0 {
				r.Risk = access.RiskPrivileged
			}
			add(r)
		}
		for n := 0; role%3 == 0 && n < cloudGroups; n++ {
			add(access.Rule{Role: title(role), Title: title(role), System: "aws", Kind: "sso_group", Entitlement: fmt.Sprintf("cloud-%03d-%d", role, n), Risk: access.RiskSensitive})
		}
	}
	for d := range departments {
		for n := range deptGroups {
			add(access.Rule{Role: department(d), Department: department(d), System: "okta", Kind: "group", Entitlement: deptGroup(d, n), Risk: access.RiskStandard})
		}
	}
	add(access.Rule{Role: "Everybody", System: "okta", Kind: "group", Entitlement: "everyone", Risk: access.RiskStandard})
	for n := range servants {
		p.NonHuman = append(p.NonHuman, access.NonHuman{Line: access.Line{File: "nonhuman.csv", Row: n + 2}, System: "aws", Scope: awsAccount(n % awsAccounts), Account: servantLogin(n),
			Kind: access.KindService, OwnerID: person{number: n % departments}.id(), Purpose: "deploys", Review: access.Day{At: c.on(c.day + 60 - n)}})
	}
	for _, one := range c.staff {
		if c.drifts(one, 99, 30) && one.number%4 == 0 {
			p.Exceptions = append(p.Exceptions, access.Exception{Line: access.Line{File: "exceptions.csv", Row: len(p.Exceptions) + 2}, ID: fmt.Sprintf("X-%d", one.number+1), Person: access.PersonKey{Source: source, EmployeeID: one.id()},
				System: "okta", Kind: "group", Entitlement: roleGroup((one.role+1+one.number%(roles-1))%roles, 2), Reason: "project", Ticket: fmt.Sprintf("T-%d", one.number+1), ApprovedBy: "p00001@example.com",
				ApprovedOn: access.Day{At: c.on(-100)}, ExpiresOn: access.Day{At: c.on(c.day + 30 - one.number%40)}})
		}
	}
	for _, system := range []string{"okta", "aws"} {
		p.Contacts = append(p.Contacts, access.Contact{Line: access.Line{File: "contacts.csv", Row: len(p.Contacts) + 2}, System: system, Responsibility: "owner", Name: person{number: 3}.name(), BusinessHours: person{number: 3}.mail()})
	}
	return p
}
