//go:build emulators

package awstest

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
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
