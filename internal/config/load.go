package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // so that company.timezone is known on a machine without zone files

	"github.com/goccy/go-yaml/token"

	"rollcall/internal/access"
)

// Load reads the bytes of the configuration; file is its name, for messages and
// as the place where relative paths start. The error is an Errors with
// everything that is wrong, and the Config is then zero.
func Load(file string, b []byte) (Config, error) {
	sum := sha256.Sum256(b)
	c := defaults()
	c.File, c.Dir, c.SHA256 = file, filepath.Dir(file), hex.EncodeToString(sum[:])
	r := &reader{file: file, at: map[string]*token.Position{}}
	if root := r.parse(b); root != nil {
		r.mapping(value{"", root}, r.sections(&c))
		r.agree(&c)
	}
	if len(r.errs) > 0 {
		return Config{}, r.errs.inFileOrder()
	}
	return c, nil
}

// sections are the top-level keys, in the order in which the example has them.
func (r *reader) sections(c *Config) []field {
	return []field{
		{"company", "add it with the company's name and timezone", r.company(&c.Company)},
		{"systems", "add at least one system, such as okta", r.systems(&c.Systems, c.Dir)},
		{"rosters", "add at least one list of HR's", r.rosters(&c.Rosters)},
		{"policy", "add it with the path of the role map", r.policy(&c.Policy)},
		{"guards", "", r.guards(&c.Guards)},
		{"mode", "", r.text((*string)(&c.Mode), oneOf(string(access.Observe), string(access.Enforce)))},
		{"manual", "", r.text((*string)(&c.Manual), oneOf(string(access.Enforce), string(access.Observe)))},
		{"remove", "", func(v value) {
			r.mapping(v, []field{
				{"mode", "", r.text((*string)(&c.Remove.Mode), oneOf(string(access.Observe), string(access.Enforce)))},
				{"after_days", "", r.number(&c.Remove.AfterDays, 0, 365, "that is no useful number of days of grace")},
				{"ruled_groups", "", r.yesNo(&c.Remove.RuledGroups)},
				{"apps_and_roles", "", r.yesNo(&c.Remove.AppsAndRoles)},
				{"movers", "", r.yesNo(&c.Remove.Movers)},
				{"delete_users", "", r.yesNo(&c.Remove.DeleteUsers)},
			})
		}},
		{"collect", "", func(v value) {
			r.mapping(v, []field{
				{"prefer", "", r.text(&c.Collect.Prefer, oneOf("time", "calls"))},
				{"max_time", "", r.duration(&c.Collect.MaxTime, time.Minute, 24*time.Hour)},
				{"drop_percent", "", r.percent(&c.Collect.DropPercent)},
			})
		}},
		{"network", "", func(v value) {
			r.mapping(v, []field{{"ca_bundle", "", r.text(&c.Network.CABundle)}})
		}},
		{"plan", "", func(v value) {
			r.mapping(v, []field{{"max_age", "", r.duration(&c.Plan.MaxAge, time.Minute, 7*24*time.Hour)}})
		}},
		{"approvals", "", r.approvals(&c.Approvals, c.Dir)},
		{"archive", "add it with signing_key and public_key: nobody can check a record that is not signed", r.archive(&c.Archive, c.Dir)},
		{"reports", "", func(v value) {
			r.mapping(v, []field{{"dir", "", r.text(&c.Reports.Dir, folder)}})
		}},
		{"review", "", r.review(&c.Review)},
		{"notices", "", r.notices(&c.Notices, c.Dir)},
		{"audit", "", r.audit(&c.Audit)},
		{"metrics", "", func(v value) {
			r.mapping(v, []field{{"file", "", r.text(&c.Metrics.File, matches(`.*[^/]\.prom`, "the path of a file that ends in .prom: others are not read by node_exporter"))}})
		}},
		{"siem", "", func(v value) {
			r.mapping(v, []field{{"file", "", r.text(&c.SIEM.File)}, {"stderr", "", r.yesNo(&c.SIEM.Stderr)}})
		}},
	}
}

func (r *reader) company(c *Company) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"name", "", r.text(&c.Name)},
			{"timezone", "add it: a person's last day ends there", r.text(&c.TimeZone, timezone)},
		})
	}
}

// identifier is what a system or roster may be called: the name goes into file
// names, into role map lines and behind a colon.
const identifier = `[a-z][a-z0-9_-]{0,31}`

func (r *reader) systems(dst *[]System, dir string) func(value) {
	return func(v value) {
		entries := 0
		isMapping := r.each(v, func(key string, at *token.Position, entry value) {
			entries++
			if matches(identifier, "no")(key) != "" {
				r.fail(at, entry.path, fmt.Sprintf("a system is called %q", key), "use a short lower-case name, such as okta or aws-emea")
				return
			}
			s := System{Name: access.System(key)}
			r.system(&s, entry, dir)
			*dst = append(*dst, s)
		})
		if isMapping && entries == 0 {
			r.fail(r.whereIs(v), v.path, "systems is empty", "add at least one system, such as okta")
		}
		slices.SortFunc(*dst, func(a, b System) int { return strings.Compare(string(a.Name), string(b.Name)) })
	}
}

// system reads one system: its type says which keys the rest may have.
func (r *reader) system(s *System, v value, dir string) {
	fields := []field{
		{"type", "add type: " + strings.Join(typeNames(), " or type: "), r.text(&s.Type, oneOf(typeNames()...))},
		{"canaries", "", r.texts(&s.Canaries)},
	}
	t := typeNamed(typeOf(v))
	if t == nil { // which keys are known is not known: say only what is wrong with the type
		peek := &reader{file: r.file, at: r.at}
		peek.mapping(v, fields)
		r.errs = append(r.errs, slices.DeleteFunc(peek.errs, func(e *Error) bool {
			return e.Key != v.path && e.Key != join(v.path, "type")
		})...)
		return
	}
	fields = append(fields, t.fields(r, s, dir)...)
	r.mapping(v, fields)
}

// typeOf looks ahead for the text under the key type.
func typeOf(v value) (found string) {
	quiet := &reader{at: map[string]*token.Position{}}
	quiet.each(v, func(key string, _ *token.Position, entry value) {
		if key == "type" {
			found, _ = quiet.plain(entry)
		}
	})
	return found
}

// address wants scheme://host and nothing behind it. A password in it is refused
// with the rest.
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Hostname() == "" || u.User != nil ||
		u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return "only https:// and the name of the host, such as https://example.okta.com"
	}
	return ""
}

func localOnly(s string) string {
	if !local(s) {
		return "an address on this machine, such as http://127.0.0.1:5000, or remove the key to speak to AWS"
	}
	return ""
}

// local reports whether an address is on this machine.
func local(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// columns are rollcall's own names of roster columns (design.md, section 3), and of
// those in which some HR systems have the same in another way.
var columns = []string{"employee_id", "email", "name", "title", "department", "manager_id", "worker_type", "status",
	"start_date", "end_date", "last_working_day", "timezone", "aliases",
	"first_name", "last_name", "manager_email", "rehire_date", "on_leave", "location", "future_action", "future_date"}

var statuses = []string{string(access.StatusActive), string(access.StatusLeave), string(access.StatusPending),
	string(access.StatusGardenLeft), string(access.StatusLeft), string(access.StatusUnknown)}

func (r *reader) rosters(dst *[]Roster) func(value) {
	return func(v value) {
		items, isList := r.list(v)
		for _, item := range items {
			one := Roster{}
			r.roster(&one, item)
			if slices.ContainsFunc(*dst, func(o Roster) bool { return o.Name == one.Name && one.Name != "" }) {
				r.failValue(item, fmt.Sprintf("two rosters are called %q", one.Name), "give each list its own name")
			}
			*dst = append(*dst, one)
		}
		if isList && len(items) == 0 {
			r.fail(r.whereIs(v), v.path, "rosters has no list of HR's", "add one with a dash, name and file")
		}
	}
}

func (r *reader) roster(one *Roster, v value) {
	one.Columns, one.Statuses, one.TimeZones = map[string]string{}, map[string]access.Status{}, map[string]string{}
	var canaries []string
	r.mapping(v, []field{
		{"name", "add a short name, such as employees", r.text((*string)(&one.Name), matches(identifier, "a short lower-case name, such as employees"))},
		{"file", "add the path of the CSV file", r.text(&one.File)},
		{"columns", "", r.columns(one.Columns)},
		{"statuses", "", r.statuses(one.Statuses)},
		{"canaries", "", r.texts(&canaries)},
		{"timezones", "", r.timezones(one.TimeZones)},
		{"dates", "", r.text(&one.Dates, oneOf("dmy", "mdy"))},
	})
	for _, id := range canaries {
		one.Canaries = append(one.Canaries, access.EmployeeID(id))
	}
}

// columns reads rollcall's column -> HR's header. One header cannot be two columns.
func (r *reader) columns(dst map[string]string) func(value) {
	return func(v value) {
		by := map[string]string{}
		r.each(v, func(key string, at *token.Position, entry value) {
			if !slices.Contains(columns, key) {
				r.unknownKey(at, v.path, key, columns)
				return
			}
			var header string
			r.text(&header)(entry)
			if other := by[header]; other != "" {
				r.failValue(entry, fmt.Sprintf("header %q stands for both %s and %s", header, other, key), "keep one of them")
			}
			if header != "" {
				by[header], dst[key] = key, header
			}
		})
	}
}

// statuses reads HR's word -> rollcall's status.
func (r *reader) statuses(dst map[string]access.Status) func(value) {
	return func(v value) {
		r.each(v, func(key string, _ *token.Position, entry value) {
			var status string
			r.text(&status, oneOf(statuses...))(entry)
			if status != "" {
				dst[key] = access.Status(status)
			}
		})
	}
}

// timezones reads HR's word for a location -> the time zone there.
func (r *reader) timezones(dst map[string]string) func(value) {
	return func(v value) {
		r.each(v, func(key string, _ *token.Position, entry value) {
			var zone string
			if r.text(&zone, timezone)(entry); zone != "" {
				dst[key] = zone
			}
		})
	}
}

func (r *reader) policy(p *Policy) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"rolemap", "add the path of the role map, such as rolemap.csv", r.text(&p.RoleMap)},
			{"exceptions", "", r.text(&p.Exceptions)},
			{"nonhuman", "", r.text(&p.NonHuman)},
			{"sod", "", r.text(&p.SoD)},
			{"links", "", r.text(&p.Links)},
			{"answers", "", r.text(&p.Answers)},
			{"contacts", "", r.text(&p.Contacts)},
			{"delegates", "", r.text(&p.Delegates)},
			{"garden_leave", "", r.text(&p.GardenLeave, oneOf(GardenRevoke, GardenReview))},
			{"exception_max_days", "", r.days(&p.ExceptionMaxDays)},
			{"dormant_days", "", r.days(&p.DormantDays)},
			{"key_days", "", r.days(&p.KeyDays)},
			{"mover_days", "", r.days(&p.MoverDays)},
			{"protected", "", r.texts(&p.Protected)},
		})
	}
}

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

// day reads a day as its midnight in UTC.
func (r *reader) day(dst *time.Time) func(value) {
	return func(v value) {
		s, ok := r.plain(v)
		if !ok {
			return
		}
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			r.failValue(v, fmt.Sprintf("%s is %s", v.path, shown(s)), "write a date as 2026-03-31")
			return
		}
		*dst = day
	}
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
