package config

import (
	"fmt"
	"regexp"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// envName wants upper case, so that a token pasted as a name is told apart and
// never printed.
var envName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// secretPlaces is how a reference may be written.
const secretPlaces = "{env: NAME} or {file: path}, in AWS {aws_secret: name} or {ssm: name}, in a service of systemd {credential: NAME}"

// Names in AWS, as ARN or with a "/", so that a token pasted as a name is told apart
// and never printed:
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
var (
	awsSecretName = regexp.MustCompile(`^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+|[\w+=.@-]+(/[\w+=.@-]+)+)$`)
	ssmPath       = regexp.MustCompile(`^(arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter/[\w./-]+|(/[\w.-]+)+)$`)
	jsonKey       = regexp.MustCompile(`^[A-Za-z_][\w.-]{0,99}$`)
	regionName    = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d$`)
	profileName   = regexp.MustCompile(`^[\w+=,.@/-]{1,100}$`)
)

// secret reads a reference to a secret. No message of its own shows a value.
func (r *reader) secret(dst *Secret, dir string) func(value) {
	return func(v value) {
		if _, ok := v.node.(ast.MapNode); !ok {
			r.failValue(v, fmt.Sprintf("%s is a secret and may only be referred to, found %s (not shown here)", v.path, kind(v.node)),
				"write "+secretPlaces+"; if a real secret stood here, replace it at its source, for it has been in a file")
			return
		}
		s := Secret{Key: v.path}
		before := len(r.errs)
		keys := r.secretKeys(&s)
		r.each(v, func(key string, at *token.Position, entry value) {
			if read, known := keys[key]; known {
				read(entry)
				return
			}
			// not shown: it may be the secret itself
			r.fail(at, v.path, fmt.Sprintf("unknown key in %s (not shown here; known: env, file, credential; aws_secret with key, region, profile; ssm with region, profile)", v.path), "write "+secretPlaces)
		})
		if len(r.errs) > before || !r.onePlace(v, s) {
			return
		}
		if s.File != "" {
			s.File = Config{Dir: dir}.Path(s.File)
		}
		*dst = s
	}
}

func (r *reader) secretKeys(s *Secret) map[string]func(value) {
	return map[string]func(value){
		"env":        r.hidden(&s.Env, envName, "the NAME of an environment variable, in upper case such as OKTA_TOKEN"),
		"file":       r.hidden(&s.File, filePath, "the path of a file that holds the secret"),
		"credential": r.hidden(&s.Credential, credentialName, "the name that LoadCredential= gives it, in small letters such as okta-token"),
		"aws_secret": r.hidden(&s.AWSSecret, awsSecretName, "the name of a secret in AWS Secrets Manager with a / in it, such as rollcall/okta, or its ARN"),
		"key":        r.hidden(&s.Field, jsonKey, "the key under which the secret's JSON has the value, such as token"),
		"ssm":        r.hidden(&s.SSM, ssmPath, "the name of an SSM parameter that begins with a /, such as /rollcall/okta-token, or its ARN"),
		"region":     r.hidden(&s.Region, regionName, "a region, such as eu-west-1"),
		"profile":    r.hidden(&s.Profile, profileName, "the name of an AWS profile"),
	}
}

// onePlace refuses a reference to none, to two, and with keys of another place.
func (r *reader) onePlace(v value, s Secret) bool {
	switch {
	case s.places() != 1:
		r.fail(r.whereIs(v), v.path, fmt.Sprintf("%s has to name one place", v.path), "write either "+secretPlaces)
	case s.Field != "" && s.AWSSecret == "":
		r.fail(r.whereIs(v), v.path, fmt.Sprintf("%s has a key, which only a secret in AWS Secrets Manager has", v.path), "remove key, or write aws_secret")
	case (s.Region != "" || s.Profile != "") && !s.InAWS():
		r.fail(r.whereIs(v), v.path, fmt.Sprintf("%s has a region or profile, which only the places in AWS have", v.path), "remove them")
	default:
		return true
	}
	return false
}

// credentialName is as narrow as envName, the other way round.
var credentialName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

var filePath = regexp.MustCompile(`^[^\s\x00-\x1f-][^\r\n\x00]{0,250}$`)

// hidden reads text that might be a pasted secret: what was seen is not shown.
func (r *reader) hidden(dst *string, allowed *regexp.Regexp, says string) func(value) {
	return func(v value) {
		n, ok := v.node.(*ast.StringNode)
		if !ok || !allowed.MatchString(n.Value) {
			r.failValue(v, fmt.Sprintf("%s is not %s (what stands there is not shown)", v.path, says), "write "+says)
			return
		}
		*dst = n.Value
	}
}
