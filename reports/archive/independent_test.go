//go:build system

package archive

import (
	"crypto/ed25519"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// lines are the second verifier of docs/verify.md, as it stands there.
func lines(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/verify.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(b), "```sh\n")
	script, _, ended := strings.Cut(rest, "```\n")
	if !found || !ended {
		t.Fatal("docs/verify.md has no block of lines to run")
	}
	return script
}

func publicFile(t *testing.T, key ed25519.PrivateKey) string {
	t.Helper()
	b, err := PublicPEM(pub(key))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "public.pem")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The lines come to the verdict that rollcall comes to, and know nothing of it.
// It is long because the table of attacks and the two verdicts on each are read together:
// whatever may be done to an archive is one row of it.
func TestTheIndependentVerifierReachesTheSameVerdict(t *testing.T) {
	script, key, stray := lines(t), publicFile(t, testKey), publicFile(t, strayKey)
	plain, turned := archiveOf(t, 3), rotated(t)
	end := mustVerify(t, plain).SHA256
	gone, list := expiring(t, 3, forDay)
	recordExpiry(t, gone, list)
	anew := archiveOf(t, 2)
	if _, err := NewRoot(NewFolder(anew), []ed25519.PublicKey{testPub}, tending(t, NewFolder(anew), "root", after(2)), secondKey, "Ann", "lost"); err != nil {
		t.Fatal(err)
	}
	nightBy(t, NewFolder(anew), secondKey, 3)
	remove := func(name string) func(string) {
		return func(root string) {
			if err := os.Remove(filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	state := stateName(runID(3))
	table := "grants/date=2026-03-03/run=" + string(runID(2)) + "/part-00000.parquet"
	for name, c := range map[string]struct {
		from   string
		attack func(root string)
		head   string
		root   ed25519.PrivateKey
		says   string // of the lines, when they find a fault
	}{
		"sound":                {from: plain, head: end},
		"a flipped byte":       {from: plain, attack: func(root string) { flip(t, filepath.Join(root, table), 300) }, says: "files are not as they were written"},
		"a deleted file":       {from: plain, attack: remove(table), says: "files are not as they were written"},
		"a deleted input":      {from: plain, attack: remove(inputName(access.Digest([]byte(rosterText)))), says: "files are not as they were written"},
		"a cut chain":          {from: plain, attack: remove(manifestName(3)), head: end, says: "it was cut off"},
		"a cut chain, unknown": {from: plain, attack: remove(manifestName(3))},
		"a gap":                {from: plain, attack: remove(manifestName(2)), says: "a manifest before it is missing"},
		"an altered manifest":  {from: plain, attack: func(root string) { flip(t, filepath.Join(root, manifestName(2)), 30) }, says: "not signed with the key"},
		"a swapped manifest":   {from: plain, attack: func(root string) { swap(t, root, 2, 3) }, says: "the chain is broken"},
		"a slipped-in file": {from: plain, attack: func(root string) {
			create(t, root, "decisions/date=2026-03-03/run="+string(runID(2))+"/part-00000.parquet")
		}, says: "slipped in"},
		"a link that was slipped in": {from: plain, attack: func(root string) {
			if err := os.Symlink("/etc/hosts", filepath.Join(root, filepath.Dir(table), "part-00001.parquet")); err != nil {
				t.Fatal(err)
			}
		}, says: "slipped in"},
		"slipped in, other letters": {from: plain, attack: func(root string) { create(t, root, "G"+table[1:]) }, says: "slipped in"},
		"a name with a line break":  {from: plain, attack: func(root string) { create(t, root, filepath.Dir(table)+"/part\n1.parquet") }, says: "slipped in"},
		"named after a run":         {from: plain, attack: func(root string) { create(t, root, "backup/"+string(runID(2))+".txt") }},
		"a pipe for a table": {from: plain, attack: func(root string) {
			remove(table)(root)
			if out, err := exec.CommandContext(t.Context(), "mkfifo", filepath.Join(root, table)).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}, says: "files are not as they were written"},
		"a stranger's manifest": {from: plain, attack: func(root string) { forge(t, root, nil, map[string]ed25519.PrivateKey{"": strayKey}) }, says: "not signed with the key"},
		"rotated keys":          {from: turned},
		"a former key goes on":  {from: turned, attack: func(root string) { forge(t, root, nil, map[string]ed25519.PrivateKey{"": testKey}) }, says: "not signed with the key"},
		"a stolen hand-over": {from: turned, attack: func(root string) {
			forge(t, root, change(t, thirdKey, strayKey, false), map[string]ed25519.PrivateKey{"": strayKey, "next": strayKey})
		}, says: "not signed with the key"},
		"a hand-over to nobody": {from: turned, attack: func(root string) {
			forge(t, root, change(t, thirdKey, strayKey, false), map[string]ed25519.PrivateKey{"": thirdKey})
		}, says: "its two keys did not sign"},
		"back to a former key": {from: turned, attack: func(root string) {
			forge(t, root, change(t, thirdKey, testKey, false), map[string]ed25519.PrivateKey{"": thirdKey, "next": testKey})
		}, says: "signed before"},
		"an altered hand-over":     {from: turned, attack: func(root string) { flip(t, filepath.Join(root, manifestName(3)), -20) }, says: "0000000003.json"},
		"a new root":               {from: anew, says: "a new root that nothing vouches for"},
		"a new root that is known": {from: anew, root: secondKey},
		"an expired night":         {from: gone, attack: func(root string) { eraseAll(t, root, list.Files) }},
		"an expiry half done":      {from: gone, attack: func(root string) { eraseAll(t, root, list.Files[:9]) }},
		"gone without a record":    {from: gone, attack: func(root string) { eraseAll(t, root, list.Files); remove(state)(root) }, says: "files are not as they were written"},
		"an expiry of a run":       {from: plain, attack: func(root string) { forge(t, root, expiresRun(t, root), map[string]ed25519.PrivateKey{"": testKey}) }, says: "contradict each other"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			root := t.TempDir()
			if err := os.CopyFS(root, os.DirFS(c.from)); err != nil {
				t.Fatal(err)
			}
			if c.attack != nil {
				c.attack(root)
			}
			ask := Checks{Keys: []ed25519.PublicKey{testPub}, Head: c.head}
			rootFile := ""
			if c.root != nil {
				ask.Keys, rootFile = append(ask.Keys, pub(c.root)), publicFile(t, c.root)
			}
			ours, err := Verify(root, ask)
			if err != nil {
				t.Fatal(err)
			}
			theirs, says := ran(t, script, root, key, c.head, rootFile)
			if theirs != ours.OK() || ours.OK() != (c.says == "") || !strings.Contains(says, c.says) {
				t.Errorf("they say sound: %v\n%s\nrollcall says %v", theirs, says, ours.Faults)
			}
			if theirs && !strings.Contains(says, ours.SHA256) {
				t.Errorf("another end of the chain: %s", says)
			}
			if other, _ := ran(t, script, root, stray, "", ""); other {
				t.Error("a stranger's key found it sound")
			}
		})
	}
}

func ran(t *testing.T, script, root, key, head, newRoot string) (sound bool, says string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
	cmd.Env = append(os.Environ(), "ARCHIVE="+root, "KEY="+key, "HEAD="+head, "ROOT="+newRoot, "TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	return err == nil, string(out)
}

// swap exchanges two manifests, with signatures that fit their bytes.
func swap(t *testing.T, root string, one, other int) {
	t.Helper()
	for at, from := range map[int]int{one: other, other: one} {
		b, err := os.ReadFile(filepath.Join(root, manifestName(from)))
		if err != nil {
			t.Fatal(err)
		}
		sum := access.Digest(b)
		signature, err := os.ReadFile(filepath.Join(root, signatureName(from, sum)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, signatureName(at, sum)), signature, 0o600); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := os.WriteFile(filepath.Join(root, manifestName(at)), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}()
	}
}

func create(t *testing.T, root, name string) {
	t.Helper()
	if err := NewFolder(root).Create(name, []byte("x")); err != nil {
		t.Fatal(err)
	}
}

// expiresRun lets go of what never may expire: that a night was.
func expiresRun(t *testing.T, root string) func(*Manifest) {
	h, _, err := New(NewFolder(root), nil).read(1)
	if err != nil {
		t.Fatal(err)
	}
	return func(m *Manifest) {
		m.Expiry = &Expiry{Before: "2026-03-04", By: "Eve", Reason: "r"}
		for _, f := range h.Files {
			if strings.HasPrefix(f.Path, "runs/") {
				m.Expiry.Files = append(m.Expiry.Files, ExpiredFile{Entry: f})
			}
		}
	}
}
