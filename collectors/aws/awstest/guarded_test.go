//go:build emulators

package awstest

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"rollcall/collectors/aws"
	"rollcall/internal/deploytest"
)

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
