//go:build system

package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const (
	tested = "v0.0.1-test"
	here   = "linux_" + runtime.GOARCH
)

// copyOf is the repository in another place, as another machine would have it, with what
// was not committed yet.
func copyOf(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "elsewhere")
	must(t, exec.Command("git", "clone", "--quiet", "--no-hardlinks", "../..", to))
	diff, err := exec.Command("git", "-C", "../..", "diff", "--binary", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	if len(diff) > 0 {
		apply := exec.Command("git", "-C", to, "apply", "-")
		apply.Stdin = bytes.NewReader(diff)
		must(t, apply)
	}
	return to
}

func must(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, out)
	}
	return string(out)
}

// released makes a release of what runs here, from a source.
func released(t *testing.T, source string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "dist")
	if err := run(t.Context(), []string{"-version", tested, "-source", source, "-out", out, "-only", here + "," + here + "_full"}); err != nil {
		t.Fatal(err)
	}
	return out
}

// The whole story of one release: building it takes minutes, so all is asked of the same.
func TestARelease(t *testing.T) {
	dist := released(t, "../..")
	t.Run("is the same from another folder", func(t *testing.T) { sameAgain(t, dist) })
	t.Run("is what SHA256SUMS says", func(t *testing.T) {
		c := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
		c.Dir = dist
		if got, want := strings.Count(must(t, c), ": OK"), 6; got != want {
			t.Errorf("%d files, want %d", got, want)
		}
	})
	for _, variant := range []string{here, here + "_full"} {
		file := filepath.Join(dist, "rollcall_"+tested+"_"+variant)
		t.Run(variant+" says its version and commit", func(t *testing.T) { saysWhichItIs(t, file) })
		t.Run(variant+" has a bill of materials", func(t *testing.T) { hasABill(t, file) })
	}
	t.Run("static has no interpreter", func(t *testing.T) {
		if out := must(t, exec.Command("readelf", "--program-headers", filepath.Join(dist, "rollcall_"+tested+"_"+here))); strings.Contains(out, "INTERP") {
			t.Error("it needs libraries of the machine")
		}
	})
	t.Run("image", func(t *testing.T) { imageRuns(t, filepath.Join(dist, "rollcall_"+tested+"_"+here+"_image.tar")) })
	t.Run("licences", func(t *testing.T) { licencesAreThere(t, dist) })
}

func sameAgain(t *testing.T, dist string) {
	again := released(t, copyOf(t))
	one, err := os.ReadFile(filepath.Join(dist, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := os.ReadFile(filepath.Join(again, "SHA256SUMS"))
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("two builds differ (%v):\n%s\n%s", err, one, two)
	}
}

func commitHere(t *testing.T) string {
	return strings.TrimSpace(must(t, exec.Command("git", "-C", "../..", "rev-parse", "HEAD")))
}

func saysWhichItIs(t *testing.T, file string) {
	var b struct{ Version, Commit string }
	if err := json.Unmarshal([]byte(must(t, exec.Command(file, "version", "--json"))), &b); err != nil {
		t.Fatal(err)
	}
	if b.Version != tested || b.Commit != commitHere(t) {
		t.Errorf("it says %+v", b)
	}
	want, err := toolchain(t.Context(), "../..")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := buildinfo.ReadFile(file); err != nil || info.GoVersion != want {
		t.Errorf("it was not built with %s, which go.mod names (%v): %s", want, err, info.GoVersion)
	}
}

// validation judges a bill by CycloneDX's own schema, which the library carries along.
const validation = `
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
sys.exit(repr(wrong) if wrong else 0)
`

func hasABill(t *testing.T, file string) {
	python := os.Getenv("ROLLCALL_PYTHON")
	if python == "" {
		t.Fatal("ROLLCALL_PYTHON is not set: run make test-all, or name a Python that has tools/requirements.txt")
	}
	must(t, exec.Command(python, "-c", validation, file+".cdx.json"))
	text, err := os.ReadFile(file + ".cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{tested, commitHere(t), "pkg:golang/github.com/urfave/cli/v2@", "pkg:golang/std@"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the bill does not say %s", want)
		}
	}
	if has, full := bytes.Contains(text, []byte("duckdb-go")), strings.HasSuffix(file, "_full"); has != full {
		t.Errorf("DuckDB in the bill: %t, in the program: %t", has, full)
	}
	bad := filepath.Join(t.TempDir(), "bad.json") // the judge can say no
	if err := os.WriteFile(bad, bytes.Replace(text, []byte(`"bomFormat"`), []byte(`"bombFormat"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if exec.Command(python, "-c", validation, bad).Run() == nil {
		t.Error("a bill of another format passes")
	}
}

// imageRuns reads the image back, as two kinds of programs do, and runs what is in it.
func imageRuns(t *testing.T, file string) {
	dir := t.TempDir()
	must(t, exec.Command("tar", "-xf", file, "-C", dir))
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	tag, err := name.NewTag("rollcall:" + tested)
	if err != nil {
		t.Fatal(err)
	}
	img, err := tarball.ImageFromPath(file, &tag) // as docker load
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Config.User != "65532:65532" || config.Architecture != runtime.GOARCH || config.Config.Labels["org.opencontainers.image.revision"] != commitHere(t) {
		t.Errorf("its configuration: %+v", config)
	}
	root := t.TempDir()
	unpack(t, mutate.Extract(img), root)
	pem, err := os.ReadFile(filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
		t.Errorf("no certificates: %v", err)
	}
	if os.Getuid() != 0 {
		must(t, exec.Command(filepath.Join(root, "rollcall"), "version"))
		return
	}
	inside := func(args ...string) *exec.Cmd {
		return exec.Command("chroot", append([]string{"--userspec=65532:65532", root, "/rollcall"}, args...)...)
	}
	if out := must(t, inside("version")); !strings.Contains(out, tested) {
		t.Errorf("it says %s", out)
	}
	if out := must(t, inside("demo", "--keep", "/data/demo")); !strings.Contains(out, "What to open next") {
		t.Errorf("the demo says %s", out)
	}
	if out := must(t, inside("audit", "verify", "--config", "/data/demo/rollcall.yaml")); !strings.Contains(out, "Every byte is as it was written") {
		t.Errorf("audit verify says %s", out)
	}
}

// unpack keeps owners and modes where it may.
func unpack(t *testing.T, from io.ReadCloser, to string) {
	defer from.Close()
	if err := os.Chmod(to, 0o755); err != nil { // whoever runs inside is not who made it
		t.Fatal(err)
	}
	for p := filepath.Dir(to); strings.HasPrefix(p, os.TempDir()+"/"); p = filepath.Dir(p) {
		if err := os.Chmod(p, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for r := tar.NewReader(from); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(to, filepath.FromSlash(h.Name))
		switch h.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(path, 0o755)
		default:
			var b []byte
			if b, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(path, b, 0o644)
			}
		}
		if err == nil {
			err = os.Chmod(path, fs.FileMode(h.Mode))
		}
		if err == nil && os.Getuid() == 0 {
			err = os.Chown(path, h.Uid, h.Gid)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func licencesAreThere(t *testing.T, dist string) {
	b, err := os.ReadFile(filepath.Join(dist, "LICENCES.txt"))
	if err != nil {
		t.Fatal(err)
	}
	list, texts, _ := strings.Cut(string(b), strings.Repeat("=", 80))
	for _, want := range []string{"github.com/duckdb/duckdb-go/v2", "github.com/okta/okta-sdk-golang/v2", "Go's own library", "tzdata (time zones)"} {
		if !strings.Contains(list, want) || !strings.Contains(texts, want) {
			t.Errorf("nothing about %s", want)
		}
	}
	for line := range strings.Lines(list) {
		if strings.Contains(line, "see its text") {
			t.Errorf("a licence that nobody knows by name: %s", line)
		}
		if strings.Contains(line, "GPL") {
			t.Errorf("a licence that may not be given along: %s", line)
		}
	}
}

func TestAVersionIsAVersion(t *testing.T) {
	for _, no := range []string{"", "1.0.0", "v1", "v1.0", "v1.0.0 x", "latest"} {
		if _, err := prepare(t.Context(), no, "../..", filepath.Join(t.TempDir(), "dist")); err == nil {
			t.Errorf("%q passes for a version", no)
		}
	}
}

func TestTheTimeZonesGoAlongWithTheirLicence(t *testing.T) {
	m, err := (&release{source: "../.."}).zones()
	if err != nil || m.version == "" {
		t.Fatalf("%+v: %v", m, err)
	}
	all, err := papers(m.dir)
	if err != nil || len(all) != 2 || nameOf(all[0].text) != "Apache-2.0" {
		t.Errorf("%d texts: %v", len(all), err)
	}
}
