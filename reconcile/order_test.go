package reconcile

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

func TestWhoIsMeantIsOnePersonOrThoseWhoMayBe(t *testing.T) {
	person := func(source access.Source, id access.EmployeeID, name, mail string) access.Identity {
		return access.Identity{Source: source, EmployeeID: id, Name: name, Email: mail, Status: access.StatusActive}
	}
	list := func(source access.Source, rows, refused []access.Identity) SourceRoster {
		return SourceRoster{Verdict: access.RosterVerdict{Source: source, InForce: access.AcceptedRoster{SHA256: "x"}}, Rows: rows, Refused: refused}
	}
	ann := person("employees", "7", "Ann Lee", "ann@example.com")
	w := World{Now: midnight, Rosters: []SourceRoster{
		list("contractors", []access.Identity{person("contractors", "7", "Carl", "carl@example.com")}, nil),
		list("employees", []access.Identity{ann, person("employees", "0042", "Zoe", "zoe@example.com")}, []access.Identity{ann, person("employees", "new", "Bo Lee", "")}),
	}}
	for word, want := range map[string]string{ // those who are meant | those who may be
		"employees/7":     "employees/7|employees/7",
		"7":               "contractors/7 employees/7|contractors/7 employees/7",
		"0042":            "employees/0042|employees/0042",
		"42":              "|employees/0042",
		"00042":           "|employees/0042",
		"EMPLOYEES/7":     "|employees/7",
		"lee":             "|employees/7 employees/new",
		" lee ":           "|employees/7 employees/new",
		"new":             "employees/new|employees/new", // only the refused file has them
		"ZOE@example.com": "|employees/0042",
		"nobody":          "|",
		"":                "|",
		" ":               "|",
	} {
		meant, alike := Meant(w, word)
		keys := func(all []access.Identity) string {
			var out []string
			for _, i := range all {
				out = append(out, i.Key().String())
			}
			return strings.Join(out, " ")
		}
		if got := keys(meant) + "|" + keys(alike); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}
