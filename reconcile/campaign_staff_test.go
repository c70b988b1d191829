package reconcile

import (
	"testing"

	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

// aStaff is a company in which who may review what is not plain: 3 leaves soon, 4 has left, of 5 the
// list said an end that is over and somebody answered that they work here, 7 has the address of 6
// too, 8 has a second id in another list, three are called Ann, and 13 is their own manager.
const aStaff = `
-- world --
first-left employees/4 2026-11-01
-- employees.csv --
employee_id,name,email,status,manager_id,aliases,last_working_day
1,Ann,ann@example.com,active,9,,
2,Ben,ben@example.com,active,9,,
3,Cid,cid@example.com,left,4,,2026-11-25
4,Dee,dee@example.com,left,9,,
5,Eve,eve@example.com,active,9,,2026-11-10
6,Sam,sam@example.com,active,9,,
7,Tom,tom@example.com,active,9,sam@example.com,
8,Kim,kim@example.com,active,9,,
9,Max,max@example.com,active,10,,
10,Sky,sky@example.com,active,,,
11,Ann,,active,9,,
12,Ann,,active,99,,
13,Pat,pat@example.com,active,13,,
-- contractors.csv --
employee_id,name,email,status,manager_id,aliases,last_working_day
80,Kimberly,kim@example.com,active,9,kim@agency.example.com,
-- answers.csv --
source,employee_id,answer,same_as,last_working_day,confirmed_by,confirmed_on
employees,5,active,,,hr@example.com,2026-11-20
contractors,80,same_as,employees/8,,hr@example.com,2026-11-20
-- contacts.csv --
system,responsibility,name,business_hours_contact
okta,owner,Help,help@example.com
okta,owner,Desk,help@example.com
okta,compliance,Cora,
aws,owner,Dee,dee@example.com
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1 privileged
account 00u2 login=ben@example.com hr=2 privileged
account 00u6 login=one hr=6 privileged vendor=DEPROVISIONED
account 00u7 login=two email=sam@example.com
-- system/aws --
read users lists
`

func archive(text string) *txtar.Archive { return txtar.Parse([]byte(text)) }

func staffIn(t *testing.T, text string, delegates ...access.Delegate) *Staff {
	t.Helper()
	return StaffOf(loadWorld(t, archive(text)), delegates)
}

// someone is a person of HR's lists as whoever asks knows them: by their key.
func (st *Staff) someone(key string) asked { return st.person(st.people.Get(personKey(key))) }

// TestWhoIsAskedWorksHere says whom nobody asks any more.
func TestWhoIsAskedWorksHere(t *testing.T) {
	st := staffIn(t, aStaff)
	for key, want := range map[string]bool{"employees/1": true, "employees/3": true, "employees/4": false, "employees/5": true, "employees/999": false} {
		if got := st.employed(asked{key: personKey(key)}, midnight); got != want {
			t.Errorf("%s works here: %t", key, got)
		}
	}
	if st.employed(asked{key: personKey("employees/3")}, midnight.AddDate(0, 0, 5)) {
		t.Error("Cid has left by then")
	}
	if !st.employed(asked{name: "Cora"}, midnight) {
		t.Error("of who is in no list nobody can say that they do not work here")
	}
}

// TestWhoseOwnAccessItIs says who never reviews a row.
func TestWhoseOwnAccessItIs(t *testing.T) {
	st := staffIn(t, aStaff)
	of := func(key, name, mail, login string) *access.Item {
		k := personKey(key)
		return &access.Item{Person: access.Person{Identity: access.Identity{Source: k.Source, EmployeeID: k.EmployeeID, Name: name, Email: mail}},
			Account: access.Account{System: "okta", ID: "x", Login: login}}
	}
	ambiguous := &access.Item{Account: access.Account{System: "okta", ID: "00u7", Login: "two"}}
	for name, c := range map[string]struct {
		item *access.Item
		who  asked
		want bool
	}{
		"their own":                                     {of("employees/1", "Ann", "", ""), st.someone("employees/1"), true},
		"somebody else's":                               {of("employees/1", "Ann", "", ""), st.someone("employees/2"), false},
		"of somebody with the same name":                {of("employees/11", "Ann", "", ""), st.someone("employees/12"), false},
		"of their other id":                             {of("contractors/80", "Kimberly", "", ""), st.someone("employees/8"), true},
		"who reads the mail of their other id":          {of("employees/8", "Kim", "", ""), asked{name: "Agent", mail: "kim@agency.example.com"}, true},
		"who reads the mail that they had at the start": {of("employees/1", "Ann", "ann@old.example.com", ""), asked{name: "Desk", mail: "ann@old.example.com"}, true},
		"who reads the mail that they log in with":      {of("employees/1", "Ann", "", "ann@login.example.com"), asked{name: "Desk", mail: "ann@login.example.com"}, true},
		"a contact with their name":                     {of("employees/1", "Ann", "", ""), asked{name: " ann"}, true},
		"a contact with the name of who is in no list":  {of("employees/77", "Zed", "", ""), asked{name: "Zed"}, true},
		"a person with the name of who is in no list":   {of("employees/77", "Max", "", ""), st.someone("employees/9"), false},
		"neither of them has a name":                    {of("employees/77", "", "", ""), asked{mail: "desk@example.com"}, false},
		"an account that may be theirs":                 {ambiguous, st.someone("employees/6"), true},
		"an account that may be of another":             {ambiguous, st.someone("employees/7"), true},
		"an account that is certainly not theirs":       {ambiguous, st.someone("employees/1"), false},
		"an account that may be of who is called so":    {ambiguous, asked{name: "Tom"}, true},
		"an account of nobody, by its login":            {&access.Item{Account: access.Account{System: "okta", ID: "y", Login: "desk@example.com"}}, asked{name: "Desk", mail: "desk@example.com"}, true},
	} {
		if got := st.subject(c.item, c.who); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestWhoHasTwoIDsIsOnePersonByKeyAlone(t *testing.T) {
	st := staffIn(t, aStaff)
	if who := (asked{key: personKey("employees/8")}); !st.same(personKey("contractors/80"), who) || st.same(personKey("employees/7"), who) {
		t.Error("80 is 8, and 7 is not")
	}
}

// TestWhoAnAddressOrANameIs: what two people have is nobody's.
func TestWhoAnAddressOrANameIs(t *testing.T) {
	st := staffIn(t, aStaff)
	for mail, want := range map[string]string{"ann@example.com": "Ann", "sam@example.com": "", "kim@example.com": "Kim", "kim@agency.example.com": "Kim", "nobody@example.com": ""} {
		if got := st.known("", mail); got.name != want {
			t.Errorf("%s is %q, not %q", mail, got.name, want)
		}
	}
	if got := st.known("Ada", "help@example.com"); got.name != "Help" {
		t.Errorf("an address has the first name that contacts.csv gives it, and not %q", got.name)
	}
	if got := st.known("Ada", "by phone"); got.name != "Ada" {
		t.Errorf("who has no address keeps their name, and is not %q", got.name)
	}
	if got := st.someone("contractors/80"); got.key != personKey("employees/8") {
		t.Errorf("the id that counts is asked, not %s", got.key)
	}
	ids := map[string]bool{}
	all := []asked{st.someone("employees/11"), st.someone("employees/12"), {name: "Help", mail: "help@example.com"}, {name: "Help", mail: "desk@example.com"}, {name: "Cora"}, {name: "Cora the second"}}
	for _, a := range all {
		ids[a.id()] = true
	}
	if len(ids) != len(all) || (asked{name: "Help", mail: "HELP@example.com"}).id() != (asked{mail: "help@example.com"}).id() {
		t.Errorf("these are taken for one another: %v", ids)
	}
}

func TestWhoAdministersASystem(t *testing.T) {
	st := staffIn(t, aStaff)
	for key, want := range map[string]bool{"employees/1": true, "employees/2": true, "employees/6": false, "employees/9": false} {
		if got := st.administers("okta", st.someone(key)); got != want {
			t.Errorf("%s administers okta: %t", key, got)
		}
	}
	if st.administers("aws", st.someone("employees/1")) {
		t.Error("nobody administers aws")
	}
}

func TestWhoAnswersForASystem(t *testing.T) {
	st := staffIn(t, aStaff)
	for range 2 { // what is asked again is answered alike
		if all := st.owning("aws", "owner"); len(all) != 1 || all[0].name != "Dee" {
			t.Errorf("aws is owned by %v", all)
		}
		if all := st.owning("aws", "compliance"); len(all) != 0 {
			t.Errorf("nobody is named for compliance in aws, and not %v", all)
		}
	}
}

func TestAManagerWhoLeftOrIsOneselfIsNotWrittenTo(t *testing.T) {
	st := staffIn(t, aStaff)
	for key, want := range map[string]string{"employees/1": "max@example.com", "employees/3": "", "employees/13": "", "employees/12": "", "employees/10": ""} {
		if got := st.managerMail(st.someone(key), midnight); got != want {
			t.Errorf("the manager of %s is reached at %q", key, got)
		}
	}
	if got := st.managerMail(asked{name: "Cora"}, midnight); got != "" {
		t.Errorf("nobody knows a manager of who is in no list, and not %q", got)
	}
}

// TestWhoStandsIn: a line of delegates.csv, or the last of several.
func TestWhoStandsIn(t *testing.T) {
	line := func(of, by, from, until string) access.Delegate {
		d := access.Delegate{Reviewer: personKey(of), Delegate: personKey(by)}
		d.From, _ = access.ParseDay(from)
		d.Until, _ = access.ParseDay(until)
		return d
	}
	for name, c := range map[string]struct {
		lines []access.Delegate
		want  string
	}{
		"on its first day":      {[]access.Delegate{line("employees/9", "employees/1", "2026-11-23", "2026-11-30")}, "Ann"},
		"on its last day":       {[]access.Delegate{line("employees/9", "employees/1", "2026-11-20", "2026-11-23")}, "Ann"},
		"a day later":           {[]access.Delegate{line("employees/9", "employees/1", "2026-11-20", "2026-11-22")}, ""},
		"a day before":          {[]access.Delegate{line("employees/9", "employees/1", "2026-11-24", "2026-11-30")}, ""},
		"without a beginning":   {[]access.Delegate{line("employees/9", "employees/1", "", "2026-11-30")}, ""},
		"without an end":        {[]access.Delegate{line("employees/9", "employees/1", "2026-11-20", "")}, ""},
		"for somebody else":     {[]access.Delegate{line("employees/10", "employees/1", "2026-11-20", "2026-11-30")}, ""},
		"for nobody":            {[]access.Delegate{line("", "employees/1", "2026-11-20", "2026-11-30")}, ""},
		"oneself":               {[]access.Delegate{line("employees/9", "employees/9", "2026-11-20", "2026-11-30")}, ""},
		"the last of two lines": {[]access.Delegate{line("employees/9", "employees/1", "2026-11-20", "2026-11-30"), line("employees/9", "employees/2", "2026-11-20", "2026-11-30")}, "Ben"},
		"the last has left, and the first stands": {[]access.Delegate{line("employees/9", "employees/1", "2026-11-20", "2026-11-30"), line("employees/9", "employees/4", "2026-11-20", "2026-11-30")}, "Ann"},
		"an id that is another's too":             {[]access.Delegate{line("employees/9", "contractors/80", "2026-11-20", "2026-11-30")}, "Kim"},
	} {
		st := staffIn(t, aStaff, c.lines...)
		if got, is := st.delegate(personKey("employees/9"), midnight); got.name != c.want || is != (c.want != "") {
			t.Errorf("%s: %q", name, got.name)
		}
		if got, is := st.delegate(access.PersonKey{}, midnight); is {
			t.Errorf("%s: %q stands in for who is in no list", name, got.name)
		}
	}
}
