package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/collectors/aws"
	"rollcall/jobs"
)

func environment(name string) string {
	return map[string]string{"OKTA_TOKEN": readToken, "OKTA_REVOKE_TOKEN": blockToken, "OKTA_RESTORE_TOKEN": giveToken}[name]
}

// ran is one run of the program.
type ran struct {
	code           int
	stdout, stderr string
}

func (r ran) String() string {
	return fmt.Sprintf("exit code %d\nstdout: %s\nstderr: %s", r.code, r.stdout, r.stderr)
}

// inSandbox is the environment of a program with the sandbox outside.
func inSandbox(k *tick, stdout, stderr io.Writer) *environ {
	return &environ{getenv: environment, stdin: strings.NewReader(""), stdout: stdout, stderr: stderr,
		now: k.Now, log: slog.New(slog.NewTextHandler(stderr, nil)),
		outside: outside{logins: true, sleep: k.Sleep, awsCredentials: credentials.NewStaticCredentialsProvider("AKIAJOB", "s", ""),
			awsRates: aws.Rates{IdentityCenter: 1e6, IAM: 1e6}, oktaShare: 1, leaseTime: leaseTime()}}
}

// parsing keeps two programs in one process from reading their flags at the same time:
// urfave/cli writes to its own flag --help, which all programs of a process share.
var parsing sync.Mutex

// play is the whole program with the sandbox outside.
func play(ctx context.Context, k *tick, records func(jobs.Records) jobs.Records, args ...string) ran {
	var stdout, stderr bytes.Buffer
	e := inSandbox(k, &stdout, &stderr)
	e.args, e.outside.records = append([]string{"rollcall"}, args...), records
	parsed := sync.OnceFunc(parsing.Unlock)
	defer parsed()
	e.getenv = func(name string) string { parsed(); return environment(name) } // the first that a command does is to look there
	parsing.Lock()
	err := newApp(e).RunContext(ctx, e.args)
	if err != nil {
		fmt.Fprintf(&stderr, "rollcall: %v\n", err)
	}
	return ran{exitCode(err), stdout.String(), stderr.String()}
}

// night runs a command on this town, a day later.
func (w *townsfolk) night(command string, args ...string) ran {
	w.t.Helper()
	w.clock.pass(24 * time.Hour)
	return w.now(command, args...)
}

func (w *townsfolk) now(command string, args ...string) ran {
	w.t.Helper()
	return play(w.t.Context(), w.clock, nil, append([]string{command, "--config", filepath.Join(w.dir, "rollcall.yaml")}, args...)...)
}

// watched plays the observe night that is the baseline.
func (w *townsfolk) watched() {
	w.t.Helper()
	w.want(play(w.t.Context(), w.clock, nil, "nightly", "--config", filepath.Join(w.dir, "observe.yaml")), exitDone)
}

// want checks the exit code and what the run tells.
func (w *townsfolk) want(r ran, code int, says ...string) {
	w.t.Helper()
	if r.code != code {
		w.t.Fatalf("want exit code %d: %s", code, r)
	}
	for _, s := range says {
		if !strings.Contains(flat(r.stdout+r.stderr), flat(s)) {
			w.t.Errorf("it does not say %q: %s", s, r)
		}
	}
}

// flat undoes the wrapping of lines.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }
