package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

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
