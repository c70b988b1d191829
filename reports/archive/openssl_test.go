//go:build system

package archive

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"rollcall/internal/access"
)

// These tests need the openssl program.

func openssl(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
}

func TestOpenSSLMakesTheKeysAndVerifiesTheSignatures(t *testing.T) {
	folder := t.TempDir()
	private, public := filepath.Join(folder, "key.pem"), filepath.Join(folder, "pub.pem")
	openssl(t, "genpkey", "-algorithm", "ed25519", "-out", private)
	openssl(t, "pkey", "-in", private, "-pubout", "-out", public)
	pem, err := os.ReadFile(private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParsePrivateKey(pem)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := New(NewFolder(root), key).commit(Manifest{Schema: manifestSchema, Sequence: 1, RunID: "r"}); err != nil {
		t.Fatal(err)
	}
	manifest := filepath.Join(root, manifestName(1))
	b, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	openssl(t, "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", manifest,
		"-sigfile", filepath.Join(root, signatureName(1, access.Digest(b))))
	pem, err = os.ReadFile(public)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := ParsePublicKey(pem)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := verified(root, pub); err != nil || !r.OK() || r.Manifests != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestKeysOfOursAreReadByOpenSSL(t *testing.T) {
	private, _, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, private, 0o600); err != nil {
		t.Fatal(err)
	}
	openssl(t, "pkey", "-in", path, "-noout")
}
