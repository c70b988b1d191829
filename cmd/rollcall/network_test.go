package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/collectors/okta"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/notify"
	"rollcall/reconcile"
)

// app makes a service app of Okta's and gives its private key as PEM.
func (w *townsfolk) app(id string, scopes []string) []byte {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		w.t.Fatal(err)
	}
	w.okta.SetServiceApp(id, fakeokta.ServiceApp{Name: id, Scopes: scopes, Keys: map[string]crypto.PublicKey{"k1": &key.PublicKey}})
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func TestANightOfTwoServiceAppsBlocksALeaverAndWritesNoSecret(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	read, revoke := w.app("0oareader001", append(okta.CollectorScopes(), okta.LogScopes()...)), w.app("0oarevoke001", okta.RevokerScopes(false, false))
	w.write("read.pem", string(read))
	w.write("revoke.pem", string(revoke))
	for _, name := range []string{"observe.yaml", "rollcall.yaml"} {
		b := w.read(name)
		w.write(name, strings.NewReplacer("token: {env: OKTA_TOKEN}", "client_id: 0oareader001, private_key: {file: read.pem}, key_id: k1",
			"revoke_token: {env: OKTA_REVOKE_TOKEN}", "revoke_client_id: 0oarevoke001, revoke_private_key: {file: revoke.pem}, revoke_key_id: k1").Replace(b))
	}
	w.watched()
	w.leave("leo")
	w.want(w.night("nightly"), exitDone)
	w.blocked("leo")
	w.verified()
	w.withoutText(strings.Split(string(read), "\n")[1], strings.Split(string(revoke), "\n")[1])
}

// withoutText looks for secrets in everything that the nights wrote.
func (w *townsfolk) withoutText(secrets ...string) {
	w.t.Helper()
	for _, folder := range []string{"archive", "reports"} {
		err := filepath.Walk(filepath.Join(w.dir, folder), func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			for _, s := range secrets {
				if strings.Contains(string(b), s) {
					w.t.Errorf("%s holds a secret", path)
				}
			}
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestProxiesComeFromTheUsualVariablesAndNotForThisMachine(t *testing.T) {
	vars := map[string]string{"https_proxy": "http://proxy.example:3128", "NO_PROXY": "direct.example"}
	n, err := (&environ{getenv: func(k string) string { return vars[k] }}).network(config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"https://acme.okta.com/api": "http://proxy.example:3128", "https://direct.example/": "", "http://127.0.0.1:80/": "", "https://localhost/": "",
	} {
		through, err := n.proxy(httptest.NewRequest(http.MethodGet, address, nil))
		got := ""
		if through != nil {
			got = through.String()
		}
		if err != nil || got != want {
			t.Errorf("%s goes through %q, want %q (%v)", address, got, want, err)
		}
	}
}

func TestCertificatesThatTheConfigurationAddsAreTrustedAndBadOnesAreRefused(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	dir := t.TempDir()
	bundle := filepath.Join(dir, "ca.pem")
	cfg := config.Config{File: "rollcall.yaml", Dir: dir, Network: config.Network{CABundle: "ca.pem"}}
	e := &environ{getenv: func(string) string { return "" }}
	if _, err := e.network(cfg); exitCode(err) != exitRefused || !strings.Contains(err.Error(), "network.ca_bundle cannot be read") {
		t.Errorf("no bundle: %v", err)
	}
	if err := os.WriteFile(bundle, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := e.network(cfg); exitCode(err) != exitRefused || !strings.Contains(err.Error(), "holds no certificate") {
		t.Errorf("a bad bundle: %v", err)
	}
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := e.network(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Certificate().Verify(x509.VerifyOptions{Roots: n.roots, CurrentTime: server.Certificate().NotBefore.Add(time.Hour)}); err != nil {
		t.Errorf("the added certificate is not trusted: %v", err)
	}
}

// What Slack, PagerDuty and webhooks are sent, and the certificates of mail, are set up here.
func TestAnOldTLSOfAChannelIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of who does not go on
	server.StartTLS()
	t.Cleanup(server.Close)
	n := network{proxy: func(*http.Request) (*url.URL, error) { return nil, nil }, roots: x509.NewCertPool()}
	n.roots.AddCert(server.Certificate())
	hook, err := notify.NewWebhook(notify.WebhookConfig{URL: server.URL, Secret: "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))}, notify.World{Transport: transportOf(n), Now: time.Now, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hook.Send(t.Context(), access.Message{Key: "k", Title: "t"}); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("a webhook of TLS 1.1: %v", err)
	}
	if mail := (&environ{}).mail(config.SMTP{Server: "mail.example.com:587"}, n); mail.TLS == nil || mail.TLS.MinVersion < tls.VersionTLS12 {
		t.Errorf("mail: %+v", mail.TLS)
	}
}

// hurried is a town whose nights have three seconds for reading, in which one
// address of Okta never answers.
func hurried(t *testing.T, file, hangs string) (*townsfolk, config.Config) {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.oktaFaults.Add(faults.Rule{Kind: faults.Slow, Delay: time.Minute, Match: faults.Path(http.MethodGet, hangs)})
	cfg, err := config.Load(filepath.Join(w.dir, file), []byte(w.read(file)))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Collect.MaxTime = 3 * time.Second
	return w, cfg
}

func TestAListThatIsNotReadInTimeIsAGapAndTheOthersCount(t *testing.T) {
	w, cfg := hurried(t, "observe.yaml", "/api/v1/users")
	e := inSandbox(w.clock, io.Discard, io.Discard)
	k := &checkup{}
	if err := e.connect(t.Context(), cfg, k); err != nil {
		t.Fatal(err)
	}
	reads := map[string]access.Read{}
	for _, r := range k.Reads {
		reads[r.Name()] = r
	}
	if users := reads["okta/users"]; users.Complete || !strings.Contains(users.Gap, "collect.max_time") {
		t.Errorf("users: complete %v, gap %q", users.Complete, users.Gap)
	}
	if !reads["okta/groups"].Complete || !reads["aws/organization"].Complete {
		t.Errorf("what was read in time is a gap: %+v", k.Reads)
	}
}

func TestALeaverInAListThatWasReadInTimeIsBlockedThoughAnotherListWasNot(t *testing.T) {
	w, cfg := hurried(t, "rollcall.yaml", "/api/v1/apps")
	w.leave("leo")
	w.clock.pass(24 * time.Hour)
	e := inSandbox(w.clock, io.Discard, io.Discard)
	err := e.nightly(t.Context(), cfg, "nightly", nil, reconcile.Drops{}, false)
	if code := exitCode(err); code != exitIncomplete {
		t.Errorf("exit code %d: %v", code, err)
	}
	w.blocked("leo")
}
