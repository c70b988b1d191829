package config

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
)

// Secret says where a secret lies: in an environment variable, in a file, in a
// credential of systemd's (https://systemd.io/CREDENTIALS/), in AWS Secrets Manager or
// in the Parameter Store of AWS Systems Manager. It never holds the secret itself, so
// that it may be printed and compared.
type Secret struct {
	Env  string
	File string // already relative to the folder that rollcall was started in
	// Credential is a file in the folder that $CREDENTIALS_DIRECTORY names: another one
	// for each service, so that one configuration serves several.
	Credential string
	// AWSSecret is a name or ARN in Secrets Manager. Field is the key whose value is
	// meant, where the secret is JSON; empty: all of it.
	AWSSecret, Field string
	SSM              string // the name or ARN of a parameter
	Region, Profile  string // for the two of AWS; empty: as the ARN says, then the AWS SDK's usual places
	// Key is where the reference stands in the configuration, such as
	// systems.okta.token.
	Key string
}

// Places fetch a secret from where it lies.
type Places struct {
	Getenv   func(string) string
	ReadFile func(string) ([]byte, error)
	// AWS fetches what InAWS says is there. Its errors say what was refused and what
	// to do, and hold nothing of the secret.
	AWS func(Secret) (string, error)
}

// Zero reports whether no reference was given.
func (s Secret) Zero() bool { return s.places() == 0 }

// places counts the places that are named: one, or it is a mistake.
func (s Secret) places() (n int) {
	for _, place := range []string{s.Env, s.File, s.Credential, s.AWSSecret, s.SSM} {
		if place != "" {
			n++
		}
	}
	return n
}

// InAWS reports whether the secret is fetched over the network.
func (s Secret) InAWS() bool { return s.AWSSecret != "" || s.SSM != "" }

// String names the place, for messages.
func (s Secret) String() string {
	switch {
	case s.Env != "":
		return "environment variable " + s.Env
	case s.File != "":
		return "file " + s.File
	case s.Credential != "":
		return "systemd credential " + s.Credential
	case s.AWSSecret != "" && s.Field != "":
		return "key " + s.Field + " of the AWS secret " + s.AWSSecret
	case s.AWSSecret != "":
		return "AWS secret " + s.AWSSecret
	case s.SSM != "":
		return "SSM parameter " + s.SSM
	}
	return "nowhere"
}

// same reports whether both references lead to one place.
func (s Secret) same(other Secret) bool {
	s.Key, other.Key = "", ""
	return !s.Zero() && s == other
}

// Resolve fetches the secret, without the line end that editors add to a file.
// Its errors name the place, never what is in it.
func (s Secret) Resolve(from Places) (string, error) {
	value, err := s.fetch(from)
	return strings.TrimSpace(value), err
}

func (s Secret) fetch(from Places) (string, error) {
	switch {
	case s.Zero():
		return "", fmt.Errorf("%s: no secret is configured: add it as {env: NAME}, {file: path}, {aws_secret: name} or {ssm: name}", s.key())
	case s.InAWS():
		value, err := from.AWS(s)
		if err != nil {
			return "", fmt.Errorf("%s: %w", s.key(), err)
		}
		return s.filled(value, "is empty: put the secret there")
	case s.Env != "":
		return s.filled(from.Getenv(s.Env), "is not set: set it for the job that runs rollcall")
	}
	file := s.File
	if s.Credential != "" {
		dir := from.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return "", fmt.Errorf("%s: there is no %s, for $CREDENTIALS_DIRECTORY is not set: start it as a service with LoadCredential=%s:..., as in deploy/systemd", s.key(), s, s.Credential)
		}
		file = filepath.Join(dir, s.Credential)
	}
	b, err := from.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: read the secret: %w: create the file, readable only by the user who runs rollcall", s.key(), err)
	}
	return s.filled(string(b), "is empty: put the secret there")
}

// filled refuses a place with nothing in it.
func (s Secret) filled(value, says string) (string, error) {
	if strings.TrimSpace(value) == "" {
		return "", fmt.Errorf("%s: %s %s", s.key(), s, says)
	}
	return value, nil
}

func (s Secret) key() string { return cmp.Or(s.Key, "secret") }

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
