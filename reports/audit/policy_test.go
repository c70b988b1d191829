package audit

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

func TestAPatternOfTheRoleMapIsOneOfLIKE(t *testing.T) {
	for pattern, want := range map[string]string{
		"": "%", "*": "%", "Staff*": "staff%", "a?c": "a_c", "100%": "100!%", "a_b": "a!_b", "Wow!": "wow!!", "Äpfel": "äpfel", `dom\user`: `dom\user`,
	} {
		if got := like(pattern); got != want {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}

func TestALiteralIsTheSameTextForEveryEngine(t *testing.T) {
	for s, want := range map[string]string{"": "''", "it's": "'it''s'", `a\b`: `'a' || chr(92) || 'b'`} {
		if got := literal(s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

func TestNightsOfOneEraHaveTheSameRules(t *testing.T) {
	day := func(s string) access.Day {
		d, err := access.ParseDay(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	m := access.RoleMap{Rules: []access.Rule{{}, {ExpiresOn: day("2041-03-05")}, {ExpiresOn: day("2041-03-07T12:00:00Z")}}}
	var eras []string
	for _, at := range []string{"2041-03-04T01:00:00Z", "2041-03-05T22:59:59Z", "2041-03-05T23:00:00Z", "2041-03-07T11:59:59Z", "2041-03-07T12:00:00Z", "2041-03-09T01:00:00Z"} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		eras = append(eras, era(now, time.FixedZone("CET", 3600), m, access.RoleMap{}))
	}
	if eras[0] != eras[1] || eras[1] == eras[2] || eras[2] != eras[3] || eras[3] == eras[4] || eras[4] != eras[5] {
		t.Errorf("%q", eras)
	}
}

func TestWithoutRulesOrNightsTheSELECTStillIsOne(t *testing.T) {
	q := policyQuery(nil, time.UTC, access.RoleMap{}, access.RoleMap{})
	if strings.Contains(q, "/*") || strings.Count(q, "WHERE 1 = 0") != 2 {
		t.Error(q)
	}
}
