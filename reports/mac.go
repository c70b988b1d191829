package reports

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"golang.org/x/text/unicode/norm"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// rowMAC proves that a row was issued as it is: HMAC-SHA256 over the layout, the
// campaign, the worksheet, the row's id and its locked cells, each with its length
// before it, so that no two rows are the same bytes. 16 bytes, hex.
func rowMAC(key []byte, campaign access.CampaignID, worksheet, row string, cells []string) string {
	h := hmac.New(sha256.New, key)
	var length [8]byte
	field := func(s string) {
		binary.BigEndian.PutUint64(length[:], uint64(len(s)))
		h.Write(length[:])
		h.Write([]byte(s))
	}
	for _, s := range []string{campaignSchema, string(campaign), worksheet, row} {
		field(s)
	}
	for _, s := range cells {
		field(s)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// lockedCells are the texts of the columns that a reviewer must not change, in
// the order of the layout, in normal form.
func (l layout) lockedCells(row []cell) []string {
	out := make([]string, 0, len(l))
	for i, c := range l {
		if !c.Answer {
			out = append(out, normalCell(row[i].words()))
		}
	}
	return out
}

// normalCell is the form in which a cell as issued is compared with the cell that
// came back: what programs do to a text when they open and save a file makes no
// difference, and neither does the apostrophe that keeps it from being a formula.
func normalCell(s string) string {
	s = strings.TrimSpace(norm.NFC.String(xmlText(s)))
	if strings.ContainsRune(s, '\'') {
		s = strings.TrimSpace(live(s))
	}
	return folded(s)
}

// live takes the apostrophes away that neutral and neutralField add.
func live(s string) string {
	var b strings.Builder
	before := ','
	for i, r := range s {
		added := r == '\'' && strings.ContainsRune(fieldEnds, before) && csvfile.StartsFormula(s[i+1:])
		if !added {
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}

// folded makes one space of each run of white space.
func folded(s string) string {
	if !strings.ContainsAny(s, "\t\r\n\u00a0\u2028\u2029\u0085\v\f") && !strings.Contains(s, "  ") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// LockedHeads are the heads of the columns that a reviewer must not change, in the
// order of Issued.Cells.
func LockedHeads() []string {
	var heads []string
	for _, c := range campaignColumns {
		if !c.Answer {
			heads = append(heads, c.Head)
		}
	}
	return heads
}
