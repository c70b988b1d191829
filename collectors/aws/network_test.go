package aws

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

// far is a name that nobody resolves: only the proxy knows the way. The
// certificate of httptest is for it, and of an authority that nobody else knows.
const far = "https://example.com"

// behindProxy serves the sandbox over TLS, reachable by a CONNECT proxy only.
func behindProxy(t *testing.T, o *org, highest uint16) (authority *x509.Certificate, proxy *url.URL, asked func() []string) {
	t.Helper()
	server := httptest.NewUnstartedServer(o.faults)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: highest}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	tunnel := &connectProxy{to: server.Listener.Addr().String()}
	front := httptest.NewServer(tunnel)
	t.Cleanup(front.Close)
	at, err := url.Parse(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	return server.Certificate(), at, tunnel.heard
}

// connectProxy tunnels every CONNECT to one address, and notes all that it
// could hear.
type connectProxy struct {
	to string

	mu   sync.Mutex
	said []string
}

func (p *connectProxy) heard() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.said)
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.said = append(p.said, r.Method+" "+r.Host+" "+r.Header.Get("Authorization"))
	p.mu.Unlock()
	if r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	there, err := net.Dial("tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	here, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		_ = there.Close() // nothing was sent through it
		return
	}
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(there, buffered); _ = there.Close() }) // either end may hang up
	both.Go(func() { _, _ = io.Copy(here, there); _ = here.Close() })
	both.Wait()
}

func trusting(c *x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return pool
}

func TestEverythingGoesThroughTheProxyAndTrustsTheCompanysAuthority(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	authority, proxy, asked := behindProxy(t, o, tls.VersionTLS13)
	obs := collectAndClose(t, o, func(c *Config) {
		c.Endpoint, c.Proxy, c.RootCAs = far, http.ProxyURL(proxy), trusting(authority)
	})
	if found := gaps(obs); len(found) > 0 {
		t.Fatalf("gaps %v", found)
	}
	find(t, obs, prod, "leaver")
	if len(asked()) == 0 {
		t.Error("the proxy was passed by")
	}
	for _, line := range asked() {
		if line != "CONNECT example.com:443 " {
			t.Errorf("the proxy heard %q", line)
		}
	}
}

// collectAndClose leaves no idle connection behind.
func collectAndClose(t *testing.T, o *org, change func(*Config)) access.Observation {
	t.Helper()
	c := o.collector(t, change)
	defer closeIdle(c)
	obs, err := c.Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return obs
}

func closeIdle(c *Collector) {
	c.session.base.HTTPClient.(*http.Client).Transport.(*transport).next.(*http.Transport).CloseIdleConnections()
}

func TestTheAuthoritiesOfAWSCABUNDLEAreTrustedWithTheDefaultChain(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	authority, proxy, _ := behindProxy(t, o, tls.VersionTLS13)
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAJOB")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	obs := collectAndClose(t, o, func(c *Config) { c.Credentials, c.Endpoint, c.Proxy = nil, far, http.ProxyURL(proxy) })
	if found := gaps(obs); len(found) > 0 {
		t.Fatalf("gaps %v", found)
	}
}

func TestTheRoleOfAProfileIsTakenInTheSystemsRegionAndThroughTheProxy(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	authority, proxy, asked := behindProxy(t, o, tls.VersionTLS13)
	file := filepath.Join(t.TempDir(), "config")
	profile := "[profile night]\nrole_arn = arn:aws:iam::111111111111:role/rollcall-job-read\ncredential_source = Environment\nexternal_id = rollcall\n"
	if err := os.WriteFile(file, []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": file, "AWS_ACCESS_KEY_ID": "AKIAJOB", "AWS_SECRET_ACCESS_KEY": "s", "AWS_MAX_ATTEMPTS": "1", "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
	} {
		t.Setenv(name, value)
	}
	c := o.collector(t, func(c *Config) {
		c.Credentials, c.Profile, c.Region = nil, "night", "eu-west-1"
		c.Endpoint, c.Proxy, c.RootCAs = far, http.ProxyURL(proxy), trusting(authority)
	})
	defer closeIdle(c)
	_, err := c.Collect(t.Context()) // the certificate at the proxy's end is not AWS's
	if err == nil || strings.Contains(err.Error(), "Missing Region") || !slices.Contains(asked(), "CONNECT sts.eu-west-1.amazonaws.com:443 ") {
		t.Errorf("the proxy heard %q: %v", asked(), err)
	}
	cfg := o.config("read")
	cfg.Credentials, cfg.Profile = nil, "nobody"
	if _, err := NewCollector(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "in the profile nobody") {
		t.Errorf("a profile that is not there: %v", err)
	}
}

func TestAnAuthorityThatNobodyKnowsAndAnOldTLSAreRefusedAndTellNoSecret(t *testing.T) {
	const secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYSECRET"
	for name, c := range map[string]struct {
		highest uint16
		trusted bool
		says    string
	}{
		"unknown authority": {tls.VersionTLS13, false, "certificate"},
		"TLS 1.1":           {tls.VersionTLS11, true, "protocol version"},
	} {
		o := openOrg(t, fakeaws.Options{})
		authority, proxy, _ := behindProxy(t, o, c.highest)
		collector := o.collector(t, func(cfg *Config) {
			cfg.Endpoint, cfg.Proxy, cfg.RootCAs = far, http.ProxyURL(proxy), x509.NewCertPool()
			cfg.Credentials = credentials.NewStaticCredentialsProvider("AKIAJOB", secret, "token"+secret)
			if c.trusted {
				cfg.RootCAs.AddCert(authority)
			}
		})
		_, err := collector.Collect(t.Context())
		closeIdle(collector)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(o.Requests()); n > 0 {
			t.Errorf("%s: %d requests arrived", name, n)
		}
	}
}

func TestNoSecretIsInAnyGapWhateverFails(t *testing.T) {
	const secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYSECRET"
	for _, op := range []string{"AssumeRole", "ListAccounts", "GetAccountAuthorizationDetails", "ListUsers", "GetCallerIdentity"} {
		o := openOrg(t, fakeaws.Options{})
		o.faults.Add(apiError(op, 403, "SignatureDoesNotMatch"))
		c := o.collector(t, func(cfg *Config) {
			cfg.Credentials = credentials.NewStaticCredentialsProvider("AKIAJOB", secret, "token"+secret)
		})
		obs, err := c.Collect(t.Context())
		said := strings.Join(obs.Notes, " ")
		if err != nil {
			said += err.Error()
		}
		for _, gap := range gaps(obs) {
			said += gap
		}
		if said == strings.Join(obs.Notes, " ") || strings.Contains(said, secret) || strings.Contains(said, "secret-of-") {
			t.Errorf("%s: %q", op, said)
		}
	}
}

func TestEachAccountIsEnteredWithExternalIDRunAndSource(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.collect(t, func(c *Config) { c.RunID, c.SourceIdentity = "2026-11-23T02:00Z", "rollcall-job" })
	sessions := o.State().Sessions
	if len(sessions) != 2 {
		t.Fatalf("%d sessions, want one in each member account: %+v", len(sessions), sessions)
	}
	for _, s := range sessions {
		if s.Name != "rollcall-2026-11-23T02-00Z" || s.SourceIdentity != "rollcall-job" || s.Role != "read" || !s.ReadOnly {
			t.Errorf("%+v", s)
		}
	}
	found := gaps(o.collect(t, func(c *Config) { c.ExternalID = "wrong" }))
	if !strings.Contains(found[prod+"/iam"], "may not be assumed") || found[home+"/iam"] != "" {
		t.Errorf("gaps %v", found)
	}
}

func TestASessionThatExpiresHalfWayIsAGapOrIsRenewedAndNeverAShortList(t *testing.T) {
	o := openOrg(t, fakeaws.Options{MaxPage: 1})
	want := o.collect(t)
	rule := apiError("GetAccountAuthorizationDetails", 403, "ExpiredToken")
	rule.Skip = 3
	o.faults.Add(rule)
	obs, err := o.collector(t).Collect(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if len(obs.Accounts) < len(want.Accounts) && len(gaps(obs)) == 0 {
		t.Error("a shorter list is called complete")
	}
	for _, r := range obs.Reads {
		if r.Kind == readIAM && r.Complete && r.Records != readOf(t, want, r.Scope, readIAM).Records {
			t.Errorf("%s is called complete with %d records", r.Name(), r.Records)
		}
	}
}
