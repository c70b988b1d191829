package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/reports/archive"
)

// heard lets arrives see the requests to a system.
func (w *townsfolk) heard(system access.System, next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.arrives != nil {
			w.arrives(system, r)
		}
		next.ServeHTTP(rw, r)
	})
}

// quiet forgets what was sent so far.
func (w *townsfolk) quiet() {
	w.okta.ResetRequests()
	w.aws.ResetRequests()
}

// altered changes one byte of the one file of the archive that a pattern names.
func (w *townsfolk) altered(pattern string) (file string) {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "archive", filepath.FromSlash(pattern)))
	if err != nil || len(files) != 1 {
		w.t.Fatalf("%s: %v, %v", pattern, files, err)
	}
	b, err := os.ReadFile(files[0])
	if err == nil {
		b[30] ^= 1
		err = errors.Join(os.Chmod(files[0], 0o600), os.WriteFile(files[0], b, 0o600))
	}
	w.must(err)
	return files[0]
}

// inOkta fails unless a login is in this state.
func (w *townsfolk) inOkta(login string, want fakeokta.Status) {
	w.t.Helper()
	if now := w.status(login); now != want {
		w.t.Errorf("%s is %s, want %s", login, now, want)
	}
}

// status is what Okta says of a login.
func (w *townsfolk) status(login string) fakeokta.Status {
	w.t.Helper()
	u, ok := w.okta.User(w.users[login].ID)
	if !ok {
		w.t.Fatalf("%s is gone", login)
	}
	return u.Status
}

// effects is what a night may have changed in the systems, in a form that two
// towns can be compared by.
func (w *townsfolk) effects() map[string]any {
	out := map[string]any{}
	state := w.okta.State()
	for _, u := range state.Users {
		out["okta user "+u.Login()] = []any{u.Status, u.Sessions, u.OAuthTokens}
	}
	out["okta tokens"], out["okta members"] = len(state.APITokens), len(state.Members)
	out["okta consents"], out["okta factors"], out["okta apps"] = len(state.Grants), len(state.Factors), len(state.AppUsers)
	amazon := w.aws.State()
	for _, u := range amazon.Users {
		marked := slices.ContainsFunc(u.Tags, func(t fakeaws.Tag) bool { return t.Key == "rollcall:removed" })
		out["iam user "+u.Name] = []any{u.Attached, u.AccessKeys, u.Boundary, u.Groups, u.Inline, u.LoginProfile != nil, len(u.MFA), marked}
	}
	out["loose devices"] = len(amazon.LooseMFA)
	out["assignments"], out["memberships"] = w.aws.Assignments(), len(amazon.Center.Memberships)
	return out
}

// events counts what Okta's own log says was done to a login.
func (w *townsfolk) events(login, kind string) (n int) {
	for _, e := range w.okta.EventsOf(w.users[login].ID) {
		if e.Type == kind {
			n++
		}
	}
	return n
}

// verified checks the archive as an auditor does.
func (w *townsfolk) verified() {
	w.t.Helper()
	r := play(w.t.Context(), w.clock, nil, "audit", "verify", "--config", filepath.Join(w.dir, "rollcall.yaml"))
	if r.code == exitIncomplete { // days went by between two nights
		w.want(r, exitIncomplete, "MISSING  ", "Every byte is as it was written. But ")
		return
	}
	w.want(r, exitDone, "Every byte is as it was written.")
	w.replayed()
}

// memory is what the archive remembers.
func (w *townsfolk) memory() access.Memory {
	w.t.Helper()
	a, err := archive.Open(filepath.Join(w.dir, "archive"), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	m, err := a.Memory(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}
