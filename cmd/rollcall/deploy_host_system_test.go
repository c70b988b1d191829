//go:build system

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/sandbox/company"
)

// host is a machine on which the files of deploy/ are put to work: the real program, the
// demo's systems, and programs of others that only write down how they were called.
type host struct {
	*demo
	t   *testing.T
	bin string
	// env is what every program there has; nothing else of this machine's.
	env []string
}

func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{demo: openDemo(t), t: t, bin: t.TempDir()}
	h.clock.real()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(h.bin, "rollcall")); err != nil { // TestMain makes it the program
		t.Fatal(err)
	}
	h.env = []string{"PATH=" + h.bin + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_ACCESS_KEY_ID=" + company.AWSKeyID, "AWS_SECRET_ACCESS_KEY=" + company.AWSSecret}
	return h
}

// other puts a program there that writes down its arguments.
func (h *host) other(name string) (called func() string) {
	h.t.Helper()
	log := filepath.Join(h.t.TempDir(), name)
	script := fmt.Sprintf("#!/bin/sh\nprintf '%%s\\n' \"$*\" >> %s\n", log)
	if err := os.WriteFile(filepath.Join(h.bin, name), []byte(script), 0o700); err != nil {
		h.t.Fatal(err)
	}
	return func() string {
		b, err := os.ReadFile(log)
		if err != nil {
			h.t.Error(err)
		}
		return string(b)
	}
}

// here puts this machine's places in the place of those that the files name.
func (h *host) here(text string) string {
	return strings.NewReplacer("/etc/rollcall/rollcall.yaml", h.path("rollcall.yaml"), "/usr/local/bin/rollcall", filepath.Join(h.bin, "rollcall"),
		"s3://acme-evidence/archive", h.path("archive"), "/etc/rollcall/rollcall-public.pem", h.path("keys", "rollcall-public.pem")).Replace(text)
}

// sh runs a line as cron, or a step as GitHub does.
func (h *host) sh(shell []string, line string, env ...string) ran {
	h.t.Helper()
	cmd := exec.CommandContext(h.t.Context(), shell[0], append(shell[1:], h.here(line))...)
	cmd.Dir, cmd.Env = h.dir, append(slices.Clone(h.env), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func (h *host) ends(r ran, codes ...int) {
	h.t.Helper()
	if !slices.Contains(codes, r.code) {
		h.t.Fatalf("want exit code %v: %s", codes, r)
	}
}

// secrets lets the configuration find its secrets elsewhere, and gives each value.
func (h *host) secrets(okta, revoke, signing string) (values [3]string) {
	h.t.Helper()
	for n, file := range []string{"keys/okta-read.token", "keys/okta-revoke.token", "keys/rollcall-signing.pem"} {
		b, err := os.ReadFile(h.path(file))
		if err != nil {
			h.t.Fatal(err)
		}
		values[n] = string(b)
		if err := errors.Join(h.editConfig("{file: "+file+"}", "{"+[]string{okta, revoke, signing}[n]+"}"), os.Rename(h.path(file), filepath.Join(h.t.TempDir(), "moved"))); err != nil {
			h.t.Fatal(err)
		}
	}
	return values
}

// credentials is the folder that systemd or a pod gives, with the names that it gives.
func (h *host) credentials(names []string) string {
	h.t.Helper()
	if want := []string{"okta-token", "okta-revoke-token", "signing-key"}; !slices.Equal(names, want) {
		h.t.Fatalf("credentials %v, want %v", names, want)
	}
	dir := h.t.TempDir()
	for n, value := range h.secrets("credential: okta-token", "credential: okta-revoke-token", "credential: signing-key") {
		if err := os.WriteFile(filepath.Join(dir, names[n]), []byte(value), 0o400); err != nil {
			h.t.Fatal(err)
		}
	}
	return dir
}

func deployed(t *testing.T, name ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "deploy"}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
