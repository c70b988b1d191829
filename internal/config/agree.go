package config

import (
	"fmt"
	"strings"

	"rollcall/internal/access"
)

// agree holds what two keys have to say to each other: reading and changing are
// done with different credentials, and a configuration that may act has all of
// the latter.
func (r *reader) agree(c *Config) {
	acting := actingKey(c)
	for i := range c.Systems {
		s := &c.Systems[i]
		path := join("systems", string(s.Name))
		if t := typeNamed(s.Type); t != nil {
			t.agree(r, path, s, acting)
		}
	}
	r.agreeArchive(&c.Archive)
	if c.Approvals.Key.same(c.Archive.SigningKey) {
		r.fail(r.at["approvals.key"], "approvals.key", "approvals.key leads to the same place as archive.signing_key", "give whoever approves a key of their own (rollcall approve --new-key): a night that holds it could answer for itself")
	}
}

func (r *reader) agreeArchive(a *Archive) {
	if at := r.at["archive.s3"]; at != nil && !a.InS3() {
		r.fail(at, "archive.s3", "archive.s3 is about an archive in S3, but archive.root is a folder", "write root: s3://bucket/prefix, or remove archive.s3")
	}
	if at := r.at["archive.s3.expire_profile"]; at != nil && a.S3.ExpireProfile == a.S3.Profile {
		r.fail(at, "archive.s3.expire_profile", "archive.s3.expire_profile is the profile that writes, too", "give deleting a profile of its own (deploy/aws/README.md), so that what runs at night cannot delete")
	}
	for _, two := range []struct{ one, other string }{{"retain_mode", "retain_days"}, {"retain_days", "retain_mode"}} {
		if at := r.at["archive.s3."+two.one]; at != nil && r.at["archive.s3."+two.other] == nil {
			r.fail(at, "archive.s3."+two.one, fmt.Sprintf("archive.s3.%s needs %s beside it", two.one, two.other), "add it, or remove both and let the bucket's own default hold")
		}
	}
}

// actingKey is the line that lets rollcall act, or nothing.
func actingKey(c *Config) string {
	switch {
	case c.Mode == access.Enforce:
		return "mode"
	case c.Manual == access.Enforce:
		return "manual"
	}
	return ""
}

func (r *reader) differ(path, reading string) {
	r.fail(r.at[path], path, fmt.Sprintf("%s leads to the same place as %s", path, reading), remedyOf(path))
}

// remedyOf says why two credentials have to be two.
func remedyOf(path string) string {
	if strings.Contains(path, "restore_") {
		return "give restoring a credential of its own, so that what the night holds can take away and never give"
	}
	return "give reading and changing a credential each, so that what reads can never change anything"
}

// needs reports a key that is missing although rollcall may act.
func (r *reader) needs(path, acting, system string) {
	if acting == "" || r.at[path] != nil {
		return
	}
	r.fail(r.at[acting], path, fmt.Sprintf("%s is enforce, but %s is missing", acting, path), fmt.Sprintf("add it, or write %s: observe until %s may be changed", acting, system))
}
