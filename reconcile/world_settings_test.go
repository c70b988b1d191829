package reconcile

import (
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/zones"
)

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

// setting reads one line of the world section. It is long because it is the list of all
// lines that the section may have, each with its words beside the case that reads it, and
// is where a writer of a decision looks a line up.
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
