//go:build emulators

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"rollcall/collectors/aws/awstest"
	"rollcall/reports/archive"
)

// handedOut is the policy that deploy/aws/README.md tells people to attach, but for
// some actions. moto judges actions only, not which secrets they are about.
func handedOut(t *testing.T, without string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "deploy", "aws", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)### 10\\. .*?```json\n(.*?)```").FindSubmatch(b)
	if found == nil {
		t.Fatal("step 10 of deploy/aws/README.md has no policy")
	}
	policy := regexp.MustCompile(`"Resource": ".*"`).ReplaceAllString(string(found[1]), `"Resource": "*"`)
	if without != "" {
		policy = strings.ReplaceAll(policy, without, "iam:GetUser")
	}
	return policy
}

// secretStore is a moto with secrets, that asks for rights: it gives the credentials
// of users who have exactly the policies.
func secretStore(t *testing.T, secrets, parameters map[string]string, policies ...string) []sdk.CredentialsProvider {
	t.Helper()
	endpoint := awstest.StartMoto(t)
	t.Setenv("AWS_ENDPOINT_URL", endpoint)
	cfg := sdk.Config{Region: "eu-west-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "x", "")}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range secrets {
		_, err := secretsmanager.NewFromConfig(cfg).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value})
		check(err)
	}
	for name, value := range parameters {
		kind := ssmtypes.ParameterTypeSecureString
		if strings.HasSuffix(name, "-plain") {
			kind = ssmtypes.ParameterTypeString
		}
		_, err := ssm.NewFromConfig(cfg).PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: &value, Type: kind})
		check(err)
	}
	var logins []sdk.CredentialsProvider
	people := iam.NewFromConfig(cfg)
	for i, policy := range policies {
		name := sdk.String(fmt.Sprint("machine", i))
		_, err := people.CreateUser(t.Context(), &iam.CreateUserInput{UserName: name})
		check(err)
		key, err := people.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: name})
		check(err)
		_, err = people.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: name, PolicyName: sdk.String("secrets"), PolicyDocument: &policy})
		check(err)
		logins = append(logins, credentials.NewStaticCredentialsProvider(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, ""))
	}
	resp, err := http.Post(endpoint+"/moto-api/reset-auth", "text/plain", strings.NewReader("0"))
	check(err)
	check(resp.Body.Close())
	return logins
}

// The program signs its archive with a key that lies in AWS, with no more rights than
// the documentation hands out, and says in words what it may not have. It is long because
// all that is asked, and all that is refused, is so of one AWS with the same secrets.
func TestSecretsAreFetchedFromAnAWSThatIsNotOursWithTheRightsThatAreHandedOut(t *testing.T) {
	private, public, err := archive.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	const canary = "CANARY-0123456789-token"
	dir := t.TempDir()
	logins := secretStore(t, map[string]string{
		"rollcall/signing": string(private),
		"rollcall/okta":    `{"token": "` + canary + `", "number": 7}`,
	}, map[string]string{"/rollcall/okta-token": canary, "/rollcall/token-plain": canary},
		handedOut(t, ""), handedOut(t, "secretsmanager:GetSecretValue"), handedOut(t, "ssm:GetParameter"))
	login := logins[0]
	put := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	put("public.pem", string(public))
	put("roster.csv", "employee_id,email,name,title,department,status\nE-1,ann@example.com,Ann X,Engineer,Platform,Active\n")
	put("rolemap.csv", roleMapHead+"Engineer,Engineer,,,okta,*,group,nothing,allowed,standard,Ann,Nothing,Ann,2040-01-01,\n")
	run := func(token string, args ...string) (string, error) {
		t.Helper()
		config := put("rollcall.yaml", fmt.Sprintf(`company: {name: Example, timezone: UTC}
systems:
  okta: {type: okta, org_url: "http://127.0.0.1:1", allow_http: true, token: %s}
rosters:
  - {name: employees, file: roster.csv}
policy: {rolemap: rolemap.csv}
archive: {root: archive, signing_key: {aws_secret: rollcall/signing, region: eu-west-1}, public_key: public.pem}
reports: {dir: reports}
`, token))
		var stdout, stderr bytes.Buffer
		e := inSandbox(&tick{now: time.Now().UTC()}, &stdout, &stderr)
		e.outside.awsCredentials = login
		e.args = append([]string{"rollcall"}, append(args, "--config", config)...)
		err := newApp(e).RunContext(t.Context(), e.args)
		all := stdout.String() + stderr.String()
		if err != nil {
			all += err.Error()
		}
		if strings.Contains(all, canary) || strings.Contains(all, "PRIVATE KEY") {
			t.Errorf("%v tells a secret:\n%s", args, all)
		}
		return flat(all), err
	}
	const good = "{aws_secret: rollcall/okta, key: token, region: eu-west-1}"
	if out, _ := run(good, "check"); !strings.Contains(out, "whether the secrets in AWS can be read (systems.okta.token, archive.signing_key): rollcall check --connect tries it") {
		t.Errorf("check asks AWS, or does not say that it did not:\n%s", out)
	}
	// Okta is not there, so that its reads are gaps; the keys are found and fit.
	for _, token := range []string{good, "{ssm: /rollcall/okta-token, region: eu-west-1}", "{aws_secret: \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:rollcall/okta\", key: token}"} {
		out, err := run(token, "check", "--connect")
		if exitCode(err) != exitIncomplete || strings.Contains(out, "STOP") || !strings.Contains(out, "okta/") {
			t.Errorf("%s: %v\n%s", token, err, out)
		}
	}
	for token, says := range map[string]string{
		"{aws_secret: rollcall/none, region: eu-west-1}":                         "ResourceNotFoundException: there is none of that name in this account and region",
		"{ssm: /rollcall/none, region: eu-west-1}":                               "ParameterNotFound: there is none of that name",
		"{ssm: /rollcall/token-plain, region: eu-west-1}":                        "is of the type String, which is kept unencrypted",
		"{aws_secret: rollcall/okta, key: password, region: eu-west-1}":          "the AWS secret rollcall/okta has no text under password",
		"{aws_secret: rollcall/okta, key: number, region: eu-west-1}":            "has no text under number",
		"{aws_secret: rollcall/signing, key: token, region: eu-west-1}":          "is no JSON object (not shown)",
		"{aws_secret: rollcall/okta, key: token, profile: p, region: eu-west-1}": "find AWS credentials for the AWS secret rollcall/okta",
	} {
		out, err := run(token, "check", "--connect")
		if exitCode(err) != exitRefused || !strings.Contains(out, says) || !strings.Contains(out, "mend the secrets in AWS first") {
			t.Errorf("%s: %v\nwant %q in\n%s", token, err, says, out)
		}
		if out, err := run(token, "nightly"); exitCode(err) != exitRefused || !strings.Contains(out, says) {
			t.Errorf("nightly with %s: %v\n%s", token, err, out)
		}
	}
	for says, who := range map[string]sdk.CredentialsProvider{
		// moto refuses in XML where AWS refuses in JSON (the test of AWS's own words is in secrets_test.go)
		"archive.signing_key: the AWS secret rollcall/signing (eu-west-1) cannot be read: it is answered with status 403: grant secretsmanager:GetSecretValue on it": logins[1],
		"systems.okta.token: the SSM parameter /rollcall/okta-token (eu-west-1) cannot be read: it is answered with status 403: grant ssm:GetParameter on it":        logins[2],
		"archive.signing_key: the AWS secret rollcall/signing (eu-west-1) cannot be read: it is answered with status 403":                                            credentials.NewStaticCredentialsProvider("AKIANOBODY", "x", ""),
	} {
		login = who
		if out, err := run("{ssm: /rollcall/okta-token, region: eu-west-1}", "check", "--connect"); exitCode(err) != exitRefused || !strings.Contains(out, says) {
			t.Errorf("%v\nwant %q in\n%s", err, says, out)
		}
	}
}
