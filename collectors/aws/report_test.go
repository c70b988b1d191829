package aws

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

func TestTheReportIsPolledUntilItIsThere(t *testing.T) {
	o := openOrg(t, fakeaws.Options{ReportPolls: 3})
	if found := gaps(o.collect(t)); len(found) > 0 {
		t.Errorf("gaps %v", found)
	}
}

func TestAReportThatNeverComesIsAGap(t *testing.T) {
	o := openOrg(t, fakeaws.Options{ReportPolls: 1000})
	found := gaps(o.collect(t))
	if len(found) != 3 || !strings.Contains(found[prod+"/credential_report"], "no report after 1m0s") {
		t.Errorf("gaps %v", found)
	}
}

func TestAReportAnswersThatItExpiredAndIsMadeAgain(t *testing.T) {
	for _, code := range []string{"ReportExpired", "ReportNotPresent", "ReportInProgress"} {
		o := openOrg(t, fakeaws.Options{})
		rule := apiError("GetCredentialReport", 410, code)
		rule.Times = 2
		o.faults.Add(rule)
		if found := gaps(o.collect(t)); len(found) > 0 {
			t.Errorf("%s: gaps %v", code, found)
		}
	}
}

func TestAUserYoungerThanTheReportIsNotedAndNoGap(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.collect(t) // makes the report
	o.AddIAMUser(fakeaws.IAMUser{Account: prod, Name: "new", CreatedAt: start.Add(ahead + time.Minute)})
	obs := o.collect(t)
	if found := gaps(obs); len(found) > 0 {
		t.Errorf("gaps %v", found)
	}
	if _, a := find(t, obs, prod, "new"); a.UsageKnown || a.MFA != access.MFAUnknown {
		t.Errorf("%+v", a)
	}
	if !slices.ContainsFunc(obs.Notes, func(n string) bool { return strings.Contains(n, "user new is younger than the credential report") }) {
		t.Errorf("notes %q", obs.Notes)
	}
}

func TestAUserWhoOughtToBeInTheReportAndIsNotIsAGap(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.collect(t)
	o.AddIAMUser(fakeaws.IAMUser{Account: prod, Name: "lost", CreatedAt: start})
	found := gaps(o.collect(t))
	if !strings.Contains(found[prod+"/credential_report"], "has no row of user lost") {
		t.Errorf("gaps %v", found)
	}
}

func TestARowOfAnEarlierUserOfTheSameNameIsNotTheUsers(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.collect(t)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.ID, u.CreatedAt = "AIDAOTHER", start.Add(ahead+time.Hour) })
	_, a := find(t, o.collect(t), prod, "leaver")
	if a.UsageKnown {
		t.Errorf("the new user has the old one's report: %+v", a)
	}
}
