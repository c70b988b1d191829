package config

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var everyAnswer = Answers{
	Company: `"Brön & Co": #1, yes`, TimeZone: "Europe/Brussels",
	Okta:    &OktaAnswers{URL: "https://acme.okta.com", Token: Secret{File: "../secrets/okta token"}},
	AWS:     &AWSAnswers{Region: "us-east-2", Role: "teams/reader", ManagementRole: "head-reader", Profile: "1", Endpoint: "http://127.0.0.1:4601"},
	Rosters: []RosterAnswer{{"employees", "/srv/hr/staff: all.csv"}, {"contractors", "hr/contractors.csv"}},
}

// What was answered is what the configuration says, and it can be told again.
func TestAnswersComeBackFromTheConfigurationTheyFill(t *testing.T) {
	app := Answers{Company: "No", TimeZone: "UTC", Okta: &OktaAnswers{URL: "http://localhost:1", ClientID: "0oa1b2c3d4e5f6g7h8i9", Key: Secret{Env: "OKTA_KEY"}}, Rosters: []RosterAnswer{{"true", "null"}}}
	cloud := Answers{Company: "Acme", TimeZone: "UTC", AWS: &AWSAnswers{Region: "eu-west-1", Role: "rollcall-read"}, Rosters: []RosterAnswer{{"employees", "roster.csv"}}}
	for _, want := range []Answers{everyAnswer, app, cloud} {
		text, err := Fill(want)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"rollcall.yaml", "acme/rollcall.yaml", filepath.Join(t.TempDir(), "rollcall.yaml")} {
			c, err := Load(file, text)
			if err != nil {
				t.Fatalf("%s\n%s", err, text)
			}
			got, untouched := Filled(c, text)
			if diff := cmp.Diff(want, got); diff != "" && !filepath.IsAbs(file) {
				t.Errorf("%s: %s", file, diff)
			}
			if !untouched {
				t.Errorf("%s: it passes for touched", file)
			}
			touched := strings.Replace(string(text), "# After every change", "# After each change", 1)
			if _, untouched := Filled(c, []byte(touched)); untouched {
				t.Errorf("%s: a changed word passes for untouched", file)
			}
		}
	}
}

func TestFillKeepsWhatTheExampleExplains(t *testing.T) {
	text, err := Fill(everyAnswer)
	if err != nil {
		t.Fatal(err)
	}
	if was, is := strings.Count(string(Example()), "#"), strings.Count(string(text), "#"); is < was-6 {
		t.Errorf("%d of %d comments are left", is, was)
	}
	if strings.Contains(string(text), "example.okta.com") {
		t.Error("the example's address is left")
	}
}
