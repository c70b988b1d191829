package reconcile

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// NextBook is who has to be told of what after a run: what the run saw, and what is
// open of earlier ones unless this one could see that it is no more. The old book is not
// changed.
func NextBook(b access.NoticeBook, n *access.Night, r NoticeRules) access.NoticeBook {
	next := b
	next.Open, next.Told, next.Acked = nil, slices.Clone(b.Told), maps.Clone(b.Acked)
	fresh := Concerns(n, r)
	now := n.Run.StartedAt.UTC()
	for _, was := range b.Open {
		if slices.ContainsFunc(fresh, func(c access.Concern) bool { return c.ID() == was.ID() }) {
			continue
		}
		if was.CuredAt.IsZero() && !rowOf(was.Kind).once && !covered(fresh, was) && isCured(n, was) {
			was.CuredAt = now
		}
		if stillTold(b, was, r, now) {
			next.Open = append(next.Open, was)
		}
	}
	for _, c := range fresh {
		next.Open = append(next.Open, again(&next, b, c, n))
	}
	slices.SortFunc(next.Open, func(x, y access.Concern) int { return cmp.Compare(x.ID(), y.ID()) })
	if n.Run.Trigger == "nightly" {
		next.NightAt = now
	}
	forgetTold(&next)
	forgetDays(&next, r, now)
	return next
}

// again is a concern as it stands now: of one that is open already, since when, and
// raised if a night before saw it too. One that was cured begins anew, and one that stands
// for something that nobody was told of.
func again(next *access.NoticeBook, b access.NoticeBook, c access.Concern, n *access.Night) access.Concern {
	at := slices.IndexFunc(b.Open, func(was access.Concern) bool { return was.ID() == c.ID() })
	if at < 0 {
		return c
	}
	was := b.Open[at]
	if !was.CuredAt.IsZero() || standsForMore(c, was) {
		beginAnew(next, c.ID())
		return c
	}
	c.Since, c.Raised = was.Since, was.Raised
	if n.Run.Trigger == "nightly" && n.Run.StartedAt.Sub(was.Since) > 12*time.Hour {
		c.Raised = cmp.Or(rowOf(c.Kind).again, c.Raised)
	}
	return c
}

// standsForMore reports whether a concern that stands for many has one that it had not.
func standsForMore(c, was access.Concern) bool {
	return slices.ContainsFunc(c.Covers, func(subject string) bool { return !slices.Contains(was.Covers, subject) })
}

// covered reports whether a concern is told together with others now.
func covered(fresh []access.Concern, was access.Concern) bool {
	return slices.ContainsFunc(fresh, func(c access.Concern) bool { return c.Kind == was.Kind && slices.Contains(c.Covers, was.Subject) })
}

// isCured reports whether a run that no longer sees something could have seen it.
func isCured(n *access.Night, c access.Concern) bool {
	if c.Kind == NoticeBlockFailed && provenSince(n, c) || orderDone(n, c) {
		return true
	}
	return len(c.Rests) > 0 && !slices.ContainsFunc(c.Rests, func(rest string) bool { return !looked(n, rest) })
}

// provenSince reports whether this very run did what an earlier one could not, whatever
// it read besides.
func provenSince(n *access.Night, c access.Concern) bool {
	of := func(o access.Outcome) bool { return o.Action.Stage == access.Block && o.Action.FindingID == c.Subject }
	done := func(o access.Outcome) bool {
		return of(o) && (o.Result == access.Done || o.Result == access.AlreadyAbsent)
	}
	return slices.ContainsFunc(n.Outcomes, done) && !slices.ContainsFunc(n.Outcomes, func(o access.Outcome) bool { return of(o) && !done(o) })
}

// looked reports whether a run looked at something to its end. A run about one person,
// and one that went by what an earlier one read, looked at no system.
func looked(n *access.Night, rest string) bool {
	what, name, _ := strings.Cut(rest, ":")
	reads := func(of func(access.Read) bool) bool {
		return n.SeenAt.IsZero() && n.Order == nil && n.Run.Trigger != "restore" &&
			!slices.ContainsFunc(n.Reads(), func(r access.Read) bool { return of(r) && (!r.Complete || r.Recalled) })
	}
	rosters := func(source string) bool {
		return len(n.Rosters) > 0 && n.Order == nil && !slices.ContainsFunc(n.Rosters, func(v access.RosterVerdict) bool {
			return (source == "" || string(v.Source) == source) && !v.Accepted
		})
	}
	switch what {
	case "order": // else orderDone
		return n.Order == nil
	case "ended":
		return seenEnded(n, name)
	case "trigger":
		return n.Run.Trigger == name || n.Run.Trigger == "nightly" // a night closes what any run left open
	case "policy":
		return len(n.Unusable()) == 0
	case "rosters":
		return rosters("")
	case "roster":
		return rosters(name)
	case "scope":
		system, scope, _ := strings.Cut(name, "/")
		return reads(func(r access.Read) bool { return string(r.System) == system && (r.Scope == scope || r.Scope == "") })
	case "read":
		system, _, _ := strings.Cut(name, "/")
		there := slices.ContainsFunc(n.Reads(), func(r access.Read) bool { return r.Name() == name })
		return reads(func(r access.Read) bool { return r.Name() == name || !there && string(r.System) == system })
	case "whole":
		return reads(func(access.Read) bool { return true }) && rosters("") && !n.Policy.Unjudged()
	}
	return false
}

// stillTold reports whether something of a concern is still to be told, or it is open.
func stillTold(b access.NoticeBook, c access.Concern, r NoticeRules, now time.Time) bool {
	switch {
	case rowOf(c.Kind).once:
		return now.Sub(c.Since) < keptFor && slices.ContainsFunc(tellings(c), func(t telling) bool {
			return slices.ContainsFunc(r.recipients(c, t.to), func(who recipient) bool { return toldTo(b, c.ID(), who.name).Times == 0 })
		})
	case c.CuredAt.IsZero():
		return true
	}
	return len(unresolved(b, c)) > 0 && now.Sub(c.CuredAt) < keptFor
}

// unresolved are those who were told that something is urgent and not that it is cured,
// with the channels by which.
func unresolved(b access.NoticeBook, c access.Concern) (out []access.Told) {
	for _, t := range b.Told {
		if t.Concern != c.ID() || t.Times == 0 || !Urgent(t.Urgency) {
			continue
		}
		t.Channels = slices.DeleteFunc(slices.Clone(t.Channels), func(channel string) bool { return slices.Contains(t.Resolved, channel) })
		if len(t.Channels) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// toldTo is what a recipient was told of a concern.
func toldTo(b access.NoticeBook, id, who string) access.Told {
	for _, t := range b.Told {
		if t.Concern == id && t.Recipient == who {
			return t
		}
	}
	return access.Told{Concern: id, Recipient: who}
}

// beginAnew forgets what was told of a concern: it begins anew.
func beginAnew(b *access.NoticeBook, id string) {
	b.Told = slices.DeleteFunc(b.Told, func(t access.Told) bool { return t.Concern == id })
	delete(b.Acked, id)
}

// forgetDays drops what was sent on days that are over in every time zone, and what is
// known of channels that the company has no more.
func forgetDays(b *access.NoticeBook, r NoticeRules, now time.Time) {
	b.Digests, b.Failing = maps.Clone(b.Digests), maps.Clone(b.Failing)
	oldest := now.AddDate(0, 0, -2).Format(time.DateOnly)
	maps.DeleteFunc(b.Digests, func(_ string, d access.Digested) bool { return d.Day < oldest })
	maps.DeleteFunc(b.Failing, func(name string, _ time.Time) bool { _, there := r.Channels[name]; return !there })
}

// forgetTold drops what was told of concerns that are no more.
func forgetTold(b *access.NoticeBook) {
	open := map[string]bool{}
	for _, c := range b.Open {
		open[c.ID()] = true
	}
	b.Told = slices.DeleteFunc(b.Told, func(t access.Told) bool { return !open[t.Concern] })
	maps.DeleteFunc(b.Acked, func(id string, _ access.TakenUp) bool { return !open[id] })
}

// Fold is a book with what the records say, in their order. The old book is not changed.
func Fold(b access.NoticeBook, records []access.NoticeRecord) access.NoticeBook {
	b.Open, b.Told, b.Acked = slices.Clone(b.Open), slices.Clone(b.Told), maps.Clone(b.Acked)
	b.Digests, b.Failing = maps.Clone(b.Digests), maps.Clone(b.Failing)
	sorted := slices.Clone(records)
	slices.SortStableFunc(sorted, func(x, y access.NoticeRecord) int {
		return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Delivery, y.Delivery), cmp.Compare(x.Attempt, y.Attempt))
	})
	for _, r := range sorted {
		foldOne(&b, r)
	}
	slices.SortFunc(b.Open, func(x, y access.Concern) int { return cmp.Compare(x.ID(), y.ID()) })
	slices.SortFunc(b.Told, func(x, y access.Told) int {
		return cmp.Or(cmp.Compare(x.Concern, y.Concern), cmp.Compare(x.Recipient, y.Recipient))
	})
	return b
}

func foldOne(b *access.NoticeBook, r access.NoticeRecord) {
	switch r.Kind {
	case access.NoticeRaised:
		raised(b, *r.Raised)
	case access.NoticeAck:
		for _, id := range r.Concerns {
			b.Acked = withEntry(b.Acked, id, access.TakenUp{By: r.By, At: r.At})
		}
	case access.NoticeSent:
		delete(b.Failing, r.Channel)
		for _, id := range r.Concerns {
			changeTold(b, id, r, wasSent)
		}
		if r.Purpose == access.ToDigest {
			d := b.Digests[r.Recipient]
			if d.Day != r.Day {
				d = access.Digested{Day: r.Day}
			}
			d.Times++
			b.Digests = withEntry(b.Digests, r.Recipient, d)
		}
	case access.NoticeFailed:
		if _, known := b.Failing[r.Channel]; !known && r.Channel != "" {
			b.Failing = withEntry(b.Failing, r.Channel, r.At)
		}
		if r.Last {
			for _, id := range r.Concerns {
				changeTold(b, id, r, func(t *access.Told, r access.NoticeRecord) { t.TriedAt = r.At })
			}
		}
	}
}

// withEntry is a map with one entry more, which may be nil before.
func withEntry[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	if m == nil {
		m = map[K]V{}
	}
	m[k] = v
	return m
}

// raised takes in a concern of a run that left no record of its own. What is open already
// goes on; what was cured begins anew.
func raised(b *access.NoticeBook, c access.Concern) {
	at := slices.IndexFunc(b.Open, func(was access.Concern) bool { return was.ID() == c.ID() })
	switch {
	case at < 0:
		b.Open = append(b.Open, c)
	case !c.CuredAt.IsZero():
		b.Open[at].CuredAt = c.CuredAt
	case b.Open[at].CuredAt.IsZero():
		c.Since = b.Open[at].Since
		b.Open[at] = c
	default:
		beginAnew(b, c.ID())
		b.Open[at] = c
	}
}

// changeTold changes what a recipient was told of a concern.
func changeTold(b *access.NoticeBook, id string, r access.NoticeRecord, how func(*access.Told, access.NoticeRecord)) {
	at := slices.IndexFunc(b.Told, func(t access.Told) bool { return t.Concern == id && t.Recipient == r.Recipient })
	if at < 0 {
		at = len(b.Told)
		b.Told = append(b.Told, access.Told{Concern: id, Recipient: r.Recipient, Audience: r.Audience})
	}
	how(&b.Told[at], r)
}

// wasSent notes a message that a channel took.
func wasSent(t *access.Told, r access.NoticeRecord) {
	if r.Purpose == access.ToResolve {
		if !slices.Contains(t.Resolved, r.Channel) {
			t.Resolved = append(slices.Clone(t.Resolved), r.Channel)
		}
		return
	}
	if t.Times == 0 {
		t.First = r.At
	}
	if !slices.Contains(t.Channels, r.Channel) {
		t.Channels = append(slices.Clone(t.Channels), r.Channel)
	}
	if compareUrgency(r.Urgency, t.Urgency) > 0 {
		t.Urgency = r.Urgency
	}
	t.Last, t.Times, t.Tier, t.TriedAt = r.At, t.Times+1, max(t.Tier, r.Tier), time.Time{}
}
