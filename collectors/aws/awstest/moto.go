//go:build emulators

package awstest

import (
	"bytes"
	"cmp"
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"rollcall/internal/sandbox/moto"
)

// Respelt lets the product speak to moto as it does to AWS.
type Respelt = moto.Respelt

//go:embed testdata/*.py
var scripts embed.FS

func python() string { return cmp.Or(os.Getenv("ROLLCALL_PYTHON"), "python3") }

// StartMoto starts a server that knows AWS's own policies, for as long as the test runs.
func StartMoto(t *testing.T) string {
	t.Helper()
	at, stop, err := moto.Serve(python(), append(os.Environ(), "MOTO_IAM_LOAD_MANAGED_POLICIES=true"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return at
}

// runPython runs one of the scripts beside the others, which it may import.
func runPython(t *testing.T, script, endpoint string, stdin []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, scripts); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python(), filepath.Join(dir, "testdata", script), endpoint)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python: %v\n%s", err, stderr.String())
	}
	return out
}

// Populate fills a new moto: three accounts with an IAM user ada and another one
// leaver@example.com each (their ids in the tag EmployeeID, E- before the name), and
// an Identity Center with both. It gives what it made, as JSON.
func Populate(t *testing.T, endpoint string) []byte {
	t.Helper()
	return runPython(t, "populate.py", endpoint, nil)
}
