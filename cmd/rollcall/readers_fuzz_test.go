package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/config"
)

// FuzzFieldOfASecret: of a secret that should hold several values exactly the one that is
// named is given, and no error shows anything of what is there.
func FuzzFieldOfASecret(f *testing.F) {
	for _, text := range []string{"", "null", "[]", `{"token":"abc"}`, `{"token":1}`, `{"token":""}`, `{"TOKEN":"abc"}`, `{"token":"abc","token":"def"}`, "00hunter2-hunter2-hunter2"} {
		f.Add(text)
	}
	s := config.Secret{AWSSecret: "rollcall/okta", Field: "token"}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := valueOf(s, fetched{value: text})
		if err != nil {
			if got != "" || len(text) > 40 && strings.Contains(err.Error(), text) {
				t.Fatalf("beside an error there is %q: %v", got, err)
			}
			if !strings.Contains(err.Error(), s.AWSSecret) {
				t.Fatalf("the error does not say which secret: %v", err)
			}
			return
		}
		var plain map[string]json.RawMessage
		var want any
		if json.Unmarshal([]byte(text), &plain) != nil || json.Unmarshal(plain["token"], &want) != nil || want != any(got) {
			t.Fatalf("%q is given, %v is there", got, want)
		}
		if whole, err := valueOf(config.Secret{AWSSecret: "rollcall/okta"}, fetched{value: text}); err != nil || whole != text {
			t.Fatalf("without a key %q is given for %q, %v", whole, text, err)
		}
	})
}

// FuzzTheFirstHourEndsWithWhatTheNightSays: a summary that cannot be read is named with
// the command that makes another one; of any other the three things are said.
func FuzzTheFirstHourEndsWithWhatTheNightSays(f *testing.F) {
	for _, text := range []string{"", "null", "{}", `{"happened":["2 leavers"],"leavers":[{},{}],"rosters":[{"file":"roster.csv","problems_total":2}],"findings":[{"kind":"orphan_account","count":1}],"worksheets":{"worksheets":1,"rows":2}}`, `{"rosters":[{"file":"../../etc/passwd","problems_total":-1}]}`} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	cfg, err := config.Load(filepath.Join(dir, "rollcall.yaml"), config.Example())
	if err != nil {
		f.Fatal(err)
	}
	file := filepath.Join(cfg.Path(cfg.Reports.Dir), "run-1", "summary.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := (&environ{stdout: &out}).sayThree(cfg)
		if err != nil {
			if out.Len() != 0 || !strings.Contains(err.Error(), "run rollcall nightly --config") {
				t.Fatalf("it says %q, and %v", out.String(), err)
			}
			return
		}
		for _, want := range []string{"1. IT: read ", "2. HR: ", "3. Reviewers: "} {
			if !strings.Contains(out.String(), want) {
				t.Fatalf("%q lacks %q", out.String(), want)
			}
		}
	})
}

// FuzzDemoState: what a folder says that a demo was is refused, or it goes on from a night
// that there was, and serves on this machine only.
func FuzzDemoState(f *testing.F) {
	whole, err := json.Marshal(demoState{First: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), Played: 2, Okta: servedOkta, AWS: servedAWS})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for _, text := range []string{"", "null", "{}", `{"first_night":"2026-03-02T01:00:00Z","nights_played":1}`, `{"first_night":"2026-03-02T01:00:00Z","nights_played":2}`, `{"first_night":"2026-03-02T01:00:00Z","nights_played":2,"okta":"0.0.0.0:80"}`, `{"first_night":"2026-03-02T01:00:00Z","nights_played":9000000000}`} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sandbox"), 0o700); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, "sandbox", "demo.json"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		d := &demo{dir: dir}
		if d.load() != nil {
			return
		}
		if d.state.Played < 2 || d.state.First.IsZero() || !d.state.night(d.state.Played).After(d.state.First) {
			t.Fatalf("it goes on after %d nights since %s", d.state.Played, d.state.First)
		}
		for _, address := range []string{d.state.Okta, d.state.AWS} {
			host, _, err := net.SplitHostPort(address)
			if err != nil || host != "127.0.0.1" {
				t.Fatalf("it serves on %q, %v", address, err)
			}
		}
	})
}

// FuzzProxy: an address of a proxy that is accepted is the way that requests go; any other
// stops the run, for Go would go straight and say nothing.
func FuzzProxy(f *testing.F) {
	for _, address := range []string{"", "proxy.example.com:3128", "http://proxy.example.com:3128", "http://a:b%25@proxy.example.com", "http://a:b%@proxy.example.com", "socks5://proxy.example.com", "://", "http://", "http:proxy", ":3128", "[::1]:1", "%zz", " proxy", "ftp://x"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		n, err := (&environ{getenv: func(name string) string {
			if name == "HTTPS_PROXY" {
				return address
			}
			return ""
		}}).network(config.Config{})
		if err != nil {
			if len(address) > 40 && strings.Contains(err.Error(), address) {
				t.Fatalf("the error tells the address: %v", err)
			}
			return
		}
		through, err := n.proxy(httptest.NewRequest(http.MethodGet, "https://company.example.com/api", nil))
		if err == nil && (through == nil) != (address == "") {
			t.Fatalf("%q is accepted, and requests go through %v", address, through)
		}
	})
}

// FuzzArchiveUnread: whatever lies in the place of the note that somebody was told that the
// archive cannot be read, it keeps nobody from being told for longer than half an hour.
func FuzzArchiveUnread(f *testing.F) {
	for _, text := range []string{"", "null", "{}", `{"run":{"id":"r"},"told_at":"2026-11-26T01:50:00Z"}`, `{"run":{"id":"r"},"told_at":"9999-12-31T23:59:59Z"}`, `{"run":{"id":"r"},"told_at":"0001-01-01T00:00:00Z"}`, `{"run":{"id":1}}`} {
		f.Add([]byte(text))
	}
	now := time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)
	e := &environ{now: func() time.Time { return now }}
	cfg := config.Config{Dir: f.TempDir(), Reports: config.Reports{Dir: "reports"}}
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := writeFile(unreadFile(cfg), text); err != nil {
			t.Fatal(err)
		}
		was := e.wasUnread(cfg)
		if now.Add(untoldFor).Sub(was.ToldAt) < untoldFor {
			t.Fatalf("half an hour later nobody is told because of %s", text)
		}
	})
}
