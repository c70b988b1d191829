// Package config turns the bytes of rollcall.yaml into a Config. It never reads
// the environment or a disk and never holds a secret, only the name of the
// place where one lies. Its invariant: what Load returns is complete and within
// bounds, a guard cannot be switched off in it, and whatever was not written
// takes the harmless value (the zero Config observes).
package config

import (
	"path/filepath"
	"strings"
	"time"

	"rollcall/internal/access"
)

// Config is one rollcall.yaml, checked.
type Config struct {
	// File is the name that Load was given, Dir its folder: every relative path
	// in the file starts there (Path).
	File   string
	Dir    string
	SHA256 string // of the bytes, hex

	Company Company
	Systems []System // sorted by name
	Rosters []Roster // in file order
	Policy  Policy
	Guards  Guards
	Mode    access.Mode // of nightly, sweep and apply
	Manual  access.Mode // of revoke and restore; empty: not decided, so nothing manual acts
	Remove  Remove
	Collect Collect
	Network Network
	Plan    Plan
	// Approvals is how people answer for what a guard holds.
	Approvals Approvals
	Archive   Archive
	Reports   Reports
	Review    Review
	Audit     Audit
	Metrics   Metrics
	SIEM      SIEM
	Notices   Notices
}

// Path gives the place of a path that was written in the file; empty stays empty.
func (c Config) Path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Dir, p)
}

// Company is the employer.
type Company struct {
	Name     string
	TimeZone string // IANA name; a person's day ends there unless the roster names a zone
}

// Location is the company's time zone; UTC for the zero Company.
func (c Company) Location() *time.Location {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil { // Load has refused it already
		return time.UTC
	}
	return zone
}

// System is one place where accounts live. Of Okta and AWS only the part that
// Type names is filled.
type System struct {
	Name access.System
	Type string
	// Canaries are logins that are always there: a read that misses one is
	// incomplete.
	Canaries []string
	Okta     Okta
	AWS      AWS
}

// Roster is one list of HR's.
type Roster struct {
	Name     access.Source
	File     string                   // as written; see Config.Path
	Columns  map[string]string        // rollcall's column -> HR's header
	Statuses map[string]access.Status // HR's word -> rollcall's
	Canaries []access.EmployeeID      // people who are always in it
	// TimeZones gives the time zone of people at a location, by HR's word for it.
	TimeZones map[string]string
	Dates     string // dmy or mdy: how days that can be read in two ways are meant; empty: the column tells
}

// What happens to a person on garden leave.
const (
	GardenRevoke = "revoke"
	GardenReview = "review"
)

// Policy says where the policy files are, as written (see Config.Path). Only
// RoleMap is always set.
type Policy struct {
	RoleMap, Exceptions, NonHuman, SoD, Links, Answers, Contacts, Delegates string

	GardenLeave string
	// ExceptionMaxDays is how long an exception may last; a longer one is told
	// when the policy files are linted.
	ExceptionMaxDays int
	// DormantDays, KeyDays and MoverDays say after how many days access that
	// nobody uses, an access key, and access of a former job are overdue.
	DormantDays, KeyDays, MoverDays int
	// Protected are globs over a login or system:account id: never acted on.
	Protected []string
}

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

// Collect says how the systems are read.
type Collect struct {
	// Prefer is time or calls: which of two plans of reads to choose.
	Prefer string
	// MaxTime bounds the reading of all systems; what is not read by then is a gap.
	MaxTime time.Duration
	// DropPercent is how much shorter than on the last run a list may be before
	// it is a gap, where the system does not say how long it is.
	DropPercent int
}

// Network says whom to trust on the way to the systems.
type Network struct {
	// CABundle is a file of certificates in PEM, as written, that are trusted
	// besides those of the machine; empty: none.
	CABundle string
}

// Plan limits what may be applied.
type Plan struct {
	MaxAge time.Duration
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

// Archive is where the evidence is kept.
type Archive struct {
	Root       string // folder, or s3://bucket/prefix, as written
	S3         S3     // only where Root is in S3
	SigningKey Secret // Ed25519, PKCS#8 PEM
	// PublicKey is a file, as written: a key that the chain is verified with and, after
	// it, those of new roots.
	PublicKey string
	// KeepDays is how long data about people stays at the least; LegalHold keeps all of
	// it, Holds that of some days.
	KeepDays  int
	LegalHold bool
	Holds     []Hold
}

// Hold keeps what was recorded on some days, the first and the last included.
type Hold struct {
	From, To time.Time // To is zero: until it is taken out
	Reason   string
}

// InS3 reports whether the archive lies in a bucket rather than in a folder.
func (a Archive) InS3() bool { return strings.HasPrefix(a.Root, "s3://") }

// S3 is how an archive in S3 is reached, and how its objects are kept. Credentials
// and the address of a store that is not AWS's come from the usual places of the
// AWS SDK.
type S3 struct {
	Region    string // empty: the SDK's usual places
	Profile   string // of the SDK's shared configuration
	PathStyle bool   // the bucket's name is in the path, not in the host's name
	KMSKey    string // encrypts every object; empty: as the bucket does by default
	// RetainMode is governance or compliance, for RetainDays; empty: the bucket's own
	// default.
	RetainMode string
	RetainDays int
	LegalHold  bool
	// ExpireProfile is whose credentials delete what expired. No night needs them.
	ExpireProfile string
}

// Audit is how questions to the archive are answered where this machine does not do it.
type Audit struct{ Athena Athena }

// Athena is where Amazon Athena has the archive's tables, and what a question may cost.
type Athena struct {
	Database       string
	Workgroup      string // empty: primary
	OutputLocation string // s3://bucket/prefix; empty: the workgroup's own
	Region         string // empty: the archive's, else the SDK's usual places
	Profile        string // of the SDK's shared configuration; empty: the archive's
	MaxScanGB      int    // no question is asked, and none goes on, that reads more
}

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

// Reports is where worksheets and pages are written.
type Reports struct {
	Dir string // as written
}

// Metrics is where nights and sweeps leave figures for Prometheus.
type Metrics struct {
	File string // as written, ending in .prom; empty: none are kept
}

// SIEM is where each change of access is told in one line of JSON.
type SIEM struct {
	File   string // as written, appended to; empty: to no file
	Stderr bool   // to stderr, among the log
}

func defaults() Config {
	return Config{
		Mode:      access.Observe,
		Remove:    Remove{Mode: access.Observe, AfterDays: 7},
		Policy:    Policy{GardenLeave: GardenRevoke, ExceptionMaxDays: 365},
		Collect:   Collect{Prefer: "time", MaxTime: 3 * time.Hour, DropPercent: 20},
		Plan:      Plan{MaxAge: 24 * time.Hour},
		Approvals: Approvals{Dir: "approvals", MaxAge: MostApproval},
		Archive:   Archive{Root: "archive", KeepDays: 2555},
		Reports:   Reports{Dir: "reports"},
		Review:    Review{Dir: "reviews", Days: 14, KeepDays: 90, Unanswered: UnansweredEscalate, Removals: access.Observe},
		Notices:   Notices{SLA: 24 * time.Hour},
		Audit:     Audit{Athena: Athena{Database: "rollcall", MaxScanGB: 50}},
		Guards: Guards{
			Roster:        RosterGuard{ShrinkPercent: 10, GoneMin: 5, GonePercent: 5},
			Blast:         BlastGuard{NightMin: 5, NightPercent: 3, WeekMin: 10, WeekPercent: 8},
			Remove:        BlastGuard{NightMin: 5, NightPercent: 3, WeekMin: 10, WeekPercent: 8},
			Concentration: 5,
			Irreversible:  2,
			Review:        NightGuard{NightMin: 10, NightPercent: 5},
		},
	}
}
