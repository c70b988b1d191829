package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
)

// Delivery is one message that is due, and the channels to try in their order.
type Delivery struct {
	// ID is the same however often it is tried, and whoever tries.
	ID        string
	Purpose   string
	Concerns  []string // Concern.ID
	Recipient string
	Audience  access.Audience
	Urgency   access.Urgency
	Tier      int
	Day       string // of a digest
	Channels  []string
	// Open is for every channel, Restricted for one that only the recipient reads.
	Open, Restricted access.Message
}

// Message is what a channel is given.
func (d Delivery) Message(t ChannelTraits) access.Message {
	m := d.Open
	if t.Private {
		m = d.Restricted
	}
	m.ID = d.ID
	return m
}

// Record is a record about the delivery.
func (d Delivery) Record(kind string, at time.Time) access.NoticeRecord {
	return access.NoticeRecord{Kind: kind, At: at, Delivery: d.ID, Purpose: d.Purpose, Concerns: d.Concerns, Recipient: d.Recipient, Audience: d.Audience,
		Urgency: d.Urgency, Tier: d.Tier, Day: d.Day, Run: d.Open.Run}
}

// DueNotices are the messages that are due now, the most urgent first.
func DueNotices(b access.NoticeBook, r NoticeRules, now time.Time) []Delivery {
	d := &dueing{b: b, r: r, now: now.UTC(), digests: map[string]*digesting{}}
	for _, c := range b.Open {
		switch {
		case !c.CuredAt.IsZero():
			d.resolve(c)
		default:
			d.tell(c)
			d.escalate(c)
		}
	}
	for _, name := range d.order {
		d.digest(d.digests[name])
	}
	slices.SortStableFunc(d.out, func(x, y Delivery) int {
		return cmp.Or(-compareUrgency(x.Urgency, y.Urgency), cmp.Compare(x.Concerns[0], y.Concerns[0]), cmp.Compare(x.Recipient, y.Recipient))
	})
	return d.out
}

type dueing struct {
	b       access.NoticeBook
	r       NoticeRules
	now     time.Time
	digests map[string]*digesting // by recipient
	order   []string
	out     []Delivery
}

// digesting is what waits for one recipient.
type digesting struct {
	who     recipient
	items   []access.Concern
	sameDay bool
}

// tell tells those whom the table tells.
func (d *dueing) tell(c access.Concern) {
	for _, t := range tellings(c) {
		for _, who := range d.r.recipients(c, t.to) {
			was := toldTo(d.b, c.ID(), who.name)
			switch {
			case Urgent(t.how):
				d.atOnce(c, who, t.how, was)
			case was.Times == 0 && !d.waits(was):
				d.collect(c, who, t.how)
			}
		}
	}
}

// waits reports whether no channel took it a short while ago.
func (d *dueing) waits(was access.Told) bool {
	return !was.TriedAt.IsZero() && d.now.Sub(was.TriedAt) < retryAfter
}

// atOnce tells one recipient of what is urgent: once, and again while it is critical and
// nobody has it in hand.
func (d *dueing) atOnce(c access.Concern, who recipient, how access.Urgency, was access.Told) {
	_, acked := d.b.Acked[c.ID()]
	switch {
	case d.waits(was):
	case was.Times == 0 || compareUrgency(how, was.Urgency) > 0:
		d.add(access.ToTell, c, who, how, was.Tier, 0)
	case how == access.UrgencyCritical && !acked && d.now.Sub(was.Last) >= repeatAfter:
		d.add(access.ToRepeat, c, who, how, was.Tier, was.Times)
	}
}

// escalate tells the next ones: an hour after the first were told of what is critical,
// one audience more each hour, and at once where nobody could be reached.
func (d *dueing) escalate(c access.Concern) {
	if _, acked := d.b.Acked[c.ID()]; acked {
		return
	}
	first, unreached := time.Time{}, false
	most := access.Urgency("")
	for _, t := range tellings(c) {
		if compareUrgency(t.how, most) > 0 {
			most = t.how
		}
		if !Urgent(t.how) {
			continue
		}
		for _, who := range d.r.recipients(c, t.to) {
			was := toldTo(d.b, c.ID(), who.name)
			unreached = unreached || !was.TriedAt.IsZero()
			for _, at := range []time.Time{was.First, was.TriedAt} {
				if !at.IsZero() && (first.IsZero() || at.Before(first)) {
					first = at
				}
			}
		}
	}
	if first.IsZero() {
		return
	}
	tiers := 0
	if most == access.UrgencyCritical {
		tiers = int(d.now.Sub(first) / nextTierAfter)
	}
	if unreached {
		tiers++
	}
	for tier, a := range d.r.Escalate[:min(tiers, len(d.r.Escalate))] {
		for _, who := range d.r.recipients(c, a) {
			if toldByTable(c, a) { // they are told, and told again, as it is
				continue
			}
			was := toldTo(d.b, c.ID(), who.name)
			switch {
			case d.waits(was):
			case was.Times == 0 || !Urgent(was.Urgency):
				d.add(access.ToNext, c, who, most, tier+1, 0)
			case most == access.UrgencyCritical && d.now.Sub(was.Last) >= repeatAfter:
				d.add(access.ToRepeat, c, who, most, tier+1, was.Times)
			}
		}
	}
}

func toldByTable(c access.Concern, a access.Audience) bool {
	return slices.ContainsFunc(tellings(c), func(t telling) bool { return t.to == a && Urgent(t.how) })
}

// add adds one message about one concern.
func (d *dueing) add(purpose string, c access.Concern, who recipient, how access.Urgency, tier, times int) {
	channels := d.r.channels(who, how, d.now)
	if len(channels) == 0 {
		return
	}
	d.out = append(d.out, Delivery{ID: stableID("n", purpose, c.ID(), who.name, string(how), strconv.Itoa(tier), strconv.Itoa(times), c.Since.UTC().Format(time.RFC3339)),
		Purpose: purpose, Concerns: []string{c.ID()}, Recipient: who.name, Audience: who.audience, Urgency: how, Tier: tier, Channels: channels,
		Open: d.r.about(c, who, how, purpose, false, d.now), Restricted: d.r.about(c, who, how, purpose, true, d.now)})
}

// resolve tells those who were told that something was urgent, by the same channels.
func (d *dueing) resolve(c access.Concern) {
	for _, t := range unresolved(d.b, c) {
		if d.waits(t) {
			continue
		}
		who := recipient{name: t.Recipient, audience: t.Audience, mail: mailOnly(t)}
		for _, known := range d.r.recipients(c, t.Audience) {
			if known.name == t.Recipient {
				who = known
			}
		}
		for _, channel := range t.Channels {
			if _, has := d.r.Channels[channel]; !has {
				continue
			}
			d.out = append(d.out, Delivery{ID: stableID("n", access.ToResolve, c.ID(), who.name, channel, c.Since.UTC().Format(time.RFC3339)),
				Purpose: access.ToResolve, Concerns: []string{c.ID()}, Recipient: who.name, Audience: who.audience, Urgency: access.UrgencyHigh, Channels: []string{channel},
				Open: d.r.about(c, who, t.Urgency, access.ToResolve, false, d.now), Restricted: d.r.about(c, who, t.Urgency, access.ToResolve, true, d.now)})
		}
	}
}

func mailOnly(t access.Told) string {
	if strings.Contains(t.Recipient, "@") {
		return t.Recipient
	}
	return ""
}

func (d *dueing) collect(c access.Concern, who recipient, how access.Urgency) {
	g := d.digests[who.name]
	if g == nil {
		g = &digesting{who: who}
		d.digests[who.name], d.order = g, append(d.order, who.name)
	}
	g.items = append(g.items, c)
	g.sameDay = g.sameDay || how == access.UrgencySameDay
}

// digest is the one message of a recipient for the day. What has to be known on the same
// day and came after it makes one more, and no third.
func (d *dueing) digest(g *digesting) {
	day := d.now.In(g.who.zone(d.r)).Format(time.DateOnly)
	before := d.b.Digests[g.who.name]
	if before.Day == day && (before.Times > 1 || !g.sameDay) {
		return
	}
	how := access.UrgencyDigest
	if g.sameDay {
		how = access.UrgencySameDay
	}
	channels := d.r.channels(g.who, how, d.now)
	if len(channels) == 0 {
		return
	}
	times := 0
	if before.Day == day {
		times = before.Times
	}
	out := Delivery{Purpose: access.ToDigest, Recipient: g.who.name, Audience: g.who.audience, Urgency: how, Day: day, Channels: channels,
		ID: stableID("n", access.ToDigest, g.who.name, day, strconv.Itoa(times))}
	for _, c := range g.items {
		out.Concerns = append(out.Concerns, c.ID())
	}
	key := fmt.Sprintf("digest/%s-%s-%d", strings.TrimPrefix(stableID("n", g.who.name), "n-"), day, times+1)
	out.Open, out.Restricted = d.r.daily(g, how, key, false, d.now), d.r.daily(g, how, key, true, d.now)
	d.out = append(d.out, out)
}
