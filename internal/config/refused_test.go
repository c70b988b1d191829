package config

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// change is least with one text replaced; add is least with a line behind it.
func change(old, new string) string { return strings.Replace(least, old, new, 1) }
func add(line string) string        { return least + line + "\n" }

// refusals are configurations that are not accepted, each with all that is said of it.
var refusals = map[string]struct{ in, want string }{
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
}

func TestARefusalSaysWhereWhatAndWhatNext(t *testing.T) {
	for name, tt := range refusals {
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
