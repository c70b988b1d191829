package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// outbox is the folder of the records of what was sent. Whoever creates the record of an
// intent sends that message, and nobody else does: no lock is needed, so that a page does
// not wait for a night of hours.
const outbox = "outbox/"

// recordOf is where a record lies.
func recordOf(r access.NoticeRecord, name string) string {
	return path.Join(outbox, r.At.UTC().Format(time.DateOnly), name+".json")
}

func short(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func (p *Post) write(name string, r access.NoticeRecord) error {
	b, err := json.Marshal(r)
	if err == nil {
		err = p.Records.Create(name, append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the record %s: %w", name, err)
	}
	return nil
}

// outboxState is what the outbox says that memory does not.
type outboxState struct {
	book     access.NoticeBook
	records  []access.NoticeRecord
	names    []string             // all of the days that memory may not have
	attempts map[string]int       // by delivery, on this day
	begun    map[string]time.Time // deliveries without a result
}

// readOutbox reads the records that the book does not have yet.
func readOutbox(b access.NoticeBook, r Records, now time.Time) (*outboxState, error) {
	o := &outboxState{book: b, attempts: map[string]int{}, begun: map[string]time.Time{}}
	today := now.UTC().Format(time.DateOnly)
	names, err := outboxNames(b, r, today)
	if err != nil {
		return o, fmt.Errorf("list the outbox: %w", err)
	}
	o.names = names
	var wrong error
	for _, name := range names {
		if delivery, is := attempted(name); is && path.Base(path.Dir(name)) == today {
			o.attempts[delivery]++
		}
		if slices.Contains(b.Known, name) {
			continue
		}
		one, err := readNotice(r, name)
		if err != nil {
			wrong = errors.Join(wrong, err)
			continue
		}
		o.records = append(o.records, one)
	}
	o.fly()
	o.book = reconcile.Fold(b, o.records)
	return o, wrong
}

// attempted is the delivery that a record is the intent of, by its name:
// <delivery>-<attempt>-intent.json.
func attempted(name string) (delivery string, is bool) {
	stem, is := strings.CutSuffix(path.Base(name), "-intent.json")
	end := strings.LastIndexByte(stem, '-')
	if !is || end < 0 {
		return "", false
	}
	return stem[:end], true
}

// outboxNames are the names of the days on which there may be records that the book
// does not have.
func outboxNames(b access.NoticeBook, r Records, today string) ([]string, error) {
	from, err := time.Parse(time.DateOnly, b.From)
	if err != nil { // no run has accounted for any
		return r.List(outbox)
	}
	var all []string
	for day := from; day.Format(time.DateOnly) <= today; day = day.AddDate(0, 0, 1) {
		names, err := r.List(outbox + day.Format(time.DateOnly) + "/")
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	return all, nil
}

func readNotice(r Records, name string) (one access.NoticeRecord, err error) {
	b, err := r.Read(name)
	if err == nil {
		err = json.Unmarshal(b, &one)
	}
	if err == nil && one.Kind == access.NoticeRaised && one.Raised == nil {
		err = errors.New("it raises nothing")
	}
	if err != nil {
		return one, fmt.Errorf("read the record %s (what it says was told may be told again): %w", name, err)
	}
	return one, nil
}

// fly finds the messages that were begun and of which nobody says what became.
func (o *outboxState) fly() {
	type try struct {
		id string
		n  int
	}
	ended := map[try]bool{}
	for _, r := range o.records {
		if r.Kind == access.NoticeSent || r.Kind == access.NoticeFailed {
			ended[try{r.Delivery, r.Attempt}] = true
		}
	}
	for _, r := range o.records {
		if r.Kind == access.NoticeIntent && !ended[try{r.Delivery, r.Attempt}] && r.At.After(o.begun[r.Delivery]) {
			o.begun[r.Delivery] = r.At
		}
	}
}

// fresh are the records that no run has accounted for.
func (o *outboxState) fresh(b access.NoticeBook) []string {
	return slices.DeleteFunc(slices.Clone(o.names), func(name string) bool { return slices.Contains(b.Known, name) })
}
