package main

import (
	"path/filepath"
	"slices"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/reports/archive"
)

// newTownThatIsHeld is a town whose two leavers are too many for a night, so that somebody who may
// has to answer for them.
func newTownThatIsHeld(t *testing.T) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	w.answering()
	w.watched()
	w.limits("{blast: {night_min: 1, night_percent: 1, week_min: 2, week_percent: 1}}")
	w.leave("leo", "mia")
	return w
}

// answering gives the town somebody who may approve.
func (w *townsfolk) answering() {
	w.t.Helper()
	private, public, err := archive.NewKey()
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("ann.pem", string(private))
	w.write("ann-public.pem", string(public))
	for _, name := range []string{"observe.yaml", "rollcall.yaml"} {
		w.write(name, w.read(name)+"approvals: {keys: [ann-public.pem], key: {file: ann.pem}}\n")
	}
}

func (w *townsfolk) limits(text string) {
	w.t.Helper()
	w.write("rollcall.yaml", w.read("rollcall.yaml")+"guards: "+text+"\n")
}

// approveAll answers for everything that a plan of now says can be approved.
func (w *townsfolk) approveAll() {
	w.t.Helper()
	file := filepath.Join(w.dir, "plan.json")
	w.now("plan", "--out", file)
	p, err := readPlan(file)
	if err != nil {
		w.t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, g := range slices.Concat(p.Trips, p.Behind) {
		if len(g.Stakes) > 0 && !asked[g.Guard] {
			asked[g.Guard] = true
			w.want(w.now("approve", "--plan", file, "--guard", g.Guard, "--by", "Ann", "--reason", "HR confirmed it"), exitDone, "until")
		}
	}
	if len(asked) == 0 {
		w.t.Fatal("nothing can be approved")
	}
}
