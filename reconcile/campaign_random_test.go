package reconcile

import (
	"fmt"
	"time"

	"rollcall/internal/access"
)

// reviewable is a random world in which a campaign can open: all was read.
func (r random) reviewable() World {
	w := r.world()
	for n := range w.Systems {
		for k := range w.Systems[n].Reads {
			w.Systems[n].Reads[k].Complete, w.Systems[n].Reads[k].Gap = true, ""
		}
	}
	for n := range r.IntN(3) {
		w.Policy.Contacts = append(w.Policy.Contacts, access.Contact{Line: access.Line{File: "contacts.csv", Row: n + 2}, System: pick(r, "", "okta", "aws", "sso"),
			Responsibility: pick(r, "owner", "owner", "compliance", "security"), Name: pick(r, "Owner", "P1", "P3"), BusinessHours: pick(r, "help@example.com", r.login(), "ext. 12")})
	}
	for n := range w.Policy.RoleMap.Rules {
		w.Policy.RoleMap.Rules[n].Risk = pick(r, "", access.RiskStandard, access.RiskSensitive, access.RiskPrivileged)
	}
	for n := range w.Systems {
		for a := range w.Systems[n].Accounts {
			w.Systems[n].Accounts[a].Privileged = r.chance(20)
		}
	}
	return w
}

func (r random) campaign(w World) access.Campaign {
	c := access.Campaign{ID: "2026-q4", Approver: pick(r, "Board", "P1", "Ada"), ApproverMail: pick(r, "board@example.org", "board@example.org", r.login()), OpenedAt: w.Now.Add(6 * time.Hour), Due: access.Day{At: time.Date(2026, 12, 7, 0, 0, 0, 0, time.UTC)}}
	if r.chance(20) {
		c.Scope.Systems = []string{pick(r, "okta", "a*", "nothing")}
	}
	if r.chance(20) {
		c.Scope.Risks = []access.Risk{access.RiskPrivileged}
	}
	if r.chance(20) {
		c.Scope.Departments = []string{"Sal*"}
	}
	if r.chance(10) {
		c.Scope.Movers = true
	}
	return c
}

func (r random) delegates() (all []access.Delegate) {
	for range r.IntN(3) {
		all = append(all, access.Delegate{Reviewer: r.key(), Delegate: r.key(), From: access.Day{At: midnight.AddDate(0, 0, -r.IntN(5)).Truncate(24 * time.Hour)}, Until: access.Day{At: midnight.AddDate(0, 0, r.IntN(20)).Truncate(24 * time.Hour)}})
	}
	return all
}

// opened is a campaign that opened in a random world.
type opened struct {
	w         World
	d         Decision
	delegates []access.Delegate
	rec       access.CampaignRecord
	rerouted  []string
	st        *Staff
}

func openRandom(seed uint64) (o opened, err error) {
	r := newRandom(seed)
	o.w = r.reviewable()
	o.d, o.delegates = Decide(o.w), r.delegates()
	o.rec.Campaign = r.campaign(o.w)
	o.rec.Sheets, o.rec.Campaign, o.rerouted, err = OpenCampaign(o.w, o.d, o.rec.Campaign, o.delegates, nil)
	o.st = StaffOf(o.w, o.delegates)
	seal(o.rec.Sheets)
	return o, err
}

// seal gives rows what reports gives them.
func seal(sheets []access.Sheet) {
	for n := range sheets {
		for k := range sheets[n].Rows {
			row := &sheets[n].Rows[k]
			row.Cells = []string{row.ID, row.Item.Person.Name, row.Item.Entitlement, string(row.Item.Risk)}
			row.MAC = "mac " + sheets[n].ID + " " + row.ID
		}
	}
}

// filled is a worksheet that came back, filled in by chance and in another order.
func (r random) filled(s access.Sheet, written map[string]string) access.ReturnedSheet {
	back := access.ReturnedSheet{File: s.ID + ".xlsx", SHA256: "digest of " + s.ID, Worksheet: s.ID, Campaign: "2026-q4"}
	for n, row := range s.Rows {
		one := access.ReturnedRow{Line: n + 2, ID: row.ID, MAC: row.MAC, Cells: row.Cells, Decision: pick(r, "", "", "Keep", "OK", "remove", " Change ", "not  mine", "perhaps"),
			Reason: pick(r, "", "it is what they work with every day"), ChangeTo: pick(r, "", "read only"), PassTo: pick(r, "", fmt.Sprint("P", r.id()), r.login())}
		written[row.ID] = one.Decision
		back.Rows = append(back.Rows, one)
	}
	return access.ReturnedSheet{File: back.File, SHA256: back.SHA256, Worksheet: back.Worksheet, Campaign: back.Campaign, Rows: permuted(back.Rows, r.Perm(len(back.Rows)))}
}
