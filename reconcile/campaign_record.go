package reconcile

import (
	"slices"

	"rollcall/internal/access"
)

// Part is what a returned file adds to the record of its campaign.
func (r Received) Part() access.CampaignRecord {
	return access.CampaignRecord{Sheets: r.PassedOn, Decisions: r.Decisions, Files: []access.ReturnedFile{r.File}}
}

// AddTo is a record with what a returned file adds.
func (r Received) AddTo(rec access.CampaignRecord) access.CampaignRecord {
	return with(rec, r.Part())
}

// AddTo is a record with what the close adds.
func (c Closed) AddTo(rec access.CampaignRecord) access.CampaignRecord {
	rec.Campaign = c.Campaign
	return with(rec, access.CampaignRecord{Decisions: c.Decisions})
}

// with is a record and a later part of it, one after the other.
func with(rec, part access.CampaignRecord) access.CampaignRecord {
	rec.Sheets, rec.Decisions = slices.Concat(rec.Sheets, part.Sheets), slices.Concat(rec.Decisions, part.Decisions)
	rec.Files, rec.Notices = slices.Concat(rec.Files, part.Files), slices.Concat(rec.Notices, part.Notices)
	return rec
}
