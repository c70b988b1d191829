//go:build cgo

package evidence

import (
	"fmt"
	"time"

	"rollcall/internal/access"
)

type leaver struct {
	name      string
	ends      string
	okta, aws float64 // hours to the block; less than 0: no account; 1e6: never
}

var left = []leaver{
	{"Aisha Albers", "2026-01-09 17:00", 8.02, 8.05}, {"Ben Okafor", "2026-01-16 17:00", 32.1, 32.2}, {"Carla Diaz", "2026-01-30 17:00", 8.01, -1},
	{nameScript, "2026-02-06 17:00", 56.1, 8.1}, {"Dmitri Sorokin", "2026-02-11 12:00", 0.4, 0.5}, {"Elif Yılmaz", "2026-02-13 17:00", 8.03, 8.04},
	{nameFormula, "2026-02-27 17:00", 8.01, 12.5}, {"François Lefèvre-Montgomery de la Tour", "2026-03-02 17:00", 26.6, 104.2}, {"Grace Hopkins", "2026-03-06 17:00", 8.02, 8.03},
	{"Hiro Tanaka", "2026-03-13 17:00", 3.2, 8.02}, {"Ines Moreau", "2026-03-20 17:00", 8.05, 1e6}, {"Jon Snow", "2026-03-27 17:00", 8.02, -1}, {"Kira Nobody", "2026-03-28 17:00", -1, -1},
}

var staying = []string{"Lena Park", "Musa Bello", "Nora Quist", "Omar Reyes", "Priya Nair", "Quinn Adler", "Rosa Silva", "Sven Berg", "Tomás Vidal", nameFuture}

// add gives a person an account with rights; each is given by the rule of its number.
func add(j *access.Judged, account access.Account, who access.PersonKey, rights []uint32) {
	at := uint32(len(j.Accounts))
	j.Accounts, j.Matches = append(j.Accounts, account), append(j.Matches, access.Match{How: access.MatchedHRID, Person: who})
	for _, r := range rights {
		rule := int32(r) + 1
		if j.System == "aws" {
			rule += 3
		}
		j.Grants, j.Verdicts = append(j.Grants, access.Grant{Account: at, Entitlement: r}), append(j.Verdicts, access.Verdict{By: rule})
	}
}

func (l leaver) person(i int, at time.Time) access.Person {
	p := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: access.EmployeeID(fmt.Sprint(100 + i)), Name: l.name, Title: "Engineer", Status: access.StatusActive}, Standing: access.StandingActive}
	if ends := dayAt(l.ends); !at.Before(ends) {
		p.Status, p.Standing, p.AccessEndsAt, p.FirstSeenLeftAt = access.StatusLeft, access.StandingLeft, ends, ends
	}
	return p
}

// fill gives a leaver the accounts that still are, and the clocks of their end.
func (l leaver) fill(n *access.Night, okta, aws *access.Judged, i int, at time.Time) {
	ends, who := dayAt(l.ends), access.PersonKey{Source: "employees", EmployeeID: access.EmployeeID(fmt.Sprint(100 + i))}
	for k, j := range []*access.Judged{okta, aws} {
		hours := []float64{l.okta, l.aws}[k]
		if hours < 0 {
			continue
		}
		account := access.Account{System: j.System, ID: access.AccountID(fmt.Sprintf("%s-%02d", j.System, i)), Kind: access.OktaUser, Login: fmt.Sprintf("left%d@x.test", i), Status: access.AccountActive, UsageKnown: true, LastUsedAt: ends.Add(-time.Hour)}
		if j == aws {
			account.Kind = access.IdentityCenter
		}
		e := access.Ending{Account: account.Key(), Person: who}
		if blocked := ends.Add(time.Duration(hours * float64(time.Hour))); !at.Add(4 * time.Minute).Before(blocked) {
			e.BlockedAt, account.Status = blocked, access.AccountDisabled
			if gone := blocked.AddDate(0, 0, 7); !at.Before(gone) {
				e.RemovedAt = gone
			}
		}
		if !at.Before(ends) {
			n.Endings[account.Key()] = e
		}
		if !at.Before(ends) && e.BlockedAt.IsZero() {
			n.Findings = append(n.Findings, access.Finding{ID: fmt.Sprintf("f-left-%s-%d", j.System, i), Kind: access.LeaverAccess, Severity: "critical", Disposition: access.ToRevoke, Person: who, Account: account.Key(),
				Login: account.Login, Reason: l.name + " has left", Cites: "employees.csv row 2", FirstSeen: access.Day{At: at.Truncate(24 * time.Hour)}})
		}
		if e.BlockedAt.IsZero() {
			add(j, account, who, []uint32{0})
		} else {
			add(j, account, who, nil)
		}
	}
}
