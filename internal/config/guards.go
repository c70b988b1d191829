package config

import (
	"time"

	"rollcall/internal/access"
)

// Guards are the limits beyond which rollcall does not act by itself.
type Guards struct {
	Roster        RosterGuard
	Blast         BlastGuard
	Remove        BlastGuard // of accounts from which something is removed for the first time
	Concentration int        // more than this many, and more than half, from one cause
	Irreversible  int        // blocks that cannot be undone, a night
	// Review limits the accounts of which something is taken that a review decided to
	// remove: the larger of the number and the share holds, a night.
	Review NightGuard
}

// RosterGuard limits what one HR list may say in one go.
type RosterGuard struct {
	ShrinkPercent int // fewer rows than last time
	GoneMin       int // people newly left or missing: the larger of the two holds
	GonePercent   int
}

// BlastGuard limits how many accounts one stage reaches: the larger of the number and
// the share holds, a night and in 7 days.
type BlastGuard struct {
	NightMin, NightPercent int
	WeekMin, WeekPercent   int
}

// NightGuard limits how many accounts are reached in one night.
type NightGuard struct{ NightMin, NightPercent int }

func (r *reader) guards(g *Guards) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"roster", "", func(v value) {
				r.mapping(v, []field{
					{"shrink_percent", "", r.percent(&g.Roster.ShrinkPercent)},
					{"gone_min", "", r.count(&g.Roster.GoneMin)},
					{"gone_percent", "", r.percent(&g.Roster.GonePercent)},
				})
			}},
			{"blast", "", r.blast(&g.Blast)},
			{"remove", "", r.blast(&g.Remove)},
			{"concentration_min", "", r.count(&g.Concentration)},
			{"irreversible", "", r.count(&g.Irreversible)},
			{"review", "", func(v value) {
				r.mapping(v, []field{{"night_min", "", r.count(&g.Review.NightMin)}, {"night_percent", "", r.percent(&g.Review.NightPercent)}})
			}},
		})
	}
}

func (r *reader) blast(b *BlastGuard) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"night_min", "", r.count(&b.NightMin)},
			{"night_percent", "", r.percent(&b.NightPercent)},
			{"week_min", "", r.count(&b.WeekMin)},
			{"week_percent", "", r.percent(&b.WeekPercent)},
		})
	}
}

// Approvals says where approval files lie, and whose the night believes.
type Approvals struct {
	Dir    string        // as written
	MaxAge time.Duration // how long one lasts, MostApproval at the most
	// Keys are files with public keys, as written: an approval that none of them
	// signed is not believed, so that without a key none ever counts.
	Keys []string
	// Key signs. It lies on the machine of whoever approves, and nowhere else.
	Key Secret
}

// MostApproval is the longest that an approval may last.
const MostApproval = 72 * time.Hour

func (r *reader) approvals(a *Approvals, dir string) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"dir", "", r.text(&a.Dir, folder)},
			{"max_age", "", r.duration(&a.MaxAge, time.Hour, MostApproval)},
			{"keys", "", r.texts(&a.Keys)},
			{"key", "", r.secret(&a.Key, dir)},
		})
	}
}

// Remove says whether and when what is left of a blocked account is removed. It
// cannot be undone, so that it has a mode of its own beside Config.Mode: both have
// to enforce.
type Remove struct {
	Mode      access.Mode
	AfterDays int // since nothing of the person's accounts in the system works; 0: on the next night
	// RuledGroups also takes people out of Okta groups that a rule fills, which
	// excludes them from the rule.
	RuledGroups bool
	// AppsAndRoles takes applications and admin roles in Okta away one by one, for
	// which the revoking credential needs more rights.
	AppsAndRoles bool
	// Movers also takes from people who changed their job what only the old one gave
	// them, Policy.MoverDays after it was announced.
	Movers bool
	// DeleteUsers also deletes IAM users of whom nothing else is left, for which the
	// revoking credential needs more rights.
	DeleteUsers bool
}
