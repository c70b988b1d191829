package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// nobody is who runs in the image: never root.
const nobody = 65532

// image wraps a static binary with what it needs besides itself: the certificates of the
// authorities that the web trusts. It carries the time zones within.
func (r *release) image(binary, file string, p platform) error {
	root, err := r.rootfs(binary)
	if err != nil {
		return err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(root)), nil }, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err = mutate.Append(img, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: r.at.UTC()}, CreatedBy: "rollcall " + r.version}})
	if err != nil {
		return err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = p.os, p.arch, v1.Time{Time: r.at.UTC()}
	config.Config = v1.Config{
		Entrypoint: []string{"/rollcall"}, User: fmt.Sprintf("%d:%d", nobody, nobody), WorkingDir: "/data",
		Env:    []string{"PATH=/", "HOME=/data", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"},
		Labels: map[string]string{"org.opencontainers.image.title": "rollcall", "org.opencontainers.image.version": r.version, "org.opencontainers.image.revision": r.commit},
	}
	if img, err = mutate.ConfigFile(img, config); err != nil {
		return err
	}
	return writeImage(img, "rollcall:"+r.version, file, r.at)
}

// rootfs is the one layer of the image.
func (r *release) rootfs(binary string) ([]byte, error) {
	program, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	var roots bytes.Buffer
	for root := range bundle.Roots() {
		if err := pem.Encode(&roots, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, err
		}
	}
	t := newTar(r.at)
	for _, dir := range []string{"etc/", "etc/ssl/", "etc/ssl/certs/"} {
		t.add(tar.Header{Name: dir, Typeflag: tar.TypeDir, Mode: 0o755}, nil)
	}
	t.add(tar.Header{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777}, nil)
	t.add(tar.Header{Name: "data/", Typeflag: tar.TypeDir, Mode: 0o750, Uid: nobody, Gid: nobody}, nil)
	t.add(tar.Header{Name: "etc/passwd", Mode: 0o644}, fmt.Appendf(nil, "root:x:0:0:root:/:/none\nnobody:x:%d:%d:rollcall:/data:/none\n", nobody, nobody))
	t.add(tar.Header{Name: "etc/group", Mode: 0o644}, fmt.Appendf(nil, "root:x:0:\nnobody:x:%d:\n", nobody))
	t.add(tar.Header{Name: "etc/ssl/certs/ca-certificates.crt", Mode: 0o644}, roots.Bytes())
	t.add(tar.Header{Name: "rollcall", Mode: 0o755}, program)
	return t.bytes()
}

// tarFile is a tar that is the same each time: one time, no names of users.
type tarFile struct {
	at  time.Time
	all bytes.Buffer
	w   *tar.Writer
	err error
}

func newTar(at time.Time) *tarFile {
	t := &tarFile{at: at.UTC().Truncate(time.Second)}
	t.w = tar.NewWriter(&t.all)
	return t
}

func (t *tarFile) add(h tar.Header, b []byte) {
	if t.err != nil {
		return
	}
	h.Size, h.ModTime, h.Format = int64(len(b)), t.at, tar.FormatUSTAR
	if h.Typeflag == 0 {
		h.Typeflag = tar.TypeReg
	}
	if t.err = t.w.WriteHeader(&h); t.err == nil {
		_, t.err = t.w.Write(b)
	}
}

func (t *tarFile) bytes() ([]byte, error) {
	if t.err == nil {
		t.err = t.w.Close()
	}
	return t.all.Bytes(), t.err
}

// writeImage writes an image layout of OCI as one file, with the list beside it by which
// docker load finds its way too, as docker save writes it.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md
func writeImage(img v1.Image, name, file string, at time.Time) error {
	dir, err := os.MkdirTemp("", "rollcall-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // what is left there is no part of the release
	to, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	if err := to.AppendImage(img, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": name, "io.containerd.image.name": name})); err != nil {
		return err
	}
	list, err := dockerList(img, name)
	if err != nil {
		return err
	}
	t := newTar(at)
	t.add(tar.Header{Name: "manifest.json", Mode: 0o644}, list)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil || d.IsDir() {
			t.add(tar.Header{Name: filepath.ToSlash(rel) + "/", Typeflag: tar.TypeDir, Mode: 0o755}, nil)
			return err
		}
		b, err := os.ReadFile(path)
		t.add(tar.Header{Name: filepath.ToSlash(rel), Mode: 0o644}, b)
		return err
	})
	if err != nil {
		return err
	}
	all, err := t.bytes()
	if err != nil {
		return err
	}
	return os.WriteFile(file, all, 0o644)
}

// dockerList is the file manifest.json of docker save.
func dockerList(img v1.Image, name string) ([]byte, error) {
	manifest, err := img.Manifest()
	if err != nil {
		return nil, err
	}
	blob := func(h v1.Hash) string { return "blobs/" + h.Algorithm + "/" + h.Hex }
	one := struct {
		Config   string
		RepoTags []string
		Layers   []string
	}{Config: blob(manifest.Config.Digest), RepoTags: []string{name}}
	for _, l := range manifest.Layers {
		one.Layers = append(one.Layers, blob(l.Digest))
	}
	return json.Marshal([]any{one})
}
