// Command release builds what is given to people who do not build rollcall
// themselves: binaries, their checksums and bills of materials, the licences of all that
// is in them, and a container image, without a container daemon. It must never put into
// an artefact what differs from one machine or moment to the next. Its invariant: the
// same commit and version give the same bytes.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release is one set of artefacts.
type release struct {
	version string // v0.1.0
	commit  string // of the sources, and whether they were changed since
	changed bool
	at      time.Time // of the commit: the only time in an artefact
	source  string    // the repository
	out     string
	goes    string // the version of Go that go.mod names, such as go1.26.11: nothing else is built with
}

// platform is a system that rollcall is built for. Full has the engine for audit ask and
// audit sql, which takes cgo, and so a C compiler for that system.
type platform struct {
	os, arch string
	full     bool
}

func (p platform) String() string {
	if p.full {
		return p.os + "_" + p.arch + "_full"
	}
	return p.os + "_" + p.arch
}

// everywhere is what a release is built for.
var everywhere = []platform{
	{"linux", "amd64", false}, {"linux", "arm64", false}, {"darwin", "amd64", false}, {"darwin", "arm64", false}, {"windows", "amd64", false},
	{"linux", runtime.GOARCH, true},
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	version := flags.String("version", "", "the version, such as v0.1.0")
	out := flags.String("out", "dist", "the folder to write to; it must not be there")
	source := flags.String("source", "../..", "the repository")
	only := flags.String("only", "", "some platforms in the place of all, such as linux_amd64,linux_amd64_full")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r, err := prepare(ctx, *version, *source, *out)
	if err != nil {
		return err
	}
	platforms, err := chosen(*only)
	if err != nil {
		return err
	}
	for _, p := range platforms {
		if err := r.binary(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	if err := r.licences(ctx, platforms); err != nil {
		return fmt.Errorf("licences: %w", err)
	}
	return r.sums()
}

var versions = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

// prepare finds out what is built, and makes the folder.
func prepare(ctx context.Context, version, source, out string) (*release, error) {
	if !versions.MatchString(version) {
		return nil, fmt.Errorf("%q is no version: give one such as -version v0.1.0", version)
	}
	r := &release{version: version, source: source, out: out}
	var err error
	if r.commit, err = r.git(ctx, "rev-parse", "HEAD"); err != nil {
		return nil, err
	}
	changes, err := r.git(ctx, "status", "--porcelain")
	if err != nil {
		return nil, err
	}
	r.changed = changes != ""
	at, err := r.git(ctx, "show", "-s", "--format=%cI", "HEAD")
	if err == nil {
		r.at, err = time.Parse(time.RFC3339, at)
	}
	if err == nil {
		r.goes, err = toolchain(ctx, source)
	}
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(out, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the release: %w: move the last one away, so that nothing old is among the new", err)
	}
	return r, nil
}

// toolchain is the version of Go that the module names for whoever builds it. What go
// itself is on this machine may have a library with known mistakes.
func toolchain(ctx context.Context, source string) (string, error) {
	c := exec.CommandContext(ctx, "go", "mod", "edit", "-json")
	c.Dir, c.Stderr = source, os.Stderr
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("go mod edit: %w", err)
	}
	var module struct{ Toolchain string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", fmt.Errorf("go mod edit: %w", err)
	}
	if module.Toolchain == "" {
		return "", errors.New("go.mod has no line toolchain: it says which Go a release is built with")
	}
	return module.Toolchain, nil
}

// golang is a command of the Go that the release is built with, in the repository.
func (r *release) golang(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir, c.Stderr, c.Env = r.source, os.Stderr, append(os.Environ(), "GOTOOLCHAIN="+r.goes)
	return c
}

func (r *release) git(ctx context.Context, args ...string) (string, error) {
	b, err := exec.CommandContext(ctx, "git", append([]string{"-C", r.source}, args...)...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: build a release from a clone of the repository", args[0], err)
	}
	return strings.TrimSpace(string(b)), nil
}

func chosen(only string) (some []platform, err error) {
	if only == "" {
		return everywhere, nil
	}
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(everywhere, func(p platform) bool { return p.String() == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no platform %q (known: %v)", name, everywhere)
		}
		some = append(some, everywhere[i])
	}
	return some, nil
}

// binary builds one program, says what is in it, and wraps Linux's into an image.
func (r *release) binary(ctx context.Context, p platform) error {
	name := filepath.Join(r.out, "rollcall_"+r.version+"_"+p.String())
	file := name
	if p.os == "windows" {
		file += ".exe"
	}
	fmt.Fprintln(os.Stderr, "building", filepath.Base(file))
	if err := r.build(ctx, p, file); err != nil {
		return err
	}
	if err := r.billOfMaterials(ctx, file, name+".cdx.json"); err != nil {
		return fmt.Errorf("the bill of materials: %w", err)
	}
	if p.os == "linux" && !p.full {
		return r.image(file, name+"_image.tar", p)
	}
	return nil
}

// build leaves out the paths of this machine, and what only a debugger needs.
func (r *release) build(ctx context.Context, p platform, file string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	set := fmt.Sprintf("-s -w -buildid= -X main.version=%s -X main.commit=%s", r.version, r.commit)
	if r.changed {
		set += " -X main.changed=true"
	}
	if p.full { // the linker's own number for a file would differ
		set += " -extldflags=-Wl,--build-id=none"
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", set, "-o", file, "./cmd/rollcall"}
	return r.command(ctx, p, args...)
}

func (r *release) command(ctx context.Context, p platform, args ...string) error {
	c := r.golang(ctx, args...)
	c.Stdout, c.Env = os.Stderr, append(c.Env, r.env(p)...)
	return c.Run()
}

// env is the platform, and nothing of this machine that would end up in the bytes.
func (r *release) env(p platform) []string {
	cgo := "0"
	if p.full {
		cgo = "1"
	}
	return []string{"GOOS=" + p.os, "GOARCH=" + p.arch, "CGO_ENABLED=" + cgo, "GOAMD64=v1", "GOARM64=v8.0", "GOWORK=off", "CGO_CFLAGS=-O2 -g0", "CGO_CXXFLAGS=-O2 -g0"}
}

// sums writes the digest of every file, as sha256sum -c reads it.
func (r *release) sums() error {
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(r.out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(text), e.Name())
	}
	if b.Len() == 0 {
		return errors.New("nothing was built")
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(b.String()), 0o644)
}
