package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/collectors/okta"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
)

// aviary is a town in which every secret that a run can hold is a canary, and is looked
// for in all that the program says and writes.
type aviary struct {
	*townsfolk
	sought
	got   *receiver
	env   map[string]string
	given []string // the files that hold secrets because they were put there
	// broken breaks down in the middle of a run; nil: nothing does.
	broken    func(jobs.Records) jobs.Records
	transport func(access.System) http.RoundTripper
	codes     map[int]int
}

const (
	readCanary    = "00canaryOktaRead4f1c9a7e2b8d"
	revokeCanary  = "00canaryOktaRevoke7d3b1e9f5a"
	restoreCanary = "00canaryOktaRestore2c8e6a4d0b"
	hookCanary    = "canaryHookPath5e1f3a9c"
	pagerCanary   = "ca4a12ca4a12ca4a12ca4a12ca4a1200"
	signCanary    = "Y2FuYXJ5L29mK3RoZS93ZWJob29rK2tleS8x"
	mailCanary    = "canary mail+pass/word&7"
	awsCanary     = "canaryAWS/secret+key/9b7d5f3a1c"
	proxyCanary   = "canaryProxyPassword8a6c"
	slackCanary   = "canarySlackPath1b9d7f5e"
	heartCanary   = "canaryHeartPath3d5f7b9a"
)

func newAviary(t *testing.T) *aviary {
	t.Helper()
	a := &aviary{townsfolk: newTown(t, fakeokta.Options{}), codes: map[int]int{}}
	a.got = &receiver{down: map[string]bool{}, got: map[string][]string{}}
	for what, secret := range map[string]string{"Okta's token that reads": readCanary, "Okta's token that revokes": revokeCanary, "Okta's token that restores": restoreCanary,
		"the webhook's address": hookCanary, "the pager's key": pagerCanary, "the webhook's key": signCanary, "the mail password": mailCanary,
		"the AWS key": awsCanary, "the proxy's password": proxyCanary, "the Slack address": slackCanary, "the heartbeat's address": heartCanary} {
		a.add(what, secret)
	}
	job := slices.IndexFunc(a.okta.State().Users, func(u fakeokta.User) bool { return u.Login() == "rollcall@example.test" })
	for secret, token := range map[string]fakeokta.Token{readCanary: {Name: "read", ReadOnly: true}, revokeCanary: {Name: "block"}, restoreCanary: {Name: "give"}} {
		token.UserID = a.okta.State().Users[job].ID
		a.okta.SetToken(secret, token)
	}
	a.arrives = a.learn
	for _, account := range []string{homeAWS, prodAWS} {
		a.aws.AddRole(fakeaws.Role{Account: account, Name: "give"})
	}
	a.mended()
	a.fromAWS()
	a.settings(serve(t, a.got))
	a.add("the key of the archive", a.read("signing.pem"))
	a.add("the key that approves", a.read("ann.pem"))
	return a
}

// mended ends all faults. What AWS lends is taken in again.
func (a *aviary) mended() {
	a.broken, a.transport = nil, nil
	a.hears(true)
	a.oktaFaults.Clear()
	a.awsFaults.Clear()
	a.awsFaults.Add(faults.Rule{Kind: faults.Rewrite, Rewrite: a.learnLent})
}

// hears says whether those who are to be told take it.
func (a *aviary) hears(yes bool) {
	for _, where := range []string{"slack", "v2", "hook", "heart", "sns"} {
		a.got.isDown(where, !yes)
	}
}

// learn takes in what a request proves itself with: tokens that Okta lends, sessions and
// signatures of AWS, assertions that a private key signed.
func (a *aviary) learn(_ access.System, r *http.Request) {
	if kind, proof, found := strings.Cut(r.Header.Get("Authorization"), " "); found {
		if _, signature, signed := strings.Cut(proof, "Signature="); signed {
			a.add("a signature of AWS", signature) // the last one: there are thousands
		} else {
			a.add("what a request says under "+kind+", ending in "+proof[max(0, len(proof)-4):], proof)
		}
	}
	a.add("a session of AWS", r.Header.Get("X-Amz-Security-Token"))
	if r.URL.Path != "/oauth2/v1/token" {
		return
	}
	b, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(b))
	if form, wrong := url.ParseQuery(string(b)); err == nil && wrong == nil {
		a.add("an assertion", form.Get("client_assertion"))
	}
}

var lent = regexp.MustCompile(`<(?:SecretAccessKey|SessionToken)>([^<]+)<`)

// learnLent takes in the keys that AWS lends.
func (a *aviary) learnLent(answer *faults.Answer) {
	for _, key := range lent.FindAllSubmatch(answer.Body, -1) {
		a.add("a key that AWS lent", string(key[1]))
	}
}

// fromAWS makes a Secrets Manager that holds the token that revokes.
func (a *aviary) fromAWS() {
	at := serve(a.t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprintf(w, `{"ARN":"a","Name":"n","SecretString":%q}`, `{"revoke":"`+revokeCanary+`"}`)
	}))
	for name, value := range map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": at, "AWS_ENDPOINT_URL_SNS": at, "AWS_ACCESS_KEY_ID": "AKIAJOB", "AWS_SECRET_ACCESS_KEY": awsCanary,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_SESSION_TOKEN": "", "AWS_PROFILE": ""} {
		a.t.Setenv(name, value)
	}
	a.env = map[string]string{"OKTA_TOKEN": readCanary, "HTTPS_PROXY": "http://canary:" + proxyCanary + "@127.0.0.1:1"}
}

// settings writes the configuration that has all of it, and two service apps in another.
func (a *aviary) settings(at string) {
	a.answering()
	mail, authority := mailThatTells(a.t)
	a.staffed()
	for name, text := range map[string]string{"restore": restoreCanary, "slack": at + "/slack/T0/" + slackCanary, "pager": pagerCanary, "hook": at + "/hook/" + hookCanary,
		"hooksecret": "whsec_" + signCanary, "heart": at + "/heart/" + heartCanary, "password": mailCanary} {
		a.secretFile(name, text)
	}
	a.write("ca.pem", authority)
	a.secretFile("signing.pem", a.read("signing.pem"))
	a.secretFile("ann.pem", a.read("ann.pem"))
	read, revoke := a.app("0oareader001", append(okta.CollectorScopes(), okta.LogScopes()...)), a.app("0oarevoke001", okta.RevokerScopes(false, false))
	a.secretFile("read.pem", string(read))
	a.secretFile("revoke.pem", string(revoke))
	a.add("the key of the app that reads", string(read))
	a.add("the key of the app that revokes", string(revoke))
	for _, file := range []string{"observe.yaml", "rollcall.yaml"} {
		text := strings.NewReplacer("revoke_token: {env: OKTA_REVOKE_TOKEN}", "revoke_token: {aws_secret: rollcall/okta, key: revoke, region: eu-west-1}, restore_token: {file: restore}",
			"revoke_role: block,", "revoke_role: block, restore_role: give, management_restore_role: give,",
			"reports: {dir: reports}", "reports: {dir: reports}\nmetrics: {file: figures.prom}\nsiem: {file: siem.jsonl, stderr: true}\nnetwork: {ca_bundle: ca.pem}\nmanual: enforce").Replace(a.read(file))
		a.write(file, text+`notices:
  environment: test
  channels:
    pager: {pagerduty: {file: pager}, endpoint: "`+at+`"}
    chat: {slack: {file: slack}}
    hook: {webhook: {url: {file: hook}, secret: {file: hooksecret}}}
    mail: {smtp: {server: "`+mail+`", from: rollcall@example.test, user: rollcall, password: {file: password}, tls: tls}}
    topic: {sns: {topic_arn: "arn:aws:sns:eu-west-1:111111111111:leavers"}}
  tell: {on_call: [pager, topic, chat], security: [chat, mail], hr: [mail, hook], compliance: [hook], reviewer: [mail], manager: [mail]}
  escalate: [hr]
  heartbeat: {file: heart}
`)
	}
	a.write("apps.yaml", strings.NewReplacer("token: {env: OKTA_TOKEN}, revoke_token: {aws_secret: rollcall/okta, key: revoke, region: eu-west-1}",
		"client_id: 0oareader001, private_key: {file: read.pem}, key_id: k1, revoke_client_id: 0oarevoke001, revoke_private_key: {file: revoke.pem}, revoke_key_id: k1").Replace(a.read("rollcall.yaml")))
}

// secretFile is a file that holds a secret because it has to.
func (a *aviary) secretFile(name, text string) {
	a.write(name, text)
	a.must(os.Chmod(filepath.Join(a.dir, name), 0o600))
	if !slices.Contains(a.given, name) {
		a.given = append(a.given, name)
	}
}

// mailThatTells is a mail server that refuses whoever signs in, in the words in which
// they did.
func mailThatTells(t *testing.T) (address, authority string) {
	t.Helper()
	borrowed := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(borrowed.Close)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: borrowed.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go refuseMail(c)
		}
	}()
	return l.Addr().String(), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: borrowed.Certificate().Raw}))
}

func refuseMail(c net.Conn) {
	defer c.Close()
	fmt.Fprint(c, "220 mail.example.test ESMTP\r\n")
	for lines := bufio.NewScanner(c); lines.Scan(); {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "EHLO"):
			fmt.Fprint(c, "250-mail.example.test\r\n250 AUTH PLAIN\r\n")
		default:
			fmt.Fprintf(c, "535 5.7.8 not with %s\r\n", line)
		}
	}
}

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
