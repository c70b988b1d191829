package main

import (
	"errors"
	"fmt"
	"strings"

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
