package archive

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"rollcall/internal/access"
)

// order gives the indexes of n things, sorted. Equal things keep their order.
func order(n int, compare func(a, b uint32) int) []uint32 {
	sorted := make([]uint32, n)
	for i := range sorted {
		sorted[i] = uint32(i)
	}
	slices.SortFunc(sorted, func(a, b uint32) int { return cmp.Or(compare(a, b), cmp.Compare(a, b)) })
	return sorted
}

// inOrder yields pointers to the items, sorted; the slice is left as it is.
func inOrder[T any](items []T, compare func(a, b *T) int) iter.Seq[*T] {
	sorted := order(len(items), func(a, b uint32) int { return compare(&items[a], &items[b]) })
	return func(yield func(*T) bool) {
		for _, i := range sorted {
			if !yield(&items[i]) {
				return
			}
		}
	}
}

// rowsOf makes the rows of a small table, one for each item, readable.
func rowsOf[T, R any](items iter.Seq[*T], row func(*T) R) iter.Seq[R] {
	return readable(func(yield func(R) bool) {
		for item := range items {
			if !yield(row(item)) {
				return
			}
		}
	})
}

// systems gives the night's systems by name.
func systems(n *access.Night) []*access.Judged {
	return slices.Collect(inOrder(n.Systems, func(a, b *access.Judged) int { return cmp.Compare(a.System, b.System) }))
}

func readRows(run access.RunID, reads []access.Read) iter.Seq[ReadRow] {
	ordered := inOrder(reads, func(a, b *access.Read) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Kind, b.Kind))
	})
	return rowsOf(ordered, func(r *access.Read) ReadRow {
		return ReadRow{
			RunID: string(run), System: string(r.System), Scope: r.Scope, Kind: r.Kind,
			Complete: r.Complete, Gap: r.Gap,
			Requests: int64(r.Requests), Pages: int64(r.Pages), Records: int64(r.Records), ClaimedTotal: int64(r.ClaimedTotal),
			StartedAt: r.StartedAt.UTC(), FinishedAt: r.FinishedAt.UTC(), SHA256: r.SHA256, Caller: r.Caller, Lists: r.Lists,
		}
	})
}

func identityRows(run access.RunID, people []access.Person) iter.Seq[IdentityRow] {
	ordered := inOrder(people, func(a, b *access.Person) int {
		return cmp.Or(a.Key().Compare(b.Key()), cmp.Compare(a.Row, b.Row))
	})
	return rowsOf(ordered, func(p *access.Person) IdentityRow {
		return IdentityRow{
			RunID: string(run), Source: string(p.Source), EmployeeID: string(p.EmployeeID),
			Email: p.Email, Name: p.Name, Title: p.Title, Department: p.Department,
			ManagerID: string(p.ManagerID), WorkerType: p.WorkerType, Status: string(p.Status),
			StartDate: p.StartDate.String(), EndDate: p.EndDate.String(), LastWorkingDay: p.LastWorkingDay.String(),
			TimeZone: p.TimeZone, AccessEndsAt: p.AccessEndsAt.UTC(), Kind: string(access.KindPerson),
			RosterRow: int64(p.Row), FirstSeenLeftAt: p.FirstSeenLeftAt.UTC(), Problem: p.Problem,
			Standing: string(p.Standing), SameAs: p.SameAs.String(),
		}
	})
}

func accountRows(run access.RunID, all []*access.Judged) iter.Seq[AccountRow] {
	return readable(func(yield func(AccountRow) bool) {
		for _, j := range all {
			sorted := order(len(j.Accounts), func(a, b uint32) int {
				return j.Accounts[a].Key().Compare(j.Accounts[b].Key())
			})
			self, unread := keySet(j.Self), keySet(j.AdminsUnread)
			for _, i := range sorted {
				row := accountRow(run, j, i)
				row.Self, row.AdminUnread = self[j.Accounts[i].Key()], unread[j.Accounts[i].Key()]
				if !yield(row) {
					return
				}
			}
		}
	})
}

func keySet(keys []access.AccountKey) map[access.AccountKey]bool {
	set := make(map[access.AccountKey]bool, len(keys))
	for _, k := range keys {
		set[k] = true
	}
	return set
}

func accountRow(run access.RunID, j *access.Judged, i uint32) AccountRow {
	a, m := &j.Accounts[i], &j.Matches[i]
	return AccountRow{
		RunID: string(run), System: string(a.System), Scope: a.Scope, AccountID: string(a.ID),
		Login: a.Login, Email: a.Email, Status: string(a.Status), Kind: string(a.Kind),
		Source: string(m.Person.Source), EmployeeID: string(m.Person.EmployeeID), Match: string(m.How),
		Privileged: a.Privileged, MFA: string(a.MFA), CreatedAt: a.CreatedAt.UTC(), LastUsedAt: a.LastUsedAt.UTC(),
		Candidates: candidates(m.Candidates), Name: a.Name, HRID: string(a.HRID), ScopeName: a.ScopeName, VendorStatus: a.VendorStatus,
		Upstream: a.Upstream, UsageKnown: a.UsageKnown, Read: readName(j, a.Read),
	}
}

// readName names a read; a system of which no read is known has nothing to name.
func readName(j *access.Judged, n int) string {
	if n >= len(j.Reads) {
		return ""
	}
	return j.Reads[n].Name()
}

// candidates are people as a JSON list of source/id; nobody is ”.
func candidates(keys []access.PersonKey) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.String()
	}
	return textList(names)
}

func findingRows(run access.RunID, findings []access.Finding) iter.Seq[FindingRow] {
	ordered := inOrder(findings, func(a, b *access.Finding) int {
		return cmp.Or(a.Person.Compare(b.Person), a.Account.Compare(b.Account),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return rowsOf(ordered, func(f *access.Finding) FindingRow {
		return FindingRow{
			RunID: string(run), FindingID: f.ID, Kind: string(f.Kind), Severity: f.Severity, Disposition: string(f.Disposition),
			Source: string(f.Person.Source), EmployeeID: string(f.Person.EmployeeID),
			System: string(f.Account.System), Scope: cmp.Or(f.GrantScope, f.Account.Scope), AccountID: string(f.Account.ID),
			Login: f.Login, EntitlementKind: string(f.EntitlementKind), EntitlementID: f.EntitlementID, Entitlement: f.Entitlement,
			Reason: f.Reason, Cites: f.Cites, FirstSeenOn: date(f.FirstSeen.At),
		}
	})
}

// date gives days since 1970, as Parquet dates are; 0 is written as NULL.
func date(t time.Time) int32 {
	if t.IsZero() {
		return 0
	}
	return int32(t.Unix() / (24 * 60 * 60))
}
