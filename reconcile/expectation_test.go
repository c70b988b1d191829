package reconcile

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// salesAndItsPolicy are the lines, and the people, that expectations are held against.
func salesAndItsPolicy() (p access.Policy, people []access.Identity) {
	day := func(s string) access.Day { d, _ := access.ParseDay(s); return d }
	p = access.Policy{
		RoleMap: access.RoleMap{Rules: []access.Rule{
			{Line: access.Line{File: "rolemap.csv", Row: 2}, Title: "*Engineer*", System: "okta", Kind: "group", Entitlement: "Engineering", Requirement: access.Required},
			{Line: access.Line{File: "rolemap.csv", Row: 3}, Title: "Clerk", Department: "Sales", System: "okta", Kind: "app", Entitlement: "Sales*", Requirement: access.Allowed},
			{Line: access.Line{File: "rolemap.csv", Row: 4}, Title: "Clerk", System: "aws", Scope: "111", Kind: "permission_set", Entitlement: "Read", Requirement: access.Allowed},
			{Line: access.Line{File: "rolemap.csv", Row: 5}, Title: "Clerk", System: "okta", Kind: "group", Entitlement: "Old", Requirement: access.Required, ExpiresOn: day("2026-01-01")},
			{Line: access.Line{File: "rolemap.csv", Row: 6}, Title: "Clerk", Department: "Sales", System: "okta", Kind: "app", Entitlement: "Salesforce", Requirement: access.Allowed},
			{Line: access.Line{File: "rolemap.csv", Row: 7}, Title: "Clerk", WorkerType: "contractor", System: "okta", Kind: "group", Entitlement: "Guests", Requirement: access.Allowed},
		}},
		Exceptions: []access.Exception{
			{Line: access.Line{File: "exceptions.csv", Row: 2}, Person: access.PersonKey{Source: "hr", EmployeeID: "E2"}, System: "okta", Entitlement: "Engineering", ExpiresOn: day("2026-12-31")},
			{Line: access.Line{File: "exceptions.csv", Row: 3}, Person: access.PersonKey{Source: "hr", EmployeeID: "E2"}, System: "okta", Entitlement: "Salesforce", ExpiresOn: day("2026-12-31")},
			{Line: access.Line{File: "exceptions.csv", Row: 4}, Person: access.PersonKey{Source: "hr", EmployeeID: "E2"}, System: "okta", Entitlement: "Ancient", ExpiresOn: day("2026-01-01")},
		},
	}
	people = []access.Identity{
		{Source: "hr", EmployeeID: "E1", Name: "Ann", Title: "Software Engineer", Status: access.StatusActive},
		{Source: "hr", EmployeeID: "E2", Name: "Bo", Title: "Clerk", Department: "Sales", Status: access.StatusActive},
		{Source: "hr", EmployeeID: "E3", Name: "Cy", Title: "Clerk", Department: "Legal", Status: access.StatusLeft},
	}
	return p, people
}

// expectationIn reads a line of the table below.
func expectationIn(line string) access.Expectation {
	c := strings.Split(line, "|")
	x := access.Expectation{Expect: c[2], Right: access.Right{System: c[3], Scope: c[4], Kind: c[5], Entitlement: c[6]}, Department: c[1]}
	if title, ok := strings.CutPrefix(c[0], "-"); ok {
		x.Title = title
	} else {
		x.Person = access.PersonKey{Source: "hr", EmployeeID: access.EmployeeID(c[0])}
	}
	return x
}

func TestExpectationsAreHeldAgainstThePolicyAlone(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	p, people := salesAndItsPolicy()
	for line, want := range map[string]string{
		// person or -title, department | expect | system scope kind entitlement
		"E1||must|okta||group|Engineering":                  "",
		"E1||may|okta||group|engineering":                   "",
		"E1||may_not|okta||group|Engineering":               "rolemap.csv row 2",
		"E1||may_not|okta||admin_role|*":                    "",
		"E1||may_not|okta||group|Eng*":                      "rolemap.csv row 2",
		"E2||may|okta||group|Engineering":                   "", // by an exception
		"E2||must|okta||group|Engineering":                  "nothing asks that Bo (hr/E2, Clerk in Sales) hold group Engineering in okta (exceptions.csv row 2 is about it",
		"E2||may_not|okta||group|Engineering":               "exceptions.csv row 2",
		"E2||may|okta||group|Old":                           "nothing lets",
		"E2||may|aws||permission_set|Read":                  "not in every scope",
		"E2||may|aws|111|permission_set|Read":               "",
		"E2||may_not|aws|222|permission_set|Read":           "",
		"E2||may_not|aws||permission_set|Read":              "rolemap.csv row 4",
		"E1||may_not|okta||group|Sales":                     "",
		"E1||may_not|aws||group|Engineering":                "",
		"E1||may_not|okta||app|Engineering":                 "",
		"E2||may|aws|222|permission_set|Read":               "nothing lets Bo (hr/E2, Clerk in Sales) hold permission_set Read in aws",
		"E2||may|okta||app|Payroll":                         "nothing lets Bo (hr/E2, Clerk in Sales) hold app Payroll in okta",
		"E2||may|aws||app|Salesforce":                       "nothing lets",
		"E2||may|okta||group|Salesman":                      "nothing lets",      // the rule is about an app
		"E2||may_not|okta||app|Salesforce":                  "rolemap.csv row 3", // the first line that does
		"E2||may_not|okta||group|Ancient":                   "",                  // the exception is over
		"E2||may|okta||group|Ancient":                       "nothing lets",
		"E3||may_not|okta||app|Sales":                       "", // who has left is still whom the line is about
		"E3||may_not|aws|111|permission_set|Read":           "Cy (hr/E3, Clerk in Legal) may hold permission_set Read in aws: rolemap.csv row 4 allows it",
		"E9||may_not|okta||group|X":                         "nobody in the HR lists",
		"-Clerk||may|okta||app|Salesforce":                  "", // the clerk of Legal has left
		"-Clerk||must|okta||app|Salesforce":                 "only allows it",
		"-clerk|Legal|may|okta||app|Salesforce":             "nothing lets", // nobody yet, whoever will
		"-*||may|okta||group|Engineering":                   "nothing lets Clerk in Sales",
		"-*||may|okta||app|Salesforce":                      "nothing lets Software Engineer in none given", // the first of whom it does not hold
		"-Intern||may_not|okta||group|Engineering":          "",
		"-Chief Engineer of|X|must|okta||group|Engineering": "",
	} {
		x := expectationIn(line)
		got := Test(p, people, []access.Expectation{x}, now, time.UTC)[0].Fails
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
		if strings.Contains(got, "( is about") {
			t.Errorf("%s: %q names a line that is not there", line, got)
		}
	}
	for worker, want := range map[string]string{"": "rolemap.csv row 7", "contractor": "rolemap.csv row 7", "employee": ""} {
		all := append(people, access.Identity{Source: "hr", EmployeeID: "E4", Title: "Clerk", Department: "Sales", WorkerType: "contractor", Status: access.StatusActive})
		x := access.Expectation{Title: "Clerk", WorkerType: worker, Expect: access.MayNot, Right: access.Right{System: "okta", Kind: "group", Entitlement: "Guests"}}
		if got := Test(p, all, []access.Expectation{x}, now, time.UTC)[0].Fails; (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("of the worker type %q: %q, want %q", worker, got, want)
		}
	}
}

func TestTwoPatternsOverlapIfSomeTextMatchesBoth(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func(of string, most int) string {
		b := make([]byte, 1+r.IntN(most))
		for i := range b {
			b[i] = of[r.IntN(len(of))]
		}
		return string(b)
	}
	var texts []string // every text of up to 5 letters of ab
	for n, from := 0, []string{""}; n < 6; n++ {
		var next []string
		for _, s := range from {
			texts = append(texts, s)
			next = append(next, s+"a", s+"b")
		}
		from = next
	}
	both := 0
	for range 20_000 {
		a, b := random("ab*?", 4), random("ab*?", 4)
		want := false
		for _, s := range texts {
			want = want || glob(a, s) && glob(b, s)
		}
		if got := overlap(a, b); got != want || overlap(b, a) != want {
			// two stars may need a longer text than those that were tried
			if !got || len(strings.Trim(a, "*"))+len(strings.Trim(b, "*")) <= 5 {
				t.Fatalf("%q and %q overlap: %v, want %v", a, b, got, want)
			}
		}
		if want {
			both++
		}
	}
	if both < 1000 {
		t.Errorf("only %d pairs overlap", both)
	}
}
