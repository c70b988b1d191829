package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// profileGrant counts, per role (title and department), who holds a right.
type profileGrant struct {
	role   string
	system int
	ent    uint32
}

func roleOf(i access.Identity) string {
	return strings.ToLower(i.Title) + "\x00" + strings.ToLower(i.Department)
}

// countHolders counts how many people of each role hold each right directly, each
// person once.
func (e *evaluation) countHolders() map[profileGrant]int {
	holders := map[profileGrant]int{}
	roles := make([]string, len(e.people.list))
	for n := range roles {
		roles[n] = roleOf(e.people.list[n].Identity)
	}
	for s := range e.systems {
		o := &e.systems[s]
		seen := make([]uint32, len(o.Entitlements)) // 1 + the person who was counted last
		by := listsBy(len(roles), len(o.Accounts), func(a int) int { return int(e.who[s][a]) })
		for n := range roles {
			for _, a := range by.of(n) {
				for _, g := range e.grantsOf[s].of(int(a)) {
					if ent := o.Grants[g].Entitlement; o.Grants[g].Direct() && seen[ent] != uint32(n)+1 {
						seen[ent] = uint32(n) + 1
						holders[profileGrant{roles[n], s, ent}]++
					}
				}
			}
		}
	}
	return holders
}

// routing collects the worksheets by reviewer.
type routing struct {
	e        *evaluation
	findings map[string]access.Finding // by what they are about
	peers    map[string]int
	holders  map[profileGrant]int
	sheets   map[string]*access.Worksheet
	// meanings are what the role map says of each right, once asked for.
	meanings map[access.Entitlement]string
	risks    map[access.Entitlement]access.Risk
}

// worksheets gives every row that can be removed by itself to one reviewer: the
// person's manager, else the system's owner; nobody drops out. Flagged rows
// come first.
func (e *evaluation) worksheets(findings []access.Finding) []access.Worksheet {
	r := e.routing(findings)
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			r.account(s, a)
		}
	}
	return r.sorted()
}

// routing knows what rows are made of; no worksheet has one yet.
func (e *evaluation) routing(findings []access.Finding) *routing {
	r := &routing{e: e, findings: map[string]access.Finding{}, peers: map[string]int{}, holders: e.countHolders(), sheets: map[string]*access.Worksheet{},
		meanings: map[access.Entitlement]string{}, risks: map[access.Entitlement]access.Risk{}}
	for n := len(findings) - 1; n >= 0; n-- { // the most urgent finding about a subject wins
		f := findings[n]
		if f.Kind == access.BreakGlassUsed || f.Kind == access.UsedAfterExit {
			continue // who did what, and from where, is for security alone
		}
		r.findings[subject(f.Account, f.EntitlementKind, f.GrantScope, f.EntitlementID)] = f
	}
	for _, p := range e.people.list {
		r.peers[roleOf(p.Identity)]++
	}
	return r
}

func subject(a access.AccountKey, kind access.EntitlementKind, scope, id string) string {
	return strings.Join([]string{a.String(), string(kind), scope, id}, "\x00")
}

// bucket is where a direct grant goes in the books.
type bucket string

const (
	inRows    bucket = "rows of worksheets"
	inAccount bucket = "carried by an account's row"
	outLeft   bucket = "excluded: the person has left"
	outEnded  bucket = "excluded: the account has ended"
	outOther  bucket = "excluded: registered non-human or root, nothing flagged"
)

// bucketOf says where the direct grants of an account go.
func (e *evaluation) bucketOf(s, a int) bucket {
	acc, p := e.systems[s].Accounts[a], e.person(s, a)
	switch {
	case acc.Status == access.AccountDisabled:
		return outEnded
	case p != nil && e.leaves(p):
		return outLeft
	case p != nil:
		return inRows
	case e.flagged(s, a):
		return inAccount
	}
	return outOther
}

// flagged reports whether an account that is no person's is to be reviewed.
func (e *evaluation) flagged(s, a int) bool {
	switch m := e.systems[s].Matches[a]; m.How {
	case access.MatchedNonHum:
		reg := e.w.Policy.NonHuman[m.NonHuman]
		return e.ownerGone(reg) != "" || over(reg.Review, e.w.Now, e.w.Settings.zone()) || e.toReview[e.systems[s].Accounts[a].Key()]
	case access.MatchedRoot:
		return false
	}
	return true
}

// account routes the rows of one account.
func (r *routing) account(s, a int) {
	switch r.e.bucketOf(s, a) {
	case inRows:
		for _, n := range r.e.grantsOf[s].of(a) {
			if r.e.systems[s].Grants[n].Direct() {
				r.add(s, a, r.grantItem(s, a, int(n)))
			}
		}
	case inAccount:
		r.add(s, a, r.accountItem(s, a))
	}
}

// add gives an item to its reviewer.
func (r *routing) add(s, a int, i access.Item) {
	w := r.reviewer(s, a)
	key := w.Reviewer.String() + "\x00" + w.ReviewerName
	if r.sheets[key] == nil {
		r.sheets[key] = &w
	}
	r.sheets[key].Because = min(r.sheets[key].Because, w.Because) // one of several reasons, whatever came first
	r.sheets[key].Items = append(r.sheets[key].Items, i)
}

// reviewer is who can judge an account: the manager of its person if they work
// here and are not the person, else the owner of the system.
func (r *routing) reviewer(s, a int) access.Worksheet {
	p := r.e.person(s, a)
	why := "the account belongs to nobody that HR knows"
	if p != nil {
		m := r.e.people.manager(*p)
		switch {
		case p.ManagerID == "":
			why = "the HR list gives no manager for some of these people"
		case m == nil:
			why = "the manager that the HR list gives is not in it"
		case m.Key() == p.Key():
			why = "nobody reviews their own access"
		case m.Standing != access.StandingActive && m.Standing != access.StandingScheduled:
			why = "the manager does not work here (any more)"
		default:
			return access.Worksheet{Reviewer: m.Key(), ReviewerName: m.Name, ReviewerMail: m.Email, Because: "manager of the people listed"}
		}
	}
	return r.owner(r.e.systems[s].System, why)
}

// manager is the person's manager, from the same list or else from another: a
// contractor's manager is an employee. Two people with that id are none.
func (p *People) manager(of access.Person) *access.Person {
	id := of.ManagerID
	if m := p.Get(access.PersonKey{Source: of.Source, EmployeeID: id}); m != nil {
		return m
	}
	if keys := (matcher{people: p}).byHRID(id); id != "" && len(keys) == 1 {
		return p.Get(keys[0])
	}
	return nil
}

// owner is the worksheet of a system's owner, by contacts.csv.
func (r *routing) owner(system access.System, why string) access.Worksheet {
	for _, c := range r.e.w.Policy.Contacts {
		if c.Responsibility == "owner" && (c.System == "" || strings.EqualFold(c.System, string(system))) {
			return access.Worksheet{ReviewerName: c.Name, ReviewerMail: c.BusinessHours, Because: fmt.Sprintf("owner of %s: %s", system, why)}
		}
	}
	return access.Worksheet{ReviewerName: fmt.Sprintf("owner of %s", system), Because: fmt.Sprintf("contacts.csv names no owner of %s: %s", system, why)}
}

// grantItem is the row of one direct grant.
func (r *routing) grantItem(s, a, n int) access.Item {
	o := &r.e.systems[s]
	g, v, acc := o.Grants[n], o.Verdicts[n], o.Accounts[a]
	ent, p := o.Entitlements[g.Entitlement], r.e.person(s, a)
	i := access.Item{
		RowID: stableID("r", acc.Key().String(), string(ent.Kind), ent.Scope, ent.ID), Person: *p, Account: acc,
		System: o.System, Scope: ent.Scope, ScopeName: ent.ScopeName, Kind: ent.Kind, EntitlementID: ent.ID, Entitlement: ent.Name,
		HowHeld: heldByNoRule, Since: dayFromNumber(uint32(o.FirstSeen(n))), LastUsedAt: g.LastUsedAt(),
		UsageKnown: g.LastUsed != 0, PeersHave: r.holders[profileGrant{roleOf(p.Identity), s, g.Entitlement}], PeersAll: r.peers[roleOf(p.Identity)],
		Carries: r.carried(s, a, int(g.Entitlement)), ManagerName: r.managerName(*p),
	}
	i.Risk = r.riskWith(s, a, n)
	if r.e.w.Policy.Unjudged() {
		i.HowHeld = "Directly; not judged tonight: a policy file could not be used"
	}
	r.fillPolicy(&i, v)
	r.fillFinding(&i, subject(acc.Key(), ent.Kind, ent.Scope, ent.ID))
	if f, ok := r.findings[subject(acc.Key(), "", "", "")]; ok && i.FindingID == "" && f.Kind == access.DormantAccess {
		r.fillFinding(&i, subject(acc.Key(), "", "", ""))
	}
	r.suggest(&i)
	return i
}

func (r *routing) managerName(p access.Person) string {
	if m := r.e.people.manager(p); m != nil {
		return m.Name
	}
	return string(p.ManagerID)
}

// How a right is held that no rule covers.
const (
	heldByNoRule    = "Directly; no rule covers it"
	heldByException = "Exception until "
)

// riskWith is the risk of a grant with all that goes when it goes: who is in a
// group of administrators holds what administrators hold.
func (r *routing) riskWith(s, a, n int) access.Risk {
	o := &r.e.systems[s]
	risk := r.risk(s, n)
	for _, other := range r.e.grantsOf[s].of(a) {
		if o.Grants[other].Carrier == o.Grants[n].Entitlement+1 {
			risk = riskier(risk, r.risk(s, int(other)))
		}
	}
	return risk
}

// risk is that of one right: what the system says of it, what the rule says by which
// it is held, and what any rule says that names it. It is no smaller for who holds
// it by no rule.
func (r *routing) risk(s, n int) access.Risk {
	o := &r.e.systems[s]
	risk, ent := access.RiskStandard, &o.Entitlements[o.Grants[n].Entitlement]
	if ent.Privileged {
		return access.RiskPrivileged
	}
	if len(o.Verdicts) > n && o.Verdicts[n].Rule() != 0 {
		risk = riskier(risk, r.e.w.Policy.RoleMap.Rules[o.Verdicts[n].Rule()-1].Risk)
	}
	return riskier(risk, r.namedRisk(ent))
}

// namedRisk is the highest risk that a rule gives to a right which it names.
func (r *routing) namedRisk(of *access.Entitlement) access.Risk {
	ent := access.Entitlement{System: of.System, Scope: of.Scope, ScopeName: of.ScopeName, Kind: of.Kind, ID: of.ID, Name: of.Name}
	risk, known := r.risks[ent]
	if known {
		return risk
	}
	risk = access.RiskStandard
	for _, rule := range r.e.w.Policy.RoleMap.Rules {
		if rule.Risk != "" && strings.Trim(rule.Entitlement, "*") != "" && ruleCovers(rule, ent) {
			risk = riskier(risk, rule.Risk)
		}
	}
	r.risks[ent] = risk
	return risk
}

// riskier is the higher of two risks.
func riskier(a, b access.Risk) access.Risk {
	order := func(r access.Risk) int {
		return slices.Index([]access.Risk{access.RiskStandard, access.RiskSensitive, access.RiskPrivileged}, r)
	}
	if order(b) > order(a) {
		return b
	}
	return a
}

// fillPolicy says by which rule or exception the right is held.
func (r *routing) fillPolicy(i *access.Item, v access.Verdict) {
	switch {
	case v.Rule() != 0:
		rule := r.e.w.Policy.RoleMap.Rules[v.Rule()-1]
		i.HowHeld, i.Meaning, i.ApprovedBy, i.ApprovalRef = "Role map: "+rule.Role, rule.Meaning, rule.ApprovedBy, cite(rule.File, rule.Row)
	case v.Exception() != 0:
		x := r.e.w.Policy.Exceptions[v.Exception()-1]
		i.HowHeld, i.ApprovedBy, i.ApprovalRef = heldByException+x.ExpiresOn.String(), x.ApprovedBy, strings.TrimSpace(x.ID+" "+x.Ticket)
	}
	if i.Meaning == "" {
		i.Meaning = r.meaning(i)
	}
}

// meaning is what some rule of the role map says of the right, in plain words.
func (r *routing) meaning(i *access.Item) string {
	ent := access.Entitlement{System: i.System, Scope: i.Scope, ScopeName: i.ScopeName, Kind: i.Kind, ID: i.EntitlementID, Name: i.Entitlement}
	said, known := r.meanings[ent]
	if known {
		return said
	}
	for _, rule := range r.e.w.Policy.RoleMap.Rules {
		if rule.Meaning != "" && rule.Entitlement != "" && strings.Trim(rule.Entitlement, "*") != "" && ruleCovers(rule, ent) {
			said = rule.Meaning
			break
		}
	}
	r.meanings[ent] = said
	return said
}

// fillFinding flags the row with the finding about it.
func (r *routing) fillFinding(i *access.Item, about string) {
	if f, ok := r.findings[about]; ok {
		i.FindingID, i.FindingKind, i.Why = f.ID, f.Kind, f.Reason
	}
}

// suggest says what rollcall would do, with its reason; it decides nothing.
func (r *routing) suggest(i *access.Item) {
	switch {
	case i.FindingKind == access.MoverResidue:
		i.Suggested, i.SuggestedWhy = "Remove", "it belonged to an earlier job"
	case i.FindingKind == access.ExpiredException:
		i.Suggested, i.SuggestedWhy = "Remove", "the time it was allowed for is over"
	case i.FindingKind == access.UnexpectedGrant && i.PeersAll > 2 && i.PeersHave*2 > i.PeersAll:
		i.Suggested, i.SuggestedWhy = "Keep", "most people of the same role have it: perhaps a rule is missing"
	case i.FindingKind == access.UnexpectedGrant:
		i.Suggested, i.SuggestedWhy = "Remove", "no rule allows it and few of the same role have it"
	}
}

// carried names what else goes when a group goes.
func (r *routing) carried(s, a, ent int) []string {
	o := &r.e.systems[s]
	var out []string
	for _, n := range r.e.grantsOf[s].of(a) {
		if g := o.Grants[n]; int(g.Carrier) == ent+1 {
			out = append(out, rightName(o.Entitlements[g.Entitlement]))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func rightName(e access.Entitlement) string {
	name := strings.ReplaceAll(string(e.Kind), "_", " ") + " " + e.Name
	if e.ScopeName != "" {
		name += " in " + e.ScopeName
	}
	return name
}

// accountItem is the row of a whole account that is no person's.
func (r *routing) accountItem(s, a int) access.Item {
	o := &r.e.systems[s]
	acc := o.Accounts[a]
	i := access.Item{
		RowID: stableID("r", acc.Key().String()), Account: acc, System: o.System, Scope: acc.Scope, ScopeName: acc.ScopeName,
		Entitlement: acc.Login, Meaning: "the whole account", Risk: access.RiskStandard, HowHeld: "Nobody that HR knows",
		LastUsedAt: acc.LastUsedAt, UsageKnown: acc.UsageKnown,
	}
	if acc.Privileged {
		i.Risk = access.RiskPrivileged
	}
	for _, n := range r.e.grantsOf[s].of(a) {
		i.Risk = riskier(i.Risk, r.risk(s, int(n)))
	}
	if m := o.Matches[a]; m.How == access.MatchedNonHum {
		reg := r.e.w.Policy.NonHuman[m.NonHuman]
		i.HowHeld, i.Meaning = "Registered as "+string(reg.Kind)+" ("+cite(reg.File, reg.Row)+")", reg.Purpose
	}
	for _, n := range r.e.grantsOf[s].of(a) {
		i.Carries = append(i.Carries, rightName(o.Entitlements[o.Grants[n].Entitlement]))
	}
	slices.Sort(i.Carries)
	i.Carries = slices.Compact(i.Carries)
	r.fillFinding(&i, subject(acc.Key(), "", "", ""))
	for _, n := range r.e.grantsOf[s].of(a) { // what is asked about a right of the account is asked with it
		if ent := o.Entitlements[o.Grants[n].Entitlement]; i.FindingID == "" {
			r.fillFinding(&i, subject(acc.Key(), ent.Kind, ent.Scope, ent.ID))
		}
	}
	return i
}

// sorted gives the worksheets by reviewer, each with its flagged rows first.
func (r *routing) sorted() []access.Worksheet {
	var out []access.Worksheet
	for _, w := range r.sheets {
		slices.SortFunc(w.Items, compareItems)
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b access.Worksheet) int {
		return cmp.Or(compareKeys(a.Reviewer, b.Reviewer), cmp.Compare(a.ReviewerName, b.ReviewerName), cmp.Compare(a.Because, b.Because))
	})
	return out
}

// compareItems is the order of the rows of a worksheet.
func compareItems(a, b access.Item) int {
	return cmp.Or(flag(a)-flag(b), cmp.Compare(a.Person.Name, b.Person.Name), compareKeys(a.Person.Key(), b.Person.Key()),
		cmp.Compare(a.System, b.System), cmp.Compare(a.Account.Key().String(), b.Account.Key().String()),
		cmp.Compare(a.Entitlement, b.Entitlement), cmp.Compare(a.RowID, b.RowID))
}

// flag is 0 for a row that somebody must look at, 1 for the others.
func flag(i access.Item) int {
	switch i.FindingKind {
	case "", access.Excepted:
		return 1
	}
	return 0
}

// balances are the books: everything received is in exactly one bucket.
func (e *evaluation) balances(d Decision) []access.Balance {
	var out []access.Balance
	for _, r := range e.w.Rosters {
		out = append(out, e.rosterBalance(r))
	}
	for s := range e.systems {
		out = append(out, e.accountBalance(s), e.grantBalance(s))
	}
	rows := 0
	for _, w := range d.Worksheets {
		rows += len(w.Items)
	}
	return append(out, balance("rows of all worksheets", rows, e.rowParts()))
}

func balance(what string, total int, parts map[string]int) access.Balance {
	b := access.Balance{What: what, Total: total}
	for name, n := range parts {
		b.Parts = append(b.Parts, access.BalancePart{Name: name, Count: n})
	}
	slices.SortFunc(b.Parts, func(x, y access.BalancePart) int { return cmp.Compare(x.Name, y.Name) })
	return b
}

// rosterBalance: rows in force by where their person stands; further rows of
// the same person are said so.
func (e *evaluation) rosterBalance(r SourceRoster) access.Balance {
	parts := map[string]int{}
	seen := map[access.PersonKey]bool{}
	for _, i := range r.Rows {
		p := e.people.Get(i.Key())
		switch {
		case seen[i.Key()]:
			parts["further rows of the same person"]++
		default:
			parts[string(p.Standing)]++
		}
		seen[i.Key()] = true
	}
	return balance("rows in force of roster "+string(r.Verdict.Source), len(r.Rows), parts)
}

func (e *evaluation) accountBalance(s int) access.Balance {
	parts := map[string]int{"matched": 0, "unmatched": 0, "ambiguous": 0}
	for _, m := range e.systems[s].Matches {
		switch m.How {
		case access.Unmatched, access.Ambiguous:
			parts[string(m.How)]++
		default:
			parts["matched"]++
		}
	}
	return balance("accounts of "+string(e.systems[s].System), len(e.systems[s].Accounts), parts)
}

// grantBalance: direct grants by where they went; carried ones go with what
// carries them.
func (e *evaluation) grantBalance(s int) access.Balance {
	parts := map[string]int{}
	for _, g := range e.systems[s].Grants {
		if !g.Direct() {
			parts["carried by a group"]++
			continue
		}
		parts[string(e.bucketOf(s, int(g.Account)))]++
	}
	return balance("grants of "+string(e.systems[s].System), len(e.systems[s].Grants), parts)
}

// rowParts counts the rows that there should be.
func (e *evaluation) rowParts() map[string]int {
	parts := map[string]int{}
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			switch e.bucketOf(s, a) {
			case inRows:
				for _, n := range e.grantsOf[s].of(a) {
					if e.systems[s].Grants[n].Direct() {
						parts["grants"]++
					}
				}
			case inAccount:
				parts["accounts"]++
			}
		}
	}
	return parts
}
