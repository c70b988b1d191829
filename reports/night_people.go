package reports

import (
	"cmp"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// slaOf is how long a block may take after the end of access: what `audit export` goes
// by, unless it is told otherwise.
const slaOf = 24 * time.Hour

type personView struct {
	Who, Ended, Seen, Blocked, Removed, Sessions string
	SLA                                          string
	Late, Settled                                bool
	Accounts                                     []accountView
}

type accountView struct {
	Name, State string
	Look        bool
	Details     []string
}

type takenView struct {
	Title string
	Rows  []earlierView
	More  int
}

// leavers shows each leaver with the clocks.
func (v *nightView) leavers(n *access.Night) {
	sessions := map[access.AccountKey]time.Time{}
	for _, o := range n.Outcomes {
		if end := o.LingersUntil(); end.After(sessions[o.Action.Account]) {
			sessions[o.Action.Account] = end
		}
	}
	for _, l := range v.story.Leavers[:min(len(v.story.Leavers), mostPeople)] {
		p := personView{Who: l.Who, Ended: clockText(l.EffectiveAt, "no known time"), Seen: clockText(l.FirstSeenAt, "unknown"), Blocked: blockedText(l), Removed: clockText(l.RemovedAt, "not yet")}
		p.SLA, p.Late = within(l, n.Run.StartedAt)
		p.Settled = l.worst >= stateVerified && !l.partly
		var last time.Time
		for _, a := range l.Accounts {
			if end := sessions[a.key]; end.After(last) {
				last = end
			}
			p.Accounts = append(p.Accounts, accountView{strings.TrimSpace(a.System + " " + a.Account), v.stateAt(a), a.worst < statePlanned || v.skippedByOrder(a), a.Details})
		}
		p.Sessions = clockText(stamp(last), "none known")
		v.People = append(v.People, p)
	}
	v.PeopleMore = max(0, len(v.story.Leavers)-mostPeople)
	for _, u := range v.Unsaid {
		v.Unknown = append(v.Unknown, u.words())
	}
	if v.Restricted.People > 0 || v.Ahead > 0 {
		v.LaterWords = aheadWords(v.story)
	}
}

// blockedText says since when all of somebody's accounts are blocked.
func blockedText(l leaver) string {
	says := clockText(stamp(l.blocked), "not yet")
	if l.blocked.IsZero() && l.worst >= stateVerified {
		says = "before tonight"
	}
	if l.partly && says != "not yet" {
		return says + ", as far as known"
	}
	return says
}

// clockText is a time to the minute, where the page says for all that they are in UTC.
func clockText(stamp, none string) string {
	return cmp.Or(stamp[:min(len(stamp), len("2026-01-02 15:04"))], none)
}

// within says whether the block came in time. Whoever was told of late, HR's list first
// said so after the end: the clock is the end's all the same.
func within(l leaver, now time.Time) (words string, late bool) {
	switch {
	case l.ended.IsZero():
		return "no end to count from", false
	case l.blocked.IsZero() && l.worst >= stateVerified:
		return "settled before tonight", false
	case l.blocked.IsZero() && now.Sub(l.ended) > slaOf:
		return "late: open for " + span(now.Sub(l.ended)), true
	case l.blocked.IsZero():
		return "still in time: open for " + span(now.Sub(l.ended)), false
	case l.partly:
		return "not all is known: what is was blocked after " + span(l.blocked.Sub(l.ended)), true
	case l.blocked.Sub(l.ended) > slaOf:
		return "late: after " + span(l.blocked.Sub(l.ended)), true
	}
	return "in time: after " + span(l.blocked.Sub(l.ended)), false
}

func (v *nightView) taken(title string, all []earlier) {
	if len(all) == 0 {
		return
	}
	t := takenView{Title: title, More: max(0, len(all)-mostPeople)}
	for _, m := range all[:min(len(all), mostPeople)] {
		t.Rows = append(t.Rows, earlierView{m.Who, strings.TrimSpace(m.System + " " + m.Account), m.Right, v.story.stateOf(m), phrase.Sentence(m.Detail), m.worst < statePlanned})
	}
	v.Taken = append(v.Taken, t)
}

type earlierView struct {
	Who, Account, Right, State, Detail string
	Look                               bool
}
