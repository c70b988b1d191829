package okta

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rollcall/internal/access"
)

// The families of endpoints, one Read each.
const (
	users = iota
	groups
	groupMembers
	groupRules
	apps
	appUsers
	appGroups
	adminRoles
	adminClients
	apiTokens
	families
	// systemLog is read of a few accounts, after the rest.
	systemLog = families
)

// family gathers the certificate of one family of endpoints while its
// requests run side by side.
type family struct {
	kind     int
	requests atomic.Int64
	done     chan struct{} // closed when all of it was tried

	mu       sync.Mutex
	gaps     []gap
	refusals []int // the statuses of what was denied
	claimed  int
	lists    map[string]read // by the path of the list; read again replaces
	started  time.Time
	finished time.Time
}

// read is a list that was read to its end.
type read struct {
	listing
	records int
}

// gap is something that could not be read, and the cause it shares with others.
type gap struct{ what, why string }

func newFamily(kind int) *family {
	return &family{kind: kind, claimed: -1, lists: map[string]read{}, done: make(chan struct{})}
}

func (f *family) name() string { return kinds[f.kind].name }

// within lets the transport count requests on this family's account.
func (f *family) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, counterKey{}, &f.requests)
}

// saw adds one list that was read to its end.
func (f *family) saw(path string, l listing, records int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists[path] = read{l, records}
}

// forget drops the lists read so far: they prove nothing of what is read
// instead. The requests stay counted.
func (f *family) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.lists)
}

// miss notes what could not be read. A refusal is remembered, so that the Read
// says what to grant.
func (f *family) miss(what string, err error) {
	f.note(what+" could not be read", err.Error())
	if !denied(err) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if status := statusOf(err); !slices.Contains(f.refusals, status) {
		f.refusals = append(f.refusals, status)
	}
}

func (f *family) note(what, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gaps = append(f.gaps, gap{what, why})
}

func (f *family) broken() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.gaps) > 0
}

// restsOn passes a gap on: what was not listed was not asked about either.
func (f *family) restsOn(other *family) {
	if other.broken() {
		f.note("it rests on "+other.name(), "which is incomplete")
	}
}

// most is how many gaps a Read names one by one.
const most = 10

func (f *family) gap(caller string) string {
	slices.SortFunc(f.gaps, func(a, b gap) int { return cmp.Or(strings.Compare(a.what, b.what), strings.Compare(a.why, b.why)) })
	gaps := slices.Compact(f.gaps)
	said := make([]string, 0, most+3)
	for i, g := range gaps {
		if i == most {
			said = append(said, fmt.Sprintf("and %d more", len(gaps)-most))
			break
		}
		said = append(said, g.what+": "+g.why)
	}
	slices.Sort(f.refusals)
	for _, status := range f.refusals {
		said = append(said, "to mend it, "+kinds[f.kind].remedy(status, caller))
	}
	return strings.Join(said, "; ")
}

// certificate is the family's Read. Its digest is that of the only list, or
// one over the digests of all lists in the order of their paths.
func (f *family) certificate(system access.System, caller string) access.Read {
	pages, records := 0, 0
	for _, l := range f.lists {
		pages += l.pages
		records += l.records
	}
	claimed := f.claimed
	if f.kind != users && len(f.gaps) == 0 && claimed != records { // the users' was judged
		claimed = -1 // a count of something else, such as inactive apps too: it proves nothing
	}
	return access.Read{
		System: system, Kind: f.name(), Lists: f.kind == users,
		Complete: len(f.gaps) == 0, Gap: f.gap(caller),
		Requests: int(f.requests.Load()), Pages: pages, Records: records, ClaimedTotal: claimed,
		StartedAt: f.started, FinishedAt: f.finished, SHA256: f.digest(), Caller: caller,
	}
}

func (f *family) digest() string {
	paths := slices.Sorted(maps.Keys(f.lists))
	if len(paths) == 1 {
		return f.lists[paths[0]].sha256
	}
	sum := sha256.New()
	for _, path := range paths {
		sum.Write([]byte(f.lists[path].sha256))
	}
	return hex.EncodeToString(sum.Sum(nil))
}
