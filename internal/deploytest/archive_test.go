package deploytest

import (
	"maps"
	"slices"
	"testing"
)

func TestTheBucketLetsNobodyReplaceDeleteOrReadOnAPlainLine(t *testing.T) {
	template, err := Load(Dir(2), "archive.yaml")
	if err != nil {
		t.Fatal(err)
	}
	guards, err := template.Guards(stacks["archive.yaml"])
	if err != nil || len(guards) != 2 {
		t.Fatalf("%v, %v", guards, err)
	}
	lease := Words{"arn:aws:s3:::evidence/archive/state/*"}
	want := []Statement{
		{Action: Words{"s3:*"}, Resource: Words{"arn:aws:s3:::evidence", "arn:aws:s3:::evidence/*"}, Condition: map[string]Operand{"Bool": {"aws:SecureTransport": {"false"}}}},
		{Action: Words{"s3:PutObject"}, NotResource: lease, Condition: map[string]Operand{"Null": {"s3:if-none-match": {"true"}}}},
		{Action: Words{"s3:BypassGovernanceRetention", "s3:DeleteObject"}, NotResource: lease},
		{Action: Words{"s3:DeleteObjectVersion"}, NotResource: lease, Condition: map[string]Operand{"ArnNotEquals": {"aws:PrincipalArn": {"arn:aws:iam::" + job + ":role/rollcall-archive-expire"}}}},
		{Action: Words{"s3:DeleteObjectVersion"}, Resource: Words{"arn:aws:s3:::evidence/archive/manifests/*", "arn:aws:s3:::evidence/archive/reads/*",
			"arn:aws:s3:::evidence/archive/rules/*", "arn:aws:s3:::evidence/archive/runs/*", "arn:aws:s3:::evidence/archive/spent/*"}},
	}
	got := guards["BucketPolicy"].Statement
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for n, s := range got {
		if s.Effect != "Deny" || !maps.Equal(s.Principal, map[string]string{"AWS": "*"}) || !slices.Equal(s.Action, want[n].Action) ||
			!slices.Equal(s.Resource, want[n].Resource) || !slices.Equal(s.NotResource, want[n].NotResource) || !equal(s.Condition, want[n].Condition) {
			t.Errorf("%s: %+v", s.Sid, s)
		}
	}
}

func TestTheBucketHasLocksAndVersionsAndOutlivesItsStack(t *testing.T) {
	template, err := Load(Dir(2), "archive.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b := template.resources["Bucket"]
	versions, _ := b.Properties["VersioningConfiguration"].(map[string]any)
	if b.Properties["ObjectLockEnabled"] != "true" || versions["Status"] != "Enabled" {
		t.Errorf("%+v", b.Properties)
	}
	for _, id := range []string{"Bucket", "Key"} {
		if r := template.resources[id]; r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain" {
			t.Errorf("%s: %+v", id, r)
		}
	}
}

func TestTheArchivesRolesAreTakenByThoseWhoAreNamed(t *testing.T) {
	who := stacks["archive.yaml"].Parameters
	for name, principals := range map[string][]string{"rollcall-archive": {who["Host"], who["RestoreHost"]}, "rollcall-archive-notices": {who["NoticesHost"]}, "rollcall-archive-read": {who["Auditor"]}, "rollcall-archive-expire": {who["ExpireHost"]}} {
		var got []string
		for _, s := range rolesOf(t, "archive.yaml")[name].Trust.Statement {
			if s.Effect != "Allow" || !equal(s.Condition, map[string]Operand{"StringEquals": {"sts:ExternalId": {"rollcall"}}}) {
				t.Errorf("%s: %+v", name, s)
			}
			got = append(got, s.Principal["AWS"])
		}
		if !slices.Equal(got, principals) {
			t.Errorf("%s is taken by %q", name, got)
		}
	}
	least := rolesOf(t, "archive.yaml", map[string]string{"RestoreHost": "", "NoticesHost": "", "Auditor": "", "ExpireHost": ""})
	if len(least) != 1 || len(least["rollcall-archive"].Trust.Statement) != 1 {
		t.Errorf("with the machine alone: %+v", least)
	}
}
