package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/phrase"
)

// savedPage is the file that the page saves.
type savedPage struct {
	Schema   string    `json:"schema"`
	Campaign string    `json:"campaign"`
	Sheet    string    `json:"sheet"`
	SignedBy string    `json:"signed_by"`
	Rows     []pageRaw `json:"rows"`
}

type pageRaw struct {
	ID       string `json:"id"`
	MAC      string `json:"mac"`
	Decision string `json:"decision"`
	Reason   string `json:"reason"`
	ChangeTo string `json:"change_to"`
	PassTo   string `json:"pass_to"`
	Comment  string `json:"comment"`
}

const mendPage = `Open the page again in the same browser, where your answers still are, press "Save the file to send back", and send the file that it saves (it ends with .decisions.json), unchanged.`

func readPage(back *access.ReturnedSheet, b []byte) *access.Problem {
	var p savedPage
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&p); err != nil {
		return refused(mendPage, "The file breaks off, or was changed in a way that it cannot be read any more.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refused(mendPage, "The file has something behind its end.")
	}
	if p.Schema != campaignSchema {
		return refused(mendPage, "This is not the file of a worksheet's page, or of one that this rollcall does not know (%q).", phrase.Clip(phrase.OneLine(p.Schema), 60))
	}
	back.Campaign, back.Worksheet, back.SignedBy = access.CampaignID(p.Campaign), p.Sheet, csvfile.Clean(p.SignedBy)
	for _, r := range p.Rows {
		back.Rows = append(back.Rows, access.ReturnedRow{ID: normalCell(r.ID), MAC: csvfile.Clean(r.MAC), Decision: csvfile.Clean(r.Decision), Reason: csvfile.Clean(r.Reason),
			ChangeTo: csvfile.Clean(r.ChangeTo), PassTo: csvfile.Clean(r.PassTo), Comment: csvfile.Clean(r.Comment)})
	}
	return identified(back.Rows)
}
