package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// MissingNight is the concern that no night was committed for too long; nil if one was,
// or none ever.
func MissingNight(b access.NoticeBook, now time.Time) *access.Concern {
	if b.NightAt.IsZero() || now.Sub(b.NightAt) <= nightMissing ||
		slices.ContainsFunc(b.Open, func(c access.Concern) bool { return c.Kind == NoticeRunMissing && c.CuredAt.IsZero() }) {
		return nil
	}
	return &access.Concern{Kind: NoticeRunMissing, Subject: "nightly", Since: now.UTC(), Rests: []string{"trigger:nightly"},
		Open: []string{fmt.Sprintf("The last night that was committed began at %s. Find out why none has since: nobody who left is blocked meanwhile.", phrase.Minute(b.NightAt))}}
}

// ackHolds is for how long an ack also covers what goes on: a sweep that is aborted every
// few minutes is one matter, and after half a day without an end it is told anew.
const ackHolds = 12 * time.Hour

// AbortedRun is the concern that a run was aborted, or its evidence could not be
// committed. It goes on with the one that is open of the same command, unless somebody has
// that in hand: whoever took up last night's does not know of tonight's.
func AbortedRun(b access.NoticeBook, run access.Run, why string) access.Concern {
	return access.Concern{Kind: NoticeRunAborted, Subject: abortedSubject(b, run), Since: run.StartedAt.UTC(), SeenIn: run.ID, Rests: []string{"trigger:" + run.Trigger},
		Open:       []string{fmt.Sprintf("Run %s (%s) ended without a record. What it did is in the journal, and the next run goes on from there: read its log before you start one.", run.ID, run.Trigger)},
		Restricted: []string{why}}
}

// UnreadableArchive is the concern that nobody can know what is to be told.
func UnreadableArchive(b access.NoticeBook, run access.Run, why string) access.Concern {
	c := AbortedRun(b, run, why)
	c.Open = []string{"The archive could not be read, so that it is not known what else people have to be told, and nobody is told of it again. The next night may fail for the same cause: run rollcall audit verify, and mend what it says."}
	return c
}

func abortedSubject(b access.NoticeBook, run access.Run) string {
	scheduled := run.Trigger == "sweep" || run.Trigger == access.TriggerNotices // every few minutes
	for _, c := range abortedOf(b, run.Trigger) {
		ack, acked := b.Acked[c.ID()]
		if !acked || scheduled && run.StartedAt.Sub(ack.At) < ackHolds {
			return c.Subject
		}
	}
	return run.Trigger + "-" + string(run.ID)
}

// abortedOf are the matters that are open of aborted runs of a command.
func abortedOf(b access.NoticeBook, trigger string) (out []access.Concern) {
	for _, c := range b.Open {
		if c.Kind == NoticeRunAborted && c.CuredAt.IsZero() && slices.Contains(c.Rests, "trigger:"+trigger) {
			out = append(out, c)
		}
	}
	return out
}

// Finished is the cure of what is open of aborted runs of a command, by one that came to
// its end: also by one that had nothing to record.
func Finished(b access.NoticeBook, trigger string, now time.Time) []access.Concern {
	cured := abortedOf(b, trigger)
	for n := range cured {
		cured[n].CuredAt = now.UTC()
	}
	return cured
}

// Waiting counts what is open and nobody has in hand, by how soon somebody had to know. What
// happened and does not end does not wait.
func Waiting(b access.NoticeBook) map[access.Urgency]int {
	count := map[access.Urgency]int{}
	for _, u := range urgencies {
		count[u] = 0
	}
	for _, c := range b.Open {
		if _, acked := b.Acked[c.ID()]; acked || !c.CuredAt.IsZero() || rowOf(c.Kind).once {
			continue
		}
		most := access.UrgencyDigest
		for _, t := range tellings(c) {
			if compareUrgency(t.how, most) > 0 {
				most = t.how
			}
		}
		count[most]++
	}
	return count
}

// FailingChannels are the concerns about channels that do not take messages, and the cure of
// those about channels that do again, or that the company has no more.
func FailingChannels(b access.NoticeBook, r NoticeRules, now time.Time) (out []access.Concern) {
	failing := maps.Clone(b.Failing)
	maps.DeleteFunc(failing, func(name string, _ time.Time) bool { _, there := r.Channels[name]; return !there })
	for name, since := range failing {
		id := NoticeChannelFailing + "/" + name
		if !slices.ContainsFunc(b.Open, func(c access.Concern) bool { return c.ID() == id && c.CuredAt.IsZero() }) {
			out = append(out, access.Concern{Kind: NoticeChannelFailing, Subject: name, Since: since.UTC(),
				Open: []string{"The channel " + name + " did not take a message at " + phrase.Minute(since) + ". What it was to tell goes by the next one. rollcall notices test says whether it works."}})
		}
	}
	for _, c := range b.Open {
		if _, fails := failing[c.Subject]; c.Kind == NoticeChannelFailing && c.CuredAt.IsZero() && !fails {
			c.CuredAt = now.UTC()
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(x, y access.Concern) int { return cmp.Compare(x.ID(), y.ID()) })
	return out
}

// Untellable are the audiences that something urgent is to be told to and that no channel
// reaches, in order.
func Untellable(b access.NoticeBook, r NoticeRules) (out []access.Audience) {
	for _, a := range access.Audiences {
		if len(r.Tell[a]) == 0 && slices.ContainsFunc(b.Open, func(c access.Concern) bool {
			return c.CuredAt.IsZero() && slices.ContainsFunc(tellings(c), func(t telling) bool { return t.to == a && Urgent(t.how) })
		}) {
			out = append(out, a)
		}
	}
	return out
}

// Unreached reports whether somebody who had to know of something urgent could not be told.
func Unreached(b access.NoticeBook, r NoticeRules) bool {
	return slices.ContainsFunc(b.Open, func(c access.Concern) bool {
		return c.CuredAt.IsZero() && slices.ContainsFunc(tellings(c), func(t telling) bool {
			return Urgent(t.how) && slices.ContainsFunc(r.recipients(c, t.to), func(who recipient) bool { return toldTo(b, c.ID(), who.name).Times == 0 })
		})
	})
}
