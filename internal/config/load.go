package config

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"time"

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
