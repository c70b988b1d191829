package config

import (
	"errors"
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

func TestEveryKeyIsRead(t *testing.T) {
	full := `
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

// change is least with one text replaced; add is least with a line behind it.
func change(old, new string) string { return strings.Replace(least, old, new, 1) }
func add(line string) string        { return least + line + "\n" }

func TestARefusalSaysWhereWhatAndWhatNext(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"unknown key": {change("company: {timezone: Europe/Amsterdam}", "company:\n  timezone: UTC\n  nmae: Acme"),
			`r.yaml:3:3: unknown key "nmae" in company (known: name, timezone): did you mean "name"?`},
		"unknown section": {add("zzz: 1"),
			`r.yaml:14:1: unknown key "zzz" in the file (known: company, systems, rosters, policy, guards, mode, manual, remove, collect, network, plan, approvals, archive, reports, review, notices, audit, metrics, siem): remove it, or write one of the known keys`},
		"key of another type of system": {change("    token:", "    role: x\n    token:"),
			`r.yaml:6:5: unknown key "role" in systems.okta (known: type, canaries, org_url, token, client_id, private_key, key_id, revoke_token, revoke_client_id, revoke_private_key, revoke_key_id, share, allow_http, restore_token, restore_client_id, restore_private_key, restore_key_id): remove it, or write one of the known keys`},
		"key twice": {add("mode: observe\nmode: observe"),
			`r.yaml:15:1: this key of the file is written twice, first on line 14: remove one of them`},
		"key twice in braces": {change("{rolemap: rolemap.csv}", "{rolemap: a.csv, rolemap: b.csv}"),
			`r.yaml:10:26: this key of policy is written twice, first on line 10: remove one of them`},
		"text where a block belongs": {change("{timezone: Europe/Amsterdam}", "Acme"),
			"r.yaml:1:10: company has to be a block of `key: value` lines, found text: indent the lines below it"},
		"nothing where a block belongs": {add("guards:"),
			"r.yaml:14:9: guards has to be a block of `key: value` lines, found nothing: indent the lines below it"},
		"block where a list belongs": {change("rosters:\n  - name: employees\n    file: hr/roster.csv", "rosters:\n  name: employees"),
			`r.yaml:8:7: rosters has to be a list, found a block of keys: write [one, two], or one line with a dash for each`},
		"number where text belongs": {change("file: hr/roster.csv", "file: hr/roster.csv\n    canaries: [0012]"),
			`r.yaml:10:16: rosters[1].canaries[1] has to be text, found a number: put it in quotes`},
		"number as a key": {change("file: hr/roster.csv", "file: hr/roster.csv\n    statuses: {1: left}"),
			`r.yaml:10:16: a key of rosters[1].statuses has to be text, found a number: put it in quotes, such as "1"`},
		"text where a number belongs": {add("guards: {irreversible: none}"),
			`r.yaml:14:24: guards.irreversible has to be a whole number, found text: write a number from 1 to 100`},
		"bad word": {add("mode: Enforce"),
			`r.yaml:14:7: mode is "Enforce": write one of: observe, enforce`},
		"bad zone": {change("Europe/Amsterdam", "Amsterdam"),
			`r.yaml:1:21: company.timezone is "Amsterdam": write the IANA name of the zone in which your working days end, such as Europe/Amsterdam`},
		"zone of the machine": {change("Europe/Amsterdam", "Local"),
			`r.yaml:1:21: company.timezone is "Local": write the IANA name of the zone in which your working days end, such as Europe/Amsterdam`},
		"no zone": {change("{timezone: Europe/Amsterdam}", "{name: Acme}"),
			`r.yaml:1:1: timezone is missing in company: add it: a person's last day ends there`},
		"guard at zero": {add("guards: {blast: {night_percent: 0}}"),
			"r.yaml:14:33: guards.blast.night_percent is 0: this would switch the guard off, and a guard cannot be switched off: write a number from 1 to 99"},
		"guard above all": {add("guards: {roster: {shrink_percent: 101}}"),
			"r.yaml:14:35: guards.roster.shrink_percent is 101: this would switch the guard off, and a guard cannot be switched off: write a number from 1 to 99"},
		"guard at all, which nothing exceeds": {add("guards: {roster: {gone_percent: 100}}"),
			"r.yaml:14:33: guards.roster.gone_percent is 100: this would switch the guard off, and a guard cannot be switched off: write a number from 1 to 99"},
		"guard out of reach": {add("guards: {concentration_min: 99999999999999999999}"),
			"r.yaml:14:29: guards.concentration_min has to be a whole number, found text: write a number from 1 to 100"},
		"guard below zero": {add("guards: {irreversible: -1}"),
			"r.yaml:14:24: guards.irreversible is -1: this would switch the guard off, and a guard cannot be switched off: write a number from 1 to 100"},
		"approvals that last": {add("approvals: {max_age: 73h}"),
			`r.yaml:14:22: approvals.max_age is "73h": write a time span from 1h0m0s to 72h0m0s, such as 24h or 90m`},
		"a night that could approve": {add("approvals: {key: {file: keys/signing.pem}}"),
			`r.yaml:14:13: approvals.key leads to the same place as archive.signing_key: give whoever approves a key of their own (rollcall approve --new-key): a night that holds it could answer for itself`},
		"plan that never ages": {add("plan: {max_age: 9000h}"),
			`r.yaml:14:17: plan.max_age is "9000h": write a time span from 1m0s to 168h0m0s, such as 24h or 90m`},
		"two ways to sign in": {change("    token:", "    client_id: 0oaabcdef12\n    private_key: {file: k.pem}\n    token:"),
			`r.yaml:8:5: systems.okta.token is there besides the service app systems.okta.client_id: keep one of the two ways to sign in`},
		"half a service app": {change("token: {env: OKTA_TOKEN}", "client_id: 0oaabcdef12"),
			`r.yaml:3:3: systems.okta.private_key is missing: add it as {file: path} or {env: NAME}: the private key of the service app in PEM`},
		"no way to sign in": {change("    token: {env: OKTA_TOKEN}\n", ""),
			`r.yaml:3:3: token is missing in systems.okta: add it as {env: NAME} or {file: path}, or add client_id and private_key of a service app`},
		"one service app for both": {change("token: {env: OKTA_TOKEN}", "client_id: 0oaabcdef12\n    private_key: {file: k.pem}\n    revoke_client_id: 0oaabcdef12\n    revoke_private_key: {file: l.pem}"),
			`r.yaml:8:5: systems.okta.revoke_client_id leads to the same place as client_id: give reading and changing a credential each, so that what reads can never change anything`},
		"reads by wish": {add("collect: {prefer: speed}"),
			`r.yaml:14:19: collect.prefer is "speed": write one of: time, calls`},
		"share of nothing": {change("    token:", "    share: 0\n    token:"),
			`r.yaml:6:12: systems.okta.share is 0: write a part above 0, up to 1, such as 0.4 (40 %)`},
		"plain http": {change("https://acme", "http://acme"),
			`r.yaml:5:5: org_url of systems.okta is not https: write https://, so that the token cannot be read on the way`},
		"plain http elsewhere": {change("https://acme.okta.com", "http://acme.okta.com\n    allow_http: true"),
			`r.yaml:5:5: org_url of systems.okta is not https, and allow_http is only for a host on this machine: write https:// and remove allow_http`},
		"unknown type": {change("type: okta", "type: otka"),
			`r.yaml:4:11: systems.okta.type is "otka": write one of: okta, aws`},
		"no type": {change("    type: okta\n", ""),
			`r.yaml:3:3: type is missing in systems.okta: add type: okta or type: aws`},
		"system with a colon": {change("  okta:\n", "  a:b:\n"),
			`r.yaml:3:3: a system is called "a:b": use a short lower-case name, such as okta or aws-emea`},
		"no system": {change(least[strings.Index(least, "systems:"):strings.Index(least, "rosters:")], "systems: {}\n"),
			`r.yaml:2:1: systems is empty: add at least one system, such as okta`},
		"no roster": {change("rosters:\n  - name: employees\n    file: hr/roster.csv", "rosters: []"),
			`r.yaml:7:1: rosters has no list of HR's: add one with a dash, name and file`},
		"two rosters of one name": {change("policy:", "  - {name: employees, file: b.csv}\npolicy:"),
			`r.yaml:10:5: two rosters are called "employees": give each list its own name`},
		"unknown column": {change("file: hr/roster.csv", "file: hr/roster.csv\n    columns: {employeeid: Emp}"),
			`r.yaml:10:15: unknown key "employeeid" in rosters[1].columns (known: employee_id, email, name, title, department, manager_id, worker_type, status, start_date, end_date, last_working_day, timezone, aliases, first_name, last_name, manager_email, rehire_date, on_leave, location, future_action, future_date): did you mean "employee_id"?`},
		"one header for two columns": {change("file: hr/roster.csv", "file: hr/roster.csv\n    columns: {name: N, title: N}"),
			`r.yaml:10:31: header "N" stands for both name and title: keep one of them`},
		"zone of a location": {change("file: hr/roster.csv", "file: hr/roster.csv\n    timezones: {Berlin: Berlin}"),
			`r.yaml:10:25: rosters[1].timezones.Berlin is "Berlin": write the IANA name of the zone in which your working days end, such as Europe/Amsterdam`},
		"unknown status": {change("file: hr/roster.csv", "file: hr/roster.csv\n    statuses: {Gone: terminated}"),
			`r.yaml:10:22: rosters[1].statuses.Gone is "terminated": write one of: active, leave, pending, garden_leave, left, unknown`},
		"archive in a place that is none": {change("archive:", "archive:\n  root: gs://bucket/x"),
			`r.yaml:12:9: archive.root is "gs://bucket/x": write a folder, or s3://bucket/prefix (lower-case bucket; letters, digits and . _ - in the prefix)`},
		"archive in a bucket without a name": {change("archive:", "archive:\n  root: s3:///x"),
			`r.yaml:12:9: archive.root is "s3:///x": write a folder, or s3://bucket/prefix (lower-case bucket; letters, digits and . _ - in the prefix)`},
		"a bucket's keys for a folder": {change("archive:", "archive:\n  s3: {region: eu-west-1}"),
			`r.yaml:12:3: archive.s3 is about an archive in S3, but archive.root is a folder: write root: s3://bucket/prefix, or remove archive.s3`},
		"data about people that is hardly kept": {change("archive:", "archive:\n  keep_days: 7"),
			`r.yaml:12:14: archive.keep_days is 7: what nights go by, and what guards count, is younger than 30 days, and no law asks for more than a century: write a number from 30 to 36500`},
		"a hold without a reason": {change("archive:", "archive:\n  holds: [{from: 2025-01-01}]"),
			`r.yaml:12:11: reason is missing in archive.holds[1]: add why, such as the number of the case`},
		"a hold that ends first": {change("archive:", "archive:\n  holds: [{from: 2025-01-02, to: 2025-01-01, reason: x}]"),
			`r.yaml:12:11: archive.holds[1] ends before it begins: write the earlier day at from`},
		"a hold of no day": {change("archive:", "archive:\n  holds: [{from: soon, reason: x}]"),
			`r.yaml:12:18: archive.holds[1].from is "soon": write a date as 2026-03-31`},
		"who writes deletes": {change("archive:", "archive:\n  root: s3://bucket/x\n  s3: {profile: a, expire_profile: a}"),
			`r.yaml:13:20: archive.s3.expire_profile is the profile that writes, too: give deleting a profile of its own (deploy/aws/README.md), so that what runs at night cannot delete`},
		"a lock without a term": {change("archive:", "archive:\n  root: s3://bucket/x\n  s3: {retain_mode: compliance}"),
			`r.yaml:13:8: archive.s3.retain_mode needs retain_days beside it: add it, or remove both and let the bucket's own default hold`},
		"a lock that is none": {change("archive:", "archive:\n  root: s3://bucket/x\n  s3: {retain_mode: forever, retain_days: 1}"),
			`r.yaml:13:21: archive.s3.retain_mode is "forever": write one of: governance, compliance`},
		"acting without the means": {add("mode: enforce"),
			`r.yaml:14:1: mode is enforce, but systems.okta.revoke_token is missing: add it, or write mode: observe until systems.okta may be changed`},
		"acting by hand without the means": {add("manual: enforce"),
			`r.yaml:14:1: manual is enforce, but systems.okta.revoke_token is missing: add it, or write manual: observe until systems.okta may be changed`},
		"one credential for both": {change("token: {env: OKTA_TOKEN}", "token: {env: T}\n    revoke_token: {env: T}"),
			`r.yaml:7:5: systems.okta.revoke_token leads to the same place as token: give reading and changing a credential each, so that what reads can never change anything`},
		"one credential to take and to give": {change("token: {env: OKTA_TOKEN}", "token: {env: T}\n    revoke_token: {env: R}\n    restore_token: {env: R}"),
			`r.yaml:8:5: systems.okta.restore_token leads to the same place as revoke_token: give restoring a credential of its own, so that what the night holds can take away and never give`},
		"alias": {change("{timezone: Europe/Amsterdam}", "&c {timezone: UTC}"),
			"r.yaml:1:10: company has to be a block of `key: value` lines, found an anchor or alias (& * <<), which rollcall does not read: indent the lines below it"},
		"two documents": {add("---\nmode: enforce"),
			`r.yaml:15:5: a second document begins here, only one is allowed: remove the line with ---`},
		"empty file": {"# nothing\n", "r.yaml: the file is empty: start from the example that `rollcall init` writes"},
		"not text":   {"\xff\xfe", "r.yaml: the file is not UTF-8 text: save it as UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Load("r.yaml", []byte(tt.in))
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
			if !reflect.DeepEqual(c, Config{}) {
				t.Error("a refused configuration is not zero")
			}
		})
	}
}

func TestNotYAMLIsToldWithItsPlace(t *testing.T) {
	_, err := Load("r.yaml", []byte("company: {timezone: UTC\nmode: observe\n"))
	var all Errors
	if !errors.As(err, &all) || len(all) != 1 || all[0].Line == 0 || !strings.Contains(all[0].Says, "not YAML") {
		t.Errorf("got %v", err)
	}
}

func TestEveryMistakeIsToldInTheOrderOfTheFile(t *testing.T) {
	_, err := Load("r.yaml", []byte(add("mode: enforce\nguards: {irreversible: 0}\nfoo: 1")))
	var all Errors
	if !errors.As(err, &all) {
		t.Fatalf("got %v", err)
	}
	var keys []string
	for _, e := range all {
		keys = append(keys, e.Key)
	}
	if diff := cmp.Diff([]string{"systems.okta.revoke_token", "guards.irreversible", "foo"}, keys); diff != "" {
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

func TestTheExampleIsAcceptedAndOnlyObserves(t *testing.T) {
	c, err := Load("rollcall.yaml", Example())
	if err != nil {
		t.Fatal(err)
	}
	if c.Mode != access.Observe || c.Manual != access.Observe {
		t.Errorf("mode %q, manual %q", c.Mode, c.Manual)
	}
	want := defaults()
	if diff := cmp.Diff(want.Guards, c.Guards); diff != "" {
		t.Errorf("the example shows other guards than the defaults: %s", diff)
	}
}

// The comments of the example show keys too: they have to be keys.
func TestTheCommentedKeysOfTheExampleAreKnown(t *testing.T) {
	text := string(Example())
	for _, key := range []string{"# revoke_token: ", "# management_role: ", "# external_id: ", "# revoke_role: ", "# management_revoke_role: "} {
		if !strings.Contains(text, key) {
			t.Errorf("the example does not show %q", key)
		}
		text = strings.Replace(text, key, strings.TrimPrefix(key, "# "), 1)
	}
	if _, err := Load("rollcall.yaml", []byte(strings.Replace(text, "mode: observe", "mode: enforce", 1))); err != nil {
		t.Error(err)
	}
}

func TestTheCommentedBucketOfTheExampleIsRead(t *testing.T) {
	text := strings.Replace(string(Example()), "  root: archive ", "  root: s3://acme-evidence/archive ", 1)
	at := strings.Index(text, "  # s3:\n")
	if at < 0 {
		t.Fatal("the example does not show s3")
	}
	for _, line := range strings.SplitAfter(text[at:], "\n") {
		if !strings.HasPrefix(line, "  # ") || strings.Contains(line, "Signs the record") {
			break
		}
		text = strings.Replace(text, line, "  "+strings.TrimPrefix(line, "  # "), 1)
	}
	c, err := Load("rollcall.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Archive.S3; s.Region == "" || s.Profile == "" || s.KMSKey == "" || s.RetainMode != "compliance" || s.RetainDays != 2555 {
		t.Errorf("%+v", s)
	}
}

func TestTheCommentedKeysForWatchingMachinesAreRead(t *testing.T) {
	text, watched, is := strings.Cut(string(Example()), "# For the machines that watch this one (docs/operations.md, Running it).\n")
	if !is {
		t.Fatal("the example does not show metrics and siem")
	}
	c, err := Load("rollcall.yaml", []byte(text+strings.ReplaceAll("\n"+watched, "\n# ", "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(c.Metrics.File, "/rollcall.prom") || c.SIEM.File != "access-changes.jsonl" || c.SIEM.Stderr {
		t.Errorf("%+v %+v", c.Metrics, c.SIEM)
	}
	if _, err := Load("r.yaml", []byte(least+"metrics: {file: /srv/rollcall.txt}\n")); err == nil || !strings.Contains(err.Error(), "ends in .prom") {
		t.Errorf("a name that node_exporter does not read: %v", err)
	}
}

func FuzzLoadNeverPanicsAndPlacesEveryError(f *testing.F) {
	f.Add([]byte(least))
	f.Add(Example())
	f.Add([]byte("a: [&x 1, *x, !!str 2]\n<<: {b: }\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := Load("r.yaml", b)
		var all Errors
		if err != nil && (!errors.As(err, &all) || len(all) == 0) {
			t.Errorf("got %v", err)
		}
	})
}

// A parser needs the more time and memory the deeper a file is nested; no configuration
// needs much of it.
func TestAFileThatIsNoConfigurationAtAllIsRefusedAtOnce(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"brackets":  {strings.Repeat("[", 200_000), "too deep"},
		"braces":    {strings.Repeat("{a: ", 50_000), "too deep"},
		"dashes":    {strings.Repeat("- ", 100_000), "too deep"},
		"questions": {strings.Repeat("? ", 100_000), "too deep"},
		"large":     {least + strings.Repeat("# nothing\n", 30_000), "too large"},
		"aliases":   {least + "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "unknown key"},
	} {
		start := time.Now()
		if _, err := Load("r.yaml", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %.300v", name, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}
