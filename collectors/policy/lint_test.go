package policy

import (
	"bytes"
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/goldentest"
)

var lintDay = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

// lintCase reads a case: files of policy, and the facts that it has.
func lintCase(t *testing.T, ar *txtar.Archive) (access.Policy, Facts) {
	t.Helper()
	var p access.Policy
	f := Facts{Today: lintDay, ExceptionMaxDays: 180, Systems: []SystemFacts{{Name: "aws", Type: "aws", Unread: "no night has run yet"}, {Name: "okta", Type: "okta", Unread: "no night has run yet"}}}
	var problems []access.Problem
	for _, file := range ar.Files {
		var told []access.Problem
		switch file.Name {
		case "rolemap.csv":
			p.RoleMap, told = ReadRoleMap(file.Name, file.Data, known...)
		case "exceptions.csv":
			p.Exceptions, told = ReadExceptions(file.Name, file.Data, known...)
		case "nonhuman.csv":
			p.NonHuman, told = ReadNonHuman(file.Name, file.Data, known...)
		case "sod.csv":
			p.SoD, told = ReadSoD(file.Name, file.Data, known...)
		case "contacts.csv":
			p.Contacts, told = ReadContacts(file.Name, file.Data, known...)
			f.ContactsFile = file.Name
		case "people.csv":
			readPeople(t, file.Data, &f)
		case "rights.csv", "accounts.csv":
			for s := range f.Systems {
				f.Systems[s].Unread = ""
			}
			readThings(t, file.Name, file.Data, &f)
		}
		problems = append(problems, told...)
	}
	if len(problems) > 0 {
		t.Fatalf("the reader has something to say of it already: %s", csvfile.Message(problems, 0))
	}
	return p, f
}

func records(t *testing.T, b []byte) [][]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

func readPeople(t *testing.T, b []byte, f *Facts) {
	for n, r := range records(t, b) {
		f.People = append(f.People, access.Identity{Source: access.Source(r[0]), EmployeeID: access.EmployeeID(r[1]), Name: r[2], Email: r[3],
			Title: r[4], Department: r[5], WorkerType: r[6], Status: access.Status(r[7]), Row: n + 2})
		if !slices.Contains(f.Lists, access.Source(r[0])) {
			f.Lists = append(f.Lists, access.Source(r[0]))
		}
	}
}

func readThings(t *testing.T, name string, b []byte, f *Facts) {
	for _, r := range records(t, b) {
		s := &f.Systems[slices.IndexFunc(f.Systems, func(s SystemFacts) bool { return string(s.Name) == r[0] })]
		if name == "accounts.csv" {
			s.Accounts = append(s.Accounts, access.Account{System: s.Name, Scope: r[1], ID: access.AccountID(r[2]), Login: r[3]})
			continue
		}
		s.Entitlements = append(s.Entitlements, access.Entitlement{System: s.Name, Scope: r[1], ScopeName: r[2], Kind: access.EntitlementKind(r[3]), ID: r[4], Name: r[5], Privileged: r[6] == "yes"})
	}
}

// Each lint has a case of its name with what it finds and what it must not.
func TestEachLintFindsWhatItsCaseSays(t *testing.T) {
	if cases := goldentest.Files(t, "testdata/lint/*.txtar", len(lints)); len(cases) != len(lints) {
		t.Fatalf("%d cases for %d lints", len(cases), len(lints))
	}
	for _, one := range lints {
		t.Run(one.name, func(t *testing.T) {
			file := "testdata/lint/" + one.name + ".txtar"
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, f := lintCase(t, ar)
			l := newLinter(p, f)
			one.look(l)
			if len(l.problems) == 0 {
				t.Fatal("it finds nothing")
			}
			got := csvfile.Message(l.problems, 0)
			last := &ar.Files[len(ar.Files)-1]
			if goldentest.Update() {
				last.Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(last.Data), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			for _, q := range l.problems {
				if q.Says == "" || q.Meanwhile == "" || q.Mend == "" || q.File == "" {
					t.Errorf("incomplete: %+v", q)
				}
			}
		})
	}
}

// Lint reads: the policy is the same afterwards, and the same again is told.
func TestLintChangesNothingAndSaysTheSameAgain(t *testing.T) {
	for _, file := range goldentest.Files(t, "testdata/lint/*.txtar", len(lints)) {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, f := lintCase(t, ar)
		before, facts := lintCase(t, ar)
		first := Lint(p, f)
		if d := cmp.Diff(first, Lint(p, f)); d != "" {
			t.Errorf("%s: %s", file, d)
		}
		if !cmp.Equal(before, p) || !cmp.Equal(facts, f) {
			t.Errorf("%s: something was changed", file)
		}
	}
}

// What cannot be known is neither found nor passed over in silence.
func TestWithoutFactsNothingThatNeedsThemIsFoundAndThatIsSaid(t *testing.T) {
	for name, drop := range map[string]func(*Facts){
		"rule-matches-nobody": func(f *Facts) { f.Unread = []access.Source{"other"} },
		"rule-matches-nothing": func(f *Facts) {
			for n := range f.Systems {
				f.Systems[n].Unread = "the last night did not read it to the end"
			}
		},
		"nonhuman-account-gone": func(f *Facts) {
			for n := range f.Systems {
				f.Systems[n].Unread = "the last night did not read it to the end"
			}
		},
		"nonhuman-owner-gone": func(f *Facts) { f.Unread = []access.Source{"other"} },
	} {
		ar, err := txtar.ParseFile("testdata/lint/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		p, f := lintCase(t, ar)
		quiet := len(f.Unjudged())
		drop(&f)
		l := newLinter(p, f)
		lints[slices.IndexFunc(lints, func(o struct {
			name string
			look func(*linter)
		}) bool {
			return o.name == name
		})].look(l)
		if len(l.problems) > 0 {
			t.Errorf("%s: found without facts: %+v", name, l.problems)
		}
		if said := f.Unjudged(); len(said) != quiet+1 || !strings.Contains(said[len(said)-1], "not looked for") {
			t.Errorf("%s: %q", name, said)
		}
	}
}

// eachLint gives what is found in any of the cases.
func eachLint(t *testing.T, look func(file string, q access.Problem)) {
	t.Helper()
	for _, file := range goldentest.Files(t, "testdata/lint/*.txtar", len(lints)) {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range Lint(lintCase(t, ar)) {
			look(file, q)
		}
	}
}

// Whatever a lint finds is in a file of which it is said, once that file cannot be
// used, that this was not looked for.
func TestAFileThatCannotBeUsedIsSaidNotToHaveBeenLookedAt(t *testing.T) {
	eachLint(t, func(file string, q access.Problem) {
		what := strings.TrimSuffix(q.File, ".csv")
		said := Facts{Unusable: []Unusable{{What: what, File: q.File}}}.Unjudged()
		if len(said) != 1 || !strings.HasPrefix(said[0], q.File+" could not be used. ") {
			t.Errorf("%s: %q", file, said)
		}
	})
}

// The reader of the role map and the one lint that refuses say what they mean.
func TestOnlyALineThatAllowsMoreThanItSaysIsWide(t *testing.T) {
	eachLint(t, func(file string, q access.Problem) {
		if q.Severity == access.Wide && !strings.Contains(file, "wildcard-allows-admin") || q.Severity == access.Stop {
			t.Errorf("%s: %+v", file, q)
		}
	})
}
