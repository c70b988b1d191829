// Package oktaspec judges traffic with Okta by Okta's own API description:
// every request that a client makes and every answer that a server gives. It
// is test support.
//
// It must never excuse a violation silently: what the description itself has
// wrong stands in one table, each line with its reason (overlay.go). Its one
// invariant: a request or an answer that the description does not allow fails
// the test.
package oktaspec

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// Env names the variable that holds the path of a description to use instead
// of the copy inside the SDK's module.
const Env = "ROLLCALL_OKTA_SPEC"

// The module carries v2024.06.1 of the description, which any machine can
// fetch.
const (
	module     = "github.com/okta/okta-sdk-golang/v5@v5.0.2"
	moduleFile = ".generator/okta-management-APIs-oasv3-noEnums-inheritance.yaml"
)

// Path finds the description.
func Path() (string, error) {
	if path := os.Getenv(Env); path != "" {
		return path, nil
	}
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = os.TempDir() // outside any module: nothing is written to a go.sum
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("download %s (or set %s): %w", module, Env, err)
	}
	var info struct{ Dir string }
	if err := json.Unmarshal(out, &info); err != nil {
		return "", fmt.Errorf("read answer of go mod download: %w", err)
	}
	return filepath.Join(info.Dir, filepath.FromSlash(moduleFile)), nil
}

// router is the description, read once per process.
var router = sync.OnceValues(func() (routers.Router, error) {
	path, err := Path()
	if err != nil {
		return nil, err
	}
	return read(path)
})

func read(path string) (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("read okta description: %w", err)
	}
	doc.Servers = nil // any host will do
	if err := errors.Join(correct(doc)...); err != nil {
		return nil, fmt.Errorf("correct okta description: %w", err)
	}
	found, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("route okta description: %w", err)
	}
	return found, nil
}

// Scopes gives the OAuth scopes that the description demands for a request.
func Scopes(r *http.Request) ([]string, error) {
	found, err := router()
	if err != nil {
		return nil, err
	}
	route, _, err := found.FindRoute(r)
	if err != nil {
		return nil, fmt.Errorf("okta does not describe %s %s: %w", r.Method, r.URL.Path, err)
	}
	if route.Operation.Security == nil {
		return nil, fmt.Errorf("okta describes no scope of %s %s", r.Method, r.URL.Path)
	}
	for _, way := range *route.Operation.Security {
		if scopes, there := way["oauth2"]; there {
			return scopes, nil
		}
	}
	return nil, fmt.Errorf("okta describes no scope of %s %s", r.Method, r.URL.Path)
}
