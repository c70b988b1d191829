package reconcile

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

// TestWhoOfSeveralIsAsked: somebody who is not the subject, works here and, of a privileged row,
// neither administers the system nor is asked already; if nobody is left, the last one that may be.
func TestWhoOfSeveralIsAsked(t *testing.T) {
	st := staffIn(t, aStaff)
	r := st.route(access.Campaign{Approver: "Ada", ApproverMail: "ada@example.com"}, midnight)
	row := &access.Item{System: "okta", Risk: access.RiskPrivileged, Person: *st.people.Get(personKey("employees/8"))}
	plain := *row
	plain.Risk = access.RiskStandard
	ann, ben, max, sky := st.someone("employees/1"), st.someone("employees/2"), st.someone("employees/9"), st.someone("employees/10")
	for name, c := range map[string]struct {
		row   *access.Item
		all   []asked
		other string
		want  string
	}{
		"neither administers nor is asked":                 {row, []asked{ann, max, sky}, max.id(), "Sky"},
		"rather another who administers than one for both": {row, []asked{max, ann}, max.id(), "Ann"},
		"rather one for both than nobody":                  {row, []asked{max}, max.id(), "Max"},
		"rather an administrator for both than nobody":     {row, []asked{ann}, ann.id(), "Ann"},
		"an ordinary row goes to the first":                {&plain, []asked{ann, max}, ann.id(), "Ann"},
		"nobody":                                           {row, nil, "", ""},
		"only the subject":                                 {row, []asked{st.someone("employees/8")}, "", ""},
		"only who has left":                                {row, []asked{st.someone("employees/4")}, "", ""},
		"only who has neither a name nor an address":       {row, []asked{{because: "approver"}}, "", ""},
		"who has an address only":                          {row, []asked{{mail: "desk@example.com"}}, "", "desk@example.com"},
		"who has a name only":                              {&plain, []asked{{name: "Cora"}}, "", "Cora"},
		"of two administrators the one who is not asked":   {row, []asked{ann, ben}, ann.id(), "Ben"},
	} {
		got, ok := r.among(c.row, c.all, c.other)
		if got.name != c.want && got.mail != c.want || ok != (c.want != "") {
			t.Errorf("%s: %+v (%t)", name, got, ok)
		}
	}
}

// TestWhoElseMayJudge: of a privileged row, in the place of an administrator.
func TestWhoElseMayJudge(t *testing.T) {
	row := func(st *Staff) *access.Item {
		return &access.Item{System: "okta", Risk: access.RiskPrivileged, Person: *st.people.Get(personKey("employees/3"))}
	}
	for name, c := range map[string]struct {
		owners string
		but    []string
		want   string
	}{
		"the first owner who may":             {"okta,owner,Max,max@example.com\n", nil, "Max"},
		"not one who administers it":          {"okta,owner,Ann,ann@example.com\nokta,owner,Max,max@example.com\n", nil, "Max"},
		"not one whose access it is":          {"okta,owner,Cid,cid@example.com\nokta,owner,Max,max@example.com\n", nil, "Max"},
		"not one who has left":                {"okta,owner,Dee,dee@example.com\nokta,owner,Max,max@example.com\n", nil, "Max"},
		"not one who is asked already":        {"okta,owner,Max,max@example.com\n", []string{"employees/9"}, "Ada"},
		"nobody, where all of them are asked": {"okta,owner,Max,max@example.com\n", []string{"employees/9", "mail:ada@example.com"}, ""},
	} {
		st := staffIn(t, strings.NewReplacer("okta,owner,Help,help@example.com\nokta,owner,Desk,help@example.com\n", c.owners, "okta,compliance,Cora,\n", "").Replace(aStaff))
		who, ok := st.route(access.Campaign{Approver: "Ada", ApproverMail: "ada@example.com"}, midnight).neutral(row(st), access.DutyOwner, c.but...)
		if who.name != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q", name, who.name)
		}
	}
}

// TestWhyItIsNotWhoShouldBe: what reviewers read of why they are asked.
func TestWhyItIsNotWhoShouldBe(t *testing.T) {
	st := staffIn(t, aStaff)
	r := st.route(access.Campaign{Approver: "Ada"}, midnight)
	for key, want := range map[string]string{
		"employees/1": "", "employees/3": "the manager does not work here (any more)", "employees/10": "the HR list gives no manager",
		"employees/12": "the manager that the HR list gives is not in it", "employees/13": "nobody reviews their own access",
	} {
		p := st.people.Get(personKey(key))
		if got := r.managersFault(p, st.people.manager(*p)); got != want {
			t.Errorf("%s: %q", key, got)
		}
	}
	item := &access.Item{System: "okta", Person: *st.people.Get(personKey("employees/1"))}
	for _, c := range []struct {
		owners []asked
		want   string
	}{
		{nil, "contacts.csv names no owner of okta"},
		{[]asked{st.someone("employees/1")}, "nobody reviews their own access"},
		{[]asked{st.someone("employees/4")}, "the owner of okta does not work here (any more)"},
		{[]asked{st.someone("employees/4"), st.someone("employees/2")}, "the owner of okta administers it, or is asked already"},
	} {
		if got := r.ownersFault(item, c.owners); got != c.want {
			t.Errorf("%v: %q", c.owners, got)
		}
	}
}

// TestNobodyReadsFromAWorksheetThatSomebodyIsOnTheirWayOut: who is on garden leave, or of whom HR's lists say two
// things, cannot be asked; that they have left is said of who has.
func TestNobodyReadsFromAWorksheetThatSomebodyIsOnTheirWayOut(t *testing.T) {
	const left, away = "does not work here (any more)", "cannot be asked at present"
	for status, want := range map[string]string{"active": "", "garden_leave": away, "sabbatical": away, "left": left} {
		text := strings.Replace(aStaff, "9,Max,max@example.com,active,10", "9,Max,max@example.com,"+status+",10", 1)
		text = strings.Replace(text, "first-left employees/4 2026-11-01", "first-left employees/4 2026-11-01\nfirst-left employees/9 2026-11-01", 1)
		text = strings.Replace(text, "account 00u7 login=two email=sam@example.com\n", "right group:G1 name=Wiki\ngrant 00u1 group:G1\n", 1)
		st := staffIn(t, text)
		max, r := st.people.Get(personKey("employees/9")), st.route(access.Campaign{Approver: "Ada"}, midnight)
		if got := r.managersFault(st.people.Get(personKey("employees/1")), max); strings.TrimPrefix(got, "the manager ") != want {
			t.Errorf("%s (%s): %q", status, max.Standing, got)
		}
		owner := r.ownersFault(&access.Item{System: "okta", Person: *st.people.Get(personKey("employees/1"))}, []asked{st.person(max)})
		if want != "" && owner != "the owner of okta "+want {
			t.Errorf("%s, who owns okta: %q", status, owner)
		}
		var because []string
		for _, w := range Decide(loadWorld(t, archive(text))).Worksheets {
			because = append(because, w.Because)
		}
		if got := strings.Join(because, "\n"); strings.Contains(got, "the manager "+left) != (want == left) || strings.Contains(got, "the manager "+away) != (want == away) {
			t.Errorf("%s: the night's worksheets say %q", status, got)
		}
	}
}
