package config

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Secret says where a secret lies: in an environment variable, in a file, or in a
// credential of systemd's (https://systemd.io/CREDENTIALS/). It
// never holds the secret itself, so that it may be printed and compared.
type Secret struct {
	Env  string
	File string // already relative to the folder that rollcall was started in
	// Credential is a file in the folder that $CREDENTIALS_DIRECTORY names: another one
	// for each service, so that one configuration serves several.
	Credential string
	// Key is where the reference stands in the configuration, such as
	// systems.okta.token.
	Key string
}

// Zero reports whether no reference was given.
func (s Secret) Zero() bool { return s.places() == 0 }

// places counts the places that are named: one, or it is a mistake.
func (s Secret) places() (n int) {
	for _, place := range []string{s.Env, s.File, s.Credential} {
		if place != "" {
			n++
		}
	}
	return n
}

// String names the place, for messages.
func (s Secret) String() string {
	switch {
	case s.Env != "":
		return "environment variable " + s.Env
	case s.File != "":
		return "file " + s.File
	case s.Credential != "":
		return "systemd credential " + s.Credential
	}
	return "nowhere"
}

// same reports whether both references lead to one place.
func (s Secret) same(other Secret) bool {
	return !s.Zero() && s.Env == other.Env && s.File == other.File && s.Credential == other.Credential
}

// Resolve fetches the secret, without the line end that editors add to a file.
// Its errors name the place, never what is in it.
func (s Secret) Resolve(getenv func(string) string, readFile func(string) ([]byte, error)) (string, error) {
	if s.Zero() {
		return "", fmt.Errorf("%s: no secret is configured: add it as {env: NAME} or {file: path}", s.key())
	}
	if s.Env != "" {
		value := strings.TrimSpace(getenv(s.Env))
		if value == "" {
			return "", fmt.Errorf("%s: %s is not set: set it for the job that runs rollcall", s.key(), s)
		}
		return value, nil
	}
	file := s.File
	if s.Credential != "" {
		dir := getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return "", fmt.Errorf("%s: there is no %s, for $CREDENTIALS_DIRECTORY is not set: start it as a service with LoadCredential=%s:..., as in deploy/systemd", s.key(), s, s.Credential)
		}
		file = filepath.Join(dir, s.Credential)
	}
	b, err := readFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: read the secret: %w: create the file, readable only by the user who runs rollcall", s.key(), err)
	}
	value := strings.TrimSpace(string(b))
	if value == "" {
		return "", fmt.Errorf("%s: %s is empty: put the secret there", s.key(), s)
	}
	return value, nil
}

func (s Secret) key() string {
	if s.Key == "" {
		return "secret"
	}
	return s.Key
}

// Secrets gives every reference of the configuration that a run needs, in the
// order of the file's sections. The key that signs approvals is not one: where the
// night runs it must not be.
func (c Config) Secrets() []Secret {
	var all []Secret
	for _, s := range c.Systems {
		if t := typeNamed(s.Type); t != nil {
			all = append(all, t.secrets(s)...)
		}
	}
	all = append(append(all, c.Archive.SigningKey), c.Notices.secrets()...)
	set := all[:0]
	for _, s := range all {
		if !s.Zero() {
			set = append(set, s)
		}
	}
	return set
}
