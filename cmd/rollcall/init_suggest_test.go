package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/collectors/policy"
	"rollcall/internal/csvfile"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// sampleOf is a file as init writes it on a day.
func sampleOf(t *testing.T, name string, day time.Time) string {
	t.Helper()
	files, err := startFiles(day, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.path == name {
			return string(f.text)
		}
	}
	t.Fatalf("init writes no %s", name)
	return ""
}

func (w *townsfolk) read(name string) string {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

// rewrites changes a file of the town in one place.
func (w *townsfolk) rewrites(name, from, to string) {
	w.t.Helper()
	text := w.read(name)
	if !strings.Contains(text, from) {
		w.t.Fatalf("%s does not say %q", name, from)
	}
	w.write(name, strings.Replace(text, from, to, 1))
}

const staffMap = roleMapHead + "Everybody,,,,okta,,group,Staff,allowed,standard,,,,,\n"

func TestInitSuggestPutsAFirstRoleMapInThePlaceOfTheSampleAndOfNothingElse(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.write("rolemap.csv", sampleOf(t, "rolemap.csv", firstNight.AddDate(0, 0, -400)))
	before := files(t, filepath.Join(w.dir, "archive"))
	w.want(w.now("init", "--suggest"), exitDone, "rolemap.csv: 1 lines, 0 of them about privileged access. They cover 12 of 15 rights that people hold directly (80 %)",
		"No line explains these rights: okta group Old hands held by 2 aws 222222222222 permission_set Admin (privileged) held by 1",
		"They are held in these roles: Clerk, Dep10, employee 2 rights of 1 person", "It is in the place of the sample now. Nothing in it is approved yet")
	if got := w.read("rolemap.csv"); got != staffMap {
		t.Errorf("%s", got)
	}

	// It is the role map now, and people's to edit: another suggestion goes beside it.
	mine := strings.Replace(staffMap, "standard,,,,,", "standard,Ann,Everybody's group,Ann,2040-01-01,", 1)
	w.write("rolemap.csv", mine)
	w.want(w.now("init", "--suggest", "--json"), exitDone, `"lines": 1`, `"unexplained_rights": [ { "system": "okta"`, `rolemap_suggested.csv"`)
	if w.read("rolemap.csv") != mine || w.read("rolemap_suggested.csv") != staffMap {
		t.Errorf("%s\n%s", w.read("rolemap.csv"), w.read("rolemap_suggested.csv"))
	}
	n := len(w.okta.Requests())
	w.write("rolemap_suggested.csv", "read by Ann\n")
	w.want(w.now("init", "--suggest"), exitRefused, "rolemap_suggested.csv is there already, and nothing is overwritten: move it away")
	if w.read("rolemap.csv") != mine || w.read("rolemap_suggested.csv") != "read by Ann\n" || len(w.okta.Requests()) != n {
		t.Error("something was overwritten, or asked for nothing")
	}
	if after := files(t, filepath.Join(w.dir, "archive")); after != before || w.sent() != 0 {
		t.Errorf("something was changed: %q, then %q", before, after)
	}
}

// What a person changed, be it one letter, is theirs.
func TestASampleThatSomebodyTouchedIsLeftAsItIs(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	touched := strings.Replace(sampleOf(t, "rolemap.csv", firstNight), "Chat with", "Talk to", 1)
	w.write("rolemap.csv", touched)
	w.want(w.now("init", "--suggest"), exitDone, "The role map of the configuration is left as it is.", "rolemap diff --new "+filepath.Join(w.dir, "rolemap_suggested.csv"))
	if w.read("rolemap.csv") != touched || w.read("rolemap_suggested.csv") != staffMap {
		t.Error("it was not left as it is")
	}
}

// Also one that somebody saves while the systems are read.
func TestARoleMapThatIsSavedMeanwhileIsLeftAsItIs(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	var once sync.Once
	w.configure(serve(t, http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		once.Do(func() { w.write("rolemap.csv", "mine\n") })
		w.oktaFaults.ServeHTTP(to, r)
	})), serve(t, w.aws))
	w.write("rolemap.csv", sampleOf(t, "rolemap.csv", firstNight))
	w.want(w.now("init", "--suggest"), exitDone, "The role map of the configuration is left as it is.")
	if w.read("rolemap.csv") != "mine\n" || w.read("rolemap_suggested.csv") != staffMap {
		t.Error("it was not left as it is")
	}

	// And then there is no place for the suggestion if an older one is there.
	once = sync.Once{}
	w.write("rolemap.csv", sampleOf(t, "rolemap.csv", firstNight))
	w.write("rolemap_suggested.csv", "older\n")
	w.want(w.now("init", "--suggest"), exitAborted, "rolemap_suggested.csv: file exists, and nothing is overwritten: move it away")
	if w.read("rolemap.csv") != "mine\n" || w.read("rolemap_suggested.csv") != "older\n" {
		t.Error("something was overwritten")
	}
}

func TestOnlyWhatInitWroteIsASample(t *testing.T) {
	for _, name := range []string{"rolemap.csv", "roster.csv"} {
		for _, day := range []time.Time{sampleDay, sampleDay.AddDate(0, 0, -900), time.Date(2028, 2, 29, 23, 59, 0, 0, time.UTC), time.Date(2041, 12, 31, 0, 0, 0, 0, time.UTC)} {
			b := []byte(sampleOf(t, name, day))
			if !isSample(name, b) {
				t.Errorf("%s of %s is no sample", name, day)
			}
			for at := range b {
				was := b[at]
				b[at] ^= 1
				if isSample(name, b) {
					t.Fatalf("%s of %s with another byte %d (%q) is a sample", name, day, at, was)
				}
				b[at] = was
			}
			if isSample(name, b[:len(b)-1]) || isSample(name, append(b, '\n')) || isSample(name, bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))) {
				t.Errorf("%s: a shorter or longer one is a sample", name)
			}
		}
	}
	if isSample("rolemap.csv", nil) || isSample("nothing.csv", nil) {
		t.Error("nothing is a sample")
	}
}

// A map from part of the facts is not put in force: it could not be told from a
// whole one any more.
func TestInitSuggestFromPartOfTheFactsReplacesNothing(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	sample := sampleOf(t, "rolemap.csv", firstNight)
	w.write("rolemap.csv", sample)
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "no")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/apps")
	w.oktaFaults.Add(rule)
	w.want(w.now("init", "--suggest"), exitIncomplete, "could not be read to the end, so this is not all", "rolemap_suggested.csv: 1 lines")
	if w.read("rolemap.csv") != sample || w.read("rolemap_suggested.csv") != staffMap {
		t.Error("the sample was replaced")
	}
}

func TestInitSuggestNeedsHRsListAndSomethingThatManyHold(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	sample, roster := sampleOf(t, "rolemap.csv", firstNight), w.read("roster.csv")
	w.write("rolemap.csv", sample)
	w.write("roster.csv", sampleOf(t, "roster.csv", firstNight))
	w.want(w.now("init", "--suggest"), exitRefused, "roster.csv is still the sample that init wrote: put HR's list in its place, then run it again")
	if n := len(w.okta.Requests()); n != 0 {
		t.Errorf("%d requests for people who are not here", n)
	}
	w.write("roster.csv", roster)
	w.want(w.now("init", "--suggest", "--people", "50"), exitDone, "People hold 15 rights directly.", "No role map is written", "Try a smaller --share or --people")
	if w.read("rolemap.csv") != sample {
		t.Error("the sample was replaced by nothing")
	}
	w.want(w.now("init", "--suggest", "--share", "2"), exitRefused, "--share is 2")
	w.want(w.now("init", "--suggest", "--dir", w.dir), exitRefused, "--dir is for the files to start from")
	w.want(w.now("init"), exitRefused, "--config is only for --suggest")
}

// A new company on the demo's systems: from the sample to a role map that explains
// most of what people hold, and that the lint can use as it stands.
func TestInitSuggestOnTheDemoCompanyExplainsMostOfWhatPeopleHold(t *testing.T) {
	d := openDemo(t)
	if err := os.WriteFile(d.path("rolemap.csv"), []byte(sampleOf(t, "rolemap.csv", time.Now())), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out := d.command(t, "init", "--suggest", "--config", d.path("rollcall.yaml"), "--json")
	var told suggested
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitDone {
		t.Fatalf("exit code %d, %v\n%s", code, err, out)
	}
	if told.Held < 1000 || told.Covered*4 < told.Held*3 || told.Lines < 10 || len(told.Rights) == 0 || len(told.Roles) == 0 {
		t.Errorf("%d lines cover %d of %d, %d rights and %d roles are left", told.Lines, told.Covered, told.Held, len(told.Rights), len(told.Roles))
	}
	b, err := os.ReadFile(told.File)
	if err != nil || told.File != d.path("rolemap.csv") {
		t.Fatalf("%s: %v", told.File, err)
	}
	m, problems := policy.ReadRoleMap("rolemap.csv", b, "okta", "aws")
	if len(m.Rules) != told.Lines || len(problems) > 0 {
		t.Errorf("%d lines count of %d: %s", len(m.Rules), told.Lines, csvfile.Message(problems, 0))
	}
	for _, r := range m.Rules {
		if r.ApprovedBy != "" || !r.ApprovedOn.IsZero() || r.Owner != "" {
			t.Errorf("row %d says that somebody approved it", r.Row)
		}
	}
	if code, out := d.command(t, "rolemap", "diff", "--config", d.path("rollcall.yaml"), "--new", d.path("rolemap.csv")); code != exitDone || !strings.Contains(out, "any more (0)") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// command runs a command on the demo's systems.
func (d *demo) command(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var b bytes.Buffer
	e := d.inside()
	e.args, e.stdout = append([]string{"rollcall"}, args...), &b
	err := newApp(e).RunContext(t.Context(), e.args)
	if err != nil {
		b.WriteString(err.Error())
	}
	return exitCode(err), b.String()
}
