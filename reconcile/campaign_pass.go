package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// passTo puts a row on a worksheet of whoever is to judge it.
func (j *judging) passTo(next asked) {
	s := j.pass[next.id()]
	if s == nil {
		next.because = "passed on by " + j.by.name
		s = j.st.sheet(j.c, next, j.Receiving.issued[next.id()]+1, j.now)
		s.From = j.sheet.ID
		j.pass[next.id()] = s
		j.order = append(j.order, next.id())
	}
	s.Rows = append(s.Rows, reissued(*j.issued, s.ID))
}

// reissued is a row as it goes out again: nothing of it is sealed yet.
func reissued(row access.Issued, sheet string) access.Issued {
	row.Worksheet, row.MAC, row.Cells = sheet, "", nil
	return row
}

// passOn gives the worksheets of those to whom rows were passed on.
func (in *intake) passOn() {
	for _, id := range in.order {
		sortRows(in.pass[id].Rows)
		in.out.PassedOn = append(in.out.PassedOn, *in.pass[id])
	}
	slices.SortFunc(in.out.PassedOn, func(a, b access.Sheet) int { return cmp.Compare(a.ID, b.ID) })
}

// approverDecides is how many business days after the due date what is open goes to
// the approver.
const approverDecides = 5

// HandOvers are worksheets for what is open and stuck: rows of somebody who does not
// work here any more go to who is next for them and, from five business days after the
// due date, all that is open goes to the approver. Each row stays once: the older
// worksheet asks about it no longer.
func HandOvers(rec access.CampaignRecord, st *Staff, rules CampaignRules, now time.Time) ([]access.Sheet, error) {
	if !rec.Campaign.Open() {
		return nil, nil
	}
	h := &handing{r: NewReceiving(rec, st, rules), route: st.route(rec.Campaign, now), now: now, out: map[string]*access.Sheet{},
		zone: rules.zone(), lateOn: businessDays(rec.Campaign.Due, approverDecides)}
	h.late = !localDay(now, h.zone).At.Before(h.lateOn.At)
	for _, row := range currentRows(rec) {
		if _, answered := h.r.final[row.ID]; !answered {
			h.row(row)
		}
	}
	var sheets []access.Sheet
	for _, s := range h.out {
		sortRows(s.Rows)
		sheets = append(sheets, *s)
	}
	slices.SortFunc(sheets, func(a, b access.Sheet) int { return cmp.Compare(a.ID, b.ID) })
	if len(h.stuck) > 0 {
		return sheets, fmt.Errorf("nobody may review %d of the rows, such as %s: name another owner of the system in contacts.csv", len(h.stuck), h.stuck[0])
	}
	return sheets, nil
}

// handing collects the worksheets of a hand-over.
type handing struct {
	r     *Receiving
	route route
	now   time.Time
	zone  *time.Location
	// lateOn is from when on what is open goes to the approver, and late that it is so.
	lateOn access.Day
	late   bool
	out    map[string]*access.Sheet
	stuck  []string
}

func (h *handing) row(row *access.Issued) {
	from := h.r.sheets[h.r.holder[row.ID]]
	reviewer := reviewerOf(&from.Sheet)
	_, stands := h.r.st.delegate(reviewer.key, h.now)
	gone := !h.r.st.employed(reviewer, h.now) && !stands
	handed := from.From != "" && !localDay(from.IssuedAt, h.zone).At.Before(h.lateOn.At)
	if !gone && (!h.late || handed || reviewer.id() == h.route.approver.id()) {
		return
	}
	next, ok := h.next(row, reviewer)
	switch {
	case !ok && gone:
		h.stuck = append(h.stuck, fmt.Sprintf("%s of %s in %s", row.Item.Entitlement, cmp.Or(row.Item.Person.Name, row.Item.Account.Login), row.Item.System))
		return
	case !ok || next.id() == reviewer.id():
		return
	}
	key := next.id() + "\x00" + from.ID
	s := h.out[key]
	if s == nil {
		h.r.issued[next.id()]++
		s = h.r.st.sheet(h.r.c, next, h.r.issued[next.id()], h.now)
		s.From = from.ID
		h.out[key] = s
	}
	s.Rows = append(s.Rows, reissued(*row, s.ID))
}

// next is who is asked in the place of somebody who is late or gone.
func (h *handing) next(row *access.Issued, reviewer asked) (asked, bool) {
	j := &judging{intake: &intake{Receiving: h.r}, issued: row}
	chain := h.route.chain(&row.Item, row.Duty)
	if h.late {
		chain = slices.DeleteFunc(chain, func(a asked) bool { return a.id() == reviewer.id() })
		if approver := h.route.approver; h.route.may(&row.Item, approver) {
			approver.because = "approver of the campaign"
			chain = []asked{approver}
		}
	}
	next, ok := h.route.among(&row.Item, chain, j.otherDuty())
	if role, _, _ := strings.Cut(next.because, ": "); ok && h.late {
		next.because = role + ": nobody answered in time"
	}
	return next, ok
}
