package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// readmeHour are the commands of README's first hour, each as it stands there.
func readmeHour(t *testing.T) (commands []string) {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, found := strings.Cut(string(b), "\n## The first hour\n")
	if !found {
		t.Fatal("README.md has no part called The first hour")
	}
	part, _, _ = strings.Cut(part, "\n## ")
	return regexp.MustCompile(`(?m)(?:^    .*\n)+`).FindAllString(part, -1)
}

// asRollcall makes this test program answer to the name rollcall, as testscript does.
func asRollcall(t *testing.T) (path string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path = t.TempDir()
	if err := os.Symlink(self, filepath.Join(path, "rollcall")); err != nil {
		t.Fatal(err)
	}
	return path
}

// heard keeps what a program that goes on running has said.
type heard struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all.String()
}

// Somebody who has never seen the project types what README says, in two terminals, and
// nothing else: they have had a first night, and know who acts next.
func TestWhoeverReadsOnlyTheReadmeGetsToTheFirstNight(t *testing.T) {
	began := time.Now()
	commands := readmeHour(t)
	if len(commands) != 2 {
		t.Fatalf("README has %d steps, and two are promised: %q", len(commands), commands)
	}
	dir, path := t.TempDir(), asRollcall(t)
	typing := func(command string) *exec.Cmd {
		c := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(command, "go run ./cmd/rollcall", "exec rollcall"))
		c.Dir, c.Env = dir, append(os.Environ(), "PATH="+path+":"+os.Getenv("PATH"))
		return c
	}
	sandbox, said := typing(commands[0]), &heard{}
	sandbox.Stdout, sandbox.Stderr = said, said
	if err := sandbox.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- sandbox.Wait() }()
	for !strings.Contains(said.String(), "They run on the real clock") {
		select {
		case err := <-ended:
			t.Fatalf("the sandbox ended: %v\n%s", err, said)
		case <-time.After(20 * time.Millisecond):
		}
	}
	second := commands[1]
	config, err := os.ReadFile(filepath.Join(dir, "demo", "rollcall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for port, key := range map[string]string{servedOkta: "org_url", servedAWS: "endpoint"} { // as README says of taken ports
		real := regexp.MustCompile(key + `: http://(\S+)`).FindStringSubmatch(string(config))
		second = strings.ReplaceAll(second, port, real[1])
	}
	out, err := typing(second).CombinedOutput()
	if err != nil {
		t.Errorf("the second step: %v\n%s", err, out)
	}
	if err := sandbox.Process.Signal(syscall.SIGINT); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the sandbox ends with %v\n%s", err, said)
	}
	t.Chdir(dir) // what it names is where the reader stands
	endsWithThree(t, string(out))
	runs, _ := filepath.Glob(filepath.Join(dir, "acme", "archive", "manifests", "*.json"))
	if len(runs) != 1 {
		t.Errorf("%d nights", len(runs))
	}
	t.Logf("from README to the first night: %d steps, %s", len(commands), time.Since(began).Round(time.Second/10))
}
