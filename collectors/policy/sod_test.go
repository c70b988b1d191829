package policy

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

const sodHead = "rule,left_system,left_scope,left_kind,left_entitlement,right_system,right_scope,right_kind,right_entitlement,reason\n"

func TestAPairOfRightsIsReadWithItsLine(t *testing.T) {
	pairs, problems := ReadSoD("sod.csv", []byte(sodHead+"Pay,okta,,group,Pay*,aws,111,permission_set,Approve,four eyes\n"), "okta", "aws")
	want := access.SoD{Line: access.Line{File: "sod.csv", Row: 2}, Rule: "Pay", Reason: "four eyes",
		Left:  access.Right{System: "okta", Kind: "group", Entitlement: "Pay*"},
		Right: access.Right{System: "aws", Scope: "111", Kind: "permission_set", Entitlement: "Approve"}}
	if len(pairs) != 1 || pairs[0] != want || len(problems) != 0 {
		t.Errorf("got %+v, problems %+v", pairs, problems)
	}
}

func TestAPairThatCannotBeMeantIsNotLookedForAndSaysWhere(t *testing.T) {
	for line, column := range map[string]string{
		"Pay,okta,,group,Pay,okta,,group,Pay,x":            "right_entitlement",
		"Pay,okta,,group,,okta,,group,Pay,x":               "left_entitlement",
		"Pay,otka,,group,Pay,okta,,group,Approve,x":        "left_system",
		"Pay,okta,,group,Pay,okta,,grup,Approve,x":         "right_kind",
		"Pay,okta,1.2E+11,group,Pay,okta,,group,Approve,x": "left_scope",
	} {
		pairs, problems := ReadSoD("sod.csv", []byte(sodHead+line+"\n"), "okta")
		if len(pairs) != 0 || len(problems) != 1 || problems[0].Column != column || problems[0].Row != 2 || problems[0].Severity != access.Hold {
			t.Errorf("%s: got %+v, problems %+v", line, pairs, problems)
		}
	}
	pairs, problems := ReadSoD("sod.csv", []byte(sodHead+"Pay,okta,,group,*,okta,,group,*,x\n"), "okta")
	if len(pairs) != 1 || len(problems) != 0 {
		t.Errorf("any two groups: %+v, %+v", pairs, problems)
	}
	if _, problems := ReadSoD("sod.csv", []byte("rule,left\nPay,x\n")); !Stopped(problems) || !strings.Contains(problems[0].Says, "left_entitlement") && !strings.Contains(problems[0].Says, "missing") {
		t.Errorf("problems %+v", problems)
	}
}
