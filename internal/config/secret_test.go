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
		"as the credential":     "token: {credential: " + pasted + "}",
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
	none := func(string) string { return "" }
	_, err := Secret{Credential: "okta-token", Key: "k"}.Resolve(none, nil)
	if want := "k: there is no systemd credential okta-token, for $CREDENTIALS_DIRECTORY is not set: start it as a service with LoadCredential=okta-token:..., as in deploy/systemd"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestASecretNamesOnePlace(t *testing.T) {
	for _, in := range []string{"{}", "{env: A, file: b}", "{env: A, credential: b}"} {
		_, err := Load("r.yaml", []byte(change("{env: OKTA_TOKEN}", in)))
		if err == nil || !strings.Contains(err.Error(), "r.yaml:6:5: systems.okta.token has to name one place: write either") {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestASecretIsFetchedFromItsPlace(t *testing.T) {
	getenv := func(name string) string {
		return map[string]string{"SET": "s3cret\n", "BLANK": " ", "CREDENTIALS_DIRECTORY": "creds"}[name]
	}
	readFile := func(name string) ([]byte, error) {
		switch name {
		case "set":
			return []byte("from file\r\n"), nil
		case "blank":
			return []byte("\n"), nil
		case filepath.Join("creds", "okta-token"):
			return []byte("from the service\n"), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	for _, tt := range []struct {
		s         Secret
		want, err string
	}{
		{s: Secret{Env: "SET", Key: "k"}, want: "s3cret"},
		{s: Secret{File: "set", Key: "k"}, want: "from file"},
		{s: Secret{Credential: "okta-token", Key: "k"}, want: "from the service"},
		{s: Secret{Env: "BLANK", Key: "k"}, err: "k: environment variable BLANK is not set: set it for the job that runs rollcall"},
		{s: Secret{File: "blank", Key: "k"}, err: "k: file blank is empty: put the secret there"},
		{s: Secret{File: "gone", Key: "k"}, err: "k: read the secret: open gone: file does not exist: create the file, readable only by the user who runs rollcall"},
		{s: Secret{}, err: "secret: no secret is configured: add it as {env: NAME} or {file: path}"},
	} {
		got, err := tt.s.Resolve(getenv, readFile)
		if got != tt.want || tt.err == "" && err != nil || tt.err != "" && (err == nil || err.Error() != tt.err) {
			t.Errorf("%s: got %q, %v", tt.s, got, err)
		}
	}
	if _, err := (Secret{File: "gone"}).Resolve(getenv, readFile); !errors.Is(err, fs.ErrNotExist) {
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
