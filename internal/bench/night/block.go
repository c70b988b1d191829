package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/bench/counted"
	"rollcall/internal/bench/fewest"
)

// block is what a night did to the systems, as they and the journal tell it.
type block struct {
	asked      map[string]fewest.Requests // from the first record to the last one, by system
	logs       int                        // requests after it: what the systems' own logs have of it
	intents    int
	results    map[access.Result]int    // of the outcomes
	sent, read time.Duration            // how long the systems took for changes, and for questions
	back       time.Duration            // from each change to the record of its outcome
	took       map[string]time.Duration // by system: from one outcome to the next
}

// record is of the journal what is counted here.
type record struct {
	Kind    string
	Closes  *struct{ N int }
	Outcome *struct {
		Result access.Result `json:"outcome"`
		Action struct{ Account access.AccountKey }
	}
	at time.Time
}

// logsEndpoint is asked for what Okta's own log has of what was done.
const logsEndpoint = "GET /api/v1/logs"

// recorded reads the journal that the night has written since it began.
func (w *world) recorded(p *played, began time.Time) (*block, error) {
	b := &block{asked: map[string]fewest.Requests{}, results: map[access.Result]int{}, took: map[string]time.Duration{}}
	var changed []time.Time // when the answers to changes came
	for system, a := range p.asked {
		b.asked[system] = fewest.Requests{}
		for _, c := range a.Since(p.decided) {
			took := c.Replied.Sub(c.Came)
			switch {
			case c.Endpoint == logsEndpoint:
				b.logs++
				continue
			case counted.Changes(c.Endpoint):
				changed, b.sent = append(changed, c.Replied), b.sent+took
			default:
				b.read += took
			}
			b.asked[system][c.Endpoint]++
		}
	}
	slices.SortFunc(changed, time.Time.Compare)
	records, err := journal(filepath.Join(w.dir, "archive", "journal"), began)
	b.count(records, p.decided, changed)
	return b, err
}

// count adds the records up. Changes are made one after the other, so that the n-th
// answer belongs to the n-th outcome of an intent. A file's time is some milliseconds
// older than the clock.
func (b *block) count(records []record, began time.Time, changed []time.Time) {
	closed := 0
	for _, r := range records {
		if r.Kind == "intent" {
			b.intents++
		}
		if r.Outcome == nil {
			continue
		}
		b.results[r.Outcome.Result]++
		b.took[string(r.Outcome.Action.Account.System)] += r.at.Sub(began)
		began = r.at
		if r.Closes != nil && closed < len(changed) {
			b.back += max(0, r.at.Sub(changed[closed]))
			closed++
		}
	}
}

// journal gives the records that were written since then.
func journal(dir string, began time.Time) (all []record, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil || info.ModTime().Before(began) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r := record{at: info.ModTime()}
		all = append(all, r)
		return json.Unmarshal(text, &all[len(all)-1])
	})
	return all, err
}

// judge has every system say how it stands with those who leave, by its name.
func (w *world) judge() (map[string]counted.Judged, error) {
	all := map[string]counted.Judged{}
	for i, box := range w.boxes {
		j, err := box.Judge(w.leavers())
		if err != nil {
			return nil, err
		}
		all[w.names[i]] = j
	}
	return all, nil
}

// needed are the fewest requests that block what is open.
func needed(j counted.Judged) fewest.Requests {
	if j.Okta != nil {
		return fewest.BlockOkta(*j.Okta)
	}
	return fewest.BlockAWS(*j.AWS)
}

// changes are those of the requests that change something.
func changes(all fewest.Requests) fewest.Requests {
	some := fewest.Requests{}
	for endpoint, n := range all {
		if counted.Changes(endpoint) {
			some[endpoint] = n
		}
	}
	return some
}

// check says why the systems are not as the n-th night has to leave them. Before the
// first one open was open to leavers; before and at are the systems around the night.
func (w *world) check(n int, p played, open, before, at map[string]counted.Judged) (err error) {
	for _, system := range w.names {
		j, sent := at[system], changes(p.asked[system].Requests).Total()
		if len(j.Others) > 0 {
			err = errors.Join(err, fmt.Errorf("%s: %d others than those who left were touched, such as %s", system, len(j.Others), j.Others[0]))
		}
		if n == blocking {
			err = errors.Join(err, stopped(system, j, sent, changes(needed(open[system])).Total()))
			continue
		}
		if left, was := needed(j).Total(), needed(before[system]).Total(); sent > 0 || left != was || j.Theirs != before[system].Theirs {
			err = errors.Join(err, fmt.Errorf("%s: nothing was to be done, and %d changes were sent: %d users of those who left were changed so far, before it %d", system, sent, j.Theirs, before[system].Theirs))
		}
	}
	if n == blocking {
		return errors.Join(err, p.block.whole(w, open))
	}
	if p.block != nil {
		err = errors.Join(err, fmt.Errorf("the journal has %d changes, though nothing was to be done", p.block.intents))
	}
	return err
}

// stopped says why people who left are not kept out of a system, or nobody saw how.
func stopped(system string, j counted.Judged, sent, least int) error {
	if left := changes(needed(j)).Total(); left > 0 {
		return fmt.Errorf("%s: what people who left can get in with would still take %d changes; %d were sent", system, left, sent)
	}
	if sent < least {
		return fmt.Errorf("%s: everybody who left is kept out by %d changes, of %d that it takes: it is not counted rightly", system, sent, least)
	}
	return nil
}

// whole says why the journal does not tell what the systems do.
func (b *block) whole(w *world, open map[string]counted.Judged) error {
	least := 0
	for _, system := range w.names {
		least += changes(needed(open[system])).Total()
	}
	if b == nil {
		return fmt.Errorf("no change is in the journal, of %d", least)
	}
	if b.intents != least || b.results[access.Done] != least || len(b.results) != 1 {
		return fmt.Errorf("the journal has %d intents and ended %v, of %d changes", b.intents, b.results, least)
	}
	return nil
}
