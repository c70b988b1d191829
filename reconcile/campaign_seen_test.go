package reconcile

import (
	"testing"

	"rollcall/internal/access"
)

// TestGone says when a later night proves that something is gone; what was not read, was read by an
// earlier run, or is not known proves nothing.
func TestGone(t *testing.T) {
	k := access.AccountKey{System: "aws", Scope: "1", ID: "u"}
	// night is one that read the users of the account 1, and its groups and its policies in the scope 2:
	// the user is active, holds the group a directly and the group b by it.
	night := func(change func(*access.Observation)) *LaterNight {
		o := access.Observation{System: "aws",
			Reads:        []access.Read{{Scope: "1", Kind: "users", Complete: true, Lists: true}, {Scope: "2", Kind: "groups", Complete: true}, {Scope: "3", Kind: "groups", Complete: true}},
			Accounts:     []access.Account{{System: "aws", Scope: "1", ID: "u", Status: access.AccountActive}},
			Entitlements: []access.Entitlement{{System: "aws", Scope: "2", Kind: access.IAMGroup, ID: "a", Read: 1}, {System: "aws", Scope: "2", Kind: access.IAMGroup, ID: "b", Read: 1}},
			Grants:       []access.Grant{{Account: 0, Entitlement: 0}, {Account: 0, Entitlement: 1, Carrier: 1}},
		}
		change(&o)
		return NewLaterNight("n", morning(2), []access.Observation{o}, nil)
	}
	gone := func(o *access.Observation) { o.Grants = nil }
	for name, c := range map[string]struct {
		night *LaterNight
		id    string // of the group; "": the account
		want  bool
	}{
		"no night":                                        {nil, "a", false},
		"the system was not read":                         {NewLaterNight("n", morning(2), nil, nil), "a", false},
		"it is still held":                                {night(func(*access.Observation) {}), "a", false},
		"it is held by something else only":               {night(func(*access.Observation) {}), "b", true},
		"it is not held":                                  {night(gone), "a", true},
		"there is no such right any more":                 {night(func(*access.Observation) {}), "c", true},
		"the account is there":                            {night(gone), "", false},
		"the account is not there":                        {night(func(o *access.Observation) { o.Accounts, o.Grants = nil, nil }), "", true},
		"the account has ended":                           {night(func(o *access.Observation) { o.Accounts[0].Status = access.AccountDisabled }), "", true},
		"a right of an account that ended":                {night(func(o *access.Observation) { o.Accounts[0].Status = access.AccountDisabled }), "a", true},
		"nobody knows how the account is":                 {night(func(o *access.Observation) { gone(o); o.Accounts[0].Status = access.AccountUnknown }), "a", false},
		"nothing is said of how it is":                    {night(func(o *access.Observation) { gone(o); o.Accounts[0].Status = "" }), "a", false},
		"the users were not all read":                     {night(func(o *access.Observation) { gone(o); o.Reads[0].Complete = false }), "a", false},
		"the rights were not all read":                    {night(func(o *access.Observation) { gone(o); o.Reads[1].Complete = false }), "a", false},
		"another scope was not all read":                  {night(func(o *access.Observation) { gone(o); o.Reads[2].Complete = false }), "a", true},
		"what has no scope was not all read":              {night(func(o *access.Observation) { gone(o); o.Reads[2].Complete, o.Reads[2].Scope = false, "" }), "a", false},
		"an earlier run read the rights":                  {night(func(o *access.Observation) { gone(o); o.Reads[1].Recalled = true }), "a", false},
		"an earlier run read that there is no such right": {night(func(o *access.Observation) { o.Reads[1].Recalled = true }), "c", false},
		"the accounts were not listed":                    {night(func(o *access.Observation) { gone(o); o.Reads[0].Lists = false }), "a", false},
		"those of another scope were listed":              {night(func(o *access.Observation) { gone(o); o.Reads[0].Lists, o.Reads[1].Lists = false, true }), "a", false},
		"the account's own read was cut off":              {night(func(o *access.Observation) { gone(o); o.Accounts[0].Read, o.Reads[2].Complete = 2, false }), "a", false},
		"the account's own read is an old one":            {night(func(o *access.Observation) { gone(o); o.Accounts[0].Read, o.Reads[2].Recalled = 2, true }), "a", false},
		"the account has no read":                         {night(func(o *access.Observation) { gone(o); o.Accounts[0].Read = -1 }), "a", false},
		"the account's read is not there":                 {night(func(o *access.Observation) { gone(o); o.Accounts[0].Read = 3 }), "a", false},
		"the right's own read was cut off":                {night(func(o *access.Observation) { gone(o); o.Entitlements[0].Read, o.Reads[2].Complete = 2, false }), "a", false},
	} {
		kind := access.IAMGroup
		if c.id == "" {
			kind = ""
		}
		if got := c.night.Gone(k, kind, "2", c.id); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestWhoLeftIsWhoTheNightSaysHasLeft(t *testing.T) {
	people := []access.Person{{Identity: access.Identity{Source: "employees", EmployeeID: "1"}, Standing: access.StandingLeft}, {Identity: access.Identity{Source: "employees", EmployeeID: "2"}, Standing: access.StandingHeld}, {Standing: access.StandingLeft}}
	n := NewLaterNight("n", morning(2), nil, people)
	if !n.left(personKey("employees/1")) || n.left(personKey("employees/2")) || n.left(personKey("employees/3")) || n.left(access.PersonKey{}) || (*LaterNight)(nil).left(personKey("employees/1")) {
		t.Error("only 1 has left")
	}
}

// TestWhatIsListed: a row that needed no answer is asked again for what a night lists, and for
// nothing that somebody else, or something else, holds.
func TestWhatIsListed(t *testing.T) {
	k := access.AccountKey{System: "aws", Scope: "1", ID: "u"}
	other := access.AccountKey{System: "aws", Scope: "1", ID: "v"}
	n := NewLaterNight("n", morning(2), []access.Observation{{System: "aws",
		Accounts:     []access.Account{{System: "aws", Scope: "1", ID: "u", Status: access.AccountDisabled}},
		Entitlements: []access.Entitlement{{System: "aws", Scope: "2", Kind: access.IAMGroup, ID: "a"}, {System: "aws", Scope: "2", Kind: access.IAMGroup, ID: "b"}},
		Grants:       []access.Grant{{Account: 0, Entitlement: 0}, {Account: 0, Entitlement: 1, Carrier: 1}},
	}}, nil)
	for name, c := range map[string]struct {
		account access.AccountKey
		id      string // of the group; "": the account
		want    bool
	}{
		"the account":                           {k, "", true},
		"an account that is not there":          {other, "", false},
		"an account of a system that is not":    {access.AccountKey{System: "okta", ID: "u"}, "", false},
		"a right that it holds":                 {k, "a", true},
		"a right that it holds by another":      {k, "b", false},
		"a right that is not there":             {k, "c", false},
		"a right that another account holds":    {other, "a", false},
		"a right in a system that was not read": {access.AccountKey{System: "okta", ID: "u"}, "a", false},
	} {
		kind := access.IAMGroup
		if c.id == "" {
			kind = ""
		}
		if got := n.lists(c.account, kind, "2", c.id); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
		if got := n.ended(c.account); got != (c.account == k) {
			t.Errorf("%s: its account has ended: %t", name, got)
		}
	}
}
