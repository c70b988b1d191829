package config

import (
	"fmt"
	"strings"
	"time"
)

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

func (r *reader) archive(a *Archive, dir string) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"root", "", r.text(&a.Root, folderOrBucket)},
			{"s3", "", r.s3(&a.S3)},
			{"signing_key", "add it as {file: path} or {env: NAME}; `rollcall init` makes a pair of keys", r.secret(&a.SigningKey, dir)},
			{"public_key", "add the path of the public key; `rollcall init` makes a pair of keys", r.text(&a.PublicKey)},
			{"keep_days", "", r.number(&a.KeepDays, 30, 36500, "what nights go by, and what guards count, is younger than 30 days, and no law asks for more than a century")},
			{"legal_hold", "", r.yesNo(&a.LegalHold)},
			{"holds", "", r.holds(&a.Holds)},
		})
	}
}

func (r *reader) holds(dst *[]Hold) func(value) {
	return func(v value) {
		items, _ := r.list(v)
		for _, item := range items {
			var h Hold
			r.mapping(item, []field{
				{"from", "add the first day that is held", r.day(&h.From)},
				{"to", "", r.day(&h.To)},
				{"reason", "add why, such as the number of the case", r.text(&h.Reason)},
			})
			if !h.To.IsZero() && h.To.Before(h.From) {
				r.failValue(item, fmt.Sprintf("%s ends before it begins", item.path), "write the earlier day at from")
			}
			*dst = append(*dst, h)
		}
	}
}

func (r *reader) s3(s *S3) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"region", "", r.text(&s.Region, region)},
			{"profile", "", r.text(&s.Profile)},
			{"path_style", "", r.yesNo(&s.PathStyle)},
			{"kms_key", "", r.text(&s.KMSKey, matches(`[\w:/+=,.@-]+`, "the ARN of the key, or alias/NAME"))},
			{"retain_mode", "", r.text(&s.RetainMode, oneOf("governance", "compliance"))},
			{"retain_days", "", r.number(&s.RetainDays, 1, 36500, "that is no useful number of days to keep evidence")},
			{"legal_hold", "", r.yesNo(&s.LegalHold)},
			{"expire_profile", "", r.text(&s.ExpireProfile)},
		})
	}
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

func (r *reader) audit(a *Audit) func(value) {
	return func(v value) { r.mapping(v, []field{{"athena", "", r.athena(&a.Athena)}}) }
}

func (r *reader) athena(a *Athena) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"database", "", r.text(&a.Database, matches(`[a-z][a-z0-9_]{0,62}`, "small letters, digits and _, beginning with a letter"))},
			{"workgroup", "", r.text(&a.Workgroup, matches(`[A-Za-z0-9._-]{1,128}`, "the name of a workgroup"))},
			{"output_location", "", r.text(&a.OutputLocation, matches(`s3://[^/]+(/.*)?`, "s3://bucket/prefix"))},
			{"region", "", r.text(&a.Region, region)},
			{"profile", "", r.text(&a.Profile)},
			{"max_scan_gb", "", r.number(&a.MaxScanGB, 1, 1_000_000, "that is no useful number of gigabytes")},
		})
	}
}
