package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
)

// staffed names everybody in the town whom notices and runbooks have to name.
func (w *townsfolk) staffed() {
	w.t.Helper()
	w.write("contacts.csv", "system,responsibility,name,business_hours_contact,after_hours_contact,hours,timezone\n"+
		",on_call,Ops,ops@example.test,+1 555 0100,09:00-17:00,UTC\n,security,Sec,sec@example.test,+1 555 0101,09:00-17:00,UTC\n"+
		",hr,People,people@example.test,,,\n,compliance,Rules,rules@example.test,,,\nokta,owner,Olga,olga@example.test,,,\naws,owner,Abel,abel@example.test,,,\n")
	w.write("rollcall.yaml", strings.Replace(w.read("rollcall.yaml"), "{rolemap: rolemap.csv}", "{rolemap: rolemap.csv, contacts: contacts.csv}", 1)+"review: {approver: {name: Pat Outside, mail: pat@elsewhere.test}}\n")
}

// pages are the texts of the Markdown pages, in one.
func (w *townsfolk) pages() string {
	w.t.Helper()
	w.want(w.now("runbook"), exitDone, "26 files are in", "Begin with")
	files, err := filepath.Glob(filepath.Join(w.dir, "runbooks", "*.md"))
	if err != nil || len(files) != 13 {
		w.t.Fatalf("%v, %v", files, err)
	}
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			w.t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

func TestRunbooksSayWhatWillHappenHere(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	as := w.read("rollcall.yaml")
	for _, here := range []struct{ from, to, says, not string }{
		{"mode: enforce", "mode: observe", "rollcall blocks nobody here: mode is observe", "The night then blocks every account"},
		{"mode: enforce", "mode: enforce", "The night then blocks every account", "rollcall blocks nobody here"},
		{"mode: enforce", "mode: enforce", "manual is not set in the configuration: the command shows here what it would do", "manual is observe"},
		{"mode: enforce", "mode: enforce\nmanual: observe", "manual is observe in the configuration: the command shows here", "manual is not set"},
		{"mode: enforce", "mode: enforce\nremove: {mode: enforce, after_days: 3}", "is removed 3 days after nothing of theirs", "stays: remove.mode is observe"},
		{"mode: enforce", "mode: observe\nremove: {mode: enforce, after_days: 3}", "stays: remove.mode is observe", "is removed 3 days after"},
		{"rolemap: rolemap.csv,", "rolemap: rolemap.csv, garden_leave: review,", "Garden leave ends nothing by itself", "Garden leave ends access"},
		{"mode: enforce", "mode: enforce\nremove: {mode: enforce, movers: true}", "What only the old job gave is taken away by the night, 30 days after", "stays until somebody decides"},
		{"mail: pat@elsewhere.test}}", "mail: pat@elsewhere.test}, days: 10, removals: enforce, notice_days: 2}", "Reviewers have 10 days", "Remove is told every night as a task"},
		{"mode: enforce", "mode: enforce\nguards: {blast: {night_min: 77}}", "more than 77 accounts", "more than 5 accounts (or"},
		{"mode: enforce", "mode: enforce", "Nobody may approve here: approvals.keys is empty", "Who may approve here"},
		{"role: read,", "role: read, restore_role: give, management_restore_role: give,", "restore --run RUN --person ID --show --config " + filepath.Join(w.dir, "rollcall.yaml"), "--show --config CONFIG"},
	} {
		w.write("rollcall.yaml", strings.Replace(as, here.from, here.to, 1))
		pages := w.pages()
		if !strings.Contains(pages, here.says) || strings.Contains(pages, here.not) {
			t.Errorf("with %s the pages do not say %q, or say %q", here.to, here.says, here.not)
		}
	}
}

func TestRunbooksAreNotWrittenFromAFileThatCannotBeUsed(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	w.write("contacts.csv", "no,such,columns\n")
	w.want(w.now("runbook"), exitRefused, "contacts.csv", "none was written", "rollcall check says what to mend")
	if _, err := os.Stat(filepath.Join(w.dir, "runbooks")); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}

func TestTheSameFilesGiveTheSameRunbooks(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.staffed()
	if once, again := w.pages(), w.pages(); once != again {
		t.Error("written twice, the pages differ")
	}
}
