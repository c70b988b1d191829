//go:build emulators

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/collectors/aws/awstest"
	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// The commands about policy answer from an AWS that nobody here wrote as they do
// from the sandbox.
func TestThePolicyCommandsAnswerOnAnAWSThatIsNotOurs(t *testing.T) {
	endpoint := awstest.StartMoto(t)
	awstest.Populate(t, endpoint)
	dir := t.TempDir()
	put := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	private, public, err := archive.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	put("signing.pem", string(private))
	put("public.pem", string(public))
	put("roster.csv", "employee_id,email,name,title,department,status\nE-ada,ada@example.com,Ada X,Engineer,Platform,Active\nE-leaver@example.com,leaver@example.com,Lee X,Engineer,Platform,Active\n")
	put("rolemap.csv", roleMapHead+"Engineer,Engineer,,,aws,*,iam_group,engineers,required,standard,Ann,Reading,Ann,2040-01-01,\n")
	config := put("rollcall.yaml", fmt.Sprintf(`company: {name: Example, timezone: UTC}
systems:
  aws: {type: aws, region: us-east-1, endpoint: "%s", role: read}
rosters:
  - {name: employees, file: roster.csv}
policy: {rolemap: rolemap.csv}
archive: {root: archive, signing_key: {file: signing.pem}, public_key: public.pem}
reports: {dir: reports}
`, endpoint))
	clock := &tick{now: time.Now().UTC()}
	run := func(says string, args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		e := inSandbox(clock, &stdout, &stderr)
		e.args = append([]string{"rollcall"}, append(args, "--config", config)...)
		e.outside.http = func(access.System) http.RoundTripper { return awstest.Respelt{Next: http.DefaultTransport} }
		// moto has no service credentials and no applications: those reads are gaps.
		if err := newApp(e).RunContext(t.Context(), e.args); err != nil && exitCode(err) != exitIncomplete {
			t.Fatalf("%v: %v\n%s", args, err, stderr.String())
		}
		if !strings.Contains(flat(stdout.String()), flat(says)) {
			t.Errorf("%v does not say %q:\n%s", args, says, stdout.String())
		}
		return stdout.String()
	}
	run("What rests on it was withheld", "nightly")
	run("iam group engineers in prod, directly: role map, Engineer (rolemap.csv row 2), approved by Ann", "why", "--person", "E-ada", "--entitlement", "engineers")
	run("permission set AdminAccess", "why", "--person", "E-leaver@example.com")
	suggested := filepath.Join(dir, "suggested.csv")
	run("They cover", "rolemap", "suggest", "--people", "2", "--out", suggested)
	if b, err := os.ReadFile(suggested); err != nil || !strings.Contains(string(b), ",iam_group,engineers,") {
		t.Errorf("%v\n%s", err, b)
	}
	run("Access that people hold and that would be allowed", "rolemap", "diff", "--new", suggested)
	none := put("none.csv", roleMapHead+"Engineer,Engineer,,,aws,*,iam_group,nothing,allowed,standard,Ann,Nothing,Ann,2040-01-01,\n")
	run("Access that people held and that nothing would have allowed any more (6)", "rolemap", "diff", "--new", none, "--nights", "1")
	run("match", "rolemap", "lint")
}
