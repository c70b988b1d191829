package oktaspec

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Every line of the overlay must fit the description in use, or it excuses
// something that is not there.
func TestOverlayFits(t *testing.T) {
	path, err := Path()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	operations := operationsOf(doc)
	for _, line := range statuses {
		if operations[line.operation] == nil {
			t.Errorf("no operation %s", line.operation)
		}
	}
	for _, line := range parameters {
		if operations[line.operation] == nil {
			t.Errorf("no operation %s", line.operation)
		}
	}
	for _, line := range answers {
		if operations[line.operation] == nil || operations[line.like] == nil {
			t.Errorf("no operation %s, or none like %s", line.operation, line.like)
		}
	}
	for _, line := range schemas {
		if property(doc, line.property) == nil {
			t.Errorf("no schema %s", line.property)
		}
	}
}
