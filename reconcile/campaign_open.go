package reconcile

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// freshFor is how old what a campaign rests on may be when it opens.
const freshFor = 24 * time.Hour

// OpenCampaign freezes what a night saw into worksheets, as of c.OpenedAt: every
// right that can be removed by itself, every account that is no person's, each with
// whom it asks and why them. Books, Rows and SeenAt of the campaign are filled; the
// texts say who is asked in somebody else's place, and why. It refuses a night that
// is incomplete or too old, and a row that nobody may review.
//
// last is what rows are compared with: the campaign before or, of a delta, the one
// that its scope names, joined with what that one rests on.
func OpenCampaign(w World, d Decision, c access.Campaign, delegates []access.Delegate, last *access.CampaignRecord) ([]access.Sheet, access.Campaign, []string, error) {
	c.SeenAt, c.Rows, c.Books = seenAt(w), 0, nil
	if err := errors.Join(openable(c), fresh(w, c), compared(c, last)); err != nil {
		return nil, c, nil, err
	}
	e := decided(w, d)
	st := e.staff(delegates)
	f := &freezing{routing: e.routing(d.Findings), c: c, st: st, route: st.route(c, c.OpenedAt), before: newBefore(last), sheets: map[string]*access.Sheet{},
		books: newCampaignBooks(e.systems), seen: map[string]bool{}, rerouted: map[string]bool{}, reasons: map[string]int{}}
	if a := f.route.approver; !st.employed(a, c.OpenedAt) {
		return nil, c, nil, fmt.Errorf("campaign %s: HR's lists do not say that its approver %s works here. Name another approver and open it again", c.ID, a.name)
	}
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			f.account(s, a)
		}
	}
	if len(f.stuck) > 0 {
		return nil, c, nil, f.refusal()
	}
	sheets := f.sorted()
	if len(sheets) == 0 {
		return nil, c, nil, fmt.Errorf("nothing is in the scope of campaign %s: nobody would be asked anything. Widen the scope and open it again", c.ID)
	}
	for _, s := range sheets {
		c.Rows += len(s.Rows)
	}
	c.Books = f.books.balances(c.Rows)
	return sheets, c, slices.Sorted(maps.Keys(f.rerouted)), nil
}

// decided is the evaluation behind a Decision: its facts, and what was said of them.
func decided(w World, d Decision) *evaluation {
	e := newEvaluation(w, Stand(w))
	for s := range d.Systems {
		e.systems[s] = d.Systems[s]
		e.matched(s, d.Systems[s].Matches)
	}
	return e
}

var campaignName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// openable says what is wrong with a campaign itself.
func openable(c access.Campaign) error {
	switch {
	case !campaignName.MatchString(string(c.ID)):
		return fmt.Errorf("campaign %q: a campaign is named in lower-case letters, digits and hyphens, such as 2026-q4", c.ID)
	case strings.TrimSpace(c.Approver) == "":
		return fmt.Errorf("campaign %s has no approver: say who answers for it, and decides what nobody else does", c.ID)
	case c.OpenedAt.IsZero() || c.Due.IsZero() || !c.Open():
		return fmt.Errorf("campaign %s: it needs a time at which it opens and a date until which it asks, and may not be closed", c.ID)
	case endOfDay(c.Due.At, time.UTC).Before(c.OpenedAt):
		return fmt.Errorf("campaign %s is due on %s, before it opens: give reviewers a later date, two weeks are usual", c.ID, c.Due)
	}
	return nil
}

// seenAt is when the systems were read, and the oldest read counts.
func seenAt(w World) time.Time {
	oldest := w.SeenAt
	if oldest.IsZero() {
		oldest = w.Now
	}
	for _, o := range w.Systems {
		for _, r := range o.Reads {
			if r.Complete && !r.StartedAt.IsZero() && r.StartedAt.Before(oldest) {
				oldest = r.StartedAt
			}
		}
	}
	return oldest
}

// fresh refuses a night on which not all was read that is in the scope, or that is too
// old.
func fresh(w World, c access.Campaign) error {
	var bad []error
	refuse := func(format string, args ...any) { bad = append(bad, fmt.Errorf(format, args...)) }
	for _, o := range w.Systems {
		for _, r := range o.Reads {
			if !r.Complete && inSystems(c.Scope, o.System) {
				refuse("%s was not read to its end (%s): who holds what there is not all known. Mend it, let a night run, and open the campaign after it", r.Name(), cmp.Or(r.Gap, "no reason was given"))
			}
		}
		if len(o.Reads) == 0 && inSystems(c.Scope, o.System) {
			refuse("nothing of %s was read: let a night run, and open the campaign after it", o.System)
		}
	}
	if len(w.Systems) == 0 {
		refuse("no night has read a system yet: let one run, and open the campaign after it")
	}
	if age := c.OpenedAt.Sub(c.SeenAt); len(w.Systems) > 0 && age > freshFor {
		refuse("what the systems hold was read %s ago, on %s; a campaign may not begin with what is older than %s. Let a night run, and open it after that", age.Round(time.Hour), phrase.Minute(c.SeenAt), freshFor)
	}
	if w.Policy.Unjudged() {
		refuse("the role map or the exceptions could not be used that night, so that nothing is known to be unexpected. Mend the file, let a night run, and open the campaign after it")
	}
	for _, r := range w.Rosters {
		if r.Verdict.InForce.SHA256 == "" {
			refuse("HR's list %s has never been accepted: nobody knows whose manager is whom. See to the list, let a night run, and open the campaign after it", r.Verdict.Source)
		}
	}
	return errors.Join(bad...)
}

// compared refuses a delta without the campaign that it is a delta of.
func compared(c access.Campaign, last *access.CampaignRecord) error {
	switch {
	case !c.Scope.Delta:
		return nil
	case last == nil:
		return fmt.Errorf("campaign %s asks only about what changed since a campaign before, and there is none: open a whole one first", c.ID)
	case c.Scope.Since != "" && c.Scope.Since != last.Campaign.ID:
		return fmt.Errorf("campaign %s asks about what changed since %s, and was given %s", c.ID, c.Scope.Since, last.Campaign.ID)
	case last.Campaign.Open():
		return fmt.Errorf("campaign %s asks only about what changed since %s, which is still open: close that one first", c.ID, last.Campaign.ID)
	}
	return nil
}

// freezing collects the worksheets of a campaign by reviewer.
type freezing struct {
	*routing
	c        access.Campaign
	st       *Staff
	route    route
	before   before
	sheets   map[string]*access.Sheet
	books    *campaignBooks
	seen     map[string]bool // rows, by Item.RowID: a right is asked about once
	rerouted map[string]bool
	reasons  map[string]int // rows, by who is asked and why
	stuck    []string       // rows that nobody may review
}

// account freezes what is asked about one account.
func (f *freezing) account(s, a int) {
	b := f.e.frozen(s, a)
	where := map[uint32]bucket{} // where the account's direct grants went
	if b == inAccount {
		b = f.row(f.accountItem(s, a), b)
	}
	rows := 0
	for _, n := range f.e.grantsOf[s].of(a) {
		if g := f.e.systems[s].Grants[n]; g.Direct() && b == inRows {
			where[g.Entitlement] = f.row(f.grantItem(s, a, int(n)), b)
			if where[g.Entitlement] == inRows {
				rows++
			}
		}
	}
	for _, n := range f.e.grantsOf[s].of(a) {
		f.books.grant(s, whereTo(f.e.systems[s].Grants[n], b, where))
	}
	f.books.account(s, b, rows, len(where))
}

// row freezes one row, if it is in the scope and was not asked before, and says where
// it went: to is where that is if it is asked.
func (f *freezing) row(i access.Item, to bucket) bucket {
	if out := f.outside(&i); out != "" {
		return out
	}
	since, was := f.before.compare(&i)
	if f.c.Scope.Delta && since == access.RowSame && was.kept() {
		return carriedOver(was.last(access.DutyManager).Campaign)
	}
	if f.seen[i.RowID] {
		return to
	}
	f.seen[i.RowID] = true
	f.books.row(i)
	other := ""
	for _, d := range f.route.duties(&i) {
		chain := f.route.chain(&i, d)
		who, ok := f.route.among(&i, chain, other)
		if !ok {
			f.stuck = append(f.stuck, fmt.Sprintf("%s of %s in %s", i.Entitlement, cmp.Or(i.Person.Name, i.Account.Login), i.System))
			return to
		}
		other = who.id()
		if who.because != chain[0].because || who.id() != chain[0].id() || d == access.DutyManager && !strings.HasPrefix(who.because, "manager of the ") {
			f.rerouted[rerouted(&i, d, who)] = true
		}
		f.issue(access.Issued{ID: campaignRowID(f.c.ID, &i, d), Duty: d, SinceLast: since, Last: was.last(d), Item: i}, who)
	}
	return to
}

func rerouted(i *access.Item, d access.Duty, who asked) string {
	about := fmt.Sprintf("%s (%s)", i.Person.Name, i.Person.Key())
	if i.Person.Key().Zero() {
		about = fmt.Sprintf("account %s in %s", i.Account.Login, i.System)
	}
	return fmt.Sprintf("%s: in place of the %s, %s is asked, as %s", about, d, cmp.Or(who.name, who.mail), who.because)
}

func campaignRowID(c access.CampaignID, i *access.Item, d access.Duty) string {
	return stableID("w", string(c), i.RowID, string(d))
}

// issue puts a row on the worksheet of who is asked.
func (f *freezing) issue(row access.Issued, who asked) {
	s := f.sheets[who.id()]
	if s == nil {
		s = f.st.sheet(f.c, who, 1, f.c.OpenedAt)
		f.sheets[who.id()] = s
	}
	f.reasons[who.id()+"\x00"+who.because]++
	row.Worksheet = s.ID
	s.Rows = append(s.Rows, row)
}

// sheet is an empty worksheet for somebody.
func (st *Staff) sheet(c access.Campaign, who asked, revision int, now time.Time) *access.Sheet {
	s := &access.Sheet{ID: sheetID(c.ID, who, revision), Reviewer: who.key, ReviewerName: cmp.Or(who.name, who.mail), ReviewerMail: who.mail, ManagerMail: st.managerMail(who, now),
		Because: who.because, Revision: revision, IssuedAt: now}
	if d, ok := st.delegate(who.key, now); ok {
		s.Delegate, s.DelegateName, s.DelegateMail = d.key, d.name, d.mail
	}
	return s
}

// sheetID is a file's name that people recognise and that no two reviewers share.
func sheetID(c access.CampaignID, who asked, revision int) string {
	name := strings.Trim(notInNames.ReplaceAllString(access.Fold(cmp.Or(who.name, who.mail)), "-"), "-")
	if len(name) > 40 {
		name = strings.Trim(name[:40], "-")
	}
	return fmt.Sprintf("access-review_%s_%s-%s_%d", c, cmp.Or(name, "reviewer"), strings.TrimPrefix(stableID("", string(c), who.id()), "-")[:8], revision)
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// sorted gives the worksheets by their names, each with its flagged rows first.
func (f *freezing) sorted() (out []access.Sheet) {
	for id, s := range f.sheets {
		s.Because = f.because(id)
		sortRows(s.Rows)
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b access.Sheet) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// because is why most rows ask somebody.
func (f *freezing) because(id string) (why string) {
	most := 0
	for key, n := range f.reasons {
		if text, ok := strings.CutPrefix(key, id+"\x00"); ok && (n > most || n == most && text < why) {
			why, most = text, n
		}
	}
	return why
}

func sortRows(rows []access.Issued) {
	slices.SortFunc(rows, func(a, b access.Issued) int { return cmp.Or(compareItems(a.Item, b.Item), cmp.Compare(a.ID, b.ID)) })
}

// refusal says which rows nobody may review.
func (f *freezing) refusal() error {
	slices.Sort(f.stuck)
	f.stuck = slices.Compact(f.stuck)
	shown := strings.Join(f.stuck[:min(5, len(f.stuck))], "; ")
	return fmt.Errorf("nobody may review %d of the rows, such as %s: whoever is named is the person themselves, or does not work here. Name another owner of the system in contacts.csv, or another approver, and open the campaign again", len(f.stuck), shown)
}
