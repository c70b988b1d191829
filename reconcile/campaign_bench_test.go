package reconcile

import (
	"fmt"
	"testing"
	"time"

	"rollcall/internal/access"
)

// manyReviewers is a world of n managers with 10 people each, who hold 5 rights each.
func manyReviewers(n int) World {
	w := World{Now: midnight, Policy: access.Policy{Contacts: []access.Contact{{System: "okta", Responsibility: "owner", Name: "Otto", BusinessHours: "otto@example.com"}}}}
	roster := SourceRoster{Verdict: access.RosterVerdict{Source: "employees", InForce: access.AcceptedRoster{SHA256: "x"}}}
	o := access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "users", Complete: true, Lists: true}}}
	for g := range 5 {
		o.Entitlements = append(o.Entitlements, access.Entitlement{System: "okta", Kind: access.OktaGroup, ID: fmt.Sprint("g", g), Name: fmt.Sprint("Group ", g), Privileged: g == 4})
	}
	for p := range n * 11 {
		id, boss := access.EmployeeID(fmt.Sprint(p)), access.EmployeeID(fmt.Sprint(p/11*11))
		if p%11 == 0 {
			boss = "0"
		}
		roster.Rows = append(roster.Rows, access.Identity{Source: "employees", EmployeeID: id, Name: fmt.Sprint("Person ", p), Email: fmt.Sprintf("p%d@example.com", p), Title: "Engineer", Department: fmt.Sprint("D", p%50), ManagerID: boss, Status: access.StatusActive, Row: p + 2})
		if p%11 == 0 {
			continue
		}
		o.Accounts = append(o.Accounts, access.Account{System: "okta", ID: access.AccountID(fmt.Sprint("u", p)), Kind: access.OktaUser, Login: fmt.Sprintf("p%d@example.com", p), HRID: id, Status: access.AccountActive})
		for g := range 5 {
			o.Grants = append(o.Grants, access.Grant{Account: uint32(len(o.Accounts) - 1), Entitlement: uint32(g)})
		}
	}
	w.Rosters, w.Systems = []SourceRoster{roster}, []access.Observation{o}
	return w
}

// BenchmarkCampaign opens a campaign of 2,000 reviewers and 120,000 rows, takes all of
// it back, and tells who is due.
func BenchmarkCampaign(b *testing.B) {
	w := manyReviewers(2000)
	d := Decide(w)
	c := access.Campaign{ID: "big", Approver: "Board", ApproverMail: "board@example.org", OpenedAt: midnight, Due: access.Day{At: midnight.AddDate(0, 0, 14).Truncate(24 * time.Hour)}}
	for b.Loop() {
		sheets, c, _, err := OpenCampaign(w, d, c, nil, nil)
		if err != nil {
			b.Fatal(err)
		}
		seal(sheets)
		rec := access.CampaignRecord{Campaign: c, Sheets: sheets}
		st := StaffOf(w, nil)
		if late := midnight.AddDate(0, 0, 20); len(Due(rec, st, CampaignRules{}, late)) == 0 {
			b.Fatal("nobody is due")
		}
		in, counted := NewReceiving(rec, st, CampaignRules{}), 0
		for _, s := range sheets {
			back := access.ReturnedSheet{Worksheet: s.ID, SHA256: s.ID}
			for _, row := range s.Rows {
				back.Rows = append(back.Rows, access.ReturnedRow{ID: row.ID, MAC: row.MAC, Cells: row.Cells, Decision: "Keep", Reason: "they work with it every day"})
			}
			got := in.Receive(back, midnight.Add(time.Hour))
			counted += got.File.Counted
			rec.Decisions = append(rec.Decisions, got.Decisions...)
		}
		Checks(rec, nil, st, CampaignRules{}, midnight.AddDate(0, 0, 20))
		b.ReportMetric(float64(c.Rows), "rows")
		b.ReportMetric(float64(counted), "counted")
	}
}
