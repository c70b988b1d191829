package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/sandbox/company"
	"rollcall/internal/sandbox/faults"
)

// audited is the demo company's first quarter of 2026 as an auditor finds it: a folder
// with the configuration, the archive and the public key. quarter_story_test.go tells
// what happened in it.
type audited struct {
	dir  string            // holds rollcall.yaml
	root string            // the archive
	key  string            // the public key
	who  map[string]string // the employee id of everybody in the story, by name
}

// played is the quarter, played once for all tests of a process, as its files.
var played struct {
	once  sync.Once
	files map[string][]byte
	who   map[string]string
}

// auditedQuarter is a copy of the quarter that a test may do with as it likes. It takes
// half a minute when it is asked for first.
func auditedQuarter(t *testing.T) audited {
	t.Helper()
	played.once.Do(func() { played.files, played.who = playTheStory(t) })
	if len(played.files) == 0 {
		t.Fatal("the quarter was not played to its end: see the test that played it")
	}
	dir := t.TempDir()
	for name, b := range played.files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return audited{dir, filepath.Join(dir, "archive"), filepath.Join(dir, "keys", "rollcall-public.pem"), played.who}
}

// playTheStory plays the quarter and gives its files, but for the reports.
func playTheStory(t *testing.T) (map[string][]byte, map[string]string) {
	t.Helper()
	quicken(t)
	s := newStory(t)
	over := false
	t.Cleanup(func() {
		if !over {
			t.Log(s.told.String())
		}
	})
	s.play()
	over = true
	files := map[string][]byte{}
	err := filepath.WalkDir(s.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		inside, err := filepath.Rel(s.dir, name)
		if err != nil || strings.HasPrefix(inside, "reports") {
			return err
		}
		files[inside], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, s.who
}

// story is the quarter while it is played.
type story struct {
	*quarter
	told      *bytes.Buffer // what the nights said
	okta, aws *faults.Injector
	who       map[string]string
	away      map[string]bool // employee ids and logins that do not sign in
	open      opened          // the review
	passed    string          // the worksheet that came of a row that was passed on
	answered  map[string]bool // reviewers
}

// newStory is the demo company on its first night, on a clock that stands still, with a
// key that is the same each time, and with a configuration that lets everything take
// effect that the questions ask about.
func newStory(t *testing.T) *story {
	t.Helper()
	told := &bytes.Buffer{}
	e := &environ{getenv: func(string) string { return "" }, stdout: told, stderr: told, now: time.Now, log: slog.New(demoLog{told})}
	d := &demo{e: e, dir: t.TempDir(), clock: &demoClock{stands: true}}
	d.state.First = at("01-01 02:00")
	d.clock.set(d.state.First)
	// The SDK holds what AWS lends against the real time, so that AWS is far ahead.
	d.company = company.Build(d.state.First, company.Clocks{Okta: d.clock.now, AWS: func() time.Time { return d.clock.now().AddDate(30, 0, 0) }})
	s := &story{told: told, quarter: &quarter{demo: d, t: t, back: t.TempDir()}, okta: faults.New(d.company.Okta()), aws: faults.New(d.company.AWS()),
		who: map[string]string{}, away: map[string]bool{}, answered: map[string]bool{}}
	for address, h := range map[*string]http.Handler{&d.state.Okta: s.okta, &d.state.AWS: s.aws} {
		if err := d.listen(address, h); err != nil {
			t.Fatal(err)
		}
	}
	d.settle(t)
	s.sameKey()
	return s
}

// sameKey signs with a key that everybody knows.
func (s *story) sameKey() {
	s.t.Helper()
	private := ed25519.NewKeyFromSeed([]byte(strings.Repeat("q", ed25519.SeedSize)))
	for name, key := range map[string]any{"PRIVATE KEY": private, "PUBLIC KEY": private.Public()} {
		b, err := x509.MarshalPKCS8PrivateKey(private)
		file := "rollcall-signing.pem"
		if name == "PUBLIC KEY" {
			b, err = x509.MarshalPKIXPublicKey(key)
			file = "rollcall-public.pem"
		}
		if err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(s.path("keys", file), pem.EncodeToMemory(&pem.Block{Type: name, Bytes: b}), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// at is a time of 2026 where the company is: "02-24 15:00".
func at(when string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+when, demoZone())
	if err != nil {
		panic(err) // a test says it wrong
	}
	return t
}

// night is one night of the real program, which writes no workbooks: they take most of
// a night, and no question asks about them.
func (s *story) night(day time.Time) *access.Night {
	s.t.Helper()
	s.clock.set(time.Date(day.Year(), day.Month(), day.Day(), 2, 0, 0, 0, demoZone()))
	cfg := s.settings()
	n, err := s.inside().wire(s.t.Context(), cfg, "nightly", cfg.Mode)
	if err != nil {
		s.t.Fatal(err)
	}
	n.job.Report = nil
	result, err := n.job.Nightly(s.t.Context())
	if err != nil {
		s.t.Fatalf("night of %s: %v", day.Format(time.DateOnly), err)
	}
	if len(result.Night.Plan.Trips) > 0 {
		if err := s.inside().tellNight(n, result, false); exitCode(err) != result.Night.Run.ExitCode {
			s.t.Fatalf("night of %s: %v", day.Format(time.DateOnly), err)
		}
	}
	return result.Night
}

func (s *story) settings() config.Config {
	s.t.Helper()
	b, err := os.ReadFile(s.path("rollcall.yaml"))
	if err != nil {
		s.t.Fatal(err)
	}
	cfg, err := config.Load(s.path("rollcall.yaml"), b)
	if err != nil {
		s.t.Fatal(err)
	}
	return cfg
}
