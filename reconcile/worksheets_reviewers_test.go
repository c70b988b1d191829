package reconcile

import (
	"slices"
	"testing"

	"rollcall/internal/access"
)

// managersOfAllKinds is a world in which everybody has a right, and something else about their
// manager.
const managersOfAllKinds = `
-- world --
first-left employees/8 2026-11-01
-- employees.csv --
employee_id,name,email,status,manager_id,start_date,last_working_day
1,Ann,ann@example.com,active,9,,
2,Ben,ben@example.com,active,,,
3,Cid,cid@example.com,active,99,,
4,Dee,dee@example.com,active,4,,
5,Eve,eve@example.com,active,8,,
6,Fay,fay@example.com,active,10,,
8,Hal,hal@example.com,left,,,
9,Max,max@example.com,active,,,
10,Ned,ned@example.com,left,,2020-01-01,2026-12-24
-- contacts.csv --
system,responsibility,name,business_hours_contact
aws,owner,Alma,alma@example.com
,compliance,Cora,cora@example.com
OKTA,owner,Otto,otto@example.com
,owner,Zoe,zoe@example.com
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1
account 00u2 login=ben@example.com hr=2
account 00u3 login=cid@example.com hr=3
account 00u4 login=dee@example.com hr=4
account 00u5 login=eve@example.com hr=5
account 00u6 login=fay@example.com hr=6
account 00u7 login=ghost@example.com
right group:G1 name=Wiki
grant 00u1 group:G1
grant 00u2 group:G1
grant 00u3 group:G1
grant 00u4 group:G1
grant 00u5 group:G1
grant 00u6 group:G1
-- system/sso --
read users lists
account u1 login=nobody
`

// TestWhoJudgesAnAccountAndWhy says each reason why it is not the manager.
func TestWhoJudgesAnAccountAndWhy(t *testing.T) {
	w := loadWorld(t, archive(managersOfAllKinds))
	r := decided(w, Decide(w)).routing(nil)
	for n, want := range []string{
		"Max max@example.com: manager of the people listed", "Otto otto@example.com: owner of okta: the HR list gives no manager for some of these people",
		"Otto otto@example.com: owner of okta: the manager that the HR list gives is not in it", "Otto otto@example.com: owner of okta: nobody reviews their own access",
		"Otto otto@example.com: owner of okta: the manager does not work here (any more)", "Ned ned@example.com: manager of the people listed",
		"Otto otto@example.com: owner of okta: the account belongs to nobody that HR knows",
	} {
		s := r.reviewer(0, n)
		if got := s.ReviewerName + " " + s.ReviewerMail + ": " + s.Because; got != want {
			t.Errorf("%s goes to %s", w.Systems[0].Accounts[n].Login, got)
		}
	}
	if s := r.reviewer(1, 0); s.ReviewerName != "Zoe" || s.Because != "owner of sso: the account belongs to nobody that HR knows" {
		t.Errorf("of another system it goes to %s: %s", s.ReviewerName, s.Because)
	}
	w.Policy.Contacts = w.Policy.Contacts[:2]
	if s := decided(w, Decide(w)).routing(nil).reviewer(0, 6); s.ReviewerName != "owner of okta" || s.ReviewerMail != "" || s.Because != "contacts.csv names no owner of okta: the account belongs to nobody that HR knows" {
		t.Errorf("without an owner it goes to %s %s: %s", s.ReviewerName, s.ReviewerMail, s.Because)
	}
}

// TestOneReviewerHasOneWorksheet: whatever the reasons; the reason told does not rest on which came first.
func TestOneReviewerHasOneWorksheet(t *testing.T) {
	w := loadWorld(t, archive(`
-- employees.csv --
employee_id,name,email,status,manager_id
1,Ann,ann@example.com,active,9
2,Ben,ben@example.com,active,
9,Max,max@example.com,active,
-- contacts.csv --
system,responsibility,name,business_hours_contact
okta,owner,Otto,otto@example.com
-- nonhuman.csv --
system,account,kind,owner_id,purpose,review_by
okta,00u3,service,1,builds,2026-11-22
-- system/okta --
read users lists
account 00u4 login=ghost@example.com
account 00u3 login=robot
account 00u2 login=ben@example.com hr=2
account 00u1 login=ann@example.com hr=1
right group:G1 name=Wiki
grant 00u1 group:G1
grant 00u2 group:G1
`))
	got := ""
	for _, s := range Decide(w).Worksheets {
		got += s.ReviewerName + " (" + s.Because + "):"
		for _, i := range s.Items {
			got += " " + i.Account.Login
		}
		got += "\n"
	}
	const want = `Otto (owner of okta: the HR list gives no manager for some of these people): ghost@example.com ben@example.com
Max (manager of the owner of the accounts listed): robot ann@example.com
`
	if got != want {
		t.Errorf("it is\n%s", got)
	}
}

// TestWhichAccountsOfNobodyAreReviewed: all that nobody registered; of what is registered what somebody is asked about; never AWS's root.
func TestWhichAccountsOfNobodyAreReviewed(t *testing.T) {
	w := loadWorld(t, archive(`
-- employees.csv --
employee_id,name,email,status,last_working_day
1,Ann,ann@example.com,active,
2,Ben,ben@example.com,left,2026-11-10
-- nonhuman.csv --
system,account,kind,owner_id,purpose,review_by
okta,00u1,service,1,builds,2026-12-24
okta,00u2,service,1,builds,2026-11-22
okta,00u3,service,2,builds,2026-12-24
okta,00u4,service,,builds,2026-12-24
okta,00u5,service,1,builds,
okta,00u8,service,1,builds,2026-12-24
aws,U1,service,1,builds,2026-12-24
-- system/okta --
read users lists
account 00u1 login=good
account 00u2 login=late
account 00u3 login=ownerless
account 00u4 login=unowned
account 00u5 login=undated
account 00u6 login=ghost
account 00u7 login=over vendor=DEPROVISIONED
account 00u8 login=unused used=2026-01-01
-- system/aws --
read users lists
account root login=root kind=iam_root
account U1 login=password kind=iam_user mfa=no used=2026-11-20
right console_login:C name=Console
grant U1 console_login:C
`))
	e, d := evaluated(w)
	for n, want := range []bucket{outOther, inAccount, inAccount, inAccount, outOther, inAccount, outEnded, inAccount} {
		if got := e.bucketOf(0, n); got != want {
			t.Errorf("%s: %s, not %s", w.Systems[0].Accounts[n].Login, got, want)
		}
	}
	if got := e.bucketOf(1, 0); got != outOther {
		t.Errorf("root: %s", got)
	}
	if got := e.bucketOf(1, 1); got != outOther || !slices.ContainsFunc(d.Findings, func(f access.Finding) bool { return f.Kind == access.NoMFA && f.Login == "password" }) {
		t.Errorf("of whom something is only reported: %s", got)
	}
	e.toReview[w.Systems[0].Accounts[0].Key()] = true
	if got := e.bucketOf(0, 0); got != inAccount {
		t.Errorf("what somebody is asked about: %s", got)
	}
}
