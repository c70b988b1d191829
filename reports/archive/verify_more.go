package archive

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
)

// expires checks what a run let go of, and notes it. It may only be data about people,
// that runs before it listed as it says, and that were as old as it says.
func (v *verifier) expires(h *head) {
	if h.Expiry == nil {
		return
	}
	day, err := h.Expiry.day()
	if err != nil {
		v.fault(manifestName(h.Sequence), "lets go of files of before "+h.Expiry.Before+", which is no day", h)
		return
	}
	run := ExpiredRun{RunID: h.RunID, At: h.CreatedAt, By: h.Expiry.By, Reason: h.Expiry.Reason, Before: h.Expiry.Before, Files: len(h.Expiry.Files)}
	of := map[string]bool{}
	for _, f := range h.Expiry.Files {
		switch known, listed := v.listed[f.Path]; {
		case !mayExpire(f.Path):
			v.fault(f.Path, "was let go by run "+string(h.RunID)+", and is nothing that may ever expire", h)
		case !listed || known.SHA256 != f.SHA256 || known.Size != f.Size:
			v.fault(f.Path, "was let go by run "+string(h.RunID)+" as what it never was", h)
		case !v.lister[f.Path].CreatedAt.Before(day):
			v.fault(f.Path, "was let go by run "+string(h.RunID)+" as older than it was: run "+string(v.lister[f.Path].RunID)+" lists it", h)
		}
		of[string(owner(f.Path))] = true
	}
	delete(of, "")
	run.Runs = len(of)
	v.report.Expired = append(v.report.Expired, run)
}

// left notes a file that was let go and is there still.
func (v *verifier) left(x *ExpiredError) {
	at := slices.IndexFunc(v.report.Expired, func(r ExpiredRun) bool { return r.RunID == x.RunID })
	v.report.Expired[at].Pending++
}

// clocksApart is how far the clocks of two machines may be from each other: a run by one that
// is further from the systems' is not recorded.
const clocksApart = 10 * time.Minute

// inTime tells of a run that says that it was recorded before the one before it: a clock
// stood wrong, or a night that was missed was made up later.
func (v *verifier) inTime(h *head) {
	if p := v.previous; p != nil && h.CreatedAt.Before(p.CreatedAt.Add(-clocksApart)) {
		v.note("run %s (%s) says that it was recorded %s, before the run before it in the chain (%s, %s): a clock was wrong, or it was recorded later than it says",
			h.RunID, manifestName(h.Sequence), h.CreatedAt.Format(time.RFC3339), p.RunID, p.CreatedAt.Format(time.RFC3339))
	}
}

// headIsThere compares the chain with an end of it that somebody kept.
func (v *verifier) headIsThere() {
	if v.ask.Head == "" || slices.ContainsFunc(v.heads, func(h *head) bool { return h.sum == v.ask.Head }) {
		return
	}
	says := "there is none with the SHA-256 " + v.ask.Head + ", which was the end of the chain once: runs were cut off its end, or it was written anew"
	if n := len(v.heads); n > 0 {
		says += fmt.Sprintf("; what is left ends with run %s, %s", v.heads[n-1].RunID, v.heads[n-1].CreatedAt.Format(time.RFC3339))
	}
	v.fault("manifests/", says, nil)
}

// began notes when a night began. An order, a sweep or a restore is none.
func (v *verifier) began(f File, by *head) {
	type row struct {
		StartedAt time.Time `parquet:"started_at,optional,timestamp(millisecond)"`
		Trigger   string    `parquet:"trigger"`
	}
	b := make([]byte, f.Size())
	_, err := io.ReadFull(io.NewSectionReader(f, 0, f.Size()), b)
	var file *parquet.File
	if err == nil {
		file, err = openTable[row](b)
	}
	if err != nil { // what is wrong with it is told as a fault; that the run was is proven
		v.nights = append(v.nights, by.CreatedAt)
		return
	}
	for _, group := range file.RowGroups() {
		_ = someRows(group, 0, group.NumRows(), func(r row) { // content has read it already
			if !slices.Contains([]string{"sweep", "revoke", "restore"}, r.Trigger) {
				v.nights = append(v.nights, r.StartedAt)
			}
		})
	}
}

// MissingNights are days in a row on which no night began.
type MissingNights struct {
	From, To string // 2006-01-02, both included
	Nights   int
	After    string // when the night before began, RFC 3339
	Before   string // when the next one did; empty: there is none yet
}

func (m MissingNights) String() string {
	says := m.From
	if m.To != m.From {
		says += " to " + m.To
	}
	says += fmt.Sprintf(": %d night(s) without a record; the one before began %s", m.Nights, m.After)
	if m.Before != "" {
		says += ", the next one " + m.Before
	}
	return says
}

// late is how far apart two nights may begin on days that are not next to each other: the
// second one was late, past midnight, and none is missing.
const late = 36 * time.Hour

// missing finds the days without a night, from the first night on.
func (v *verifier) missing() {
	zone := v.ask.Zone
	if zone == nil {
		zone = time.UTC
	}
	v.report.Zone, v.report.Nights = zone.String(), len(v.nights)
	if len(v.nights) == 0 {
		return
	}
	slices.SortFunc(v.nights, time.Time.Compare)
	day := func(t time.Time) time.Time {
		t = t.In(zone)
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	gap := func(before, next time.Time, last time.Time) {
		m := MissingNights{From: day(before).AddDate(0, 0, 1).Format(time.DateOnly), To: last.Format(time.DateOnly), After: before.In(zone).Format(time.RFC3339)}
		if m.Nights = int(last.Sub(day(before)).Hours() / 24); m.Nights <= 0 {
			return
		}
		if !next.IsZero() {
			m.Before = next.In(zone).Format(time.RFC3339)
		}
		v.report.Missing = append(v.report.Missing, m)
	}
	for n := 1; n < len(v.nights); n++ {
		if before, next := v.nights[n-1], v.nights[n]; next.Sub(before) > late {
			gap(before, next, day(next).AddDate(0, 0, -1))
		}
	}
	end := v.nights[len(v.nights)-1]
	v.report.From, v.report.To = day(v.nights[0]).Format(time.DateOnly), day(end).Format(time.DateOnly)
	if until := v.ask.Until; !until.IsZero() && until.After(end) {
		last := day(until)
		if until.In(zone).Format(time.TimeOnly) != "00:00:00" { // a day that is not over may still have its night
			last = last.AddDate(0, 0, -1)
		}
		if last.After(day(end)) {
			v.report.To = last.Format(time.DateOnly)
		}
		gap(end, time.Time{}, last)
	}
}
