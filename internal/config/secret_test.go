package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

const pasted = "00aBcD-eFgHiJ_pasted"

// Every place and shape in which somebody might paste a secret: it is refused,
// and the message does not show it.
func TestAPastedSecretIsRefusedAndNotShown(t *testing.T) {
	for name, in := range map[string]string{
		"as text":               "token: " + pasted,
		"in quotes":             `token: "` + pasted + `"`,
		"as a block of text":    "token: |\n      " + pasted,
		"in a list":             "token: [" + pasted + "]",
		"as the variable":       "token: {env: " + pasted + "}",
		"as a key":              "token: {" + pasted + ": x}",
		"alone in braces":       "token: {" + pasted + "}",
		"twice in braces":       "token: {" + pasted + ": 1, " + pasted + ": 2}",
		"in a block of a file":  "token:\n      file: |\n        " + pasted,
		"under an unknown key":  "token: {env: A, value: " + pasted + "}",
		"under a key next door": "tokens: " + pasted,
		"behind a tag":          "token: !!str " + pasted,
		"behind an anchor":      "token: &t " + pasted,
		"with broken quotes":    `token: "` + pasted,
		"with broken braces":    "token: {env: " + pasted,
		"as an AWS secret":      "token: {aws_secret: " + pasted + "}",
		"as an SSM parameter":   "token: {ssm: " + pasted + "}",
		"as its JSON key":       "token: {aws_secret: a/b, key: " + pasted + "}",
		"as its region":         "token: {aws_secret: a/b, region: " + pasted + "}",
		"as its profile":        "token: {ssm: /a, profile: [" + pasted + "]}",
		"in the address":        "token: {env: A}\n    org_url: https://ann:" + pasted + "@acme.okta.com",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load("r.yaml", []byte(change("token: {env: OKTA_TOKEN}", in)))
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(err.Error(), pasted) {
				t.Errorf("shown: %v", err)
			}
		})
	}
}

func TestAnAddressWithAPasswordIsNotShown(t *testing.T) {
	_, err := Load("r.yaml", []byte(change("https://acme", "https://ann:"+pasted+"@acme")))
	if err == nil || strings.Contains(err.Error(), pasted) {
		t.Errorf("got %v", err)
	}
}

func TestACredentialOutsideOfAServiceSaysHowToGiveIt(t *testing.T) {
	_, err := Secret{Credential: "okta-token", Key: "k"}.Resolve(Places{Getenv: func(string) string { return "" }})
	if want := "k: there is no systemd credential okta-token, for $CREDENTIALS_DIRECTORY is not set: start it as a service with LoadCredential=okta-token:..., as in deploy/systemd"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestASecretNamesOnePlace(t *testing.T) {
	for _, in := range []string{"{}", "{env: A, file: b}", "{env: A, credential: b}", "{env: A, aws_secret: a/b}", "{aws_secret: a/b, ssm: /a}", "{key: token}"} {
		_, err := Load("r.yaml", []byte(change("{env: OKTA_TOKEN}", in)))
		if err == nil || !strings.Contains(err.Error(), "r.yaml:6:5: systems.okta.token has to name one place: write either") {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestWhatBelongsToOnePlaceIsRefusedInAnother(t *testing.T) {
	for in, says := range map[string]string{
		"{env: A, key: token}":         "has a key, which only a secret in AWS Secrets Manager has",
		"{ssm: /a, key: token}":        "has a key, which only a secret in AWS Secrets Manager has",
		"{file: a, region: eu-west-1}": "has a region or profile, which only the places in AWS have",
		"{env: A, profile: p}":         "has a region or profile, which only the places in AWS have",
	} {
		_, err := Load("r.yaml", []byte(change("{env: OKTA_TOKEN}", in)))
		if err == nil || !strings.Contains(err.Error(), "systems.okta.token "+says) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestASecretInAWSIsNamedByPathOrARN(t *testing.T) {
	for in, want := range map[string]Secret{
		"{aws_secret: rollcall/okta, key: token}":                                                           {AWSSecret: "rollcall/okta", Field: "token"},
		"{aws_secret: arn:aws:secretsmanager:eu-west-1:123456789012:secret:okta-AbCdEf, profile: rollcall}": {AWSSecret: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:okta-AbCdEf", Profile: "rollcall"},
		"{ssm: /rollcall/okta-token, region: us-gov-west-1}":                                                {SSM: "/rollcall/okta-token", Region: "us-gov-west-1"},
		"{ssm: \"arn:aws:ssm:eu-west-1:123456789012:parameter/rollcall/okta\"}":                             {SSM: "arn:aws:ssm:eu-west-1:123456789012:parameter/rollcall/okta"},
	} {
		c, err := Load("r.yaml", []byte(change("{env: OKTA_TOKEN}", in)))
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		want.Key = "systems.okta.token"
		if got := c.Systems[0].Okta.Read.Token; got != want {
			t.Errorf("%s: %+v", in, got)
		}
	}
}

func TestTwoReferencesToOneValueAreTheSame(t *testing.T) {
	a := Secret{AWSSecret: "a/b", Field: "read", Key: "one"}
	b := a
	b.Key = "two"
	if !a.same(b) {
		t.Error("one value under two keys of the configuration")
	}
	b.Field = "revoke"
	if a.same(b) {
		t.Error("two values in one AWS secret")
	}
	if (Secret{}).same(Secret{}) {
		t.Error("nothing is the same as nothing")
	}
}

func TestASecretIsFetchedFromItsPlace(t *testing.T) {
	places := Places{
		Getenv: func(name string) string {
			return map[string]string{"SET": "s3cret\n", "BLANK": " ", "CREDENTIALS_DIRECTORY": "creds"}[name]
		},
		ReadFile: func(name string) ([]byte, error) {
			switch name {
			case "set":
				return []byte("from file\r\n"), nil
			case "blank":
				return []byte("\n"), nil
			case filepath.Join("creds", "okta-token"):
				return []byte("from the service\n"), nil
			}
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		},
		AWS: func(s Secret) (string, error) {
			switch s.AWSSecret + s.SSM {
			case "a/b":
				return "from AWS\n", nil
			case "/blank":
				return "\n", nil
			}
			return "", errors.New("AccessDenied: grant it")
		},
	}
	for _, tt := range []struct {
		s         Secret
		want, err string
	}{
		{s: Secret{Env: "SET", Key: "k"}, want: "s3cret"},
		{s: Secret{File: "set", Key: "k"}, want: "from file"},
		{s: Secret{Credential: "okta-token", Key: "k"}, want: "from the service"},
		{s: Secret{AWSSecret: "a/b", Key: "k"}, want: "from AWS"},
		{s: Secret{Env: "BLANK", Key: "k"}, err: "k: environment variable BLANK is not set: set it for the job that runs rollcall"},
		{s: Secret{File: "blank", Key: "k"}, err: "k: file blank is empty: put the secret there"},
		{s: Secret{File: "gone", Key: "k"}, err: "k: read the secret: open gone: file does not exist: create the file, readable only by the user who runs rollcall"},
		{s: Secret{SSM: "/blank", Key: "k"}, err: "k: SSM parameter /blank is empty: put the secret there"},
		{s: Secret{AWSSecret: "a/c", Field: "f", Key: "k"}, err: "k: AccessDenied: grant it"},
		{s: Secret{}, err: "secret: no secret is configured: add it as {env: NAME}, {file: path}, {aws_secret: name} or {ssm: name}"},
	} {
		got, err := tt.s.Resolve(places)
		if got != tt.want || tt.err == "" && err != nil || tt.err != "" && (err == nil || err.Error() != tt.err) {
			t.Errorf("%s: got %q, %v", tt.s, got, err)
		}
	}
	if _, err := (Secret{File: "gone"}).Resolve(places); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestSecretFilesLieBesideTheConfiguration(t *testing.T) {
	c, err := Load(filepath.Join("conf", "r.yaml"), []byte(least))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Archive.SigningKey.File, filepath.Join("conf", "keys", "signing.pem"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := len(c.Secrets()); got != 2 {
		t.Errorf("%d secrets are listed, want 2", got)
	}
}

func TestTheCredentialThatRestoresIsNotLookedForByWhatTheNightChecks(t *testing.T) {
	c, err := Load("r.yaml", []byte(change("token: {env: OKTA_TOKEN}", "token: {env: T}\n    revoke_token: {env: R}\n    restore_token: {env: S}")))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Secrets() {
		if s.Env == "S" {
			t.Errorf("%s is looked for on the hosts of the night", s.Key)
		}
	}
}
