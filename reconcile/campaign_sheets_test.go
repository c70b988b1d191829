package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func (p *campaignPlay) open(id access.CampaignID, at string, opt map[string]string) {
	c := access.Campaign{ID: id, OpenedAt: p.time(at), Due: p.day(opt["due"]), Approver: opt["approver"], ApproverMail: opt["mail"]}
	c.Scope = access.CampaignScope{Systems: splitList(opt["systems"]), Departments: splitList(opt["departments"]), Entitlements: splitList(opt["entitlements"])}
	for _, r := range splitList(opt["risks"]) {
		c.Scope.Risks = append(c.Scope.Risks, access.Risk(r))
	}
	_, c.Scope.Movers = opt["movers"]
	_, c.Scope.Delta = opt["delta"]
	if p.rec.Campaign.ID != "" {
		p.past[p.rec.Campaign.ID] = p.rec
	}
	c.Scope.Since = access.CampaignID(opt["since"])
	sheets, c, rerouted, err := OpenCampaign(p.w, p.d, c, p.delegates, p.before(c.Scope.Since))
	if err != nil {
		p.say("refused: %v", err)
		return
	}
	seal(sheets)
	p.rec = access.CampaignRecord{Campaign: c, Sheets: sheets}
	for _, s := range sheets {
		p.sheet(s)
	}
	for _, r := range rerouted {
		p.say("rerouted: %s", r)
	}
	for _, b := range c.Books {
		p.say("%s: %d", b.What, b.Total)
		for _, part := range b.Parts {
			p.say("  %d %s", part.Count, part.Name)
		}
		if !b.Holds() {
			p.t.Errorf("%s do not add up: %d, of %v", b.What, b.Total, b.Parts)
		}
	}
}

// before joins the campaigns that a new one is compared with, as a job does.
func (p *campaignPlay) before(since access.CampaignID) *access.CampaignRecord {
	all := map[access.CampaignID]access.Campaign{}
	for id, rec := range p.past {
		all[id] = rec.Campaign
	}
	var before []access.CampaignRecord
	for _, c := range CampaignsBefore(all, since) {
		before = append(before, p.past[c.ID])
	}
	return JoinCampaigns(before)
}

func (p *campaignPlay) sheet(s access.Sheet) {
	says := fmt.Sprintf("%s %s asks %s %s: %s", s.ID[:strings.LastIndex(s.ID, "-")], s.ID[strings.LastIndex(s.ID, "_")+1:], shown(s.Reviewer), s.ReviewerName, s.Because)
	if s.DelegateName != "" {
		says += "; stands in: " + s.DelegateName
	}
	if s.From != "" {
		says += "; from " + s.From[:strings.LastIndex(s.From, "-")]
	}
	p.say("%s", says)
	if !slices.IsSortedFunc(s.Rows, func(a, b access.Issued) int { return compareItems(a.Item, b.Item) }) {
		p.t.Errorf("the rows of %s are in no order", s.ID)
	}
	for _, row := range s.Rows {
		if row.Worksheet != s.ID {
			p.t.Errorf("a row of %s says that it is on %s", s.ID, row.Worksheet)
		}
		says := fmt.Sprintf("  %s | %s | %s | %s", rowWords(&row.Item), row.Duty, row.Item.Risk, row.SinceLast)
		if row.Last.Choice != "" {
			says += fmt.Sprintf(" (%s by %s on %s in %s)", row.Last.Choice.Word(), row.Last.By, row.Last.On, row.Last.Campaign)
		}
		p.say("%s", says)
	}
}

func rowWords(i *access.Item) string {
	return strings.Join(strings.Fields(fmt.Sprint(cmp.Or(i.Person.Key().String(), i.Account.Key().String()), " ", i.Kind, " ", i.Entitlement)), " ")
}

func (p *campaignPlay) handOver(at time.Time) {
	sheets, err := HandOvers(p.rec, StaffOf(p.w, p.delegates), p.rules, at)
	if err != nil {
		p.say("refused: %v", err)
	}
	for _, s := range sheets {
		p.sheet(s)
	}
	seal(sheets)
	p.rec.Sheets = append(p.rec.Sheets, sheets...)
}
