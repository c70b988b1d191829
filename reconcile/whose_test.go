package reconcile

import (
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
)

func TestTextsHaveTheSameSketchExactlyIfTheyHaveTheSameWords(t *testing.T) {
	texts := []string{"Ada Lovelace", "LOVELACE, Ada", "ada.lovelace", "lovelace-ada42", "Ada Ada Lovelace", "Adal Ovelace", "Ada", "", "42", "Zoë İnan", "i̇nan zoë", "inan ZOË",
		"zoe\u0308 inan", "zoe inan", "Ana Bo", "Bo Ana", "An Abo", "Ab Nao"}
	for _, a := range texts {
		for _, b := range texts {
			if (words(a) == words(b)) != (sketch(a) == sketch(b)) {
				t.Errorf("%q and %q: words %q and %q, sketches %x and %x", a, b, words(a), words(b), sketch(a), sketch(b))
			}
		}
	}
}

func TestAFirstNameAloneIsNoLikeness(t *testing.T) {
	for name, c := range map[string]struct {
		name    string
		address string
		want    []string
	}{
		"a whole name": {"Lee, Ann", "", []string{"ann lee"}}, "a first name": {"Ann", "", nil}, "a long first name": {"Annabelle", "", nil},
		"what is before the @": {"", "ann.lee@example.com", []string{"ann lee"}}, "too short": {"", "ann@example.com", nil}, "long enough": {"", "anna@example.com", []string{"anna"}},
	} {
		if got := likenesses(c.name, c.address); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestSomebodyLooksLikeAnAccountByNameEmailOrAlias(t *testing.T) {
	sketches := map[uint64]bool{sketch("ann lee"): true}
	for name, c := range map[string]struct {
		i    access.Identity
		want bool
	}{
		"by name":                 {access.Identity{Name: "Lee Ann", Email: "a1@example.com"}, true},
		"by e-mail":               {access.Identity{Name: "Ann Fox", Email: "ann.lee@example.com"}, true},
		"by an alias":             {access.Identity{Name: "Ann Fox", Email: "a1@example.com", Aliases: "fox@example.com;lee.ann@example.com"}, true},
		"by nothing":              {access.Identity{Name: "Ann Fox", Email: "a1@example.com"}, false},
		"by nothing, and aliases": {access.Identity{Name: "Ann Fox", Email: "a1@example.com", Aliases: "fox@example.com"}, false},
	} {
		if got := looks(&c.i, sketches); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestOfWhomAnAccountMayBe names each person once, in the order of their ids, and nobody
// where more than three are like it.
func TestOfWhomAnAccountMayBe(t *testing.T) {
	person := func(id, name, email string) access.Person {
		return access.Person{Identity: access.Identity{Source: "employees", EmployeeID: access.EmployeeID(id), Name: name, Email: email}}
	}
	for name, c := range map[string]struct {
		people []access.Person
		want   string
	}{
		"by name and by address":     {[]access.Person{person("1", "Ann Lee", "annlee@example.com")}, "Ann Lee (employees/1)"},
		"the second by what is told": {[]access.Person{person("1", "X", "annlee@example.com"), person("2", "Ann Lee", "")}, "X (employees/1) or Ann Lee (employees/2)"},
		"three":                      {[]access.Person{person("1", "Ann Lee", ""), person("2", "Ann Lee", ""), person("3", "Ann Lee", "")}, "Ann Lee (employees/1) or Ann Lee (employees/2) or Ann Lee (employees/3)"},
		"four":                       {[]access.Person{person("1", "Ann Lee", ""), person("2", "Ann Lee", ""), person("3", "Ann Lee", ""), person("4", "X", "annlee@example.com")}, ""},
	} {
		acc := access.Account{Name: "Ann Lee", Login: "annlee"}
		people := &People{list: c.people}
		e := evaluation{people: people, who: [][]int32{{-1}}, systems: []access.Judged{{Observation: access.Observation{Accounts: []access.Account{acc}}, Matches: []access.Match{{How: access.Unmatched}}}}}
		e.guess()
		says, _ := e.perhaps(&acc)
		names, _, _ := strings.Cut(strings.TrimPrefix(says, " Perhaps of "), ", whose name")
		if names != c.want {
			t.Errorf("%s: %q", name, says)
		}
	}
}

// TestAnAddressThatTooManyRowsLookToHaveIsOfNobody: a list of names says nothing of whose it is.
func TestAnAddressThatTooManyRowsLookToHaveIsOfNobody(t *testing.T) {
	for many, want := range map[int]bool{mostGuesses: true, mostGuesses + 1: false} {
		people := &People{}
		for n := range many {
			people.list = append(people.list, access.Person{Identity: access.Identity{Source: "employees", EmployeeID: access.EmployeeID(strings.Repeat("1", n+1)), Aliases: "<all@example.com>"}})
		}
		people.index()
		e := evaluation{people: people}
		if says, _ := e.perhaps(&access.Account{Login: "all@example.com"}); (says != "") != want {
			t.Errorf("%d: %q", many, says)
		}
	}
}
