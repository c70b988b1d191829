package fakeokta_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v3"
	"github.com/go-jose/go-jose/v3/jwt"
	"github.com/okta/okta-sdk-golang/v2/okta"

	"rollcall/internal/sandbox/fakeokta"
)

const client = "0oaclient00000000000"

// key is made once: it takes a while.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	made, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return made
})

// office is an organisation with one service app, on a clock that a test sets.
type office struct {
	*fakeokta.Server
	t   *testing.T
	now time.Time
	url string
}

func openOffice(t *testing.T, adjust func(*fakeokta.ServiceApp)) *office {
	t.Helper()
	app := fakeokta.ServiceApp{
		Name: "job", Keys: map[string]crypto.PublicKey{"k1": &key().PublicKey},
		Scopes: []string{"okta.users.read", "okta.groups.manage"},
	}
	if adjust != nil {
		adjust(&app)
	}
	o := &office{t: t, now: start}
	o.Server = fakeokta.New(fakeokta.Options{
		Now: func() time.Time { return o.now }, ServiceApps: map[string]fakeokta.ServiceApp{client: app},
	})
	server := httptest.NewServer(o.Server)
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

// claim is an assertion that Okta takes, until a test spoils it.
func (o *office) claim() jwt.Claims {
	return jwt.Claims{
		Issuer: client, Subject: client, Audience: jwt.Audience{o.url + "/oauth2/v1/token"},
		Expiry: jwt.NewNumericDate(o.now.Add(5 * time.Minute)),
	}
}

func (o *office) sign(claims jwt.Claims, kid string) string {
	o.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key()}, (&jose.SignerOptions{}).WithHeader("kid", kid))
	if err != nil {
		o.t.Fatal(err)
	}
	signed, err := jwt.Signed(signer).Claims(claims).CompactSerialize()
	if err != nil {
		o.t.Fatal(err)
	}
	return signed
}

type answer struct {
	status int
	header http.Header
	Token  string `json:"access_token"`
	Scope  string `json:"scope"`
	Life   int    `json:"expires_in"`
	Error  string `json:"error"`
	Why    string `json:"error_description"`
	Code   string `json:"errorCode"`
}

func (o *office) ask(assertion, scope string) answer {
	o.t.Helper()
	return o.send("POST", "/oauth2/v1/token", "", url.Values{
		"grant_type": {"client_credentials"}, "scope": {scope}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	})
}

func (o *office) send(method, path, token string, form url.Values) answer {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		o.t.Fatal(err)
	}
	if len(form) > 0 {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header}
	if strings.HasPrefix(string(raw), "{") {
		if err := json.Unmarshal(raw, &a); err != nil {
			o.t.Fatal(err)
		}
	}
	return a
}

// The SDK signs in its own way: that proves that the endpoint was not made for
// one client.
func TestTheSDKSignsInWithAPrivateKey(t *testing.T) {
	// The SDK takes the real time for its assertion.
	o := openOffice(t, func(app *fakeokta.ServiceApp) { app.Scopes = []string{"okta.users.read", "okta.groups.read"} })
	o.now = time.Now()
	o.AddUser(person(1, ""))
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	_, c, err := okta.NewClient(context.Background(),
		okta.WithOrgUrl(o.url), okta.WithAuthorizationMode("PrivateKey"), okta.WithClientId(client),
		okta.WithScopes([]string{"okta.users.read"}), okta.WithPrivateKeyId("k1"), okta.WithCache(false),
		okta.WithPrivateKey(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key())}))),
		okta.WithTestingDisableHttpsCheck(true), okta.WithHttpClientPtr(&http.Client{Timeout: 20 * time.Second, Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	users, _, err := c.User.ListUsers(t.Context(), nil)
	if err != nil || len(users) != 1 {
		t.Fatalf("%d users, error %v", len(users), err)
	}
	_, resp, err := c.Group.ListGroups(t.Context(), nil)
	if err == nil || resp.StatusCode != http.StatusForbidden || !strings.Contains(err.Error(), "required scopes") {
		t.Fatalf("groups without their scope: %v, %v", resp, err)
	}
}

func TestAnAssertionIsTakenOnceAndOnlyWhenAllOfItHolds(t *testing.T) {
	o := openOffice(t, nil)
	for rule, spoil := range map[string]func(*jwt.Claims){
		"of nobody":           func(c *jwt.Claims) { c.Issuer, c.Subject = "0oanobody", "0oanobody" },
		"for somebody else":   func(c *jwt.Claims) { c.Issuer = "0oanobody" },
		"for another place":   func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://example.okta.com/oauth2/v1/token"} },
		"without an end":      func(c *jwt.Claims) { c.Expiry = nil },
		"that has ended":      func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(o.now) },
		"that lasts too long": func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(o.now.Add(2 * time.Hour)) },
		"of the future":       func(c *jwt.Claims) { c.IssuedAt = jwt.NewNumericDate(o.now.Add(time.Minute)) },
	} {
		claims := o.claim()
		spoil(&claims)
		if a := o.ask(o.sign(claims, "k1"), "okta.users.read"); a.status != 401 || a.Error != "invalid_client" || a.Token != "" {
			t.Errorf("an assertion %s: %+v", rule, a)
		}
	}
	good := o.sign(o.claim(), "k1")
	for rule, assertion := range map[string]string{
		"no assertion": "", "no JWT": "a.b.c", "another key id": o.sign(o.claim(), "k2"),
		"a broken signature": good[:len(good)-8] + "AAAAAAAA",
		"no signature":       strings.Join(strings.Split(good, ".")[:2], ".") + ".",
	} {
		if a := o.ask(assertion, "okta.users.read"); a.status != 401 || a.Token != "" {
			t.Errorf("%s: %+v", rule, a)
		}
	}
	once := o.claim()
	once.ID = "1"
	if a := o.ask(o.sign(once, "k1"), "okta.users.read"); a.status != 200 || a.Life != 3600 {
		t.Errorf("the first time: %+v", a)
	}
	if a := o.ask(o.sign(once, "k1"), "okta.users.read"); a.status != 401 {
		t.Errorf("the second time: %+v", a)
	}
	if a := o.send("GET", "/oauth2/v1/token", "", nil); a.status != 405 {
		t.Errorf("GET: %+v", a)
	}
}

func TestAnAccessTokenEnds(t *testing.T) {
	o := openOffice(t, func(app *fakeokta.ServiceApp) { app.Life = 10 * time.Minute })
	a := o.ask(o.sign(o.claim(), "k1"), "okta.users.read")
	equal(t, "life", a.Life, 600)
	o.now = o.now.Add(10*time.Minute - time.Second)
	equal(t, "before its end", o.send("GET", "/api/v1/users", a.Token, nil).status, 200)
	o.now = o.now.Add(time.Second)
	late := o.send("GET", "/api/v1/users", a.Token, nil)
	if late.status != 401 || !strings.Contains(late.header.Get("WWW-Authenticate"), `error="invalid_token"`) {
		t.Errorf("after its end: %+v", late)
	}
	a = o.ask(o.sign(o.claim(), "k1"), "okta.users.read")
	o.EndAccessTokens()
	equal(t, "revoked", o.send("GET", "/api/v1/users", a.Token, nil).status, 401)
}

func TestAnAppWithoutAnAdminRoleSeesNobodyAndIsRefusedTheRest(t *testing.T) {
	o := openOffice(t, func(app *fakeokta.ServiceApp) { app.NoAdminRole = true })
	o.AddUser(person(1, ""))
	a := o.ask(o.sign(o.claim(), "k1"), "okta.users.read okta.groups.manage")
	equal(t, "users", o.send("GET", "/api/v1/users", a.Token, nil).status, 200)
	equal(t, "groups", o.send("GET", "/api/v1/groups", a.Token, nil).status, 403)
}

func TestDPoPIsDemanded(t *testing.T) {
	o := openOffice(t, nil)
	o.SetServiceApp(client, fakeokta.ServiceApp{Keys: map[string]crypto.PublicKey{"": &key().PublicKey}, Scopes: []string{"okta.users.read"}, DPoP: true})
	if a := o.ask(o.sign(o.claim(), ""), "okta.users.read"); a.status != 400 || a.Error != "invalid_dpop_proof" {
		t.Errorf("%+v", a)
	}
}

func TestTheTokenEndpointHasALimitOfItsOwn(t *testing.T) {
	o := openOffice(t, nil)
	for want := range 2 {
		a := o.ask(o.sign(o.claim(), "k1"), "okta.users.read")
		equal(t, "remaining", a.header.Get("X-Rate-Limit-Remaining"), strconv.Itoa(599-want))
	}
	equal(t, "counted in", fakeokta.BucketOf("POST", "/oauth2/v1/token"), fakeokta.TokenBucket)
}
