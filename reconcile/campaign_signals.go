package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// StampSignal is a sign that a worksheet was waved through. It is reported, and
// punishes nobody: a second reviewer looks at a sample.
type StampSignal struct {
	Sheet, Reviewer string
	Signs           []string
	// Sample are the rows for a second reviewer: a tenth, and five at least, always the
	// same ones.
	Sample []string
}

// What makes a sign.
const (
	manyRows    = 20              // so many rows, and nothing but Keep
	perRow      = 5 * time.Second // so little time for a row
	fewestRows  = 5               // a smaller worksheet shows nothing
	sampleLeast = 5
)

// stockReasons say nothing about the row that they stand on.
var stockReasons = []string{
	"needed for work", "needed for job", "needed for role", "needed for the job", "needed for their job", "needed for his job", "needed for her job", "required for work", "required for job",
	"required for role", "business need", "business needs", "business reason", "as discussed", "as required", "as needed", "still needed", "still required", "access needed", "access required",
	"no change needed", "no changes", "looks good", "looks fine", "all good here", "reviewed and approved", "approved by me", "same as before", "same as last time",
}

// Signals are the worksheets that show signs, in their order.
func Signals(rec access.CampaignRecord) (out []StampSignal) {
	final := Final(rec)
	by := map[string][]access.Decision{}
	rows := map[string]*access.Issued{}
	for _, row := range currentRows(rec) {
		rows[row.ID] = row
		if d, ok := final[row.ID]; ok && human(d) {
			by[d.Worksheet] = append(by[d.Worksheet], d)
		}
	}
	for n := range rec.Sheets {
		s := &rec.Sheets[n]
		if signs := signsOf(s, by[s.ID], rows); len(signs) > 0 {
			out = append(out, StampSignal{Sheet: s.ID, Reviewer: s.ReviewerName, Signs: signs, Sample: sample(by[s.ID])})
		}
	}
	return out
}

func signsOf(s *access.Sheet, all []access.Decision, rows map[string]*access.Issued) (signs []string) {
	keeps, agree, suggested, stock := 0, 0, 0, 0
	reasons := map[string]int{}
	var last time.Time
	for _, d := range all {
		reason := access.Fold(strings.Trim(strings.Join(strings.Fields(d.Reason), " "), " .!"))
		if d.Choice == access.ChooseKeep {
			keeps++
			if Flagged(&rows[d.RowID].Item) && slices.Contains(stockReasons, reason) {
				stock++
			}
		}
		if d.Suggested != "" {
			suggested++
			if d.Suggested == d.Choice.Word() {
				agree++
			}
		}
		if reason != "" {
			reasons[reason]++
		}
		if d.ReceivedAt.After(last) {
			last = d.ReceivedAt
		}
	}
	say := func(format string, args ...any) { signs = append(signs, fmt.Sprintf(format, args...)) }
	if keeps == len(all) && len(all) >= manyRows {
		say("all of %d decisions are Keep", len(all))
	}
	if stock > 0 {
		say("%d flagged rows are kept for a reason that says nothing about them", stock)
	}
	if took := last.Sub(s.IssuedAt); len(all) >= fewestRows && took < time.Duration(len(all))*perRow {
		say("%d decisions came %s after the worksheet went out", len(all), took.Round(time.Second))
	}
	if suggested >= fewestRows && agree == suggested {
		say("all of %d suggestions were followed", suggested)
	}
	if reason, n := mostOften(reasons); len(all) >= fewestRows && n*2 > len(all) {
		say("%d of %d decisions have the same reason: %q", n, len(all), reason)
	}
	return signs
}

func mostOften(reasons map[string]int) (reason string, n int) {
	for r, count := range reasons {
		if count > n { // of several that are as many, each is less than half of all, and is not told
			reason, n = r, count
		}
	}
	return reason, n
}

// sample picks rows for a second look, by a digest of their ids: nobody can choose
// them, and whoever picks again gets the same.
func sample(all []access.Decision) (ids []string) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b access.Decision) int {
		return cmp.Compare(stableID("", "sample", a.RowID), stableID("", "sample", b.RowID))
	})
	for _, d := range all[:min(len(all), max(sampleLeast, (len(all)+9)/10))] {
		ids = append(ids, d.RowID)
	}
	return ids
}
