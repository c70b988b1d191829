//go:build emulators

package awstest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"rollcall/collectors/aws"
	"rollcall/internal/access"
	"rollcall/internal/deploytest"
)

// These tests run the product as the roles of deploy/aws make it run, on a moto
// that checks each signature and whether the caller's policies allow the
// action. moto 5.2 judges no more than that: it takes every resource but a role
// for "*", heeds no condition of a role's policy, and looks at the trust policy
// of a role only in the caller's own account (where it takes a session for
// another principal than its role). So the statements that allow something are
// given to it for every resource, and what it cannot judge (resources, the
// conditions on AWSDenyAll, the denial on break-glass users, the trust between
// accounts) is judged in internal/deploytest by another evaluator.

// resigned signs again what Respelt changed on the way: it knows the secrets of
// the keys that it saw being given.
type resigned struct {
	next http.RoundTripper

	mu   sync.Mutex
	keys map[string]sdk.Credentials
}

var (
	signedBy = regexp.MustCompile(`Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request`)
	given    = regexp.MustCompile(`(?s)<AccessKeyId>([^<]+)</AccessKeyId>.*?<SecretAccessKey>([^<]+)</SecretAccessKey>.*?<SessionToken>([^<]+)</SessionToken>`)
)

func (r *resigned) RoundTrip(req *http.Request) (*http.Response, error) {
	by := signedBy.FindStringSubmatch(req.Header.Get("Authorization"))
	r.mu.Lock()
	creds, known := r.keys[by[1]]
	r.mu.Unlock()
	if known {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		req.Header.Del("Authorization")
		if err := v4.NewSigner().SignHTTP(req.Context(), creds, req, hex.EncodeToString(sum[:]), by[3], by[2], time.Now()); err != nil {
			return nil, err
		}
	}
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	if m := given.FindSubmatch(answer); m != nil {
		r.mu.Lock()
		r.keys[string(m[1])] = sdk.Credentials{AccessKeyID: string(m[1]), SecretAccessKey: string(m[2]), SessionToken: string(m[3])}
		r.mu.Unlock()
	}
	return resp, err
}

// refusing gives moto's refusals the form that AWS gives them: moto answers as
// EC2 does, whatever the protocol.
type refusing struct{ next http.RoundTripper }

var refused = regexp.MustCompile(`<Code>AccessDenied</Code>\s*<Message>([^<]*)</Message>`)

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusForbidden {
		return resp, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if m := refused.FindSubmatch(answer); m != nil {
		answer = []byte("<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>" + string(m[1]) + "</Message></Error></ErrorResponse>")
		if req.Header.Get("X-Amz-Target") != "" {
			resp.StatusCode = http.StatusBadRequest
			answer = []byte(`{"__type":"AccessDeniedException","Message":"` + string(m[1]) + `"}`)
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(answer)), int64(len(answer))
	return resp, nil
}

// wideRole is a role as moto can judge it.
type wideRole struct {
	Trust    string   `json:"trust"`
	Policies []string `json:"policies"`
}

func widened(role deploytest.Role, trust deploytest.Policy) wideRole {
	wide := wideRole{Trust: trust.JSON()}
	for _, p := range role.Policies {
		for i, s := range p.Statement {
			if s.Effect == "Allow" && !slices.Equal(s.Action, deploytest.Words{"sts:AssumeRole"}) {
				p.Statement[i].Resource = deploytest.Words{"*"}
			}
		}
		wide.Policies = append(wide.Policies, p.JSON())
	}
	return wide
}

// guarded is a populated moto that checks rights.
type guarded struct {
	made
	raw      []byte
	endpoint string
	night    struct{ ID, Secret string }
	http     *resigned
	allowed  map[string][]string // by role
}

func guardedMoto(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{http: &resigned{next: refusing{http.DefaultTransport}, keys: map[string]sdk.Credentials{}}, allowed: map[string][]string{}}
	g.endpoint, g.made, g.raw = populated(t)
	host := "arn:aws:iam::" + g.Home + ":user/night"
	job := g.roles(t, "job.yaml", g.Home, map[string]string{
		"ReadHost": host, "RevokeHost": host, "RestoreHost": host, "ExternalId": "rollcall",
		"CenterInstance": "ssoins-0123456789abcdef", "IdentityStore": "d-0123456789",
	})
	wanted := map[string]map[string]wideRole{g.Home: {}}
	for name, role := range job {
		g.allowed[name] = role.Actions("Allow")
		wanted[g.Home][name] = widened(role, role.Trust)
	}
	for _, account := range append([]string{g.Home}, g.Accounts...) {
		if wanted[account] == nil {
			wanted[account] = map[string]wideRole{}
		}
		for name, role := range g.roles(t, "accounts.yaml", account, map[string]string{
			"ReadPrincipal":    "arn:aws:iam::" + g.Home + ":role/rollcall-job-read",
			"RevokePrincipal":  "arn:aws:iam::" + g.Home + ":role/rollcall-job-revoke",
			"RestorePrincipal": "arn:aws:iam::" + g.Home + ":role/rollcall-job-restore",
			"ExternalId":       "rollcall",
		}) {
			g.allowed[name] = role.Actions("Allow")
			role.Trust.Statement[0].Principal = map[string]string{"AWS": "*"}
			wanted[account][name] = widened(role, role.Trust)
		}
	}
	input, err := json.Marshal(map[string]any{
		"accounts": wanted,
		"host":     `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::` + g.Home + `:role/rollcall-job-*"}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(runPython(t, "roles.py", g.endpoint, input), &g.night); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *guarded) roles(t *testing.T, template, account string, parameters map[string]string) map[string]deploytest.Role {
	t.Helper()
	read, err := deploytest.Load(deploytest.Dir(3), template)
	if err != nil {
		t.Fatal(err)
	}
	roles, err := read.Roles(deploytest.Stack{Account: account, Parameters: parameters})
	if err != nil {
		t.Fatal(err)
	}
	return roles
}

// as configures the product as README.md of deploy/aws says: a profile takes
// one of the job's roles, and that one takes the role of its name in every
// account.
func (g *guarded) as(part string) aws.Config {
	cfg := config(g.endpoint, "rollcall-"+part)
	cfg.ManagementRoleName, cfg.ExternalID, cfg.HTTP = "rollcall-"+part, "rollcall", Respelt{Next: g.http}
	cfg.Credentials = sdk.NewCredentialsCache(g.job(part, "rollcall"))
	return cfg
}

// job takes one of the job's roles as the machine of the night.
func (g *guarded) job(part, externalID string) sdk.CredentialsProvider {
	host := sts.New(sts.Options{
		Region: "us-east-1", BaseEndpoint: &g.endpoint, HTTPClient: &http.Client{Transport: g.http},
		Credentials: credentials.NewStaticCredentialsProvider(g.night.ID, g.night.Secret, ""),
	})
	return stscreds.NewAssumeRoleProvider(host, "arn:aws:iam::"+g.Home+":role/rollcall-job-"+part,
		func(o *stscreds.AssumeRoleOptions) { o.ExternalID = &externalID })
}

// leaverBlocks collects as the reading roles, and gives what blocks the leaver.
func (g *guarded) leaverBlocks(t *testing.T) []access.Action {
	t.Helper()
	collector, obs := collect(t, g.as("read"))
	for _, r := range obs.Reads {
		// What moto does not know at all, and not a right that is missing.
		if want := r.Kind != "service_credentials" && r.Kind != "sso_applications"; r.Complete != want || strings.Contains(r.Gap, "denied") {
			t.Errorf("%s: complete %v, gap %q", r.Name(), r.Complete, r.Gap)
		}
	}
	obs = withCredentials(t, collector, obs)
	actions := blocks(obs)
	if len(actions) != 3*3+2 {
		t.Fatalf("%d actions: %+v", len(actions), actions)
	}
	return actions
}

func TestTheShippedRolesMayReadAndBlockAndNoRoleOfReadingMayBlock(t *testing.T) {
	g := guardedMoto(t)
	actions := g.leaverBlocks(t)

	if _, err := g.job("read", "another").Retrieve(t.Context()); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("with another external id: %v", err)
	}
	reader, err := aws.NewRevoker(t.Context(), g.as("read"))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range actions {
		if _, err := reader.Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), " is denied to arn:aws:sts::") {
			t.Errorf("as the reading role, %s of %s: %v", a.Verb, a.Login, err)
		}
	}
	revoker, err := aws.NewRevoker(t.Context(), g.as("revoke"))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range actions {
		if before, err := revoker.Inspect(t.Context(), a); err != nil || before.Holds {
			t.Errorf("the reading role did %s of %s, or it cannot be read: %+v, %v", a.Verb, a.Login, before, err)
		}
		if _, err := revoker.Act(t.Context(), a); err != nil {
			t.Errorf("%s of %s: %v", a.Verb, a.Login, err)
		}
		if after, err := revoker.Inspect(t.Context(), a); err != nil || !after.Holds {
			t.Errorf("after %s of %s: %+v, %v", a.Verb, a.Login, after, err)
		}
	}
}

// anyOperation asks for an operation without any input, which moto refuses for
// want of a right before it looks at the input. It tells whether it was refused.
func (g *guarded) anyOperation(t *testing.T, creds sdk.Credentials, service, operation string) (denied bool) {
	t.Helper()
	body, header := "{}", http.Header{"Content-Type": {"application/x-amz-json-1.1"}}
	switch service {
	case "sso":
		header.Set("X-Amz-Target", "SWBExternalService."+operation)
	case "identitystore":
		header.Set("X-Amz-Target", "AWSIdentityStore."+operation)
	case "organizations":
		header.Set("X-Amz-Target", "AWSOrganizationsV20161128."+operation)
	default:
		body, header = "Action="+operation+"&Version=2010-05-08", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.endpoint+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), creds, req, hex.EncodeToString(sum[:]), service, "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	denied = resp.StatusCode == http.StatusForbidden && refused.Match(answer)
	if denied && !strings.Contains(string(answer), "perform: "+service+":"+operation) {
		t.Errorf("refused %s:%s: %s", service, operation, answer)
	}
	return denied
}

// every operation of the services that the product speaks to, but the token
// service, where moto gives new sessions without an input.
var every = map[string]any{
	"iam": iam.New(iam.Options{}), "organizations": organizations.New(organizations.Options{}),
	"sso": ssoadmin.New(ssoadmin.Options{}), "identitystore": identitystore.New(identitystore.Options{}),
}

func operationsOf(client any) (names []string) {
	kind := reflect.TypeOf(client)
	for i := range kind.NumMethod() {
		if m := kind.Method(i); m.Type.NumIn() == 4 && m.Type.NumOut() == 2 {
			names = append(names, m.Name)
		}
	}
	return names
}

func TestNoShippedRoleMayDoWhatItsTemplateDoesNotSay(t *testing.T) {
	g := guardedMoto(t)
	member := g.Accounts[0]
	for _, part := range []string{"read", "revoke", "restore"} {
		job, err := g.as(part).Credentials.Retrieve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		in, err := stscreds.NewAssumeRoleProvider(sts.New(sts.Options{
			Region: "us-east-1", BaseEndpoint: &g.endpoint, Credentials: credentials.StaticCredentialsProvider{Value: job},
		}), "arn:aws:iam::"+member+":role/rollcall-"+part).Retrieve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for role, creds := range map[string]sdk.Credentials{"rollcall-job-" + part: job, "rollcall-" + part: in} {
			g.mayExactly(t, role, creds)
		}
	}
}

func (g *guarded) mayExactly(t *testing.T, role string, creds sdk.Credentials) {
	t.Helper()
	asked := 0
	for service, client := range every {
		for _, operation := range operationsOf(client) {
			asked++
			allowed := slices.Contains(g.allowed[role], service+":"+operation)
			if denied := g.anyOperation(t, creds, service, operation); denied == allowed {
				t.Errorf("%s, %s:%s: refused %v", role, service, operation, denied)
			}
		}
	}
	if asked < 300 {
		t.Errorf("only %d operations were asked for: the services have more", asked)
	}
}
