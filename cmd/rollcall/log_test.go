package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/sandbox/fakeokta"
)

// program runs the whole program on the real world, where nothing is.
func program(t *testing.T, env map[string]string, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(append([]string{"rollcall"}, args...), func(name string) string { return env[name] }, strings.NewReader(""), &stdout, &stderr)
	return ran{code, stdout.String(), stderr.String()}
}

// logged runs a command on the town with a log as the variables say.
func (w *townsfolk) logged(stderr io.Writer, env map[string]string, args ...string) int {
	w.t.Helper()
	e := inSandbox(w.clock, io.Discard, stderr)
	e.outside.logins = false // as a company has it
	e.args = append([]string{"rollcall"}, append(args, "--config", filepath.Join(w.dir, "rollcall.yaml"))...)
	e.getenv = func(name string) string {
		if v, is := env[name]; is {
			return v
		}
		return environment(name)
	}
	if err := e.logs(); err != nil {
		w.t.Fatal(err)
	}
	err := newApp(e).RunContext(w.t.Context(), e.args)
	if err != nil && err.Error() != "" {
		e.tellError(err)
	}
	return exitCode(err)
}

// entries are the lines of a log, each of which has to be JSON.
func entries(t *testing.T, log string) (all []map[string]any) {
	t.Helper()
	lines := bufio.NewScanner(strings.NewReader(log))
	for lines.Scan() {
		var one map[string]any
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatalf("%v: %q in\n%s", err, lines.Text(), log)
		}
		all = append(all, one)
	}
	return all
}

func TestAnErrorIsASentenceUnlessEveryLineIsForAProgram(t *testing.T) {
	for how, sentence := range map[string]bool{"": true, "auto": true, "text": true, "json": false} {
		r := program(t, map[string]string{"ROLLCALL_LOG": how}, "plan", "--config", "nowhere.yaml")
		if r.code != exitRefused || strings.HasPrefix(r.stderr, "rollcall: read the configuration") != sentence {
			t.Errorf("%q: %s", how, r)
		}
		if !sentence {
			if e := entries(t, r.stderr); len(e) != 1 || e[0]["level"] != "ERROR" || e[0]["exit_code"] != 2.0 {
				t.Errorf("%v", e)
			}
		}
	}
	r := program(t, map[string]string{"ROLLCALL_LOG": "yaml"}, "version")
	if r.code != exitRefused || r.stdout != "" || r.stderr != "rollcall: ROLLCALL_LOG is \"yaml\": write auto, text or json\n" {
		t.Error(r)
	}
}

func TestEachLineOfARunNamesTheRunAndNobody(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	w.clock.pass(24 * time.Hour)
	var stderr bytes.Buffer
	if code := w.logged(&stderr, nil, "nightly"); code != exitDone {
		t.Fatal(code, stderr.String())
	}
	run, changes := string(w.memory().Previous), 0
	for _, e := range entries(t, stderr.String()) {
		if e["run_id"] != run {
			t.Errorf("%v is not of run %s", e, run)
		}
		if e["account_id"] != nil {
			changes++
		}
	}
	if changes < 3 {
		t.Errorf("%d changes are logged", changes)
	}
	for _, secret := range []string{"leo@example.test", "leo Test", readToken, blockToken} {
		if strings.Contains(stderr.String(), secret) {
			t.Errorf("%q is in\n%s", secret, &stderr)
		}
	}
	if w.users["leo"].Login() != "leo@example.test" {
		t.Errorf("leo signs in as %s: the test proves nothing", w.users["leo"].Login())
	}
}

func TestTheLogIsTextWhereThatIsAskedFor(t *testing.T) {
	var out bytes.Buffer
	e := &environ{stderr: &out, now: time.Now, getenv: func(name string) string { return map[string]string{"ROLLCALL_LOG": "text"}[name] }}
	if err := e.logs(); err != nil {
		t.Fatal(err)
	}
	e.log.With("a", 1).WithGroup("g").Info("told", "b", 2)
	e.newRun(config.Config{}, "nightly", access.Observe)
	e.log.Info("told", slog.Int("b", 2))
	if got := regexp.MustCompile(`time=\S+ `).ReplaceAllString(out.String(), ""); !regexp.MustCompile(`^level=INFO msg=told a=1 g.b=2\nlevel=INFO msg=told b=2 run_id=\d{8}T\d{6}Z-[0-9a-f]{6}\n$`).MatchString(got) {
		t.Errorf("%q", got)
	}
}

// terminal gives a terminal, and all that was written to it once it is closed.
func terminal(t *testing.T) (tty *os.File, written func() string) {
	t.Helper()
	screen, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 100}); err != nil {
		t.Fatal(err)
	}
	all := make(chan string)
	go func() {
		b, _ := io.ReadAll(screen) // it ends with an error when the other side is closed
		all <- string(b)
	}()
	return tty, func() string {
		tty.Close()
		defer screen.Close()
		return <-all
	}
}

// slowly lets every request take long enough for a bar to be drawn.
func (w *townsfolk) slowly() {
	w.arrives = func(access.System, *http.Request) { time.Sleep(5 * time.Millisecond) }
}

var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func TestOnATerminalThereAreBarsAndTextWithoutColours(t *testing.T) {
	for _, env := range []map[string]string{{"TERM": "xterm"}, {"TERM": "xterm", "NO_COLOR": "1"}} {
		w := newTown(t, fakeokta.Options{})
		w.watched()
		w.leave("leo")
		w.clock.pass(24 * time.Hour)
		w.slowly()
		tty, written := terminal(t)
		if code := w.logged(tty, env, "nightly"); code != exitDone {
			t.Fatal(code)
		}
		screen := written()
		if !regexp.MustCompile(`okta\s+\d+ of about \d+ requests`).MatchString(screen) || !strings.Contains(screen, "\x1b[") {
			t.Errorf("%v: there is no bar in %q", env, screen)
		}
		if !strings.Contains(screen, `msg="suspend `) {
			t.Errorf("%v: there is no text in %q", env, screen)
		}
		if colours.MatchString(screen) {
			t.Errorf("%v: there are colours in %q", env, screen)
		}
	}
}

func TestNothingMovesTheCursorOfAPipeOrOfADumbTerminal(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.slowly()
	tty, written := terminal(t)
	if code := w.logged(tty, map[string]string{"TERM": "dumb"}, "nightly"); code != exitDone {
		t.Fatal(code)
	}
	dumb := strings.ReplaceAll(written(), "\r\n", "\n") // what a terminal makes of the end of a line
	w.clock.pass(24 * time.Hour)
	w.leave("leo")
	var pipe bytes.Buffer
	if code := w.logged(&pipe, map[string]string{"TERM": "xterm"}, "nightly"); code != exitDone {
		t.Fatal(code)
	}
	for name, out := range map[string]string{"dumb": dumb, "pipe": pipe.String()} {
		if strings.ContainsAny(out, "\x1b\r\b") {
			t.Errorf("%s: %q", name, out)
		}
	}
	entries(t, pipe.String())
}

func TestWhatCountsFilesDrawsABarOnlyAfterAMoment(t *testing.T) {
	tty, written := terminal(t)
	clock := &tick{now: firstNight}
	e := &environ{stderr: tty, now: clock.Now, getenv: func(string) string { return "" }}
	c := e.counting("checking files")
	c.tell(1, 10)
	c.end()
	c = e.counting("deleting files")
	clock.pass(3 * time.Second)
	c.tell(5, 10)
	time.Sleep(500 * time.Millisecond)
	c.end()
	screen := written()
	if strings.Contains(screen, "checking") || !strings.Contains(screen, "deleting files 5 of 10") {
		t.Errorf("%q", screen)
	}
}

func TestWhatHasNoKnownEndIsShownOnlyAfterAMoment(t *testing.T) {
	tty, written := terminal(t)
	e := &environ{stderr: tty, now: time.Now, getenv: func(string) string { return "" }}
	e.waiting("quickly")()
	done := e.waiting("writing the record")
	time.Sleep(moment + 700*time.Millisecond)
	done()
	if screen := written(); strings.Contains(screen, "quickly") || !strings.Contains(screen, "writing the record") {
		t.Errorf("%q", screen)
	}
}
