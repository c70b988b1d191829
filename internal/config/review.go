package config

import "rollcall/internal/access"

// What happens to a privileged row that nobody answered before a campaign closes.
const (
	UnansweredEscalate = "escalate"
	UnansweredRevoke   = "revoke"
)

// Review says how access reviews are held (rollcall review).
type Review struct {
	Dir string // as written: a folder for each campaign is made in it
	// Approver answers for a campaign, and decides what nobody else does.
	Approver, ApproverMail string
	// Days is how long reviewers have.
	Days int
	// KeepDays is how long a Keep of what no rule allows lasts.
	KeepDays int
	// Unanswered is what becomes of privileged rows that nobody answered.
	Unanswered string
	// Removals carries out what reviewers decided to remove, NoticeDays after the
	// first night that told of it. Config.Mode has to enforce too.
	Removals   access.Mode
	NoticeDays int
}

func (r *reader) review(c *Review) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"dir", "", r.text(&c.Dir, folder)},
			{"approver", "add it with the name and the mail of whoever answers for the review", func(v value) {
				r.mapping(v, []field{{"name", "add the name", r.text(&c.Approver)}, {"mail", "add the e-mail address", r.text(&c.ApproverMail)}})
			}},
			{"days", "", r.number(&c.Days, 1, 90, "that is no useful number of days to answer in")},
			{"keep_days", "", r.days(&c.KeepDays)},
			{"unanswered", "", r.text(&c.Unanswered, oneOf(UnansweredEscalate, UnansweredRevoke))},
			{"removals", "", r.text((*string)(&c.Removals), oneOf(string(access.Observe), string(access.Enforce)))},
			{"notice_days", "", r.number(&c.NoticeDays, 0, 90, "that is no useful number of days of notice")},
		})
	}
}
