package deploytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// untagged reads YAML and writes CloudFormation's short tags out: !Sub "x" is
// {"Fn::Sub": "x"}
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).
func untagged(text []byte) (any, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, err
	}
	if len(file.Docs) != 1 {
		return nil, fmt.Errorf("%d documents, want one", len(file.Docs))
	}
	return plain(file.Docs[0].Body)
}

func plain(node ast.Node) (any, error) {
	switch n := node.(type) {
	case *ast.TagNode:
		value, err := plain(n.Value)
		name := strings.TrimPrefix(n.Start.Value, "!")
		if name != "Ref" {
			name = "Fn::" + name
		}
		return map[string]any{name: value}, err
	case *ast.MappingNode:
		return mapping(n.Values)
	case *ast.MappingValueNode:
		return mapping([]*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		all := make([]any, len(n.Values))
		for i, v := range n.Values {
			var err error
			if all[i], err = plain(v); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	var scalar string
	err := yaml.NodeToValue(node, &scalar)
	return scalar, err
}

func mapping(pairs []*ast.MappingValueNode) (any, error) {
	all := map[string]any{}
	for _, pair := range pairs {
		var key string
		if err := yaml.NodeToValue(pair.Key, &key); err != nil {
			return nil, err
		}
		value, err := plain(pair.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		all[key] = value
	}
	return all, nil
}

// exactly fills a struct, and refuses what has no place in it.
func exactly(from, into any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// values are the parameters of a stack with their defaults, each checked as
// CloudFormation would, and the pseudo parameters.
func (t Template) values(s Stack) (map[string]any, error) {
	partition := s.Partition
	if partition == "" {
		partition = "aws"
	}
	values := map[string]any{"AWS::AccountId": s.Account, "AWS::Partition": partition}
	for name := range s.Parameters {
		if _, asked := t.Parameters[name]; !asked {
			return nil, fmt.Errorf("there is no parameter %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		p := t.Parameters[name]
		value, given := s.Parameters[name]
		if !given && p.Default == nil {
			return nil, fmt.Errorf("parameter %s is missing", name)
		}
		if !given {
			value = *p.Default
		}
		parts := []string{value}
		if p.Type == "CommaDelimitedList" {
			parts = strings.Split(value, ",")
			values[name] = anys(parts)
		} else {
			values[name] = value
		}
		if err := p.check(parts); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
	}
	return values, nil
}

func anys(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}

// check wants each value of a list to match by itself
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html).
func (p Parameter) check(parts []string) error {
	form, err := regexp.Compile(p.AllowedPattern)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if !form.MatchString(part) || (len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, part)) {
			return fmt.Errorf("%q is not allowed", part)
		}
	}
	return nil
}

// resolver fills in what the functions of a template stand for.
type resolver struct {
	values     map[string]any
	conditions map[string]any
}

// nothing is what {"Ref": "AWS::NoValue"} stands for: it is left out.
type nothing struct{}

func (r resolver) resolve(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		kept := []any{}
		for _, one := range v {
			found, err := r.resolve(one)
			if err != nil {
				return nil, err
			}
			if found != (any)(nothing{}) {
				kept = append(kept, found)
			}
		}
		return kept, nil
	case map[string]any:
		for name, of := range v {
			if len(v) == 1 && (name == "Ref" || strings.HasPrefix(name, "Fn::")) {
				return r.call(name, of)
			}
		}
		all := map[string]any{}
		for key, one := range v {
			found, err := r.resolve(one)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			all[key] = found
		}
		return all, nil
	}
	return v, nil
}

func (r resolver) call(name string, of any) (any, error) {
	switch name {
	case "Ref":
		if of == "AWS::NoValue" {
			return nothing{}, nil
		}
		return r.value(fmt.Sprint(of))
	case "Fn::Sub":
		return r.sub(of)
	case "Fn::If":
		of, ok := of.([]any)
		if !ok || len(of) != 3 {
			return nil, fmt.Errorf("%s takes a condition and two values", name)
		}
		yes, err := r.condition(fmt.Sprint(of[0]))
		if err != nil {
			return nil, err
		}
		if yes {
			return r.resolve(of[1])
		}
		return r.resolve(of[2])
	case "Fn::Join":
		return r.join(of)
	case "Fn::GetAtt":
		return r.attribute(fmt.Sprint(of))
	}
	return nil, fmt.Errorf("the function %s is not known here", name)
}

// attribute makes up what AWS gives a resource when it is made.
func (r resolver) attribute(of string) (any, error) {
	if of == "Key.Arn" {
		return r.sub("arn:${AWS::Partition}:kms:us-east-1:${AWS::AccountId}:key/11111111-2222-3333-4444-555555555555")
	}
	return nil, fmt.Errorf("the attribute %s is not known here", of)
}

func (r resolver) value(name string) (any, error) {
	if v, there := r.values[name]; there {
		return v, nil
	}
	return nil, fmt.Errorf("nothing is called %s", name)
}

var placeholder = regexp.MustCompile(`\$\{([^}]*)\}`)

func (r resolver) sub(of any) (any, error) {
	text, ok := of.(string)
	if !ok {
		return nil, fmt.Errorf("Fn::Sub of more than a text is not known here")
	}
	var missing error
	filled := placeholder.ReplaceAllStringFunc(text, func(m string) string {
		v, err := r.value(placeholder.FindStringSubmatch(m)[1])
		if err != nil {
			missing = err
		}
		return fmt.Sprint(v)
	})
	return filled, missing
}

func (r resolver) join(of any) (any, error) {
	args, err := r.resolve(of)
	if err != nil {
		return nil, err
	}
	pair, ok := args.([]any)
	if !ok || len(pair) != 2 {
		return nil, fmt.Errorf("Fn::Join takes a text and a list")
	}
	list, ok := pair[1].([]any)
	if !ok {
		return nil, fmt.Errorf("Fn::Join takes a list")
	}
	texts := make([]string, len(list))
	for i, one := range list {
		texts[i] = fmt.Sprint(one)
	}
	return strings.Join(texts, fmt.Sprint(pair[0])), nil
}

// condition says whether a named condition holds.
func (r resolver) condition(name string) (bool, error) {
	of, there := r.conditions[name]
	if !there {
		return false, fmt.Errorf("there is no condition %s", name)
	}
	return r.holds(of)
}

func (r resolver) holds(of any) (bool, error) {
	rule, ok := of.(map[string]any)
	if !ok || len(rule) != 1 {
		return false, fmt.Errorf("%v is no condition", of)
	}
	if not, there := rule["Fn::Not"].([]any); there && len(not) == 1 {
		yes, err := r.holds(not[0])
		return !yes, err
	}
	if pair, there := rule["Fn::Equals"].([]any); there && len(pair) == 2 {
		sides, err := r.resolve(pair)
		if err != nil {
			return false, err
		}
		both, _ := sides.([]any)
		return len(both) == 2 && both[0] == both[1], nil
	}
	return false, fmt.Errorf("the condition %v is not known here", of)
}
