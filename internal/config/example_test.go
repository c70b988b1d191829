package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

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
