package reconcile

import (
	"testing"

	"rollcall/internal/access"
)

// TestUnexpected says what a Keep makes an exception of.
func TestUnexpected(t *testing.T) {
	person := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "1"}}
	for name, one := range map[string]struct {
		item access.Item
		want bool
	}{
		"no rule covers it":                                 {access.Item{Person: person, Kind: access.OktaGroup, HowHeld: heldByNoRule, FindingKind: access.UnexpectedGrant}, true},
		"no rule covers it, and something worse is so":      {access.Item{Person: person, Kind: access.OktaGroup, HowHeld: heldByNoRule, FindingKind: access.SoDConflict}, true},
		"of an earlier job":                                 {access.Item{Person: person, Kind: access.OktaGroup, HowHeld: "?", FindingKind: access.MoverResidue}, true},
		"the exception is over":                             {access.Item{Person: person, Kind: access.OktaGroup, HowHeld: heldByException + "2026-11-22", FindingKind: access.SoDConflict}, true},
		"the exception lasts":                               {access.Item{Person: person, Kind: access.OktaGroup, HowHeld: heldByException + "2026-11-23", FindingKind: access.Excepted}, false},
		"a rule covers it, and it is not used":              {access.Item{Person: person, Kind: access.OktaGroup, HowHeld: "Role map: Engineer", FindingKind: access.DormantAccess}, false},
		"an account of nobody, of which a right is flagged": {access.Item{HowHeld: "Nobody that HR knows", FindingKind: access.UnexpectedGrant}, false},
		"a right of an account of nobody":                   {access.Item{Kind: access.OktaGroup, HowHeld: heldByNoRule, FindingKind: access.UnexpectedGrant}, false},
		"a whole account of a person":                       {access.Item{Person: person, HowHeld: heldByNoRule, FindingKind: access.UnexpectedGrant}, false},
		"an account of nobody":                              {access.Item{HowHeld: "Nobody that HR knows", FindingKind: access.OrphanAccount}, false},
	} {
		if got := Unexpected(&one.item, midnight); got != one.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestParseChoice: what people write, and nothing else.
func TestParseChoice(t *testing.T) {
	for written, want := range map[string]access.Choice{
		"": access.ChooseNothing, "  ": access.ChooseNothing, "KEEP": access.ChooseKeep, "Validate": access.ChooseKeep, "approve": access.ChooseKeep, "maintain": access.ChooseKeep, "certify": access.ChooseKeep,
		"retain": access.ChooseKeep, "Ok": access.ChooseKeep, "yes ": access.ChooseKeep, "Change": access.ChooseChange, "modify": access.ChooseChange, "Downgrade": access.ChooseChange,
		"remove": access.ChooseRemove, "Revoke": access.ChooseRemove, "deny": access.ChooseRemove, "reject": access.ChooseRemove, "NO": access.ChooseRemove, "not  Mine": access.ChooseNotMine, "reassign": access.ChooseNotMine,
	} {
		if got, ok := ParseChoice(written); !ok || got != want {
			t.Errorf("%q is %q (%t), not %q", written, got, ok, want)
		}
	}
	for _, written := range []string{"keep?", "y", "n", "kept", "remove it", "-", "no answer", "expired_no_answer", "superseded"} {
		if got, ok := ParseChoice(written); ok {
			t.Errorf("%q is taken for %q", written, got)
		}
	}
}

// TestReasonFor says which answers need a reason; ten characters are one.
func TestReasonFor(t *testing.T) {
	plain, flagged, privileged := access.Item{}, access.Item{Why: "no rule allows it"}, access.Item{Risk: access.RiskPrivileged}
	for _, c := range []struct {
		item   access.Item
		choice access.Choice
		want   string
	}{
		{plain, access.ChooseChange, "Change"}, {plain, access.ChooseNotMine, "Not mine"}, {privileged, access.ChooseRemove, ""}, {flagged, access.ChooseNothing, ""}, {plain, access.ChooseKeep, ""},
		{privileged, access.ChooseKeep, "Keep of privileged access"}, {flagged, access.ChooseKeep, "Keep of a flagged row"}, {access.Item{FindingID: "f"}, access.ChooseKeep, "Keep of a flagged row"},
		{access.Item{Suggested: "Remove"}, access.ChooseKeep, "Keep against the suggestion"}, {access.Item{Suggested: "Keep"}, access.ChooseKeep, ""},
	} {
		if got := ReasonFor(&c.item, c.choice); got != c.want {
			t.Errorf("%+v: %q, not %q", c.item, got, c.want)
		}
	}
	if !reasoned(" 12345  789ä ") || reasoned("12345    789") {
		t.Error("a reason has ten characters at least, without the white space")
	}
}
