package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
)

// initFlags are the questions of init, for whoever answers without a terminal.
func initFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "company", Usage: "the company's `NAME`"},
		&cli.StringFlag{Name: "timezone", Usage: "the `ZONE` in which a person's last day ends, such as Europe/Amsterdam"},
		&cli.StringFlag{Name: "okta-url", Usage: "the `ADDRESS` of your Okta, such as https://example.okta.com"},
		&cli.StringFlag{Name: "okta-token", Usage: "where the token lies that only reads: `env:NAME or file:PATH`, never the token itself"},
		&cli.StringFlag{Name: "okta-client-id", Usage: "in the place of the token: the client `ID` of the service app rollcall-read"},
		&cli.StringFlag{Name: "okta-key", Usage: "where the private key of that app lies: `env:NAME or file:PATH`"},
		&cli.StringFlag{Name: "aws-region", Usage: "the `REGION` of Identity Center, such as eu-west-1"},
		&cli.StringFlag{Name: "aws-role", Usage: "the `NAME` of the reading role in each account (else rollcall-read)"},
		&cli.StringFlag{Name: "aws-management-role", Usage: "the `NAME` of the reading role in the management account (else the job's own credentials)"},
		&cli.StringFlag{Name: "aws-profile", Usage: "the `PROFILE` of the AWS tools with the job's own credentials"},
		&cli.StringFlag{Name: "aws-endpoint", Usage: "the `ADDRESS` of an AWS that runs on this machine, for a try-out"},
		&cli.StringSliceFlag{Name: "roster", Usage: "HR's list of people: a CSV `FILE`; once for each list"},
	}
}

// question is one thing that init has to know, the same on a terminal and as a flag.
type question struct {
	flag string
	asks string
	// say checks an answer and brings it into its form.
	say func(string) (string, error)
	at  func(*config.Answers) *string
	// of is the system that it is about: okta, aws, or empty.
	of       string
	fallback string
	optional bool
}

// questions are asked in this order. dir is the configuration's folder, in which its
// paths begin.
func questions(dir string) []question {
	lies := func(s string) (string, error) { return secretPlace(dir, s) }
	return []question{
		{flag: "timezone", asks: "The time zone in which a person's last day ends, such as Europe/Amsterdam", say: zone, at: func(a *config.Answers) *string { return &a.TimeZone }},
		{flag: "okta-url", of: "okta", asks: "The address of your Okta, such as https://example.okta.com", say: oktaAddress, at: func(a *config.Answers) *string { return &oktaIn(a).URL }},
		{flag: "okta-client-id", of: "okta", asks: "The client ID of the service app rollcall-read (Enter: a token is used; deploy/okta.md says how to make either)", say: anyText, optional: true,
			at: func(a *config.Answers) *string { return &oktaIn(a).ClientID }},
		{flag: "okta-token", of: "okta token", asks: "Where lies the token that only reads? env:NAME or file:PATH, never the token itself", fallback: "env:OKTA_TOKEN", say: lies},
		{flag: "okta-key", of: "okta app", asks: "Where lies the private key of that app? env:NAME or file:PATH", fallback: "env:OKTA_KEY", say: lies},
		{flag: "aws-region", of: "aws", asks: "The region of Identity Center, such as eu-west-1", say: awsRegion, at: func(a *config.Answers) *string { return &awsIn(a).Region }},
		{flag: "aws-role", of: "aws", asks: "The name of the reading role in each account (deploy/aws/README.md makes it)", fallback: "rollcall-read", say: anyText, at: func(a *config.Answers) *string { return &awsIn(a).Role }},
		{flag: "aws-management-role", of: "aws", asks: "The name of the reading role in the management account (Enter: the job's own credentials read it)", optional: true, say: anyText,
			at: func(a *config.Answers) *string { return &awsIn(a).ManagementRole }},
		{flag: "aws-profile", of: "aws", asks: "The profile of the AWS tools with the job's own credentials (Enter: their usual places)", optional: true, say: anyText,
			at: func(a *config.Answers) *string { return &awsIn(a).Profile }},
	}
}

func oktaIn(a *config.Answers) *config.OktaAnswers {
	if a.Okta == nil {
		a.Okta = &config.OktaAnswers{}
	}
	return a.Okta
}

func awsIn(a *config.Answers) *config.AWSAnswers {
	if a.AWS == nil {
		a.AWS = &config.AWSAnswers{}
	}
	return a.AWS
}

// set puts a checked answer in its place.
func (q question) set(a *config.Answers, said string) {
	switch q.flag {
	case "okta-token":
		o := oktaIn(a)
		o.Token, o.ClientID, o.Key = secretAt(said), "", config.Secret{}
	case "okta-key":
		o := oktaIn(a)
		o.Key, o.Token = secretAt(said), config.Secret{}
	default:
		*q.at(a) = said
	}
}

// given is what stands there already, as it would be answered.
func (q question) given(a config.Answers) string {
	switch {
	case strings.HasPrefix(q.of, "okta") && a.Okta == nil, q.of == "aws" && a.AWS == nil:
		return ""
	case q.flag == "okta-token":
		return placeOf(a.Okta.Token)
	case q.flag == "okta-key":
		return placeOf(a.Okta.Key)
	}
	return *q.at(&a)
}

// wanted reports whether the question makes sense after what was answered so far.
func (q question) wanted(a config.Answers) bool {
	switch q.of {
	case "okta":
		return a.Okta != nil
	case "okta token":
		return a.Okta != nil && a.Okta.ClientID == ""
	case "okta app":
		return a.Okta != nil && a.Okta.ClientID != ""
	case "aws":
		return a.AWS != nil
	}
	return true
}

// flagAnswers puts what the flags say over the answers that there are. It reports
// whether any does.
func flagAnswers(c *cli.Context, dir string, a *config.Answers) (any bool, err error) {
	var wrong []error
	take := func(flag string, say func(string) (string, error), set func(string)) {
		if !c.IsSet(flag) {
			return
		}
		any = true
		said, err := say(strings.TrimSpace(c.String(flag)))
		if err != nil {
			wrong = append(wrong, fmt.Errorf("--%s: %w", flag, err))
			return
		}
		set(said)
	}
	if c.IsSet("okta-token") && (c.IsSet("okta-client-id") || c.IsSet("okta-key")) {
		wrong = append(wrong, errors.New("--okta-token is given besides a service app: keep one of the two ways to sign in"))
	}
	take("company", anyText, func(s string) { a.Company = s })
	for _, q := range questions(dir) {
		take(q.flag, q.say, func(s string) { q.set(a, s) })
	}
	take("aws-endpoint", anyText, func(s string) { awsIn(a).Endpoint = s })
	if c.IsSet("roster") {
		any = true
		if a.Rosters, err = rosterAnswers(dir, c.StringSlice("roster")); err != nil {
			wrong = append(wrong, fmt.Errorf("--roster: %w", err))
		}
	}
	if len(wrong) > 0 {
		return any, refuse("%w", errors.Join(wrong...))
	}
	return any, nil
}

// completeAnswers names every flag that is still needed, and fills in what has a usual answer.
func completeAnswers(dir string, a *config.Answers) error {
	var missing []string
	if a.Company == "" {
		missing = append(missing, "--company NAME")
	}
	if a.Okta == nil && a.AWS == nil {
		missing = append(missing, "--okta-url ADDRESS or --aws-region REGION")
	}
	for _, q := range questions(dir) {
		if !q.wanted(*a) || q.optional || q.given(*a) != "" {
			continue
		}
		if q.fallback != "" && q.flag == "aws-role" {
			q.set(a, q.fallback)
			continue
		}
		missing = append(missing, "--"+q.flag)
	}
	if len(missing) > 0 {
		return refuse("more has to be known than the flags say: add %s (or run it on a terminal, where it asks): see rollcall init --help", strings.Join(missing, ", "))
	}
	return nil
}

// anyText is one line.
func anyText(s string) (string, error) {
	if strings.ContainsAny(s, "\r\n\x00") {
		return "", errors.New("write one line")
	}
	return s, nil
}

func zone(s string) (string, error) {
	if _, err := time.LoadLocation(s); err != nil || s == "" || s == "Local" {
		return "", fmt.Errorf("there is no time zone %q: write one such as Europe/Amsterdam (https://en.wikipedia.org/wiki/List_of_tz_database_time_zones)", s)
	}
	return s, nil
}

// oktaAddress is the organisation's address, from what people copy out of a browser.
func oktaAddress(s string) (string, error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	at, err := url.Parse(s)
	if err != nil || at.Host == "" || at.User != nil || at.Scheme != "https" && at.Scheme != "http" {
		return "", errors.New("that is no address: write one such as https://example.okta.com")
	}
	host := strings.ToLower(at.Host)
	first, domain, _ := strings.Cut(host, ".")
	if name, admin := strings.CutSuffix(first, "-admin"); admin {
		return "", fmt.Errorf("that is the address of the Admin Console: the organisation's own is https://%s.%s", name, domain)
	}
	if name := at.Hostname(); at.Scheme == "http" && name != "localhost" && !strings.HasPrefix(name, "127.") && name != "::1" {
		return "", errors.New("http:// is only for a system on this machine: write https://, so that the token cannot be read on the way")
	}
	return at.Scheme + "://" + host, nil
}

var regions = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)

func awsRegion(s string) (string, error) {
	if !regions.MatchString(s) {
		return "", fmt.Errorf("%q is no region of AWS: write one such as eu-west-1", s)
	}
	return s, nil
}

var envNames = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// secretPlace takes env:NAME and file:PATH. Anything else may be the secret itself,
// and is not shown.
func secretPlace(dir, s string) (string, error) {
	kind, place, _ := strings.Cut(s, ":")
	switch {
	case kind == "env" && envNames.MatchString(place):
		return s, nil
	case kind == "file" && place != "":
		return "file:" + fromDir(dir, place), nil
	}
	return "", errors.New("that is neither env:NAME nor file:PATH (it is not shown here). If it was the secret itself: it may be in your shell's history now, so make a new one, put it into a file, and write file: and its path")
}

func secretAt(said string) config.Secret {
	kind, place, _ := strings.Cut(said, ":")
	if kind == "env" {
		return config.Secret{Env: place}
	}
	return config.Secret{File: place}
}

func placeOf(s config.Secret) string {
	switch {
	case s.Env != "":
		return "env:" + s.Env
	case s.File != "":
		return "file:" + s.File
	}
	return ""
}

// fromDir is a path that was written from where somebody stands, as the configuration
// in another folder writes it.
func fromDir(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(dir, path); err == nil {
		return filepath.ToSlash(rel)
	}
	if abs, err := filepath.Abs(path); err == nil { // dir is absolute, path is not
		return abs
	}
	return path
}

// rosterAnswers names HR's lists after their files; one alone is that of employees.
func rosterAnswers(dir string, files []string) (all []config.RosterAnswer, err error) {
	times := map[string]int{}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			return nil, fmt.Errorf("%s cannot be read: name the CSV file that HR sends (it may be replaced every day)", file)
		}
		name := notName.ReplaceAllString(strings.ToLower(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))), "_")
		if len(files) == 1 {
			name = "employees"
		}
		if times[name]++; times[name] > 1 {
			name = fmt.Sprintf("%s_%d", name, times[name])
		}
		all = append(all, config.RosterAnswer{Name: name, File: fromDir(dir, file)})
	}
	return all, nil
}

var notName = regexp.MustCompile(`[^a-z0-9_]+`)

// shownFrom is an answer of before as it would be given again: its path from where
// somebody stands.
func shownFrom(dir, answer string) string {
	if path, is := strings.CutPrefix(answer, "file:"); is && !filepath.IsAbs(path) {
		return "file:" + filepath.Join(dir, path)
	}
	return answer
}
