package reconcile

import (
	"rollcall/internal/access"
)

// Part is what a returned file adds to the record of its campaign.
func (r Received) Part() access.CampaignRecord {
	return access.CampaignRecord{Sheets: r.PassedOn, Decisions: r.Decisions, Files: []access.ReturnedFile{r.File}}
}

// AddTo is a record with what a returned file adds.
func (r Received) AddTo(rec access.CampaignRecord) access.CampaignRecord {
	return rec.With(r.Part())
}

// AddTo is a record with what the close adds.
func (c Closed) AddTo(rec access.CampaignRecord) access.CampaignRecord {
	rec.Campaign = c.Campaign
	return rec.With(access.CampaignRecord{Decisions: c.Decisions})
}
