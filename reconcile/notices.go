package reconcile

import (
	"cmp"
	"slices"
	"time"

	"rollcall/internal/access"
)

// The kinds of notices about runs.
const (
	NoticeBlockFailed    = "leaver_block_failed"
	NoticeRemoveFailed   = "remove_failed"
	NoticeRestoreFailed  = "restore_failed"
	NoticePastSLA        = "leaver_past_sla"
	NoticeUsedAfterExit  = "used_after_exit"
	NoticeProtected      = "protected_leaver"
	NoticeByHand         = "leaver_by_hand"
	NoticeOrderLeft      = "order_left"
	NoticeBlockedActive  = "blocked_active"
	NoticeUnknownAdmin   = "unknown_privileged"
	NoticeBreakGlass     = "break_glass_used"
	NoticeGuard          = "guard_tripped"
	NoticeRosterRefused  = "roster_refused"
	NoticeGap            = "read_incomplete"
	NoticePolicyUnusable = "policy_unusable"
	NoticeRunAborted     = "run_aborted"
	NoticeRunMissing     = "run_missing"
	NoticeDamaged        = "record_damaged"
	NoticeChannelFailing = "channel_failing"
	NoticeApprovalSpent  = "approval_spent"
	NoticeRevoked        = "leaver_revoked"
	NoticeReportLeft     = "report_has_left"
	NoticeQuestions      = "roster_questions"
	NoticeOutside        = "outside_role_map"
	NoticeChainHead      = "chain_head"
)

// noticeRow is one line of the table: of what somebody is told, who, how soon, which
// runbook says what to do, and in which words. Titles name nobody: they show on locked
// screens.
type noticeRow struct {
	kind  string
	tell  []telling
	again access.Urgency // of the first audience, from the second night on
	// once: it happened, and does not end: it is told, and never said to be cured.
	once  bool
	page  access.Runbook
	title string
}

// telling is an audience, and how soon it has to know.
type telling struct {
	to  access.Audience
	how access.Urgency
}

// noticeTable is who is told what. What is critical is told again every repeatAfter and,
// every nextTierAfter, to one audience more (NoticeRules.Escalate), until a run sees that
// it is cured or somebody takes it up.
var noticeTable = []noticeRow{
	{kind: NoticeBlockFailed, page: access.RunbookRevocationFailed, title: "Access of somebody who has left could not be ended",
		tell: []telling{{access.ForOnCall, access.UrgencyCritical}, {access.ForSecurity, access.UrgencyCritical}, {access.ForHR, access.UrgencySameDay}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeUsedAfterExit, page: access.RunbookUrgentRemoval, title: "Access was used after it had to end",
		tell: []telling{{access.ForOnCall, access.UrgencyCritical}, {access.ForSecurity, access.UrgencyCritical}, {access.ForHR, access.UrgencySameDay}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticePastSLA, page: access.RunbookOffboarding, title: "Access of somebody who has left is open for longer than agreed",
		tell: []telling{{access.ForOnCall, access.UrgencyCritical}, {access.ForSecurity, access.UrgencySameDay}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeProtected, page: access.RunbookUrgentRemoval, title: "A protected account belongs to somebody who has left",
		tell: []telling{{access.ForOnCall, access.UrgencyCritical}, {access.ForSecurity, access.UrgencyCritical}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeRunAborted, page: access.RunbookRevocationFailed, title: "A run of rollcall was aborted, or could not be recorded",
		tell: []telling{{access.ForOnCall, access.UrgencyCritical}, {access.ForSecurity, access.UrgencyHigh}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeRunMissing, page: access.RunbookRevocationFailed, title: "No night of rollcall has ended well for too long",
		tell: []telling{{access.ForOnCall, access.UrgencyHigh}, {access.ForSecurity, access.UrgencyHigh}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeDamaged, page: access.RunbookAuditRequest, title: "A record of an earlier run is damaged",
		tell: []telling{{access.ForOnCall, access.UrgencyHigh}, {access.ForSecurity, access.UrgencyHigh}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeByHand, page: access.RunbookUrgentRemoval, title: "Access of somebody who has left has to be ended by hand",
		tell: []telling{{access.ForOnCall, access.UrgencyHigh}, {access.ForSecurity, access.UrgencyHigh}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeOrderLeft, page: access.RunbookUrgentRemoval, title: "Somebody whose access is to end by order may still get in", again: access.UrgencyCritical,
		tell: []telling{{access.ForOnCall, access.UrgencyHigh}, {access.ForSecurity, access.UrgencyHigh}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeBlockedActive, page: access.RunbookMistake, title: "Somebody who works here is blocked",
		tell: []telling{{access.ForOnCall, access.UrgencyHigh}, {access.ForHR, access.UrgencySameDay}}},
	{kind: NoticeRestoreFailed, page: access.RunbookMistake, title: "Access could not be given back",
		tell: []telling{{access.ForOnCall, access.UrgencyHigh}, {access.ForHR, access.UrgencySameDay}}},
	{kind: NoticeUnknownAdmin, page: access.RunbookPeriodicReview, title: "A privileged account belongs to nobody who is known",
		tell: []telling{{access.ForSecurity, access.UrgencyHigh}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeBreakGlass, page: access.RunbookBreakGlassUsed, title: "A break-glass account was used", once: true,
		tell: []telling{{access.ForOnCall, access.UrgencyHigh}, {access.ForSecurity, access.UrgencyHigh}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeChannelFailing, page: access.RunbookRevocationFailed, title: "A channel for notices does not work",
		tell: []telling{{access.ForOnCall, access.UrgencyHigh}, {access.ForSecurity, access.UrgencySameDay}}},
	{kind: NoticeRosterRefused, page: access.RunbookRosterRefused, title: "A list of HR's was refused", again: access.UrgencyHigh,
		tell: []telling{{access.ForOnCall, access.UrgencySameDay}, {access.ForHR, access.UrgencySameDay}, {access.ForCompliance, access.UrgencyDigest}}},
	{kind: NoticeGuard, page: access.RunbookGuardTripped, title: "A guard holds something back",
		tell: []telling{{access.ForOnCall, access.UrgencySameDay}, {access.ForSecurity, access.UrgencySameDay}, {access.ForHR, access.UrgencySameDay}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeGap, page: access.RunbookRevocationFailed, title: "A system could not be read to the end",
		tell: []telling{{access.ForOnCall, access.UrgencySameDay}, {access.ForOwner, access.UrgencySameDay}}},
	{kind: NoticePolicyUnusable, page: access.RunbookAccessRequest, title: "A file of policy could not be used",
		tell: []telling{{access.ForOnCall, access.UrgencySameDay}, {access.ForCompliance, access.UrgencySameDay}}},
	{kind: NoticeRemoveFailed, page: access.RunbookRevocationFailed, title: "What is left of blocked access could not be removed",
		tell: []telling{{access.ForOnCall, access.UrgencySameDay}, {access.ForCompliance, access.UrgencyDigest}}},
	{kind: NoticeApprovalSpent, page: access.RunbookGuardTripped, title: "An approval was used", once: true,
		tell: []telling{{access.ForSecurity, access.UrgencySameDay}, {access.ForCompliance, access.UrgencyDigest}}},
	{kind: NoticeRevoked, page: access.RunbookOffboarding, title: "Access of people who left was ended, and that was read back", once: true,
		tell: []telling{{access.ForHR, access.UrgencyDigest}, {access.ForCompliance, access.UrgencyDigest}}},
	{kind: NoticeReportLeft, page: access.RunbookOffboarding, title: "Access of somebody who reported to you was ended", once: true,
		tell: []telling{{access.ForManager, access.UrgencyDigest}}},
	{kind: NoticeQuestions, page: access.RunbookRosterRefused, title: "HR's lists leave questions open", once: true,
		tell: []telling{{access.ForHR, access.UrgencyDigest}}},
	{kind: NoticeOutside, page: access.RunbookPeriodicReview, title: "Access was found that the role map does not have", once: true,
		tell: []telling{{access.ForCompliance, access.UrgencyDigest}}},
	{kind: NoticeChainHead, page: access.RunbookAuditRequest, title: "The night's evidence is committed", once: true,
		tell: []telling{{access.ForCompliance, access.UrgencyDigest}}},
}

const (
	repeatAfter   = 30 * time.Minute
	nextTierAfter = time.Hour
	// retryAfter is when what no channel took is tried again.
	retryAfter = 30 * time.Minute
	// nightMissing is after how long without a committed night somebody is told.
	nightMissing = 26 * time.Hour
	// InFlight is how long a message that was begun may be on its way: then whoever began
	// it has died, and it is sent again under the same key.
	InFlight = 5 * time.Minute
	// mostApart is how many of a kind are told one by one: more are told together.
	mostApart = 10
	// keptFor bounds how long what nobody can be told, or told to be cured, is kept.
	keptFor = 7 * 24 * time.Hour
)

// ChannelTraits is what a channel does to people.
type ChannelTraits struct {
	// Wakes: a pager, a text message. What is not urgent waits for business hours.
	Wakes bool
	// Private: only its recipient reads it. Anything else shows on screens that others see.
	Private bool
	// Addressed: it has no place of its own, and needs the recipient's e-mail address.
	Addressed bool
}

// NoticeRules are the company's choices about notices.
type NoticeRules struct {
	Environment string
	Channels    map[string]ChannelTraits
	// Tell are the channels of an audience, in the order in which they are tried.
	Tell map[access.Audience][]string
	// Escalate are the audiences that are told when nobody takes up what is critical.
	Escalate []access.Audience
	// SLA is how long access may be open after it had to end.
	SLA      time.Duration
	Zone     *time.Location
	Contacts []access.Contact
	// Reports and Runbooks are where a run's folder and the runbooks can be opened: an
	// address, or the path of a folder.
	Reports, Runbooks string
	// Head is the end of the archive's chain, for compliance.
	Head string
}

func (r NoticeRules) zone() *time.Location { return cmp.Or(r.Zone, time.UTC) }

func rowOf(kind string) noticeRow {
	if at := slices.IndexFunc(noticeTable, func(r noticeRow) bool { return r.kind == kind }); at >= 0 {
		return noticeTable[at]
	}
	return noticeRow{kind: kind, title: "Something that this version of rollcall has no words for: " + kind}
}

// urgencies in order, the least urgent first.
var urgencies = []access.Urgency{access.UrgencyDigest, access.UrgencySameDay, access.UrgencyHigh, access.UrgencyCritical}

func compareUrgency(a, b access.Urgency) int {
	return cmp.Compare(slices.Index(urgencies, a), slices.Index(urgencies, b))
}

// Urgent is what is told at any hour, by itself, and said to be cured.
func Urgent(u access.Urgency) bool { return compareUrgency(u, access.UrgencyHigh) >= 0 }

// tellings are whom a concern is told to, and how soon.
func tellings(c access.Concern) []telling {
	out := slices.Clone(rowOf(c.Kind).tell)
	for n := range out {
		if n == 0 && c.Raised != "" && compareUrgency(c.Raised, out[n].how) > 0 {
			out[n].how = c.Raised
		}
		if c.Calm && Urgent(out[n].how) {
			out[n].how = access.UrgencySameDay
		}
	}
	return out
}

// NoticeAudiences are those whom the table of notices tells, with the most urgent of
// what they are told, in the order of access.Audiences.
func NoticeAudiences() (out []struct {
	Audience access.Audience
	Urgency  access.Urgency
}) {
	for _, a := range access.Audiences {
		most := access.Urgency("")
		for _, row := range noticeTable {
			for _, t := range row.tell {
				if t.to == a && compareUrgency(t.how, most) > 0 {
					most = t.how
				}
			}
		}
		if most != "" {
			out = append(out, struct {
				Audience access.Audience
				Urgency  access.Urgency
			}{a, most})
		}
	}
	return out
}
