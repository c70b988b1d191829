package reconcile

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
	"rollcall/internal/zones"
)

// A world in testdata is a txtar archive; its comment says the rule.
//
//	world             settings and memory, one per line (see setting)
//	SOURCE.csv        tonight's roster of a source; before/SOURCE.csv is the list in force,
//	                  vanished/SOURCE.csv are people that it lost on an earlier night
//	rolemap.csv, exceptions.csv, answers.csv, links.csv, nonhuman.csv, contacts.csv, sod.csv
//	system/NAME       what a collector saw, one fact per line (see fact)
//	must              what the rule demands, by hand: "+ text" is in the outcome, "- text" is not
//	findings, plan, people, rosters, approvals, worksheets, systems, watches: the outcome, by -update; the last
//	                  five only where the file asks for them by having the section
type fixture struct {
	t       *testing.T
	w       World
	guards  map[access.Source]RosterGuard
	asOf    map[access.Source]time.Time
	digest  map[access.Source]string
	stops   map[access.Source][]access.Problem
	absent  map[access.PersonKey]int
	sources []access.Source
	since   time.Time
	bare    bool // no baseline
	files   map[string]string
}

func loadWorld(t *testing.T, a *txtar.Archive) World {
	t.Helper()
	return loadFixture(t, a).w
}

func loadFixture(t *testing.T, a *txtar.Archive) *fixture {
	t.Helper()
	f := &fixture{
		t: t, guards: map[access.Source]RosterGuard{}, asOf: map[access.Source]time.Time{}, digest: map[access.Source]string{},
		stops: map[access.Source][]access.Problem{}, files: map[string]string{},
		absent: map[access.PersonKey]int{},
	}
	f.w.Now = f.time("2026-11-23T02:00:00Z")
	f.w.Settings.Mode = access.Enforce
	f.since = f.time("2026-11-20T02:00:00Z")
	f.w.Memory = access.Memory{
		Accounts: map[access.System]int{}, Accepted: map[access.Source]access.AcceptedRoster{}, InForce: map[access.Source][]access.Identity{},
		Vanished: map[access.PersonKey]access.Vanished{}, FirstSeenLeft: map[access.PersonKey]time.Time{}, Blocked: map[access.AccountKey]access.BlockRecord{},
	}
	for _, part := range a.Files {
		f.files[part.Name] = string(part.Data)
		source, list := strings.CutSuffix(part.Name, ".csv")
		switch source {
		case "rolemap", "exceptions", "answers", "links", "nonhuman", "contacts", "sod":
			list = false
		}
		if list && !strings.Contains(source, "/") {
			f.sources = append(f.sources, access.Source(source))
		}
		if name, ok := strings.CutPrefix(part.Name, "system/"); ok {
			f.w.Systems = append(f.w.Systems, f.system(access.System(name), string(part.Data)))
		}
	}
	for _, words := range lines(f.files["world"]) {
		f.setting(words)
	}
	for _, o := range f.w.Systems {
		if _, has := f.w.Memory.Accounts[o.System]; !has && !f.bare {
			f.w.Memory.Accounts[o.System] = 1000
		}
	}
	f.policy()
	for _, s := range f.sources {
		f.w.Rosters = append(f.w.Rosters, f.roster(s))
	}
	return f
}

// word is one word of a line, in which "..." keeps spaces.
var word = regexp.MustCompile(`(?:[^\s"]|"[^"]*")+`)

func lines(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		words := word.FindAllString(line, -1)
		for n := range words {
			words[n] = strings.ReplaceAll(words[n], `"`, "")
		}
		if len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			out = append(out, words)
		}
	}
	return out
}

// decided remembers what a review decided to remove; KIND:ID is "-" for a whole account.
func (f *fixture) decided(l []string) {
	r := access.Removal{Campaign: "2026-q3", RowID: l[0], Person: personKey(l[1]), Account: accountKey(l[2]), Login: l[2], By: "Max", DecidedAt: f.time(l[4]), Risk: access.RiskStandard}
	if kind, id, ok := strings.Cut(l[3], ":"); ok {
		r.Kind, r.Entitlement, r.Name = access.EntitlementKind(kind), id, id
	}
	r.Due = dayOf(r.DecidedAt.AddDate(0, 0, 7))
	for _, more := range l[5:] {
		switch name, value, _ := strings.Cut(more, "="); name {
		case "scope":
			r.Scope = value
		case "due":
			r.Due = dayOf(f.time(value))
		case "announced":
			r.Announced = dayOf(f.time(value))
		case "sent":
			r.SentAt = f.time(value)
		case "gone":
			r.GoneAt = f.time(value)
		case "done":
			r.DoneAt = f.time(value)
		case "overruled":
			r.Overruled = access.CampaignID(value)
		}
	}
	if f.w.Memory.Removals == nil {
		f.w.Memory.Removals = map[string]access.Removal{}
	}
	f.w.Memory.Removals[r.RowID] = r
}

func (f *fixture) time(s string) time.Time {
	f.t.Helper()
	d, err := access.ParseDay(s)
	if err != nil {
		f.t.Fatalf("time %q: %v", s, err)
	}
	return d.At
}

func (f *fixture) number(s string) int {
	f.t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		f.t.Fatalf("number %q: %v", s, err)
	}
	return n
}

func personKey(s string) access.PersonKey {
	source, id, _ := strings.Cut(s, "/")
	return access.PersonKey{Source: access.Source(source), EmployeeID: access.EmployeeID(id)}
}

// accountKey reads system:scope:id.
func accountKey(s string) access.AccountKey {
	p := append(strings.SplitN(s, ":", 3), "", "")
	return access.AccountKey{System: access.System(p[0]), Scope: p[1], ID: access.AccountID(p[2])}
}

// setting reads one line of the world section.
func (f *fixture) setting(l []string) {
	f.t.Helper()
	s, m := &f.w.Settings, &f.w.Memory
	switch l[0] {
	case "now":
		f.w.Now = f.time(l[1])
	case "zone":
		z, err := zones.Load(l[1])
		if err != nil {
			f.t.Fatal(err)
		}
		s.Zone = z
	case "observe":
		s.Mode = access.Observe
	case "garden-revoke":
		s.RevokeGardenLeave = true
	case "protect":
		s.Protected = append(s.Protected, l[1])
	case "night": // MIN PERCENT
		s.Limits.NightMin, s.Limits.NightPercent = f.number(l[1]), f.number(l[2])
	case "week":
		s.Limits.WeekMin, s.Limits.WeekPercent = f.number(l[1]), f.number(l[2])
	case "baseline": // SYSTEM N, or none
		if f.bare = l[1] == "none"; !f.bare {
			m.Accounts[access.System(l[1])] = f.number(l[2])
		}
	case "blocked", "undone": // ACCOUNT PERSON AT [run=RUN] [unverified] VERB...: a block, or one that was given back since
		b := access.BlockRecord{Account: accountKey(l[1]), Person: personKey(l[2]), At: f.time(l[3]), Verified: true}
		for _, v := range l[4:] {
			if by, is := strings.CutPrefix(v, "by="); is { // ID/GUARD/SCOPE: the approval that let it pass
				p := strings.SplitN(by, "/", 3)
				b.Released = append(b.Released, access.Release{Approval: p[0], Guard: p[1], Scope: p[2]})
				continue
			}
			if run, is := strings.CutPrefix(v, "run="); is {
				b.Run = access.RunID(run)
				continue
			}
			if v == "unverified" { // nobody saw it take effect
				b.Verified = false
				continue
			}
			b.Verbs = append(b.Verbs, access.Verb(v))
			if v == string(access.OktaDeactivate) || v == string(access.OktaDeleteToken) {
				b.Final = append(b.Final, access.Final{Verb: access.Verb(v), At: b.At, Released: b.Released})
			}
		}
		if l[0] == "undone" {
			m.Undone = AddUndone(m.Undone, []access.BlockRecord{b})
			return
		}
		m.Blocked[b.Account] = b
	case "order": // PERSON REASON TICKET: tonight's run is about them alone
		f.w.Order = &access.Order{Person: personKey(l[1]), Reason: l[2], Ticket: l[3], By: "ann@host"}
	case "ordered": // PERSON AT [interrupted] [known=ANSWER]: an earlier order that is not done
		o := access.OpenOrder{Order: access.Order{Person: personKey(l[1]), Reason: "stolen", By: "ann@host"}, Run: "run-1", At: f.time(l[2])}
		for _, more := range l[3:] {
			if answer, is := strings.CutPrefix(more, "known="); is {
				o.Known = append(o.Known, answer)
				continue
			}
			o.Interrupted = more == "interrupted"
		}
		if m.Orders == nil {
			m.Orders = map[access.PersonKey]access.OpenOrder{}
		}
		m.Orders[o.Person] = o
	case "recalled": // AT: an earlier run read the systems
		f.w.SeenAt = f.time(l[1])
	case "by-hand": // ACCOUNT REASON TICKET: the block of the account was ordered
		b := m.Blocked[accountKey(l[1])]
		b.Order = &access.Order{Person: b.Person, Reason: l[2], Ticket: l[3], By: "ann@host"}
		m.Blocked[b.Account] = b
	case "taken": // ACCOUNT KIND:ID NAME [SCOPE]: by the block of the account
		b := m.Blocked[accountKey(l[1])]
		kind, id, _ := strings.Cut(l[2], ":")
		b.Taken = append(b.Taken, access.Taken{Kind: access.EntitlementKind(kind), ID: id, Name: l[3], Scope: append(l[4:], "")[0]})
		m.Blocked[b.Account] = b
	case "seen": // ACCOUNT KIND:ID [SCOPE] [via=ID]: an earlier night saw this grant
		carrier := ""
		if via, is := strings.CutPrefix(l[len(l)-1], "via="); is {
			carrier, l = via, l[:len(l)-1]
		}
		kind, id, _ := strings.Cut(l[2], ":")
		if m.GrantsSeen == nil {
			m.GrantsSeen = map[uint64]uint32{}
		}
		m.GrantsSeen[access.HashGrant(accountKey(l[1]), access.EntitlementKind(kind), append(l[3:], "")[0], id, carrier)] = 1
	case "remove": // DAYS [observe] [ruled-groups] [apps-and-roles] [movers]
		s.Removal = Removal{Enforce: !slices.Contains(l, "observe"), Movers: slices.Contains(l, "movers"), AfterDays: f.number(l[1]), RuledGroups: slices.Contains(l, "ruled-groups"), AppsAndRoles: slices.Contains(l, "apps-and-roles"),
			DeleteUsers: slices.Contains(l, "delete-users")}
	case "remove-night": // MIN PERCENT
		s.Limits.RemoveNightMin, s.Limits.RemoveNightPercent = f.number(l[1]), f.number(l[2])
	case "ending": // ACCOUNT PERSON BLOCKED [removing=AT] [VERB...]
		end := access.Ending{Account: accountKey(l[1]), Person: personKey(l[2]), BlockedAt: f.time(l[3])}
		for _, v := range l[4:] {
			if at, ok := strings.CutPrefix(v, "removing="); ok {
				end.RemovingAt = f.time(at)
				continue
			}
			end.Verbs = append(end.Verbs, access.Verb(v))
		}
		if m.Endings == nil {
			m.Endings = map[access.AccountKey]access.Ending{}
		}
		m.Endings[end.Account] = end
	case "mover-days":
		s.MoverDays = f.number(l[1])
	case "announced": // PERSON ACCOUNT KIND:ID NAME AT [scope=] [due=] [removing=]: the removal of a right of a former job
		f.announced(l[1:])
	case "reviews": // NOTICE-DAYS [enforce]: what becomes of what reviewers decided to remove
		s.Reviewed = Reviewed{Enforce: slices.Contains(l, "enforce"), NoticeDays: f.number(l[1])}
	case "decided": // ROW PERSON ACCOUNT KIND:ID AT [scope=] [due=] [announced=] [sent=] [gone=] [overruled=]: a review decided to remove it
		f.decided(l[1:])
	case "left-out": // FILE ROW: a line of policy that cannot be used tonight
		f.w.Policy.LeftOut = append(f.w.Policy.LeftOut, access.Line{File: l[1], Row: f.number(l[2])})
	case "unread": // rolemap or exceptions: the file cannot be used tonight
		f.w.Policy.RoleMapUnread, f.w.Policy.ExceptionsUnread = l[1] == "rolemap", l[1] == "exceptions"
	case "first-left": // PERSON AT
		m.FirstSeenLeft[personKey(l[1])] = f.time(l[2])
	case "moved": // PERSON UNTIL TITLE DEPARTMENT: a former job
		if m.Moves == nil {
			m.Moves = map[access.PersonKey][]access.Move{}
		}
		m.Moves[personKey(l[1])] = append(m.Moves[personKey(l[1])], access.Move{Until: f.time(l[2]), Title: l[3], Department: l[4]})
	case "glass": // ACCOUNT AT: when it was last seen to be used
		if m.GlassUsed == nil {
			m.GlassUsed = map[access.AccountKey]time.Time{}
		}
		m.GlassUsed[accountKey(l[1])] = f.time(l[2])
	case "watched": // ACCOUNT UNTIL [EVENT...]: how far its log was read, and which uses were told
		if m.Watched == nil {
			m.Watched = map[access.AccountKey]access.Watched{}
		}
		m.Watched[accountKey(l[1])] = access.Watched{Account: accountKey(l[1]), Until: f.time(l[2]), Seen: l[3:]}
	case "used-after": // ACCOUNT AT SAYS: a use after the end that an earlier night read in the log
		end := m.Endings[accountKey(l[1])]
		end.Used = access.Use{At: f.time(l[2]), Says: l[3]}
		m.Endings[accountKey(l[1])] = end
	case "canary": // SOURCE ID
		g := f.guards[access.Source(l[1])]
		g.Canaries = append(g.Canaries, access.EmployeeID(l[2]))
		f.guards[access.Source(l[1])] = g
	case "left-after": // SOURCE N: absent from N different lists counts as left
		g := f.guards[access.Source(l[1])]
		g.LeftAfter = f.number(l[2])
		f.guards[access.Source(l[1])] = g
	case "absent": // PERSON LISTS: lists without them that were counted on earlier nights
		f.absent[personKey(l[1])] = f.number(l[2])
	case "as-of": // SOURCE AT
		f.asOf[access.Source(l[1])] = f.time(l[2])
	case "digest": // SOURCE DIGEST, of tonight's file
		f.digest[access.Source(l[1])] = l[2]
	case "accepted": // SOURCE DIGEST AT GONE: an earlier list
		m.History = append(m.History, access.AcceptedRoster{
			Source: access.Source(l[1]), Original: l[2], SHA256: "n" + l[2], AcceptedAt: f.time(l[3]), Gone: f.number(l[4]),
		})
	case "concentration":
		s.Limits.Concentration = f.number(l[1])
	case "approve": // GUARD SCOPE ID [STAKE...] [key=value...] (see approval)
		f.w.Approvals = append(f.w.Approvals, f.approval(l[1], l[2], l[3], l[4:]))
	case "stop": // SOURCE TEXT: tonight's file cannot be used
		f.stops[access.Source(l[1])] = []access.Problem{{Severity: access.Stop, Says: l[2], Mend: "send it again"}}
	default:
		f.t.Fatalf("world: unknown setting %q", l[0])
	}
}

func (f *fixture) announced(l []string) {
	f.t.Helper()
	kind, id, _ := strings.Cut(l[2], ":")
	opt := options(l[5:])
	about := access.Finding{Kind: access.MoverResidue, Person: personKey(l[0]), Account: accountKey(l[1]), EntitlementKind: access.EntitlementKind(kind), GrantScope: opt["scope"], EntitlementID: id, Entitlement: l[3]}
	finding, _ := findingID(&about)
	r := access.Residue{FindingID: finding, Person: about.Person, Account: about.Account, Kind: about.EntitlementKind, Scope: about.GrantScope, ID: id,
		AnnouncedAt: f.time(l[4]), DueAt: f.time(opt["due"]), RemovingAt: f.time(opt["removing"])}
	if f.w.Memory.Residues == nil {
		f.w.Memory.Residues = map[string]access.Residue{}
	}
	f.w.Memory.Residues[r.FindingID] = r
}

// table reads a CSV with a header; the rows count as a spreadsheet counts them.
func (f *fixture) table(name string) []map[string]string {
	f.t.Helper()
	all, err := csv.NewReader(strings.NewReader(f.files[name])).ReadAll()
	if err != nil {
		f.t.Fatalf("%s: %v", name, err)
	}
	var out []map[string]string
	for n, rec := range all {
		if n == 0 {
			continue
		}
		row := map[string]string{"row": strconv.Itoa(n + 1), "file": name}
		for c, v := range rec {
			row[all[0][c]] = v
		}
		out = append(out, row)
	}
	return out
}

func (f *fixture) day(s string) access.Day {
	f.t.Helper()
	d, err := access.ParseDay(s)
	if err != nil {
		f.t.Fatalf("day %q: %v", s, err)
	}
	return d
}

func (f *fixture) line(r map[string]string) access.Line {
	return access.Line{File: r["file"], Row: f.number(r["row"])}
}

func (f *fixture) identities(s access.Source, name string) []access.Identity {
	f.t.Helper()
	var out []access.Identity
	for _, r := range f.table(name) {
		out = append(out, access.Identity{
			Source: s, EmployeeID: access.EmployeeID(r["employee_id"]), Email: r["email"], Name: r["name"], Title: r["title"],
			Department: r["department"], ManagerID: access.EmployeeID(r["manager_id"]), WorkerType: r["worker_type"],
			Status: access.Status(r["status"]), StartDate: f.day(r["start_date"]), EndDate: f.day(r["end_date"]),
			LastWorkingDay: f.day(r["last_working_day"]), TimeZone: r["timezone"], Aliases: r["aliases"],
			Row: f.number(r["row"]), Problem: r["problem"],
		})
	}
	return out
}

// roster accepts tonight's file of a source over the list in force, if any.
func (f *fixture) roster(s access.Source) SourceRoster {
	f.t.Helper()
	m := f.w.Memory
	if _, has := f.files["before/"+string(s)+".csv"]; has {
		rows := f.identities(s, "before/"+string(s)+".csv")
		m.InForce[s] = rows
		m.Accepted[s] = access.AcceptedRoster{Source: s, SHA256: "before", Original: "before", AsOf: f.time("2026-11-22"), AcceptedAt: f.time("2026-11-22T02:00:00Z"), Rows: len(rows)}
	}
	for _, i := range f.identities(s, "vanished/"+string(s)+".csv") {
		m.Vanished[i.Key()] = access.Vanished{Identity: i, Since: f.since, Lists: f.absent[i.Key()]}
	}
	file := string(s) + ".csv"
	digest := "tonight"
	if d := f.digest[s]; d != "" {
		digest = d
	}
	r := access.Roster{Source: s, File: file, AsOf: f.asOf[s], Original: digest, SHA256: "rows of " + digest, Rows: f.identities(s, file)}
	if digest == "before" {
		r.SHA256 = "before"
	}
	if len(f.stops[s]) > 0 { // as the reader gives it
		r.SHA256, r.Rows, r.Working = "", nil, r.Rows
	}
	g := f.guards[s]
	seen := Accept(r, f.stops[s], m, g, f.w.Now).Verdict.Seen
	for n := range f.w.Approvals {
		a := &f.w.Approvals[n]
		if a.Roster == nil || a.Roster.Source != s {
			continue
		}
		gone := a.Roster.Gone // what the approver saw, if it was something else
		*a.Roster = seen
		if gone != 0 {
			a.Roster.Gone = gone
		}
		a.Count, a.CohortSHA256 = a.Roster.Gone, seen.Rows
	}
	g.Approvals = f.w.Approvals
	return Accept(r, f.stops[s], m, g, f.w.Now)
}

// approval is one that a person gave six hours ago, of these stakes: ACCOUNT, or
// ACCOUNT=VERB[=KIND:ID] of what cannot be undone. spent=, resumable, made=, expires=,
// unproven=, count= and gone= (of a list) make it another one.
func (f *fixture) approval(guard, scope, id string, words []string) access.GivenApproval {
	f.t.Helper()
	made := f.w.Now.Add(-6 * time.Hour)
	a := access.GivenApproval{Approval: access.Approval{ID: id, Guard: guard, Scope: scope, By: "Ann", Reason: "HR confirmed it", CreatedAt: made, ExpiresAt: made.Add(approvalAge)}}
	if guard == "roster" {
		a.Roster = &access.ApprovedRoster{Source: access.Source(scope)}
	}
	count := -1
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "spent":
			a.Spent = access.RunID(value)
		case "resumable":
			a.Resumable = true
		case "made":
			a.CreatedAt = f.time(value)
		case "expires":
			a.ExpiresAt = f.time(value)
		case "unproven":
			a.Unproven = value
		case "count":
			count = f.number(value)
		case "gone":
			a.Roster.Gone = f.number(value)
		default:
			a.Cohort = append(a.Cohort, stakeOf(accountKey(key), value))
		}
	}
	a.Count, a.CohortSHA256 = len(a.Cohort), access.CohortDigest(a.Cohort)
	if count >= 0 {
		a.Count = count
	}
	return a
}

func stakeOf(k access.AccountKey, verb string) access.Stake {
	s := access.Stake{Account: k, Stage: access.Block}
	if verb == string(access.Remove) {
		s.Stage = access.Remove
		return s
	}
	if row, ok := strings.CutPrefix(verb, "row:"); ok { // what a review decided
		s.Stage, s.Action = access.Remove, reviewAction(row)
		return s
	}
	if verb == "" {
		return s
	}
	verb, ent, _ := strings.Cut(verb, "=")
	kind, id, _ := strings.Cut(ent, ":")
	s.Action = stableID("a", string(s.Stage), verb, k.String(), kind, "", id)
	return s
}

// policy reads everything that people wrote.
func (f *fixture) policy() {
	f.t.Helper()
	p := &f.w.Policy
	for _, r := range f.table("rolemap.csv") {
		p.RoleMap.Rules = append(p.RoleMap.Rules, access.Rule{
			Line: f.line(r), Role: r["role"], Title: r["title"], Department: r["department"], WorkerType: r["worker_type"], System: r["system"],
			Scope: r["scope"], Kind: r["kind"], Entitlement: r["entitlement"], Requirement: access.Requirement(r["requirement"]),
			Risk: access.Risk(r["risk"]), Owner: r["owner"], Meaning: r["meaning"], ApprovedBy: r["approved_by"], ExpiresOn: f.day(r["expires_on"]),
		})
	}
	for _, r := range f.table("exceptions.csv") {
		p.Exceptions = append(p.Exceptions, access.Exception{
			Line: f.line(r), ID: r["id"], Person: personKey(r["source"] + "/" + r["employee_id"]), System: r["system"], Scope: r["scope"],
			Kind: r["kind"], Entitlement: r["entitlement"], Reason: r["reason"], ApprovedBy: r["approved_by"], ApprovedOn: f.day(r["approved_on"]), ExpiresOn: f.day(r["expires_on"]),
		})
	}
	for _, r := range f.table("answers.csv") {
		p.Answers = append(p.Answers, access.Answer{
			Line: f.line(r), Person: personKey(r["source"] + "/" + r["employee_id"]), Answer: r["answer"], SameAs: access.EmployeeID(r["same_as"]),
			LastWorkingDay: f.day(r["last_working_day"]), ConfirmedBy: r["confirmed_by"], ConfirmedOn: f.day(r["confirmed_on"]),
		})
	}
	for _, r := range f.table("links.csv") {
		p.Links = append(p.Links, access.Link{
			Line: f.line(r), Account: access.AccountKey{System: access.System(r["system"]), Scope: r["scope"], ID: access.AccountID(r["account_id"])},
			Person: personKey(r["source"] + "/" + r["employee_id"]), ConfirmedBy: r["confirmed_by"], ConfirmedOn: f.day(r["confirmed_on"]),
		})
	}
	for _, r := range f.table("nonhuman.csv") {
		p.NonHuman = append(p.NonHuman, access.NonHuman{
			Line: f.line(r), System: r["system"], Scope: r["scope"], Account: r["account"], Kind: access.IdentityKind(r["kind"]),
			OwnerID: access.EmployeeID(r["owner_id"]), Purpose: r["purpose"], Review: f.day(r["review_by"]),
		})
	}
	for _, r := range f.table("sod.csv") {
		right := func(side string) access.Right {
			return access.Right{System: r[side+"_system"], Scope: r[side+"_scope"], Kind: r[side+"_kind"], Entitlement: r[side+"_entitlement"]}
		}
		p.SoD = append(p.SoD, access.SoD{Line: f.line(r), Rule: r["rule"], Left: right("left"), Right: right("right"), Reason: r["reason"]})
	}
	for _, r := range f.table("contacts.csv") {
		p.Contacts = append(p.Contacts, access.Contact{Line: f.line(r), System: r["system"], Responsibility: r["responsibility"], Name: r["name"], BusinessHours: r["business_hours_contact"]})
	}
}

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

// options splits key=value words from flags.
func options(words []string) map[string]string {
	out := map[string]string{}
	for _, w := range words {
		k, v, _ := strings.Cut(w, "=")
		out[k] = v
	}
	return out
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

// shown prints a key in the short form of the fixtures.
func shown(k fmt.Stringer) string {
	if s := k.String(); s != "" && s != "::" {
		return s
	}
	return "-"
}
