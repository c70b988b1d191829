package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
)

// openDemo is a demo whose systems are up and whose first night was not played.
func openDemo(t *testing.T) *demo {
	t.Helper()
	return openDemoBehind(t, func(org http.Handler) http.Handler { return org })
}

// openDemoBehind is openDemo with something before its Okta.
func openDemoBehind(t *testing.T, front func(http.Handler) http.Handler) *demo {
	t.Helper()
	e := &environ{getenv: func(string) string { return "" }, stdout: t.Output(), stderr: t.Output(), now: time.Now, log: slog.New(demoLog{t.Output()})}
	e.outside.okta = func(h http.Handler) http.Handler { return front(oktaspec.Judge(t, h)) }
	d := &demo{e: e, dir: t.TempDir(), clock: &demoClock{}}
	if err := d.start(false); err != nil {
		t.Fatal(err)
	}
	d.settle(t)
	return d
}

// settle writes the files of a demo whose systems are up, until the test is over.
func (d *demo) settle(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.writeFiles(); err != nil {
		t.Fatal(err)
	}
}

// playTwoNights plays the quiet first night, and that of the next day.
func (d *demo) playTwoNights(t *testing.T) {
	t.Helper()
	d.playNight(t)
	if err := d.nextDay(); err != nil {
		t.Fatal(err)
	}
	d.playNight(t)
}

// playNight is play with the night's own record.
func (d *demo) playNight(t *testing.T) *access.Night {
	t.Helper()
	d.clock.set(d.state.night(d.state.Played))
	b, err := os.ReadFile(d.path("rollcall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(d.path("rollcall.yaml"), b)
	if err != nil {
		t.Fatal(err)
	}
	n, err := d.inside().wire(t.Context(), cfg, "nightly", cfg.Mode)
	if err != nil {
		t.Fatal(err)
	}
	result, err := n.job.Nightly(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.state.Played++
	return result.Night
}

// found reports whether a finding of that kind is about that person or login.
func found(n *access.Night, kind access.FindingKind, who string) bool {
	for _, f := range n.Findings {
		if f.Kind == kind && (string(f.Person.EmployeeID) == who || f.Login == who || who == "") {
			return true
		}
	}
	return false
}

// run runs a command in the demo, at the time of its last night.
func (d *demo) run(t *testing.T, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e := d.inside()
	e.stdout, e.stderr, e.log = &stdout, &stderr, slog.New(demoLog{&stderr})
	e.args = append([]string{"rollcall"}, args...)
	err := newApp(e).RunContext(t.Context(), e.args)
	if err != nil {
		fmt.Fprintf(&stderr, "rollcall: %v\n", err)
	}
	return ran{exitCode(err), stdout.String(), stderr.String()}
}

// must is run with an exit code and words that it has to say.
func (d *demo) must(t *testing.T, code int, says string, args ...string) ran {
	t.Helper()
	r := d.run(t, args...)
	if r.code != code || !strings.Contains(flat(r.stdout+r.stderr), flat(says)) {
		t.Fatalf("%s: want exit code %d and %q: %s", strings.Join(args, " "), code, says, r)
	}
	return r
}

// tomorrow is the nightly command, a day later.
func (d *demo) tomorrow(t *testing.T) ran {
	t.Helper()
	d.clock.set(d.state.night(d.state.Played))
	d.state.Played++
	return d.run(t, "nightly", "--config", d.path("rollcall.yaml"))
}

// hrSays writes a list of today in which these people left yesterday and all
// others are as they were; some number makes it a list that was not there before.
func (d *demo) hrSays(t *testing.T, number int, left ...string) {
	t.Helper()
	b, err := os.ReadFile(d.path("employees.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	id, title, status, end, last := slices.Index(rows[0], "employee_id"), slices.Index(rows[0], "title"), slices.Index(rows[0], "status"), slices.Index(rows[0], "end_date"), slices.Index(rows[0], "last_working_day")
	yesterday := d.clock.now().AddDate(0, 0, -1).Format(time.DateOnly)
	for n := range rows {
		switch {
		case slices.Contains(left, rows[n][id]):
			rows[n][status], rows[n][end], rows[n][last] = "Terminated", yesterday, yesterday
		case strings.HasPrefix(rows[n][title], "Software Engineer"):
			rows[n][status], rows[n][end], rows[n][last] = "Active", "", ""
			rows[n][title] = fmt.Sprintf("Software Engineer %d", number)
		}
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.path("employees.csv"), out.Bytes(), 0o640); err != nil {
		t.Fatal(err)
	}
}

// engineers are the ids of that many software engineers who play no part in the
// demo's own story.
func (d *demo) engineers(t *testing.T, n int) (ids []string) {
	t.Helper()
	cast := map[string]bool{}
	for _, p := range d.company.Cast {
		cast[p.ID] = true
	}
	for _, p := range d.company.People {
		if p.Title == "Software Engineer" && p.Type == "employee" && !cast[p.ID] && len(ids) < n {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) < n {
		t.Fatalf("only %d engineers", len(ids))
	}
	return ids
}

// logins counts the people whose login in Okta has a status.
func (d *demo) logins(status fakeokta.Status, ids ...string) (n int) {
	for _, u := range d.company.Okta().State().Users {
		number, _ := u.Profile["employeeNumber"].(string)
		if slices.Contains(ids, number) && u.Status == status {
			n++
		}
	}
	return n
}
