package config

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// least is the shortest configuration that is accepted.
const least = `company: {timezone: Europe/Amsterdam}
systems:
  okta:
    type: okta
    org_url: https://acme.okta.com
    token: {env: OKTA_TOKEN}
rosters:
  - name: employees
    file: hr/roster.csv
policy: {rolemap: rolemap.csv}
archive:
  signing_key: {file: keys/signing.pem}
  public_key: keys/public.pem
`

func TestWhatIsNotWrittenIsHarmless(t *testing.T) {
	c, err := Load("conf/rollcall.yaml", []byte(least))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		File: "conf/rollcall.yaml", Dir: "conf", SHA256: c.SHA256,
		Company: Company{TimeZone: "Europe/Amsterdam"},
		Systems: []System{{Name: "okta", Type: "okta", Okta: Okta{
			OrgURL: "https://acme.okta.com", Share: 0.4, Read: OktaCredential{Token: Secret{Env: "OKTA_TOKEN", Key: "systems.okta.token"}}}}},
		Rosters: []Roster{{Name: "employees", File: "hr/roster.csv", Columns: map[string]string{}, Statuses: map[string]access.Status{}, TimeZones: map[string]string{}}},
		Collect: Collect{Prefer: "time", MaxTime: 3 * time.Hour, DropPercent: 20},
		Policy:  Policy{RoleMap: "rolemap.csv", GardenLeave: "revoke", ExceptionMaxDays: 365},
		Guards: Guards{
			Roster:        RosterGuard{ShrinkPercent: 10, GoneMin: 5, GonePercent: 5},
			Blast:         BlastGuard{NightMin: 5, NightPercent: 3, WeekMin: 10, WeekPercent: 8},
			Remove:        BlastGuard{NightMin: 5, NightPercent: 3, WeekMin: 10, WeekPercent: 8},
			Concentration: 5, Irreversible: 2, Review: NightGuard{10, 5}},
		Mode: access.Observe, Remove: Remove{Mode: access.Observe, AfterDays: 7}, Plan: Plan{MaxAge: 24 * time.Hour}, Approvals: Approvals{Dir: "approvals", MaxAge: 72 * time.Hour},
		Archive: Archive{Root: "archive", PublicKey: "keys/public.pem", KeepDays: 2555,
			SigningKey: Secret{File: filepath.Join("conf", "keys", "signing.pem"), Key: "archive.signing_key"}},
		Reports: Reports{Dir: "reports"},
		Review:  Review{Dir: "reviews", Days: 14, KeepDays: 90, Unanswered: "escalate", Removals: access.Observe},
		Notices: Notices{SLA: 24 * time.Hour},
		Audit:   Audit{Athena: Athena{Database: "rollcall", MaxScanGB: 50}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	if len(c.SHA256) != 64 {
		t.Errorf("sha256 is %q", c.SHA256)
	}
}

func TestTheZeroConfigurationNeverActs(t *testing.T) {
	var c Config
	if c.Mode == access.Enforce || c.Manual == access.Enforce || c.Company.Location() != time.UTC {
		t.Errorf("zero configuration: %+v", c)
	}
}

// full is a configuration that has every key.
const full = `
company: {name: Acme, timezone: Asia/Tokyo}
systems:
  okta: {type: okta, org_url: "http://127.0.0.1:8080", token: {env: A}, revoke_token: {file: b}, restore_token: {file: c}, share: 1, allow_http: true, canaries: [ann@acme.com]}
  okta2: {type: okta, org_url: "https://two.okta.com", client_id: 0oareader1, private_key: {file: r.pem}, key_id: k1, revoke_client_id: 0oarevoke1, revoke_private_key: {env: K}, revoke_key_id: k2, restore_client_id: 0oarestor1, restore_private_key: {env: R}, restore_key_id: k3}
  aws: {type: aws, region: us-gov-west-1, role: path/read, management_role: mread, external_id: "x:y", revoke_role: rev, management_revoke_role: mrev, hr_id_tag: hr, profile: p1, revoke_profile: p2, restore_role: res, management_restore_role: mres, restore_profile: p3, skip_identity_center: true, endpoint: "http://localhost:5000", canaries: [root]}
rosters:
  - {name: employees, file: a.csv, columns: {employee_id: Emp No, status: Zustand}, statuses: {Sabbatical: leave, "1": left}, timezones: {Berlin Office: Europe/Berlin}, canaries: ["0012"]}
  - {name: contractors, file: b.csv}
policy: {rolemap: 1.csv, exceptions: 2.csv, nonhuman: 3.csv, links: 4.csv, answers: 5.csv, contacts: 6.csv, delegates: 7.csv, garden_leave: review, exception_max_days: 180, protected: ["root*", "okta:00u1"]}
guards: {roster: {shrink_percent: 11, gone_min: 6, gone_percent: 7}, blast: {night_min: 8, night_percent: 9, week_min: 12, week_percent: 13}, remove: {night_min: 15, night_percent: 16, week_min: 17, week_percent: 18}, concentration_min: 14, irreversible: 1, review: {night_min: 19, night_percent: 20}}
mode: enforce
manual: enforce
remove: {mode: enforce, after_days: 0, ruled_groups: true, apps_and_roles: true, movers: true, delete_users: true}
collect: {prefer: calls, max_time: 45m, drop_percent: 30}
network: {ca_bundle: ca.pem}
plan: {max_age: 90m}
approvals: {dir: given, max_age: 8h, keys: [ann.pem, bob.pem], key: {env: APPROVE}}
archive: {root: evidence, signing_key: {env: SIGN}, public_key: pub.pem, keep_days: 400, legal_hold: true, holds: [{from: 2025-01-01, to: 2025-06-30, reason: case 7}, {from: 2026-01-01, reason: case 8}]}
reports: {dir: out}
review: {dir: campaigns, approver: {name: Pat, mail: pat@acme.com}, days: 10, keep_days: 30, unanswered: revoke, removals: enforce, notice_days: 3}
audit: {athena: {database: d_1, workgroup: w-1, output_location: "s3://b/p", region: eu-west-1, profile: p, max_scan_gb: 7}}
`

func TestEveryKeyIsRead(t *testing.T) {
	c, err := Load("rollcall.yaml", []byte(full))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		File: "rollcall.yaml", Dir: ".", SHA256: c.SHA256,
		Company: Company{Name: "Acme", TimeZone: "Asia/Tokyo"},
		Systems: []System{
			{Name: "aws", Type: "aws", Canaries: []string{"root"}, AWS: AWS{Region: "us-gov-west-1", Role: "path/read", ManagementRole: "mread",
				ExternalID: "x:y", RevokeRole: "rev", ManagementRevokeRole: "mrev", HRIDTag: "hr", Profile: "p1", RevokeProfile: "p2", RestoreRole: "res", ManagementRestoreRole: "mres", RestoreProfile: "p3", SkipIdentityCenter: true, Endpoint: "http://localhost:5000"}},
			{Name: "okta", Type: "okta", Canaries: []string{"ann@acme.com"}, Okta: Okta{OrgURL: "http://127.0.0.1:8080", Share: 1, AllowHTTP: true,
				Read: OktaCredential{Token: Secret{Env: "A", Key: "systems.okta.token"}}, Revoke: OktaCredential{Token: Secret{File: "b", Key: "systems.okta.revoke_token"}},
				Restore: OktaCredential{Token: Secret{File: "c", Key: "systems.okta.restore_token"}}}},
			{Name: "okta2", Type: "okta", Okta: Okta{OrgURL: "https://two.okta.com", Share: 0.4,
				Read:    OktaCredential{ClientID: "0oareader1", PrivateKey: Secret{File: "r.pem", Key: "systems.okta2.private_key"}, KeyID: "k1"},
				Revoke:  OktaCredential{ClientID: "0oarevoke1", PrivateKey: Secret{Env: "K", Key: "systems.okta2.revoke_private_key"}, KeyID: "k2"},
				Restore: OktaCredential{ClientID: "0oarestor1", PrivateKey: Secret{Env: "R", Key: "systems.okta2.restore_private_key"}, KeyID: "k3"}}},
		},
		Rosters: []Roster{
			{Name: "employees", File: "a.csv", Columns: map[string]string{"employee_id": "Emp No", "status": "Zustand"},
				Statuses: map[string]access.Status{"Sabbatical": "leave", "1": "left"}, TimeZones: map[string]string{"Berlin Office": "Europe/Berlin"}, Canaries: []access.EmployeeID{"0012"}},
			{Name: "contractors", File: "b.csv", Columns: map[string]string{}, Statuses: map[string]access.Status{}, TimeZones: map[string]string{}},
		},
		Policy: Policy{RoleMap: "1.csv", Exceptions: "2.csv", NonHuman: "3.csv", Links: "4.csv", Answers: "5.csv", Contacts: "6.csv", Delegates: "7.csv",
			GardenLeave: "review", ExceptionMaxDays: 180, Protected: []string{"root*", "okta:00u1"}},
		Guards: Guards{Roster: RosterGuard{11, 6, 7}, Blast: BlastGuard{8, 9, 12, 13}, Remove: BlastGuard{15, 16, 17, 18}, Concentration: 14, Irreversible: 1, Review: NightGuard{19, 20}},
		Mode:   "enforce", Manual: "enforce", Remove: Remove{"enforce", 0, true, true, true, true}, Plan: Plan{90 * time.Minute},
		Approvals: Approvals{Dir: "given", MaxAge: 8 * time.Hour, Keys: []string{"ann.pem", "bob.pem"}, Key: Secret{Env: "APPROVE", Key: "approvals.key"}},
		Collect:   Collect{"calls", 45 * time.Minute, 30}, Network: Network{"ca.pem"},
		Archive: Archive{Root: "evidence", SigningKey: Secret{Env: "SIGN", Key: "archive.signing_key"}, PublicKey: "pub.pem", KeepDays: 400, LegalHold: true, Holds: []Hold{
			{From: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC), Reason: "case 7"},
			{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Reason: "case 8"}}},
		Reports: Reports{Dir: "out"},
		Notices: Notices{SLA: 24 * time.Hour},
		Review:  Review{Dir: "campaigns", Approver: "Pat", ApproverMail: "pat@acme.com", Days: 10, KeepDays: 30, Unanswered: "revoke", Removals: access.Enforce, NoticeDays: 3},
		Audit:   Audit{Athena: Athena{Database: "d_1", Workgroup: "w-1", OutputLocation: "s3://b/p", Region: "eu-west-1", Profile: "p", MaxScanGB: 7}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestAWSSpeaksToAWSOrToThisMachine(t *testing.T) {
	aws := func(extra string) string {
		return change("  okta:\n", "  aws: {type: aws, region: eu-west-1, role: r, "+extra+"}\n  okta:\n")
	}
	for endpoint, ok := range map[string]bool{
		"http://127.0.0.1:5000": true, "http://[::1]:5000": true, "http://localhost:5000": true,
		"http://127.0.0.1.evil.com": false, "https://aws.example.com": false, "http://user:pw@127.0.0.1": false,
	} {
		if _, err := Load("r.yaml", []byte(aws(`endpoint: "`+endpoint+`"`))); (err == nil) != ok {
			t.Errorf("endpoint %s: %v", endpoint, err)
		}
	}
	for _, same := range []string{"revoke_role: r", "management_role: m, management_revoke_role: m"} {
		if _, err := Load("r.yaml", []byte(aws(same))); err == nil || !strings.Contains(err.Error(), "same place") {
			t.Errorf("%s: %v", same, err)
		}
	}
}

func TestWindowsFilesAreRead(t *testing.T) {
	if _, err := Load("r.yaml", []byte("\ufeff"+strings.ReplaceAll(least, "\n", "\r\n"))); err != nil {
		t.Error(err)
	}
}

func TestPathsStartInTheFolderOfTheFile(t *testing.T) {
	c := Config{Dir: "conf"}
	abs, err := filepath.Abs("x")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{"": "", "a.csv": filepath.Join("conf", "a.csv"), abs: abs} {
		if got := c.Path(in); got != want {
			t.Errorf("Path(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRosterColumnsAreThoseOfAnIdentity(t *testing.T) {
	var tags []string
	identity := reflect.TypeFor[access.Identity]()
	for i := range identity.NumField() {
		switch tag := identity.Field(i).Tag.Get("csv"); tag {
		case "source", "roster_row", "problem": // rollcall's own
		default:
			tags = append(tags, tag)
		}
	}
	if diff := cmp.Diff(tags, columns[:len(tags)]); diff != "" {
		t.Error(diff)
	}
}

func TestAnArchiveInABucketIsReadAsWritten(t *testing.T) {
	c, err := Load("conf/rollcall.yaml", []byte(strings.Replace(least, "archive:", `archive:
  root: s3://acme-evidence/rollcall/eu
  s3: {region: eu-west-1, profile: archive, path_style: true, kms_key: "arn:aws:kms:eu-west-1:111122223333:key/1-2", retain_mode: compliance, retain_days: 2555, legal_hold: true}`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := S3{Region: "eu-west-1", Profile: "archive", PathStyle: true, KMSKey: "arn:aws:kms:eu-west-1:111122223333:key/1-2", RetainMode: "compliance", RetainDays: 2555, LegalHold: true}
	if diff := cmp.Diff(want, c.Archive.S3); diff != "" || c.Archive.Root != "s3://acme-evidence/rollcall/eu" || !c.Archive.InS3() {
		t.Error(c.Archive.Root, diff)
	}
}
