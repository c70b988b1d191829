//go:build cgo

package audit

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
)

// pushedNight is an archive with one night on which Ann and Bob hold an administrator's
// right in Identity Center, into which they are pushed. Ann works here, Bob has left. okta
// says what of it was read.
func pushedNight(t *testing.T, okta access.Observation, whose []access.Match, endings map[access.AccountKey]access.Ending) *Archive {
	t.Helper()
	return pushedNightOf(t, okta, whose, endings, []access.Match{{How: access.MatchedHRID, Person: ann}, {How: access.MatchedHRID, Person: bob}})
}

var ann, bob = access.PersonKey{Source: "employees", EmployeeID: "100"}, access.PersonKey{Source: "employees", EmployeeID: "200"}

func pushedNightOf(t *testing.T, okta access.Observation, whose []access.Match, endings map[access.AccountKey]access.Ending, pushed []access.Match) *Archive {
	t.Helper()
	root := t.TempDir()
	people := []access.Person{{Standing: access.StandingActive, Identity: access.Identity{Source: ann.Source, EmployeeID: ann.EmployeeID, Name: "Ann"}},
		{Standing: access.StandingLeft, AccessEndsAt: started.AddDate(0, 0, -9), Identity: access.Identity{Source: bob.Source, EmployeeID: bob.EmployeeID, Name: "Bob"}}}
	user := func(id access.AccountID) access.Account {
		return access.Account{System: "aws", ID: id, Kind: access.IdentityCenter, Login: string(id), Status: access.AccountActive, VendorStatus: "ENABLED", Upstream: "https://scim.example.com"}
	}
	n := &access.Night{Run: access.Run{ID: "20260302T010000Z-a", StartedAt: started, FinishedAt: started.Add(time.Minute), Mode: access.Observe, Trigger: "nightly", Verdict: "done"},
		People: people, Endings: endings, Systems: []access.Judged{
			{Observation: okta, Matches: whose},
			{Observation: access.Observation{System: "aws", Accounts: []access.Account{user("ann"), user("bob")},
				Entitlements: []access.Entitlement{{System: "aws", Scope: "111", Kind: access.PermissionSet, ID: "ps", Name: "Administrator", Privileged: true}},
				Grants:       []access.Grant{{}, {Account: 1}}, Reads: []access.Read{{System: "aws", Kind: "sso_users", Complete: true, Records: 2, Lists: true}}},
				Matches: pushed, Verdicts: make([]access.Verdict, 2), Seen: []uint16{20_500, 20_500}},
		}}
	return recorded(t, root, n)
}

// TestAnAccountOfNobodyGetsInByOneOfTheSameLogin: whose they are is another question.
func TestAnAccountOfNobodyGetsInByOneOfTheSameLogin(t *testing.T) {
	nobody := access.Match{How: access.Unmatched}
	account := func(login string, status access.AccountStatus) access.Account {
		return access.Account{System: "okta", ID: access.AccountID(login), Kind: access.OktaUser, Login: login, Status: status}
	}
	okta := access.Observation{System: "okta", Accounts: []access.Account{account("Ann", access.AccountActive), account("bob", access.AccountSuspended)},
		Reads: []access.Read{{System: "okta", Kind: "users", Complete: true, Lists: true, Records: 2}}}
	a := pushedNightOf(t, okta, []access.Match{nobody, nobody}, nil, []access.Match{nobody, nobody})
	if got := told(t, a, "who-reaches", "could_use"); !slices.Equal(got, []string{"true", "<nil>"}) {
		t.Errorf("could use %q", got)
	}
}

// told gives the values of a column for Ann's and Bob's rows in aws, in that order.
func told(t *testing.T, a *Archive, name, column string) (out []string) {
	t.Helper()
	questions := mustQuestions(t)
	q := questions[slices.IndexFunc(questions, func(q Question) bool { return q.Name == name })]
	answer, err := a.Ask(t.Context(), q, map[string]string{"system": "aws"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range answer.Rows {
		out = append(out, fmt.Sprint(row[slices.Index(answer.Columns, column)]))
	}
	return out
}

func TestWhetherSomebodyFromElsewhereGetsInIsSaidOnlyWhereThatWasRead(t *testing.T) {
	account := func(id access.AccountID, status access.AccountStatus) access.Account {
		return access.Account{System: "okta", ID: id, Kind: access.OktaUser, Login: string(id), Status: status}
	}
	of := func(id access.EmployeeID) access.Match {
		if id == "" {
			return access.Match{How: access.Unmatched}
		}
		return access.Match{How: access.MatchedHRID, Person: access.PersonKey{Source: "employees", EmployeeID: id}}
	}
	users := func(complete bool, accounts ...access.Account) access.Observation {
		return access.Observation{System: "okta", Accounts: accounts, Reads: []access.Read{{System: "okta", Kind: "users", Complete: complete, Lists: true, Records: len(accounts)}}}
	}
	refused := access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "all", Lists: true, Gap: "the token was refused"}}}
	active, suspended, unknown := access.AccountActive, access.AccountSuspended, access.AccountUnknown
	pushedBob := access.AccountKey{System: "aws", ID: "bob"}
	shut := map[access.AccountKey]access.Ending{pushedBob: {Account: pushedBob, Person: access.PersonKey{Source: "employees", EmployeeID: "200"}, BlockedAt: started.AddDate(0, 0, -8)}}
	const works, noWay, notRead = "account active", "enabled, but no way in", "enabled, way in not read"
	for name, c := range map[string]struct {
		okta     access.Observation
		whose    []access.Match
		endings  map[access.AccountKey]access.Ending
		ann, bob string // could_use
		what     string // of Bob
	}{
		"both work there":                {users(true, account("a", active), account("b", active)), []access.Match{of("100"), of("200")}, nil, "true", "true", works},
		"Bob is suspended there":         {users(true, account("a", active), account("b", suspended)), []access.Match{of("100"), of("200")}, nil, "true", "false", noWay},
		"nothing there was read":         {refused, nil, nil, "<nil>", "<nil>", notRead},
		"nothing, and he is known as so": {refused, nil, shut, "<nil>", "false", noWay},
		"a part there was read":          {users(false, account("b", suspended)), []access.Match{of("200")}, nil, "<nil>", "<nil>", notRead},
		"a part, and Ann works":          {users(false, account("a", active)), []access.Match{of("100")}, nil, "true", "<nil>", notRead},
		"none there is theirs":           {users(true, account("a", active), account("b", active)), []access.Match{of(""), of("")}, nil, "<nil>", "<nil>", notRead},
		"nobody's, of the same login":    {users(true, account("ann", active), account("bob", suspended)), []access.Match{of(""), of("")}, nil, "<nil>", "<nil>", notRead},
		"none is his, and he is known":   {users(true, account("a", active)), []access.Match{of("100")}, shut, "true", "false", noWay},
		"a state that nobody knows":      {users(true, account("a", unknown), account("b", unknown)), []access.Match{of("100"), of("200")}, nil, "<nil>", "<nil>", notRead},
		"there is no such system":        {access.Observation{System: "okta"}, nil, nil, "<nil>", "<nil>", notRead},
	} {
		a := pushedNight(t, c.okta, c.whose, c.endings)
		if got := told(t, a, "who-reaches", "could_use"); !slices.Equal(got, []string{c.ann, c.bob}) {
			t.Errorf("%s: could use %q, want %s and %s", name, got, c.ann, c.bob)
		}
		if got := told(t, a, "leavers-active", "what"); !slices.Equal(got, []string{c.what}) {
			t.Errorf("%s: %q, want %s", name, got, c.what)
		}
	}
}

// TestWhoWasBlockedBeforeTheirAccessEndedWasBlockedAfterNoHours: an order does not wait for the last day.
func TestWhoWasBlockedBeforeTheirAccessEndedWasBlockedAfterNoHours(t *testing.T) {
	for days, hours := range map[int]string{-11: "0", -8: "24"} { // access ended nine days ago
		k, at := access.AccountKey{System: "aws", ID: "bob"}, started.AddDate(0, 0, days)
		a := pushedNight(t, access.Observation{System: "okta"}, nil, map[access.AccountKey]access.Ending{k: {Account: k, Person: bob, BlockedAt: at, RemovedAt: at}})
		for column, want := range map[string]string{"hours_to_block": hours, "hours_to_remove": hours, "within_sla": "true"} {
			if got := told(t, a, "leavers", column); !slices.Equal(got, []string{want}) {
				t.Errorf("blocked on day %d: %s is %q, want %s", days, column, got, want)
			}
		}
	}
}
