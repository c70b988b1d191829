package oktaspec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// What the descriptions have wrong, or what one of the two copies lacks.
// A line that fits nothing in the description in use fails a test.

// everywhere are statuses that Okta documents in its list of error codes and
// not at the operations. https://developer.okta.com/docs/reference/error-codes/
var everywhere = []struct {
	status string
	why    string
}{
	{"401", "E0000011, a missing or dead token, is possible at every operation and described at few"},
}

// statuses are documented answers that an operation's description lacks.
var statuses = []struct {
	operation, status string
	why               string
}{
	{"GET /api/v1/users", "400", "E0000031, a filter that cannot be read"},
	{"GET /api/v1/groups", "400", "E0000031, a filter that cannot be read"},
	{"GET /api/v1/apps", "400", "E0000031, a filter that cannot be read"},
	{"GET /api/v1/logs", "400", "2024.06.1 lacks it, 2026.06.3 has it"},
	{"POST /api/v1/users/{}/lifecycle/suspend", "400", "2024.06.1 lacks it, 2026.06.3 has it: only ACTIVE users can be suspended"},
	{"POST /api/v1/users/{}/lifecycle/unsuspend", "400", "2024.06.1 lacks it, 2026.06.3 has it"},
}

// parameters are documented in one copy, or elsewhere, and lacking in the other.
var parameters = []struct {
	operation, name string
	why             string
}{
	{"GET /api/v1/users", "fields", "2024.06.1 is older than the projection (September 2025)"},
	{"GET /api/v1/users", "expand", "2024.06.1 lacks it, 2026.06.3 has it"},
	{"GET /api/v1/groups", "fields", "release note of July 2026, newer than both copies"},
	{"GET /api/v1/apps", "useOptimization", "2024.06.1 lacks it, 2026.06.3 has it"},
	{"DELETE /api/v1/users/{}/sessions", "forgetDevices", "2024.06.1 lacks it, 2026.06.3 has it"},
	{"GET /api/v1/iam/resource-sets/{}/resources", "after", "2024.06.1 shows it in the next link of its own example"},
	{"GET /api/v1/iam/resource-sets/{}/resources", "limit", "2024.06.1 lacks it, 2026.06.3 has it"},
	{"GET /api/v1/users/{}/groups", "after", "2026.06.3 dropped it; the endpoint sends a next link when there is more"},
	{"GET /api/v1/users/{}/groups", "limit", "2026.06.3 dropped it; 2024.06.1 has it"},
}

// answers are operations whose answer is described as something else; it is
// that of another operation.
var answers = []struct {
	operation, like string
	why             string
}{
	{"GET /oauth2/v1/clients/{}/roles", "GET /api/v1/users/{}/roles",
		"2024.06.1 promises the client itself; 2026.06.3 has a list of role assignments"},
}

// schemas are errors in what a property may hold.
var schemas = []struct {
	property string
	fix      func(*openapi3.Schema)
	why      string
}{
	{"TimeDuration", func(s *openapi3.Schema) { s.Pattern = "" },
		"its pattern allows nothing behind the P: a negative lookahead was mangled to (?:$)"},
}

// correct writes the tables into a description; it is idempotent and keeps
// what is already there.
func correct(doc *openapi3.T) []error {
	var errs []error
	operations := operationsOf(doc)
	for _, at := range sorted(operations) {
		for _, line := range everywhere {
			errs = append(errs, addStatus(doc, operations[at], line.status))
		}
	}
	for _, line := range statuses {
		if op := operations[line.operation]; op != nil {
			errs = append(errs, addStatus(doc, op, line.status))
		}
	}
	for _, line := range parameters {
		if op := operations[line.operation]; op != nil && op.Parameters.GetByInAndName("query", line.name) == nil {
			op.Parameters = append(op.Parameters, &openapi3.ParameterRef{
				Value: openapi3.NewQueryParameter(line.name).WithSchema(openapi3.NewStringSchema()),
			})
		}
	}
	for _, line := range answers {
		op, like := operations[line.operation], operations[line.like]
		if op != nil && like != nil {
			op.Responses.Set("200", like.Responses.Value("200"))
		}
	}
	for _, line := range schemas {
		if s := property(doc, line.property); s != nil {
			line.fix(s)
		}
	}
	return errs
}

var variable = regexp.MustCompile(`\{[^}]*\}`)

// operationsOf names operations without the names of their path variables,
// which differ between the copies.
func operationsOf(doc *openapi3.T) map[string]*openapi3.Operation {
	out := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			out[method+" "+variable.ReplaceAllString(path, "{}")] = op
		}
	}
	return out
}

func sorted(operations map[string]*openapi3.Operation) []string {
	names := make([]string, 0, len(operations))
	for name := range operations {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// addStatus promises an answer whose body is Okta's Error.
func addStatus(doc *openapi3.T, op *openapi3.Operation, status string) error {
	if op.Responses.Value(status) != nil {
		return nil
	}
	failure := doc.Components.Schemas["Error"]
	if failure == nil {
		return fmt.Errorf("no schema Error")
	}
	op.Responses.Set(status, &openapi3.ResponseRef{
		Value: openapi3.NewResponse().WithDescription("error").WithJSONSchemaRef(failure),
	})
	return nil
}

// property resolves Schema or Schema.property.
func property(doc *openapi3.T, at string) *openapi3.Schema {
	name, inner, nested := strings.Cut(at, ".")
	ref := doc.Components.Schemas[name]
	if ref != nil && nested {
		ref = ref.Value.Properties[inner]
	}
	if ref == nil {
		return nil
	}
	return ref.Value
}
