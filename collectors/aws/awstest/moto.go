//go:build emulators

package awstest

import (
	"bufio"
	"bytes"
	"cmp"
	_ "embed"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

//go:embed testdata/populate.py
var populateScript string

func python() string { return cmp.Or(os.Getenv("ROLLCALL_PYTHON"), "python3") }

var running = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// StartMoto starts a server on a port that the system picks, and reads the
// address from what it says.
func StartMoto(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(python(), "-m", "moto.server", "-H", "127.0.0.1", "-p", "0")
	cmd.Env = append(os.Environ(), "MOTO_IAM_LOAD_MANAGED_POLICIES=true", "PYTHONUNBUFFERED=1")
	story, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start moto: %v; set ROLLCALL_PYTHON to a Python with moto[server] and boto3", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has nothing to save
		_ = cmd.Wait()         // reports the kill
	})
	lines := bufio.NewScanner(story)
	for lines.Scan() {
		if m := running.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, story) }() // lest a full pipe stop it
			return m[1]
		}
	}
	t.Fatal("moto did not start; set ROLLCALL_PYTHON to a Python with moto[server] and boto3")
	return ""
}

func runPython(t *testing.T, script, endpoint string, stdin []byte) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python(), "-c", script, endpoint)
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
	return runPython(t, populateScript, endpoint, nil)
}

// Respelt turns moto's ARNs of permission sets into AWS's on the way in, and
// back on the way out: moto says instance/ssoins-x/ps-y where AWS says
// permissionSet/ssoins-x/ps-y, and the product insists on AWS's form.
type Respelt struct{ Next http.RoundTripper }

var (
	motoSet = regexp.MustCompile(`:sso:::instance/(ssoins-\w+/ps-\w+)`)
	awsSet  = regexp.MustCompile(`:sso:::permissionSet/(ssoins-\w+/ps-\w+)`)
)

// RoundTrip implements http.RoundTripper.
func (r Respelt) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = awsSet.ReplaceAll(body, []byte(":sso:::instance/$1"))
		req = req.Clone(req.Context())
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	resp, err := r.Next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	body = motoSet.ReplaceAll(body, []byte(":sso:::permissionSet/$1"))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return resp, nil
}
