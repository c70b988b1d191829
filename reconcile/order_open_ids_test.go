package reconcile

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

// Of somebody with two ids everything that is open about either is one order, also where it
// is given again: done, nothing of it is open any more; not done, the oldest is.
func TestAnOrderGivenAgainByOneIDSettlesThatOfTheOther(t *testing.T) {
	older, newer := openOrder(miaKey), openOrder(leoKey)
	newer.Run, newer.At = "run-2", orderedAt.Add(time.Hour)
	for name, before := range map[string][]access.OpenOrder{
		"by the id that counts no more": {newer},
		"by the other one":              {older},
		"by both":                       {newer, older},
	} {
		for _, by := range []string{"1", "2"} {
			for _, done := range []bool{true, false} {
				w := orderWorld(t, "order employees/"+by+" stolen INC-7", "okta,00u3,employees,1,Max,2026-11-21\n")
				w.Policy.Answers = []access.Answer{{Person: leoKey, Answer: "same_as", SameAs: "2", ConfirmedOn: day("2026-11-21")}}
				w.Memory.Orders = map[access.PersonKey]access.OpenOrder{}
				for _, o := range before {
					w.Memory.Orders[o.Person] = o
				}
				d, outcomes := Decide(w), []access.Outcome{}
				for _, a := range d.Plan.Actions {
					outcomes = append(outcomes, access.Outcome{Action: a, Result: access.Done})
				}
				if !done {
					outcomes[0].Result = access.Failed
				}
				got := Remember(w, d, outcomes, "run-9").Orders
				first := before[len(before)-1]
				if o, is := got[miaKey]; done && len(got) > 0 || !done && (!is || len(got) != 1 || o.Run != first.Run || !o.At.Equal(first.At)) {
					t.Errorf("open %s, given by %s, done %t: open are %+v", name, by, done, got)
				}
			}
		}
	}
}

// What is open about somebody else stays open.
func TestAnOrderAboutSomebodyWithTwoIDsSettlesNothingOfAnother(t *testing.T) {
	other := access.PersonKey{Source: "employees", EmployeeID: "9"}
	w := orderWorld(t, "order employees/1 stolen INC-7", "okta,00u3,employees,1,Max,2026-11-21\n")
	w.Policy.Answers = []access.Answer{{Person: leoKey, Answer: "same_as", SameAs: "2", ConfirmedOn: day("2026-11-21")}}
	w.Memory.Orders = map[access.PersonKey]access.OpenOrder{leoKey: openOrder(leoKey), other: openOrder(other)}
	d, outcomes := Decide(w), []access.Outcome{}
	for _, a := range d.Plan.Actions {
		outcomes = append(outcomes, access.Outcome{Action: a, Result: access.Done})
	}
	got := Remember(w, d, outcomes, "run-9").Orders
	if o, is := got[other]; !is || o.Person != other || len(got) != 1 {
		t.Errorf("open are %+v", got)
	}
}
