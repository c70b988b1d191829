package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// profile changes what Okta has of a login.
func (w *townsfolk) profile(login, field, value string) {
	w.okta.UpdateUser(w.users[login].ID, func(u *fakeokta.User) { u.Profile[field] = value })
}

func (w *townsfolk) strangeUser(profile map[string]any) string {
	return w.okta.AddUser(fakeokta.User{Status: fakeokta.Active, Created: firstNight.AddDate(-1, 0, 0), Profile: profile}).ID
}

// mayBeLeos are the ways in which an account may be leo's that no order touches. Each
// gives the login.
var mayBeLeos = map[string]struct {
	made func(w *townsfolk) string
	says string
}{
	"an HR id of nobody": {func(w *townsfolk) string {
		w.profile("leo", "employeeNumber", "E99")
		return "leo@example.test"
	}, "its HR id E99 is in no list, and its address is theirs"},
	"an HR id of somebody else": {func(w *townsfolk) string {
		w.profile("leo", "employeeNumber", w.id("mia"))
		return "leo@example.test"
	}, "it goes by its HR id to employees/E12, and its address is theirs"},
	"an address of somebody else": {func(w *townsfolk) string {
		w.profile("leo", "email", "mia@example.test")
		return "leo@example.test"
	}, "its address is also that of employees/E12, who has not left"},
	"a link to somebody else": {func(w *townsfolk) string {
		w.rewrites("rollcall.yaml", "policy: {", "policy: {links: links.csv, ")
		w.rewrites("observe.yaml", "policy: {", "policy: {links: links.csv, ")
		w.write("links.csv", "system,scope,account_id,source,employee_id,confirmed_by,confirmed_on\nokta,,"+w.users["leo"].ID+",employees,"+w.id("mia")+",Ann,2040-01-01\n")
		return "leo@example.test"
	}, "links.csv says that it is of employees/E12, and its address is theirs"},
	"a line in the register": {func(w *townsfolk) string {
		w.registers("okta,,leo@example.test,service," + w.id("mia") + ",A script,2042-01-31")
		return "leo@example.test"
	}, "it is registered as a service account, and its address is theirs"},
	"a service account of theirs": {func(w *townsfolk) string {
		w.strangeUser(map[string]any{"login": "sync@example.test", "email": "sync@example.test", "firstName": "sync", "lastName": "job"})
		w.registers("okta,,sync@example.test,service," + w.id("leo") + ",A script,2042-01-31")
		return "sync@example.test"
	}, "the register has them as its owner, who may know its password and keys"},
	"an account of nobody with a name like theirs": {func(w *townsfolk) string {
		w.strangeUser(map[string]any{"login": "test.leo@elsewhere.test", "email": "test.leo@elsewhere.test", "firstName": "leo", "lastName": "Test"})
		return "test.leo@elsewhere.test"
	}, "it is of nobody that HR knows, and its name or address is like theirs"},
}

func (w *townsfolk) registers(line string) {
	w.rewrites("rollcall.yaml", "policy: {", "policy: {nonhuman: nonhuman.csv, ")
	w.rewrites("observe.yaml", "policy: {", "policy: {nonhuman: nonhuman.csv, ")
	w.write("nonhuman.csv", "system,scope,account,kind,owner_id,purpose,review_by\n"+line+"\n")
}

func TestAnOrderNamesEachAccountThatMayBeTheirsAndIsNotDone(t *testing.T) {
	for name, tt := range mayBeLeos {
		t.Run(name, func(t *testing.T) {
			w, _ := newTownThatTells(t)
			login := tt.made(w)
			w.watched()
			w.manual("enforce")
			status := func() fakeokta.Status { u, _ := w.okta.User(login); return u.Status }
			plan := func() {
				w.manual("observe")
				w.want(w.revoked(w.id("leo")), exitHeld, login, tt.says, "would be blocked")
				w.manual("enforce")
			}
			plan()
			for _, args := range [][]string{nil, {"--read"}, {"--json"}} {
				w.notDone(w.revoked(w.id("leo"), args...), exitHeld, login, tt.says, "may be theirs, and was not touched", "urgent-removal")
				if status() != fakeokta.Active {
					t.Errorf("%s is %s", login, status())
				}
				if kinds := w.noticed(); !slices.Contains(kinds, reconcile.NoticeOrderLeft) {
					t.Errorf("nobody is told: %v", kinds)
				}
			}
			if !slices.ContainsFunc(lastRows[archive.FindingRow](w, "findings"), func(f archive.FindingRow) bool {
				return f.Kind == "perhaps_theirs" && f.Disposition == "urgent" && f.EmployeeID == w.id("leo")
			}) {
				t.Error("the archive does not have it")
			}
			w.want(w.now("why", "--person", w.id("leo")), exitDone, "perhaps_theirs", login)
			w.verified()
		})
	}
}

// Once somebody said whose it is, the next order ends it or leaves it in peace.
func TestAnOrderIsDoneOnceSomebodySaidWhoseTheAccountIs(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.rewrites("rollcall.yaml", "policy: {", "policy: {links: links.csv, ")
	const head = "system,scope,account_id,source,employee_id,confirmed_by,confirmed_on\n"
	w.write("links.csv", head)
	w.profile("leo", "employeeNumber", "E99")
	w.watched()
	w.manual("enforce")
	w.notDone(w.revoked(w.id("leo")), exitHeld, "okta,,"+w.users["leo"].ID+",employees,E11")
	w.write("links.csv", head+"okta,,"+w.users["leo"].ID+",employees,E11,Ann,2041-03-04\n")
	w.want(w.revoked(w.id("leo")), exitDone, "all blocked and verified")
	w.blocked("leo")
}

// openOfOrders are the matters that are open of orders, with since when.
func (w *townsfolk) openOfOrders() (all []string) {
	for _, c := range w.memory().Notices.Open {
		if c.Kind == reconcile.NoticeOrderLeft && c.CuredAt.IsZero() {
			all = append(all, c.ID()+" "+c.Since.Format(time.RFC3339))
		}
	}
	return all
}

// What an order left is one matter from its first day on, told by every night, and paged
// from the second on until somebody has it in hand; an answer, or an order that is done,
// ends it.
func TestWhatAnOrderLeftIsToldEachNightUntilItIsSettled(t *testing.T) {
	const head = "system,scope,account_id,source,employee_id,confirmed_by,confirmed_on\n"
	for name, settle := range map[string]func(w *townsfolk){
		"answered": func(w *townsfolk) {
			w.write("links.csv", head+"okta,,"+w.users["leo"].ID+",employees,"+w.id("mia")+",Ann,2041-03-06\n")
		},
		"blocked in the console": func(w *townsfolk) {
			w.okta.UpdateUser(w.users["leo"].ID, func(u *fakeokta.User) { u.Status = fakeokta.Suspended })
		},
		"it is theirs, and ordered again": func(w *townsfolk) {
			w.write("links.csv", head+"okta,,"+w.users["leo"].ID+",employees,"+w.id("leo")+",Ann,2041-03-06\n")
			w.want(w.revoked(w.id("leo"), "--read"), exitDone, "all blocked and verified")
			if open := w.openOfOrders(); len(open) != 0 {
				w.t.Errorf("an order that is done leaves open: %q", open)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, r := newTownThatTells(t)
			w.rewrites("rollcall.yaml", "policy: {", "policy: {links: links.csv, ")
			w.write("links.csv", head)
			w.profile("leo", "employeeNumber", "E99")
			w.want(w.night("nightly"), exitDone)
			w.manual("enforce")
			r.took("v2")
			w.notDone(w.revoked(w.id("leo")), exitHeld, "perhaps_theirs")
			open := w.openOfOrders()
			if len(open) != 1 || !strings.Contains(r.took("v2"), "may still get in") {
				t.Fatalf("open is %q", open)
			}
			for night := range 2 {
				w.want(w.night("nightly"), exitDone, "perhaps_theirs", "leo@example.test", "its HR id E99 is in no list")
				if got := w.openOfOrders(); !slices.Equal(got, open) {
					t.Errorf("night %d: open is %q, and was %q", night, got, open)
				}
				if f := slices.IndexFunc(lastRows[archive.FindingRow](w, "findings"), func(f archive.FindingRow) bool { return f.Kind == "perhaps_theirs" }); f < 0 {
					t.Errorf("night %d has no finding", night)
				}
			}
			r.took("v2")
			w.clock.pass(31 * time.Minute)
			w.want(w.notices("send"), exitDone)
			if !strings.Contains(r.took("v2"), "may still get in") {
				t.Error("nobody took it up for two days, and nobody is told again")
			}
			settle(w)
			w.want(w.night("nightly"), exitDone)
			if open := w.openOfOrders(); len(open) != 0 || len(w.memory().Orders) != 0 {
				t.Errorf("settled, and open is %q, %+v", open, w.memory().Orders)
			}
			w.want(w.again(), exitDone, "plan the same, to the byte")
			w.verified()
		})
	}
}
