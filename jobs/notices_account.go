package jobs

import (
	"path"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// accountNotices puts into a run's record what was sent since the run before, and into
// what the next one remembers who has to be told of what.
func (j *Job) accountNotices(n *access.Night, next *access.Memory, before access.Memory) {
	next.Notices = before.Notices
	if j.Notices == nil {
		return
	}
	o, err := readOutbox(before.Notices, j.Records, j.Now())
	if err != nil { // what is not read now is read by the next run
		n.Notes = append(n.Notes, "not all of what was told since the last run could be read: "+err.Error())
	}
	for _, r := range o.records {
		n.Notices = append(n.Notices, r.Notices()...)
	}
	book := o.book
	if err == nil {
		book.From = j.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
		book.Known = slices.DeleteFunc(slices.Clone(o.names), func(name string) bool { return path.Base(path.Dir(name)) < book.From })
		n.Told = o.fresh(before.Notices)
	} else {
		book, n.Notices = before.Notices, nil
	}
	rules := *j.Notices
	rules.Contacts = n.Policy.Contacts
	next.Notices = reconcile.NextBook(book, n, rules)
}
