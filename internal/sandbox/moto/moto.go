// Package moto starts moto, an AWS that nobody here wrote, and lets it be spoken to
// as AWS is. It must never bring a moto along: the Python that it is given has one.
// Its invariant: a server that it started is at the address it gives, until stopped.
package moto

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
)

var running = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// Serve starts a server on a port that the system picks, and reads the address
// from what it says. The environment is this process's own where none is given.
func Serve(python string, env []string) (at string, stop func(), err error) {
	cmd := exec.Command(python, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0")
	cmd.Env = env
	story, err := cmd.StderrPipe()
	if err != nil {
		return "", nil, fmt.Errorf("start moto: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start moto: %w; name a Python that has moto[server] and boto3 in ROLLCALL_PYTHON", err)
	}
	stop = func() {
		_ = cmd.Process.Kill() // it has nothing to save
		_ = cmd.Wait()         // reports the kill
	}
	lines := bufio.NewScanner(story)
	for lines.Scan() {
		if m := running.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, story) }() // lest a full pipe stop it
			return m[1], stop, nil
		}
	}
	stop()
	return "", nil, errors.New("moto did not start; name a Python that has moto[server] and boto3 in ROLLCALL_PYTHON")
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
