package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"rollcall/internal/access"
	"slices"
	"time"
)

// MissingNight is the concern that no night was committed for too long; nil if one was,
// or none ever.
func MissingNight(b access.NoticeBook, now time.Time) *access.Concern {
	if b.NightAt.IsZero() || now.Sub(b.NightAt) <= nightMissing ||
		slices.ContainsFunc(b.Open, func(c access.Concern) bool { return c.Kind == NoticeRunMissing && c.CuredAt.IsZero() }) {
		return nil
	}
	return &access.Concern{Kind: NoticeRunMissing, Subject: "nightly", Since: now.UTC(), Rests: []string{"trigger:nightly"},
		Open: []string{fmt.Sprintf("The last night that was committed began at %s. Find out why none has since: nobody who left is blocked meanwhile.", minute(b.NightAt))}}
}

// AbortedRun is the concern that a run was aborted, or its evidence could not be
// committed.
func AbortedRun(run access.Run, why string) access.Concern {
	return access.Concern{Kind: NoticeRunAborted, Subject: run.Trigger, Since: run.StartedAt.UTC(), SeenIn: run.ID, Rests: []string{"trigger:" + run.Trigger},
		Open:       []string{fmt.Sprintf("Run %s (%s) ended without a record. What it did is in the journal, and the next run goes on from there: read its log before you start one.", run.ID, run.Trigger)},
		Restricted: []string{why}}
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
				Open: []string{"The channel " + name + " did not take a message at " + minute(since) + ". What it was to tell goes by the next one. rollcall notices test says whether it works."}})
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
