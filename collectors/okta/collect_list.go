package okta

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"rollcall/collectors"
)

// query is one list to be read for a family.
type query struct {
	kind   int
	path   string
	header http.Header
	field  string // of the body, which then has the next link too; empty: the body is the list
	pages  int    // as many as were announced to the tally already
}

// readBelow reads a list that hangs below one object, whose id becomes part of
// the path.
func readBelow[T named, S any](ctx context.Context, s *survey, q query, what, id, path string, slim func(T) S) ([]S, error) {
	if err := validID(what, id); err != nil {
		s.tally.expect(-q.pages)
		return nil, err
	}
	q.path = fmt.Sprintf(path, id)
	return slimRows(ctx, s, q, slim)
}

// rowsOf reads a list to its last page; with an error there are no rows.
func rowsOf[T named](ctx context.Context, s *survey, q query) ([]T, error) {
	return slimRows(ctx, s, q, func(row T) T { return row })
}

// slimRows reads a list to its last page and keeps of each row what slim makes
// of it, page by page. A row that names nothing is none that anybody could act on:
// the list is not whole then.
func slimRows[T named, S any](ctx context.Context, s *survey, q query, slim func(T) S) ([]S, error) {
	f := s.family[q.kind]
	progress := s.tally.list(q.pages)
	var rows []S
	seen, err := s.c.walk(f.within(ctx), q.path, q.header, s.listen(q, progress), func(at string, body []byte) (string, error) {
		some, err := q.decode(at, body)
		if err != nil {
			return "", err
		}
		var page []T
		if err := decode(at, some, &page); err != nil {
			return "", err
		}
		for _, row := range page {
			if row.named() == "" {
				f.note("a row of "+q.path, "names nothing; run again, and if it stays so report it")
				continue
			}
			rows = append(rows, slim(row))
		}
		if len(rows) > s.c.maxRows {
			return "", s.c.tooMany(q.path)
		}
		return begins(page), nil
	})
	if err != nil {
		progress.lost()
		return nil, err
	}
	f.saw(q.path, seen, len(rows))
	return rows, nil
}

// decode gives the part of a body that holds the rows.
func (q query) decode(at string, body []byte) (json.RawMessage, error) {
	if q.field == "" {
		return body, nil
	}
	var parts map[string]json.RawMessage
	if err := decode(at, body, &parts); err != nil {
		return nil, err
	}
	rows, ok := parts[q.field]
	if !ok {
		return nil, fmt.Errorf("read answer of %s: it has no %s", at, q.field)
	}
	return rows, nil
}

// listen finds the next page, and hears what else each page says: the rate
// limit, and that there is progress.
func (s *survey) listen(q query, progress *listTally) pager {
	next := nextInHeader
	if q.field != "" {
		next = nextInBody
	}
	return func(p page) (string, error) {
		if q.kind == groups || q.kind == apps {
			s.limits.learn(q.path, p.header)
		}
		link, err := next(p)
		progress.page(err == nil && link != "")
		return link, err
	}
}

// limits are the requests per minute, by bucket, that the lists of groups and of
// apps named. They are read before the plan is made, whatever else is on its
// way, so that the same organisation has the same plan every night.
type limits struct {
	mu    sync.Mutex
	heard map[string]int
}

func (l *limits) learn(path string, h http.Header) {
	path, _, _ = strings.Cut(path, "?")
	if n, err := strconv.Atoi(h.Get("X-Rate-Limit-Limit")); err == nil && n > 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.heard[bucketOf(http.MethodGet, path)] = n
	}
}

// of is the limit of a bucket of groups or apps: as heard, else as Okta last
// documented it.
func (l *limits) of(bucket string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n, ok := l.heard[bucket]; ok {
		return n
	}
	return starting[bucket]
}

// tally tells how far a collection is. What is planned is what is certain to
// be asked, as far as lists and counts tell by now; at the end it is what was
// answered.
type tally struct {
	tell collectors.Progress

	mu                sync.Mutex
	answered, planned int
}

// expect announces requests.
func (t *tally) expect(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.planned += n
}

// answer counts one answer and corrects the plan; telling inside the lock
// keeps what is told in order.
func (t *tally) answer(correction int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answered++
	t.planned += correction
	if t.tell != nil {
		t.tell(t.answered, t.planned)
	}
}

// list follows one list, of which so many pages were announced.
func (t *tally) list(announced int) *listTally {
	if announced == 0 {
		t.expect(1)
		announced = 1
	}
	return &listTally{tally: t, planned: announced}
}

type listTally struct {
	*tally
	planned, seen int
	over          bool
}

// page counts one page. The last one takes back what was planned in vain.
func (l *listTally) page(more bool) {
	l.seen++
	want := l.seen
	if more {
		want = max(l.planned, l.seen+1)
	}
	correction := want - l.planned
	l.planned, l.over = want, !more
	l.answer(correction)
}

// lost counts the request that ended a list before its end.
func (l *listTally) lost() {
	if !l.over {
		l.page(false)
	}
}

// abreast is how many of one family are asked for side by side; the transport
// bounds what is in flight over all.
const abreast = 10
