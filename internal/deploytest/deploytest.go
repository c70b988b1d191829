// Package deploytest reads the CloudFormation templates of deploy/aws as
// CloudFormation does, and gives the roles that a stack of them would make, and the
// policies of its bucket and its key.
//
// It is for tests alone, and knows only what those templates use. What it does
// not know is an error, never left out: its invariant is that every statement
// of a template is in what it gives, with the parameters filled in.
package deploytest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Template is one file of deploy/aws.
type Template struct {
	Name       string
	Parameters map[string]Parameter
	conditions map[string]any
	resources  map[string]resource
}

// Parameter is one that a template asks for.
type Parameter struct {
	Type, Description, AllowedPattern string
	Default                           *string
	AllowedValues                     []string
}

type resource struct {
	Type, Condition, DeletionPolicy, UpdateReplacePolicy string
	Properties                                           map[string]any
}

// Stack is where a template is deployed, and with which values. A list of
// values is one text, with commas.
type Stack struct {
	Account    string
	Partition  string // empty: aws
	Parameters map[string]string
}

// Role is what a stack gives to one role: one that it makes, or, without a
// trust policy, one that it adds to.
type Role struct {
	Name     string
	Trust    Policy
	Policies []Policy
}

// Policy is a policy document.
type Policy struct{ Statement []Statement }

// Statement is one of a policy; a single text is a list of one.
type Statement struct {
	Sid, Effect      string
	Principal        map[string]string  `json:",omitempty"`
	Action, Resource Words              `json:",omitempty"`
	NotResource      Words              `json:",omitempty"`
	Condition        map[string]Operand `json:",omitempty"`
}

// Operand is what a condition compares: its keys with their values.
type Operand map[string]Words

// Words is a text or a list of them.
type Words []string

// UnmarshalJSON takes either form.
func (w *Words) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*w = Words{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(w))
}

// Dir is the folder of the templates, seen from a package at the given depth
// below the module's root.
func Dir(depth int) string {
	return filepath.Join(append(slices.Repeat([]string{".."}, depth), "deploy", "aws")...)
}

// Load reads one template.
func Load(dir, name string) (Template, error) {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return Template{}, err
	}
	plain, err := untagged(text)
	if err != nil {
		return Template{}, fmt.Errorf("%s: %w", name, err)
	}
	var t struct {
		AWSTemplateFormatVersion, Description string
		Parameters                            map[string]Parameter
		Conditions                            map[string]any
		Resources                             map[string]resource
		Outputs                               map[string]any
	}
	if err := exactly(plain, &t); err != nil {
		return Template{}, fmt.Errorf("%s: %w", name, err)
	}
	return Template{name, t.Parameters, t.Conditions, t.Resources}, nil
}

// Roles gives the roles of a stack, by name.
func (t Template) Roles(s Stack) (map[string]Role, error) {
	values, err := t.values(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	r := resolver{values, t.conditions}
	roles := map[string]Role{}
	for _, id := range slices.Sorted(maps.Keys(t.resources)) {
		made := t.resources[id]
		if _, keeps := documentsOf[made.Type]; keeps || made.Type == "AWS::S3::Bucket" {
			continue
		}
		if made.Condition != "" {
			if there, err := r.condition(made.Condition); err != nil || !there {
				if err != nil {
					return nil, fmt.Errorf("%s: %s: %w", t.Name, id, err)
				}
				continue
			}
		}
		role, err := r.role(made)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", t.Name, id, err)
		}
		roles[role.Name] = role
	}
	return roles, nil
}

// documentsOf are the types of resources with a policy of their own, and the
// property that holds it.
var documentsOf = map[string]string{"AWS::KMS::Key": "KeyPolicy", "AWS::S3::BucketPolicy": "PolicyDocument"}

// Guards gives the policies that a stack's bucket and key have themselves, by id.
func (t Template) Guards(s Stack) (map[string]Policy, error) {
	values, err := t.values(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	guards := map[string]Policy{}
	for id, made := range t.resources {
		property, keeps := documentsOf[made.Type]
		if !keeps {
			continue
		}
		found, err := resolver{values, t.conditions}.resolve(made.Properties[property])
		var d document
		if err == nil {
			err = exactly(found, &d)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", t.Name, id, err)
		}
		guards[id] = Policy{d.Statement}
	}
	return guards, nil
}

// role reads the two types of resources that there are.
func (r resolver) role(of resource) (Role, error) {
	properties, err := r.resolve(of.Properties)
	if err != nil {
		return Role{}, err
	}
	switch of.Type {
	case "AWS::IAM::Role":
		var p struct {
			RoleName, Description    string
			AssumeRolePolicyDocument document
			Policies                 []struct {
				PolicyName     string
				PolicyDocument document
			}
		}
		if err := exactly(properties, &p); err != nil {
			return Role{}, err
		}
		role := Role{Name: p.RoleName, Trust: Policy{p.AssumeRolePolicyDocument.Statement}}
		for _, inline := range p.Policies {
			role.Policies = append(role.Policies, Policy{inline.PolicyDocument.Statement})
		}
		return role, nil
	case "AWS::IAM::Policy":
		var p struct {
			PolicyName     string
			PolicyDocument document
			Roles          []string
		}
		if err := exactly(properties, &p); err != nil {
			return Role{}, err
		}
		if len(p.Roles) != 1 {
			return Role{}, fmt.Errorf("a policy of the roles %q, want one", p.Roles)
		}
		return Role{Name: p.Roles[0], Policies: []Policy{{p.PolicyDocument.Statement}}}, nil
	}
	return Role{}, fmt.Errorf("resources of type %q are not known here", of.Type)
}

// document is a policy as a template writes it.
type document struct {
	Version   string
	Statement []Statement
}

// JSON is the document as AWS takes it.
func (p Policy) JSON() string {
	text, err := json.Marshal(document{"2012-10-17", p.Statement})
	if err != nil {
		panic(err) // texts, lists and maps of them
	}
	return string(text)
}

// Actions are those of the statements with an effect, sorted, each once.
func (r Role) Actions(effect string) []string {
	var all []string
	for _, p := range r.Policies {
		for _, s := range p.Statement {
			if s.Effect == effect {
				all = append(all, s.Action...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
