package main

import (
	"slices"
	"strings"
	"testing"

	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
)

// newTownOfMovers is a town in which clerks may have more than developers, and
// access of former jobs is taken three days after it was announced.
func newTownOfMovers(t *testing.T) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	w.write("rolemap.csv", "role,title,department,worker_type,system,scope,kind,entitlement,requirement,risk,owner,meaning,approved_by,approved_on,expires_on\n"+
		"Clerk,Clerk,,,*,,*,*,allowed,standard,Ann,Everything,Ann,2040-01-01,\n"+
		"Developer,Developer,,,okta,,group,Staff,allowed,standard,Ann,Staff,Ann,2040-01-01,\n")
	w.settles("rolemap: rolemap.csv", "rolemap: rolemap.csv, mover_days: 3")
	w.aws.AddIAMGroup(fakeaws.IAMGroup{Account: prodAWS, Name: "clerks", Attached: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}})
	w.aws.UpdateIAMUser(prodAWS, "ann", func(u *fakeaws.IAMUser) {
		u.Groups, u.Attached = []string{"clerks"}, []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
		u.Inline = []fakeaws.InlinePolicy{{Name: "own", Document: `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`},
			{Name: "not this", Document: `{"Statement":[{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}]}`}}
		u.LoginProfile = &fakeaws.LoginProfile{}
	})
	w.watched()
	w.removes("{mode: enforce, movers: true}")
	w.want(w.night("nightly"), exitDone)
	return w
}

// announced lets HR's next list call ann a developer, and plays the nights until three
// whole days are over.
func (w *townsfolk) announced(says ...string) {
	w.t.Helper()
	w.rewrites("roster.csv", "ann Test,Clerk", "ann Test,Developer")
	w.quiet()
	for range 4 {
		w.want(w.night("nightly"), exitDone, says...)
	}
}

func TestAccessOfAFormerJobIsAnnouncedTakenOnTheDayAndReadBack(t *testing.T) {
	w := newTownOfMovers(t)
	ann := w.users["ann"].ID
	before, _ := w.okta.User(ann)
	w.announced("Access of earlier jobs: 4 announced, the first for 2041-03-10", "it is taken away on 2041-03-10, unless a line of the role map")
	if n := w.sent(); n > 0 {
		t.Fatalf("%d changes were sent before the day", n)
	}
	w.want(w.night("nightly"), exitDone, "leave_group ann@example.test in okta: done", "remove_from_group ann in aws: done", "Access of earlier jobs: 4 taken away and verified", "Okta group Old hands: taken away and verified")
	after, _ := w.okta.User(ann)
	if groups := w.okta.GroupsOf(ann); len(groups) != 2 || slices.Contains(groups, w.leaversOnly.ID) || slices.Contains(groups, "Old hands") { // Everyone and Staff
		t.Errorf("ann is in %v", groups)
	}
	if after.Status != fakeokta.Active || after.Sessions != before.Sessions {
		t.Errorf("ann's account was touched: %+v", after)
	}
	user, _ := w.aws.IAMUser(prodAWS, "ann")
	if len(user.Groups)+len(user.Attached) > 0 || len(user.Inline) != 1 || user.Inline[0].Name != "not this" || user.LoginProfile == nil || len(user.AccessKeys) != 1 {
		t.Errorf("ann in IAM: %+v", user)
	}
	w.verified()
	w.quiet()
	w.want(w.night("nightly"), exitDone)
	w.okta.AddMember(w.leaversOnly.ID, ann) // somebody gives it again
	w.want(w.night("nightly"), exitDone, "Access of earlier jobs: 1 announced")
	if n := w.sent(); n > 0 {
		t.Errorf("%d changes were sent after it was done, or without a notice", n)
	}
}

func TestWhoMovesBackBeforeTheDayKeepsEverything(t *testing.T) {
	w := newTownOfMovers(t)
	w.announced("4 announced")
	w.rewrites("roster.csv", "ann Test,Developer", "ann Test,Clerk")
	w.people = append(w.people, "zoe") // the same list again would be an old one
	w.roster()
	for range 3 {
		if r := w.night("nightly"); r.code != exitDone || strings.Contains(r.stdout, "earlier job") {
			t.Errorf("%s", r)
		}
	}
	if n := w.sent(); n > 0 {
		t.Errorf("%d changes were sent", n)
	}
}

func TestABrokenLineOfTheExceptionsKeepsWhatWasAnnounced(t *testing.T) {
	w := newTownOfMovers(t)
	w.announced("4 announced")
	w.write("exceptions.csv", "id,source,employee_id,system,scope,kind,entitlement,reason,ticket,approved_by,approved_on,expires_on\nX1,employees,E01,okta,,group,Old hands,hands over,T1,Bob,2041-03-01,soon\n")
	w.rewrites("rollcall.yaml", "rolemap: rolemap.csv", "rolemap: rolemap.csv, exceptions: exceptions.csv")
	r := w.night("nightly")
	w.want(r, r.code, "and stays tonight: exceptions.csv row 2 cannot be used")
	if n := w.sent(); n > 0 {
		t.Errorf("%d changes were sent: %s", n, r)
	}
}

func TestAKilledNightOfMoversIsClosedByTheNext(t *testing.T) {
	w := newTownOfMovers(t)
	w.announced("4 announced")
	w.killed("before the outcome of leave_group") // and nobody wrote it down
	w.quiet()
	w.want(w.night("nightly"), exitDone, "took over the journal of 1 earlier run(s)")
	for _, r := range w.okta.Requests() {
		if r.Method == "DELETE" {
			t.Errorf("sent again: %s %s", r.Method, r.Path)
		}
	}
	if user, _ := w.aws.IAMUser(prodAWS, "ann"); len(user.Groups)+len(user.Attached) > 0 {
		t.Errorf("left in IAM: %+v", user)
	}
	w.verified()
}
