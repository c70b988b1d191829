//go:build !(cgo && ((linux && (amd64 || arm64)) || (darwin && (amd64 || arm64)) || (windows && amd64)))

package audit

import (
	"context"
	"errors"
)

var errNoEngine = errors.New("this rollcall was built without DuckDB, which answers questions on this machine: build it with CGO_ENABLED=1 and a C compiler, on Linux or macOS (amd64, arm64) or Windows (amd64): CGO_ENABLED=1 go build ./cmd/rollcall; or ask Athena, which needs none of it: --engine athena (docs/audit-engines.md)")

func ask(context.Context, string, map[string][]string, string, map[string]string) (*Answer, error) {
	return nil, errNoEngine
}
