package jobs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// onRecord are the journal's records of orders.
func (h *hamlet) onRecord() (orders []string) {
	for name, b := range h.shelf {
		if strings.Contains(string(b), `"kind":"order"`) {
			orders = append(orders, name+" "+string(b))
		}
	}
	slices.Sort(orders)
	return orders
}

// ordering is a company and an order that ends all access of leo, who works there by HR's list.
func ordering(t *testing.T) (*hamlet, *Job) {
	t.Helper()
	h, j := ready(t, "revoke")
	j.Order = &access.Order{Reason: "stolen", Ticket: "INC-7", By: "ann@desk"}
	return h, j
}

// Whatever stops an order: who gave it, when and about whom is in the journal before any
// system is asked or changed, and the next run that can says that it did not come to its end.
func TestAnOrderIsOnRecordBeforeAnythingElseAndTheNextRunSaysThatItNeverEnded(t *testing.T) {
	h, j := ordering(t)
	if _, err := j.Revoke(t.Context(), "E7"); err != nil {
		t.Fatal(err)
	}
	if got := h.onRecord(); len(got) != 1 || !strings.HasPrefix(got[0], "journal/"+string(j.Run.ID)+"/000001.json") ||
		slices.ContainsFunc([]string{`"E7"`, "stolen", "INC-7", "ann@desk", `"at":"2026-03-02T04:00:00Z"`}, func(s string) bool { return !strings.Contains(got[0], s) }) {
		t.Errorf("on record: %q", got)
	}
	last := len(h.calls)
	for n := 1; n <= last; n++ {
		h, j := ordering(t)
		h.failAt = n
		_, err := j.Revoke(t.Context(), "E7")
		if failed := h.calls[n-1]; failed == "collect" || strings.HasPrefix(failed, "send ") {
			continue
		} else if !errors.Is(err, errIO) {
			t.Fatalf("%s: %v", failed, err)
		}
		asked := slices.ContainsFunc(h.calls, func(c string) bool {
			return c == "clock" || c == "collect" || c == "list" || c == "facts" || strings.HasPrefix(c, "send ")
		})
		if asked && len(h.onRecord()) != 1 {
			t.Errorf("stopped at call %d after %q: nothing says that it was ordered", n, h.calls)
		}
		h.failAt = 0
		night := h.job()
		r, err := night.Nightly(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		says := strings.Join(r.Night.Notes, "\n")
		told := strings.Contains(says, "run "+string(j.Run.ID)+" was an order to end all access of employees/E7") && strings.Contains(says, "given by ann@desk") &&
			strings.Contains(says, "2026-03-02 04:00 UTC") && strings.Contains(says, "rollcall revoke --read --person employees/E7 --reason WHY") && !strings.Contains(says, "stolen")
		if ordered := len(h.onRecord()) > 0; told != ordered || (r.Night.Run.ExitCode == ExitFailed) != ordered {
			t.Errorf("stopped at call %d, on record %t: the next night ends with %d and says %q", n, ordered, r.Night.Run.ExitCode, says)
		}
		if sent := h.sent(); len(sent) > 2 || r.Night.Order != nil {
			t.Errorf("a night goes on with an order of another run: %q", sent)
		}
		if r, err = h.job().Nightly(t.Context()); err != nil || strings.Contains(strings.Join(r.Night.Notes, " "), "was an order") {
			t.Errorf("it is told by each night anew that it was interrupted: %q %v", r.Night.Notes, err)
		}
	}
}

// perhaps are the accounts that a run found to be left by an order.
func perhaps(n *access.Night) (all []access.AccountID) {
	for _, f := range n.Findings {
		if f.Kind == access.PerhapsTheirs {
			all = append(all, f.Account.ID)
		}
	}
	return all
}

// interruptedOrder is a company in which an order about leo died before it did anything.
func interruptedOrder(t *testing.T) (*hamlet, access.RunID) {
	t.Helper()
	h, j := ordering(t)
	h.failAt = slices.Index(h.stepsOf(t, "revoke"), "clock") + 1
	if _, err := j.Revoke(t.Context(), "E7"); !errors.Is(err, errIO) || len(h.onRecord()) != 1 {
		t.Fatal(err, h.calls)
	}
	h.failAt, h.calls = 0, nil
	return h, j.Run.ID
}

// stepsOf are what a command does.
func (h *hamlet) stepsOf(t *testing.T, command string) []string {
	t.Helper()
	return strings.Fields(strings.ReplaceAll(commands[command].steps, "send ", "send_"))
}

// Every run that takes over says it, also one of another command, or about somebody else;
// a plan says it and leaves it.
func TestWhicheverRunComesNextTellsOfAnOrderThatNeverEnded(t *testing.T) {
	tells := func(n *access.Night, died access.RunID) bool {
		return slices.ContainsFunc(n.Notes, func(s string) bool { return strings.HasPrefix(s, "run "+string(died)+" was an order") })
	}
	for name, run := range map[string]func(*hamlet, *Job) (Result, error){
		"nightly": func(_ *hamlet, j *Job) (Result, error) { return j.Nightly(t.Context()) },
		"sweep": func(h *hamlet, j *Job) (Result, error) {
			j.Recall, j.Run.Trigger = h.Recall, "sweep"
			return j.Sweep(t.Context())
		},
		"an order about somebody else": func(h *hamlet, j *Job) (Result, error) {
			j.Order = &access.Order{Reason: "gone", By: "bob@desk"}
			return j.Revoke(t.Context(), "E8")
		},
	} {
		h, died := interruptedOrder(t)
		plan, err := h.job().Plan(t.Context())
		if err != nil || !tells(plan.Night, died) || h.memory.Journals[died] {
			t.Errorf("a plan says %q: %v", plan.Night.Notes, err)
		}
		next, said := h.job(), ""
		next.Say = func(f string, a ...any) { said += fmt.Sprintf(f, a...) + "\n" }
		r, err := run(h, next)
		if !strings.Contains(said, "run "+string(died)+" was an order to end all access of employees/E7") {
			t.Errorf("%s: whoever reads along is told %q", name, said)
		}
		if err != nil || !tells(r.Night, died) || r.Night.Run.ExitCode != ExitFailed || r.Head == "" || !h.memory.Journals[died] {
			t.Errorf("%s: ends with %d and says %q: %v", name, r.Night.Run.ExitCode, r.Night.Notes, err)
		}
		if o := h.memory.Orders[access.PersonKey{Source: "employees", EmployeeID: "E7"}]; !o.Interrupted || o.Run != died || o.Reason != "stolen" {
			t.Errorf("%s: remembered is %+v", name, h.memory.Orders)
		}
	}
}

// Given again, it is done; until then each night finds what of theirs works.
func TestWhatAnInterruptedOrderLeftIsFoundEachNightUntilItIsGivenAgain(t *testing.T) {
	h, _ := interruptedOrder(t)
	for range 3 {
		r, err := h.job().Nightly(t.Context())
		if err != nil || !slices.Equal(perhaps(r.Night), []access.AccountID{"u7"}) || len(h.sent()) != 0 {
			t.Fatalf("found %q, sent %q: %v", perhaps(r.Night), h.sent(), err)
		}
	}
	j := h.job()
	j.Order = &access.Order{Reason: "stolen", By: "ann@desk"}
	if r, err := j.Revoke(t.Context(), "E7"); err != nil || r.Night.Run.ExitCode != ExitDone || len(r.Night.Notes) != 0 || len(h.memory.Orders) != 0 {
		t.Errorf("given again it ends with %d %q, and open is %+v: %v", r.Night.Run.ExitCode, r.Night.Notes, h.memory.Orders, err)
	}
	h, _ = interruptedOrder(t)
	j = h.job()
	j.Order = &access.Order{Reason: "stolen", By: "ann@desk"}
	if r, err := j.Revoke(t.Context(), "E7"); err != nil || r.Night.Run.ExitCode != ExitDone || len(r.Night.Interrupted) != 0 || len(h.memory.Orders) != 0 {
		t.Errorf("given again at once it ends with %d, and open is %+v: %v", r.Night.Run.ExitCode, h.memory.Orders, err)
	}
	for range 2 { // the record of an order that came to its end tells nothing any more
		if r, err := h.job().Nightly(t.Context()); err != nil || len(perhaps(r.Night)) != 0 || len(r.Night.Interrupted) != 0 || r.Night.Run.ExitCode != ExitDone {
			t.Errorf("a night after it ends with %d, finds %+v and tells of %+v: %v", r.Night.Run.ExitCode, r.Night.Findings, r.Night.Interrupted, err)
		}
	}
}

// An order ends all access of one person. Of an id that stands in the rows of several it is
// refused, with each row, before anything is asked or on record.
func TestAnOrderAboutAnIDOfSeveralPeopleIsRefused(t *testing.T) {
	h, j := ordering(t)
	for n := range h.people {
		if name := h.people[n].Name; name == "leo" || name == "mia" {
			h.people[n].EmployeeID, h.people[n].Problem = "1.2E+05", "Excel changed it"
		}
	}
	_, err := j.Revoke(t.Context(), "1.2E+05")
	if !errors.Is(err, ErrWho) || len(h.onRecord())+len(h.sent()) > 0 || slices.Contains(h.calls, "clock") {
		t.Fatalf("%v after %q", err, h.calls)
	}
	for _, says := range []string{"is the ID of different people", "nothing was done", "row 8 of roster.csv  leo", "row 9 of roster.csv  mia", "in the console of each system now", "an ID of their own"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("it does not say %q: %v", says, err)
		}
	}
}

// TestOfAnIDOfManyPeopleTenRowsAreNamed: and how many more there are.
func TestOfAnIDOfManyPeopleTenRowsAreNamed(t *testing.T) {
	for many, more := range map[int]string{2: "", 10: "", 11: "\n  and 1 more\n", 13: "\n  and 3 more\n"} {
		var rows []access.Identity
		for n := range many {
			rows = append(rows, access.Identity{Row: n + 2, Name: fmt.Sprintf("P%d", n)})
		}
		says := several("roster.csv", rows).Error()
		if got := strings.Count(says, "of roster.csv  P"); got != min(many, 10) || !strings.Contains(says, more) || strings.Contains(says, " more") != (more != "") {
			t.Errorf("%d: %s", many, says)
		}
	}
}
