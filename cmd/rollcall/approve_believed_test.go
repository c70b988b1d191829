package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/reports/archive"
)

// flip turns one bit of a file over; twice, it is what it was.
func flip(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte(`"reason": "`)) + len(`"reason": "`)
	b[at] ^= 2
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOneFlippedBitAnywhereRefusesAnApproval(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)
	a := access.Approval{ID: newApprovalID(now), Guard: "blast_radius", Scope: "okta", By: "Ann <ann@example.test>", Reason: "the office in Ghent is closed & gone", CreatedAt: now, ExpiresAt: now.Add(time.Hour),
		Cohort: []access.Stake{{Account: access.AccountKey{System: "okta", ID: "00u1"}, Stage: access.Block}, {Account: access.AccountKey{System: "aws", Scope: "1", ID: "AIDA1"}, Stage: access.Block, Action: "a1"}}, Count: 2}
	a.CohortSHA256 = access.CohortDigest(a.Cohort)
	b, err := sealApproval(a, private)
	if err != nil {
		t.Fatal(err)
	}
	trusted := []ed25519.PublicKey{public}
	if back, err := openApproval(b, trusted); err != nil || back.ID != a.ID || back.CohortSHA256 != access.CohortDigest(back.Cohort) {
		t.Fatalf("%+v, %v", back, err)
	}
	for at := range b {
		for bit := range 8 {
			bad := bytes.Clone(b)
			bad[at] ^= 1 << bit
			if back, err := openApproval(bad, trusted); err == nil || back.ID != "" {
				t.Fatalf("byte %d, bit %d: believed:\n%s", at, bit, bad)
			}
		}
	}
	for what, bad := range map[string][]byte{"cut": b[:len(b)-1], "longer": append(bytes.Clone(b), '\n'), "twice": append(bytes.Clone(b), b...), "empty": nil, "other line ends": bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))} {
		if _, err := openApproval(bad, trusted); err == nil {
			t.Errorf("%s: believed", what)
		}
	}
}

func TestAnApprovalIsBelievedOnlyUnderAKeyThatIsTrusted(t *testing.T) {
	_, foreign, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := sealApproval(access.Approval{ID: newApprovalID(time.Unix(0, 0)), Guard: "roster"}, foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openApproval(b, []ed25519.PublicKey{public}); err == nil || !strings.Contains(err.Error(), "it is signed with a key that approvals.keys does not have") {
		t.Errorf("%v", err)
	}
	if _, err := openApproval(b, nil); err == nil || !strings.Contains(err.Error(), "approvals.keys names no key") {
		t.Errorf("%v", err)
	}
	named := bytes.Replace(b, []byte(fingerprint(foreign.Public().(ed25519.PublicKey))), []byte(fingerprint(public)), 1)
	if _, err := openApproval(named, []ed25519.PublicKey{public}); err == nil || !strings.Contains(err.Error(), "its signature does not fit") {
		t.Errorf("signed by one and named after another: %v", err)
	}
	if bad, err := sealApproval(access.Approval{ID: "../../manifests/1"}, foreign); err != nil {
		t.Error(err)
	} else if _, err := openApproval(bad, []ed25519.PublicKey{foreign.Public().(ed25519.PublicKey)}); err == nil {
		t.Error("an id that is a path is believed")
	}
}

func TestAForeignKeyAnExpiredOneAndTheNightsOwnKeyCountForNothing(t *testing.T) {
	w := newTownThatIsHeld(t)
	w.approveAll()
	out := filepath.Join(w.dir, "p.json")
	w.want(w.now("plan", "--out", out), exitDone, "Would count: it releases")
	trusted := w.read("ann-public.pem")
	_, other, err := archive.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	w.write("ann-public.pem", string(other))
	w.want(w.now("plan", "--out", out), exitHeld, "Does not count: it is signed with a key that approvals.keys does not have")
	own := w.read("public.pem")
	w.write("ann-public.pem", own)
	w.want(w.now("plan", "--out", out), exitHeld, "ann-public.pem is the key that signs the archive, and the night cannot answer for itself")
	if err := os.Remove(filepath.Join(w.dir, "public.pem")); err != nil {
		t.Fatal(err)
	}
	w.want(w.now("plan", "--out", out), exitHeld, "ann-public.pem is the key that signs the archive")
	if err := os.Remove(filepath.Join(w.dir, "ann-public.pem")); err != nil {
		t.Fatal(err)
	}
	w.want(w.now("plan", "--out", out), exitHeld, "approvals.keys names no key that can be used", "ann-public.pem cannot be read (there is no such file)")
	w.write("ann-public.pem", trusted)
	w.clock.pass(72 * time.Hour)
	w.want(w.now("plan", "--out", out), exitHeld, "Does not count: it expired on")
	w.write("approvals/note.json", "{}")
	w.write("approvals/README", "not looked at")
	w.want(w.now("plan", "--out", out), exitHeld, "approvals/note.json", "it was changed after it was signed")
}

func TestApplyTakesAnApprovalFromElsewhere(t *testing.T) {
	w := newTownThatIsHeld(t)
	w.approveAll()
	plan := filepath.Join(w.dir, "plan.json") // as it was before anybody approved
	elsewhere := filepath.Join(w.dir, "elsewhere")
	if err := os.Rename(filepath.Join(w.dir, "approvals"), elsewhere); err != nil {
		t.Fatal(err)
	}
	w.want(w.now("apply", "--plan", plan, "--approval", filepath.Join(w.dir, "none.json")), exitRefused, "read the approval")
	args := []string{"--plan", plan}
	names, err := filepath.Glob(filepath.Join(elsewhere, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		args = append(args, "--approval", name)
	}
	w.want(w.now("apply", args...), exitDone, "Counts: it releases")
	if w.status("leo") != fakeokta.Suspended || w.status("mia") != fakeokta.Suspended {
		t.Errorf("leo is %s, mia is %s", w.status("leo"), w.status("mia"))
	}
	w.verified()
}

func TestAnApprovalIsReadOnceAndAnUnreadableFolderHoldsOnly(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name string, b []byte) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750), os.WriteFile(filepath.Join(dir, name), b, 0o640)); err != nil {
			t.Fatal(err)
		}
	}
	seal := func(reason string) []byte {
		b, err := sealApproval(access.Approval{ID: "20261126T100000Z-0123456789abcdef", Guard: "roster", Reason: reason}, private)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	put("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	put("approvals/a.json", seal("one"))
	put("approvals/b.json", seal("one"))                       // a copy
	put("approvals/c.json", seal("another"))                   // of the same id
	put("approvals/d.json", bytes.Repeat([]byte(" "), 17<<20)) // too long to be one
	put("approvals/.e.json", []byte("half written"))
	put("approvals/notes.txt", []byte("not looked at"))
	e := &environ{getenv: func(string) string { return "" }}
	cfg := config.Config{Dir: dir, Approvals: config.Approvals{Dir: "approvals", Keys: []string{"key.pem"}}}
	var got []string
	for _, a := range e.approvalFiles(cfg, []string{filepath.Join(dir, "approvals", "a.json")}) {
		got = append(got, a.File+" "+a.ID+" "+a.Unproven)
	}
	want := []string{
		"approvals/a.json 20261126T100000Z-0123456789abcdef ",
		"approvals/c.json  it has the id of approvals/a.json, and is another file",
		"approvals/d.json  it cannot be read: it has more than 16777216 bytes, which are the most: look whether it is the right file",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	cfg.Approvals.Dir = "key.pem"
	if all := e.approvalFiles(cfg, nil); len(all) != 1 || !strings.Contains(all[0].Unproven, "the folder cannot be read, so that no approval in it counts") {
		t.Errorf("%+v", all)
	}
	cfg.Approvals.Dir = "nowhere"
	if all := e.approvalFiles(cfg, nil); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// FuzzOpenApproval: a file that is believed is, to the byte, one that the key signed; of
// everything else nothing is taken over, and the reason says what to do.
func FuzzOpenApproval(f *testing.F) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte("k"), ed25519.SeedSize))
	public := private.Public().(ed25519.PublicKey)
	a := access.Approval{ID: "20260302T020000Z-0123456789abcdef", Guard: "blast_radius", Count: 1, By: "ada", Reason: "they left",
		Cohort: []access.Stake{{Account: access.AccountKey{System: "okta", ID: "u2"}}}}
	real, err := sealApproval(a, private)
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{real, bytes.Replace(real, []byte("u2"), []byte("u3"), 1), bytes.ToUpper(real), append(bytes.Clone(real), real...), []byte("{}"), []byte("null"), nil} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := openApproval(b, []ed25519.PublicKey{public})
		switch {
		case err == nil && !bytes.Equal(b, real):
			t.Fatalf("an approval that nobody signed is believed: %q", b)
		case err != nil && (bytes.Equal(b, real) || got.ID != "" || len(got.Cohort) != 0):
			t.Fatalf("%v, and %+v is taken over", err, got)
		case err != nil && !utf8.ValidString(err.Error()):
			t.Fatalf("the reason is no text: %q", err)
		}
	})
}
