package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/reconcile"
)

// tonight is what would follow from a list if it were tonight's, told to HR
// before they send it. It needs no credentials: it is about people, not about
// their accounts.
type tonight struct {
	Against string    `json:"against"`           // the list that it is held against
	Refused string    `json:"refused,omitempty"` // why the list would not be believed
	Mend    string    `json:"mend,omitempty"`
	Changes []outlook `json:"changes,omitempty"`
}

// outlook is one thing that would happen, and to whom.
type outlook struct {
	What   string   `json:"what"`
	People []string `json:"people"`
	then   string   // what rollcall does about it
}

// foretell holds a list against the last accepted one. Without an archive, or
// before a list was accepted, there is nothing to hold it against, and nil.
func (e *environ) foretell(ctx context.Context, cfg config.Config, one config.Roster, list access.Roster, problems []access.Problem) (*tonight, error) {
	keep, err := e.pastArchive(ctx, cfg)
	if err != nil || keep == nil {
		return nil, aborted(err)
	}
	m, err := keep.Memory(roster.Decode)
	if err != nil {
		return nil, exitError{exitAborted, fmt.Errorf("read the list in force: %w", err)}
	}
	last, had := m.Accepted[one.Name]
	if !had {
		return nil, nil
	}
	accepted := reconcile.Accept(list, problems, m, rosterGuard(cfg, one), e.now())
	told := &tonight{Against: fmt.Sprintf("the list accepted on %s, %d rows", phrase.Day(last.AcceptedAt), last.Rows)}
	if r := accepted.Verdict.Refusal; r != nil {
		told.Refused, told.Mend = r.Says, r.Mend
		return told, nil
	}
	p, _ := readPolicy(cfg)
	now := func(with reconcile.SourceRoster) []access.Person {
		w := reconcile.World{Now: e.now(), Settings: settings(cfg, cfg.Mode), Memory: m, Policy: access.Policy{Answers: p.Answers}, Rosters: []reconcile.SourceRoster{with}}
		for source, rows := range m.InForce {
			if source != one.Name {
				w.Rosters = append(w.Rosters, inForce(cfg, m, source, rows))
			}
		}
		slices.SortFunc(w.Rosters, func(a, b reconcile.SourceRoster) int {
			return strings.Compare(string(a.Verdict.Source), string(b.Verdict.Source))
		})
		return reconcile.Stand(w).List()
	}
	after := now(accepted)
	told.Changes = compareStandings(one.Name, now(inForce(cfg, m, one.Name, m.InForce[one.Name])), after)
	if o := stayPast(one.Name, after, e.now()); len(o.People) > 0 {
		told.Changes = append(told.Changes, o)
	}
	return told, nil
}

// inForce is a source whose list of an earlier night stays in force.
func inForce(cfg config.Config, m access.Memory, source access.Source, rows []access.Identity) reconcile.SourceRoster {
	s := reconcile.SourceRoster{Verdict: access.RosterVerdict{Source: source, Accepted: true, Same: true, InForce: m.Accepted[source]}, Rows: rows, Vanished: map[access.PersonKey]access.Vanished{}}
	for k, v := range m.Vanished {
		if k.Source == source {
			s.Vanished[k] = v
		}
	}
	if at := slices.IndexFunc(cfg.Rosters, func(r config.Roster) bool { return r.Name == source }); at >= 0 {
		s.LeftAfter = cfg.Rosters[at].LeftAfter
	}
	return s
}

// outlooks are the changes that HR is told of, the gravest first.
var outlooks = []struct {
	standing   access.Standing
	what, then string
}{
	{access.StandingLeft, "lose access", "Their accounts are blocked in the night, if the guards agree."},
	{access.StandingGarden, "are on garden leave", "Whether they lose access is for the configuration (policy.garden_leave)."},
	{access.StandingVanished, "are in no list any more", "Nothing is taken away: say in answers.csv whether they left."},
	{access.StandingHeld, "are held", "Nothing of theirs is changed until it is clear."},
	{access.StandingScheduled, "leave later", "Nothing happens before that."},
	{access.StandingPending, "start later", "Nothing happens; access that they have already is told to their manager."},
	{access.StandingActive, "work here from now on", "Nothing is taken away."},
}

// compareStandings tells who would stand elsewhere than they do now.
func compareStandings(source access.Source, before, after []access.Person) (changes []outlook) {
	was := map[access.PersonKey]access.Person{}
	for _, p := range before {
		was[p.Key()] = p
	}
	for _, o := range outlooks {
		change := outlook{What: o.what, then: o.then}
		for _, p := range after {
			old, known := was[p.Key()]
			if p.Source == source && p.Standing == o.standing && (!known || old.Standing != p.Standing) {
				change.People = append(change.People, fmt.Sprintf("%s (%s): %s", p.Name, p.EmployeeID, p.Why)+until(p))
			}
		}
		if len(change.People) > 0 {
			changes = append(changes, change)
		}
	}
	return changes
}

// soon is how far ahead a last day is that HR is to look at.
const soon = 31 * 24 * time.Hour

// stayPast are those whose row gives a last day that is near, and does not say Left: the
// night after it nothing is taken from them, since the row is at odds with itself.
func stayPast(source access.Source, people []access.Person, now time.Time) outlook {
	o := outlook{What: "keep access past their last day", then: "Their row gives a last day and does not say Left: if they leave, write Left too, now or on that day. Else you are asked the night after, and nothing is taken away until you answer."}
	for _, p := range people {
		if ahead := p.AccessEndsAt.Sub(now); p.Source == source && p.Standing == access.StandingActive && !p.AccessEndsAt.IsZero() && ahead > 0 && ahead <= soon {
			o.People = append(o.People, fmt.Sprintf("%s (%s)", p.Name, p.EmployeeID)+until(p))
		}
	}
	return o
}

// until is when the access of somebody ends who leaves later: HR alone is told.
func until(p access.Person) string {
	if p.AccessEndsAt.IsZero() || p.Standing != access.StandingScheduled && p.Standing != access.StandingActive {
		return ""
	}
	return ", access until " + phrase.Minute(p.AccessEndsAt)
}

// mostNamed is how many people are named before it says how many more.
const mostNamed = 20

// String tells it to HR.
func (t *tonight) String() string {
	var b strings.Builder
	tellf(&b, "\nIf this were tonight's list (held against %s):\n", t.Against)
	if t.Refused != "" {
		tellf(&b, "  It would not be believed: %s.\n  The last accepted list would stay in force; nobody new would lose access.\n  What to do: %s.\n", strings.TrimSuffix(t.Refused, "."), strings.TrimSuffix(t.Mend, "."))
		return b.String()
	}
	if len(t.Changes) == 0 {
		b.WriteString("  Nothing would change for anybody.\n")
	}
	for _, c := range t.Changes {
		tellf(&b, "  %s would %s. %s\n", phrase.Counted(len(c.People), "person"), wouldBe(c.What), c.then)
		for n, who := range c.People {
			if n == mostNamed {
				tellf(&b, "    and %d more\n", len(c.People)-mostNamed)
				break
			}
			tellf(&b, "    - %s\n", who)
		}
	}
	return b.String()
}

// wouldBe puts a verb behind "would".
func wouldBe(what string) string {
	if rest, is := strings.CutPrefix(what, "are "); is {
		return "be " + rest
	}
	return what
}
