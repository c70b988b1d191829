//go:build system

package deploytest

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// request is a question as the evaluator takes it.
type request struct {
	Principal string            `json:"principal"`
	Action    string            `json:"action"`
	Resource  string            `json:"resource"`
	Account   string            `json:"account"`
	Context   map[string]any    `json:"context"`
	Policies  []json.RawMessage `json:"policies"`
	Trust     json.RawMessage   `json:"trust,omitempty"`
}

func documents(role Role) (all []json.RawMessage) {
	for _, p := range role.Policies {
		all = append(all, json.RawMessage(p.JSON()))
	}
	return all
}

func judge(t *testing.T, file string, questions []question, changes ...map[string]string) {
	t.Helper()
	roles := rolesOf(t, file, changes...)
	account := stacks[file].Account
	guards := guardsOf(t, file)
	var asked []request
	for _, q := range questions {
		if _, there := roles[q.role]; !there {
			t.Fatalf("%s has no role %s, but %q", file, q.role, slices.Collect(maps.Keys(roles)))
		}
		who := "arn:aws:iam::" + account + ":role/" + q.role
		context := map[string]any{"aws:PrincipalArn": who} // AWS says it of every request, and the evaluator does not
		maps.Copy(context, q.context)
		asked = append(asked, request{
			Principal: who, Action: q.action, Resource: q.resource, Account: account,
			Context: context, Policies: documents(roles[q.role]), Trust: guards[strings.Split(q.action, ":")[0]],
		})
	}
	for i, answer := range answers(t, asked) {
		if q := questions[i]; answer != q.want {
			t.Errorf("%s, %s on %s with %v: %s, want %s", q.role, q.action, q.resource, q.context, answer, q.want)
		}
	}
}

// guardsOf are the policies that the resources of a template have themselves, by the
// service that asks them.
func guardsOf(t *testing.T, file string) map[string]json.RawMessage {
	t.Helper()
	template, err := Load(Dir(2), file)
	if err != nil {
		t.Fatal(err)
	}
	guards, err := template.Guards(stacks[file])
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	for id, service := range map[string]string{"BucketPolicy": "s3", "Key": "kms"} {
		if p, has := guards[id]; has {
			all[service] = json.RawMessage(p.JSON())
		}
	}
	return all
}

func answers(t *testing.T, asked []request) (all []string) {
	t.Helper()
	judged(t, asked, &all, "make test-all fetches what this needs", "node", filepath.Join("..", "..", "tools", "iam-simulate.mjs"))
	if len(all) != len(asked) {
		t.Fatalf("%d answers to %d questions", len(all), len(asked))
	}
	return all
}
