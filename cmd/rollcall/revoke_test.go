package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/jobs"
)

// manual writes what the configuration says of orders by hand; nothing with "".
func (w *townsfolk) manual(mode string) {
	w.t.Helper()
	b := w.read("rollcall.yaml")
	if before, _, has := strings.Cut(b, "manual:"); has {
		b = before
	}
	if mode != "" {
		b += "manual: " + mode + "\n"
	}
	w.write("rollcall.yaml", b)
}

// newTownOfOrders is a town on the day after its first night, in which orders by hand
// take effect.
func newTownOfOrders(t *testing.T) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.manual("enforce")
	return w
}

// revoked orders it for one person, five minutes later.
func (w *townsfolk) revoked(person string, args ...string) ran {
	w.t.Helper()
	w.clock.pass(5 * time.Minute)
	w.quiet()
	return w.now("revoke", append([]string{"--person", person, "--reason", "laptop stolen", "--ticket", "INC-7"}, args...)...)
}

// lockedBy lets somebody else be at work in the archive, until they give the lock back.
func (w *townsfolk) lockedBy(who string) (unlock func()) {
	w.t.Helper()
	unlock, err := jobs.Lock(filepath.Join(w.dir, "archive"), who)
	if err != nil {
		w.t.Fatalf("the lock is held: %v", err)
	}
	return unlock
}

func TestSomebodyWhoWorksHereIsRevokedByHandAndNoNightUndoesIt(t *testing.T) {
	w := newTownOfOrders(t)
	w.leave("mia") // who is for the night
	r := w.revoked(w.id("leo"))
	w.want(r, exitDone, "blocked and verified", "the systems were not read: these are the accounts as of 2041-03-04 01:00 UTC, and what was made since is not known",
		"run it again with --read", "role sessions that leo in aws 222222222222 began before cannot be ended from here; the last of them ends by 2041-03-04 13:05 UTC", "INC-7")
	if w.status("leo") != fakeokta.Suspended || w.status("mia") != fakeokta.Active {
		t.Errorf("leo is %s, mia is %s", w.status("leo"), w.status("mia"))
	}
	if strings.Contains(r.stdout, "mia Test") {
		t.Errorf("it tells of somebody else: %s", r)
	}
	for k, b := range w.memory().Blocked {
		if b.Order == nil || b.Order.Reason != "laptop stolen" || b.Order.Ticket != "INC-7" || b.Order.By != whoami() {
			t.Errorf("of %s it is not remembered who ordered it and why: %+v", k, b.Order)
		}
	}
	for range 2 {
		night := w.night("nightly")
		w.want(night, exitDone, "blocked_active", "Leo Test works here by the HR list, but leo@example.test in okta was blocked by hand on 2041-03-04",
			"ordered by "+whoami()+". Nothing undoes it")
		if strings.Contains(flat(night.stdout), "laptop stolen") {
			t.Errorf("everybody may read the summary, and it says why: %s", night)
		}
		if w.status("leo") != fakeokta.Suspended || strings.Contains(flat(night.stdout), "restore it") {
			t.Errorf("leo is %s: %s", w.status("leo"), night)
		}
	}
	w.inOkta("mia", fakeokta.Suspended)
	w.verified()
}

func TestAnOrderIsTheSameStepsAsALeaversNight(t *testing.T) {
	w := newTownOfOrders(t)
	before := w.save()
	w.leave("leo")
	w.want(w.night("nightly"), exitDone)
	want := w.effects()
	w.left["leo"] = false
	w.roster()
	for _, args := range [][]string{nil, {"--read"}} {
		w.back(t, before)
		w.want(w.revoked("employees/"+w.id("leo"), args...), exitDone)
		if diff := cmp.Diff(want, w.effects()); diff != "" {
			t.Errorf("%v (-a leaver's night +an order):\n%s", args, diff)
		}
		w.verified()
	}
}

func TestWithReadAccountsMadeSinceAreFoundToo(t *testing.T) {
	w := newTownOfOrders(t)
	late := w.okta.AddUser(fakeokta.User{Status: fakeokta.Active, Created: w.clock.Now(), Profile: map[string]any{
		"login": "leo.2@example.test", "email": "leo.2@example.test", "firstName": "Leo", "lastName": "Test", "employeeNumber": w.id("leo")}})
	status := func() fakeokta.Status { u, _ := w.okta.User(late.ID); return u.Status }
	w.want(w.revoked(w.id("leo")), exitDone)
	if status() != fakeokta.Active {
		t.Fatal("nobody could know of it")
	}
	w.want(w.revoked(w.id("leo"), "--read"), exitDone, "all systems were read for this, and the accounts are as of now")
	if status() != fakeokta.Suspended {
		t.Errorf("the account that was made since is %s", status())
	}
}

func TestWithoutManualEnforceAnOrderOnlyTells(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	for _, mode := range []string{"", "observe"} {
		w.manual(mode)
		files := w.everything()
		r := w.revoked(w.id("leo"))
		w.want(r, exitDone, "would be blocked", "does not say manual: enforce")
		if w.sent() != 0 || w.runs() != 1 || w.everything() != files {
			t.Errorf("manual %q: it did something: %s", mode, r)
		}
	}
}

func TestAnOrderAboutTheProtectedIsHeld(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.rewrites("rollcall.yaml", "policy: {", "policy: {protected: [leo@example.test], ")
	w.watched()
	w.manual("enforce")
	w.want(w.revoked(w.id("leo")), exitHeld, "leo@example.test is protected", "Decide by hand")
	w.inOkta("leo", fakeokta.Active)
}

func TestAnOrderNamesOnePersonOrIsRefused(t *testing.T) {
	w := newTownOfOrders(t)
	w.want(w.revoked("leo@example.test"), exitRefused, "is the ID of nobody in the HR lists", "employees/E11 leo Test")
	w.want(w.revoked("e11"), exitRefused, "employees/E11 leo Test")
	w.want(w.revoked("E99"), exitRefused, "zeros at its beginning count")
	w.want(w.now("revoke", "--person", "E11"), exitRefused, "--reason")
	w.want(w.now("revoke", "--reason", "x"), exitRefused, "--person")
	if w.sent() != 0 || w.runs() != 1 {
		t.Error("and yet something was done")
	}
}

func TestAnOrderAboutAnIDOfSeveralPeopleIsRefusedWithTheirRows(t *testing.T) {
	w := newTownOfOrders(t)
	sound := w.read("roster.csv")
	for _, id := range []string{w.id("leo"), "1.2E+05"} { // written twice in a list that counts; damaged in one that is refused
		list := sound
		for _, name := range []string{"leo", "mia"} {
			list = strings.ReplaceAll(list, w.id(name)+","+name, id+","+name)
		}
		w.write("roster.csv", list)
		w.want(w.revoked(id), exitRefused, "is the ID of different people", "of roster.csv leo Test, leo@example.test", "of roster.csv mia Test, mia@example.test", "in the console of each system now")
	}
	if w.sent() != 0 || w.runs() != 1 {
		t.Error("and yet something was done")
	}
}

func TestAnOrderNeedsNoListThatCanBeUsed(t *testing.T) {
	w := newTownOfOrders(t)
	w.write("roster.csv", "nonsense")
	w.want(w.revoked(w.id("leo")), exitDone, "blocked and verified", "roster.csv")
	w.inOkta("leo", fakeokta.Suspended)
}

func TestAnOrderWaitsForTheLockAndNamesTheHolder(t *testing.T) {
	w := newTownOfOrders(t)
	unlock := w.lockedBy("nightly by somebody, process 1")
	r := w.revoked(w.id("leo"), "--wait", "1m")
	w.want(r, exitAborted, "waiting for up to 1m0s", "nightly by somebody, process 1", "after 1m0s of waiting", "block the person in the consoles now")
	if w.sent() != 0 {
		t.Error("it did not wait")
	}
	unlock()
	w.want(w.revoked(w.id("leo")), exitDone, "blocked and verified")
}

// killedOrder gives an order about leo that dies where when says, and is an hour older.
func (w *townsfolk) killedOrder(when string) {
	w.t.Helper()
	w.killedIn(when, "revoke", "--config", filepath.Join(w.dir, "rollcall.yaml"), "--person", w.id("leo"), "--reason", "laptop stolen")
	w.quiet()
	w.clock.pass(time.Hour)
}

// The order is a fact of its run, on record before anything else: killed anywhere, the next
// night closes what was begun, says that the order never ended, and begins nothing of it;
// the next order ends it.
func TestKilledInAnOrderTheNextOneEndsIt(t *testing.T) {
	w := newTownOfOrders(t)
	before, want, last := w.unbroken(2, func() ran { return w.revoked(w.id("leo")) })
	moments := []string{"after 1", "after " + strconv.Itoa(last)} // nothing but the order is on record; all is done
	for n := 3; n <= last; n += 4 {
		moments = append(moments, "before "+strconv.Itoa(n))
	}
	for _, when := range moments {
		w.back(t, before)
		w.killedOrder(when)
		died := w.lastJournal()
		night := w.now("nightly")
		w.want(night, exitFailed, "took over the journal of 1 earlier run(s)", "run "+string(died)+" was an order to end all access of employees/E11, given by "+whoami(), "rollcall revoke --read --person employees/E11 --reason WHY",
			"an order by hand never came to its end")
		if works := strings.Contains(flat(night.stdout), "is theirs, and can be used: the order did not end it"); works != (when != moments[1]) {
			t.Errorf("%s: leo is found to work %t: %s", when, works, night)
		}
		if strings.Contains(flat(night.stdout), "laptop stolen") {
			t.Errorf("%s: why it was ordered is nobody's business: %s", when, night)
		}
		if w.sent() != 0 {
			t.Errorf("%s: a night went on with an order of another run", when)
		}
		w.want(w.again(), exitDone, "plan the same, to the byte")
		w.want(w.revoked(w.id("leo")), exitDone)
		if diff := cmp.Diff(want, w.effects()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		if len(w.memory().Orders) != 0 {
			t.Errorf("%s: given again and done, and it is open: %+v", when, w.memory().Orders)
		}
		w.want(w.again(), exitDone, "plan the same, to the byte")
		w.verified()
	}
}

// The record of an order is as closed to others as every other one, and says no more than
// who wants whom out, when and why.
func TestTheRecordOfAnOrderIsForWhoMayReadTheArchive(t *testing.T) {
	w := newTownOfOrders(t)
	w.killedOrder("after 1")
	file := filepath.Join("archive", "journal", string(w.lastJournal()), "000001.json")
	at := w.clock.Now().Add(-time.Hour).Format("2006-01-02T15:04") // and some seconds
	want := `Z","actor":"` + whoami() + `","order":{"person":{"source":"employees","employee_id":"E11"},"reason":"laptop stolen","by":"` + whoami() + `"}}`
	if got := w.read(file); !strings.HasSuffix(got, want+"\n") || !strings.Contains(got, `"kind":"order","at":"`+at) {
		t.Errorf("it is %s", got)
	}
	w.want(w.now("nightly"), exitFailed)
	w.want(w.revoked(w.id("leo")), exitDone)
	modes := map[os.FileMode]bool{}
	for _, name := range []string{file, filepath.Join("archive", "journal", string(w.lastJournal()), "000002.json")} {
		st, err := os.Stat(filepath.Join(w.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		modes[st.Mode()] = true
	}
	if len(modes) != 1 {
		t.Errorf("an order and an intent differ in who may read them: %v", modes)
	}
}
