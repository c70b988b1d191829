package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
)

// play runs a command and looks at all that it says, with the log in both its forms and
// with what is below the usual level.
func (a *aviary) play(file string, args ...string) ran {
	a.t.Helper()
	var stdout, stderr bytes.Buffer
	e := inSandbox(a.clock, &stdout, &stderr)
	e.outside.logins, e.outside.awsCredentials, e.outside.records = false, nil, a.broken
	if a.transport != nil {
		e.outside.http = a.transport
	}
	all := &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}
	e.log = slog.New(slog.NewMultiHandler(slog.NewTextHandler(&stderr, all), slog.NewJSONHandler(&stderr, all)))
	e.getenv = func(name string) string { return a.env[name] }
	if file != "" {
		args = append(args, "--config", filepath.Join(a.dir, file))
	}
	e.args = append([]string{"rollcall"}, args...)
	err := guarded(a.t.Context(), e)
	a.t.Logf("%s: %d %.300s", strings.Join(args[:min(3, len(args))], " "), exitCode(err), flat(fmt.Sprint(err)))
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&stderr, "rollcall: %v\n%+v\n%#v\n", err, err, err)
		if code := exitCode(err); code > 0 {
			a.codes[code]++
		}
	}
	said := ran{0, stdout.String(), stderr.String()}
	for _, found := range a.in([]byte(said.stdout + said.stderr)) {
		a.t.Errorf("rollcall %s says %s", strings.Join(args, " "), found)
	}
	return said
}

// guarded gives a panic as an error that says what the Go runtime would.
func guarded(ctx context.Context, e *environ) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return newApp(e).RunContext(ctx, e.args)
}

// wholeLife plays every command that has secrets, and the others on what those wrote.
func (a *aviary) wholeLife() {
	a.play("observe.yaml", "nightly")
	a.leave("leo", "mia")
	a.clock.pass(24 * time.Hour)
	for _, args := range [][]string{
		{"check"}, {"check", "--json"}, {"check", "--connect"}, {"plan", "--out", filepath.Join(a.dir, "plan.json")}, {"apply", "--plan", filepath.Join(a.dir, "plan.json")}, {"nightly"},
		{"review", "open", "--campaign", "2041-q1"}, {"review", "remind"}, {"review", "status", "--json"}, {"review", "close", "--unanswered"},
		{"revoke", "--person", "E02", "--reason", "laptop stolen"}, {"sweep"}, {"status"}, {"why", "--person", "E11"},
		{"notices", "test"}, {"notices", "send"}, {"notices", "list"}, {"notices", "ack", "--key", "none", "--by", "dana"},
		{"rolemap", "suggest", "--out", filepath.Join(a.dir, "suggested.csv")}, {"rolemap", "lint"}, {"runbook"},
		{"audit", "verify"}, {"audit", "ask", "--question", "leavers", "--out", filepath.Join(a.dir, "leavers.json"), "--format", "json"},
		{"audit", "sql", "--query", "SELECT * FROM actions"}, {"audit", "replay", "--run", "none"}, {"audit", "expire", "--before", "2030-01-01"},
		{"audit", "export", "--from", "2041-03-04", "--to", "2041-03-05", "--out", filepath.Join(a.dir, "pack"), "--sign"},
		{"approve", "--guard", "blast_radius", "--plan", filepath.Join(a.dir, "plan.json"), "--by", "Ann", "--reason", "true"},
	} {
		a.play("rollcall.yaml", args...)
	}
	a.restores()
	a.play("", "init", "--dir", filepath.Join(a.dir, "begun"), "--company", "Example", "--timezone", "UTC", "--okta-url", a.oktaURL(), "--okta-token", "env:OKTA_TOKEN", "--roster", filepath.Join(a.dir, "roster.csv"), "--connect")
	a.play("", "init", "--dir", filepath.Join(a.dir, "mistaken"), "--company", "Example", "--timezone", "UTC", "--okta-url", a.oktaURL(), "--okta-token", readCanary, "--roster", filepath.Join(a.dir, "roster.csv"))
	a.clock.pass(24 * time.Hour)
	a.play("apps.yaml", "check", "--connect")
	a.play("apps.yaml", "nightly")
}

// restores undoes what the nights did, for somebody who works here after all.
func (a *aviary) restores() {
	a.corrected("leo")
	for _, run := range a.journals() {
		a.play("rollcall.yaml", "restore", "--run", string(run), "--show")
	}
	a.play("rollcall.yaml", "restore", "--run", string(a.journals()[0]), "--reason", "he works here after all")
}

func (a *aviary) oktaURL() string {
	at := regexp.MustCompile(`org_url: "([^"]+)"`).FindStringSubmatch(a.read("rollcall.yaml"))
	return at[1]
}

// tellsAll answers with all that the request says, as the worst proxies do, in the form in
// which the system tells of a mistake.
func (a *aviary) tellsAll(code int, form string) faults.Rule {
	return faults.Rule{Kind: faults.Refuse, Refuse: func(r *http.Request) faults.Answer {
		all, _ := httputil.DumpRequest(r, true) // a body that cannot be read is not told
		quoted, _ := json.Marshal(string(all))
		body := fmt.Sprintf(form, quoted)
		return faults.Answer{Code: code, Body: []byte(body), Header: http.Header{"Date": {a.clock.Now().Format(http.TimeFormat)}, "Content-Type": {"application/json"}, "Retry-After": {r.Header.Get("Authorization")},
			"Location": {"https://elsewhere.invalid/?proof=" + url.QueryEscape(r.Header.Get("Authorization"))}, "X-Okta-Request-Id": {r.Header.Get("Authorization")},
			"X-Amzn-Errortype": {"AccessDenied " + r.Header.Get("Authorization")}, "Www-Authenticate": {"DPoP " + r.Header.Get("Authorization")},
			"Link": {`<http://elsewhere.invalid/?after=` + r.Header.Get("Authorization") + `>; rel="next"`}}}
	}}
}

const (
	toldByOkta = `{"errorCode":"E0000011","errorSummary":%[1]s,"errorId":%[1]s,"errorCauses":[{"errorSummary":%[1]s}],"error":"invalid_client","error_description":%[1]s}`
	toldByAWS  = `{"__type":"AccessDeniedException","message":%[1]s,"Message":%[1]s}`
	toldByXML  = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message><![CDATA[%s]]></Message></Error></ErrorResponse>`
	toldAsList = `[{"id":%[1]s,"status":"ACTIVE","profile":{"login":%[1]s}},`
)

// faults are what goes wrong, each while a night, a check and the notices run.
func (a *aviary) faults() map[string]func() (file string) {
	both := func(okta, aws faults.Rule) func() string {
		return func() string {
			a.awsFaults.Clear() // the first rule counts
			a.oktaFaults.Add(okta)
			a.awsFaults.Add(aws)
			return "rollcall.yaml"
		}
	}
	elsewhere := func(address string) func() string {
		return func() string {
			a.write("elsewhere.yaml", regexp.MustCompile(`(org_url|endpoint): "[^"]+"`).ReplaceAllString(a.read("rollcall.yaml"), `$1: "`+address+`"`))
			return "elsewhere.yaml"
		}
	}
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	untrusted.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10} //nolint:gosec // it is to be refused
	untrusted.StartTLS()
	a.t.Cleanup(untrusted.Close)
	hangUp := faults.Rule{Kind: faults.CloseBeforeReply}
	return map[string]func() string{
		"401 that tells all":  both(a.tellsAll(401, toldByOkta), a.tellsAll(403, toldByXML)),
		"500 that tells all":  both(a.tellsAll(500, toldByOkta), a.tellsAll(400, toldByAWS)),
		"302 that tells all":  both(a.tellsAll(302, toldByOkta), a.tellsAll(302, toldByXML)),
		"a list that is none": both(a.tellsAll(200, toldAsList), a.tellsAll(200, toldByAWS)),
		"hangs up":            both(hangUp, hangUp),
		"old TLS":             elsewhere(untrusted.URL),
		"refused":             elsewhere("http://127.0.0.1:1"),
		"behind a proxy": func() string {
			a.write("elsewhere.yaml", regexp.MustCompile(`org_url: "[^"]+"`).ReplaceAllString(a.read("rollcall.yaml"), `org_url: "https://acme.invalid"`))
			return "elsewhere.yaml"
		},
		"a reader breaks down": func() string {
			a.transport = func(access.System) http.RoundTripper { return breaksDown{} }
			return "rollcall.yaml"
		},
		"the program breaks down": func() string {
			a.broken = func(jobs.Records) jobs.Records { panic("the disk is gone") }
			return "rollcall.yaml"
		},
		"nobody takes notices": func() string {
			a.hears(false)
			return "rollcall.yaml"
		},
	}
}

// breaksDown is a transport with a mistake, which shows what it held.
type breaksDown struct{}

func (breaksDown) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("broke down with %v of %s", r.Header, r.URL)
}

func TestNoSecretIsInAnythingThatIsSaidOrWritten(t *testing.T) {
	a := newAviary(t)
	a.wholeLife()
	faults := a.faults()
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		a.clock.pass(time.Hour)
		file := faults[name]()
		for _, args := range [][]string{{"check", "--connect"}, {"nightly"}, {"revoke", "--person", "E03", "--reason", name}, {"notices", "test"}, {"notices", "send"}} {
			a.play(file, args...)
		}
		a.mended()
	}
	if files := a.inFiles(t, a.dir, a.given...); files < 200 {
		t.Errorf("only %d files were looked at", files)
	}
	for where, bodies := range a.got.got {
		for _, found := range a.in([]byte(strings.Join(bodies, "\n"))) {
			if where != "v2" || !strings.HasPrefix(found, "the pager's key") { // it has to be there
				t.Errorf("what came to %s holds %s", where, found)
			}
		}
	}
	for _, code := range []int{exitAborted, exitRefused, exitIncomplete, exitFailed} {
		if a.codes[code] == 0 {
			t.Errorf("no command ended with %d: %v", code, a.codes)
		}
	}
	t.Logf("%d canaries, exit codes %v", len(a.all), a.codes)
}
