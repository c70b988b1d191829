package archive

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A manifest or a record of the journal is read, and taken apart, before anything vouches
// for it: zeros that take no room on the disk would take all the memory there is.
func TestAManifestOrARecordOfGigabytesIsRefusedBeforeItIsRead(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"manifests/0000000001.json", "manifests/0000000001.ab.sig", "journal/run/000001.json", "outbox/run/000001.json"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, 256<<20+1); err != nil {
			t.Fatal(err)
		}
		if _, err := NewFolder(root).Read(name); err == nil || !strings.Contains(err.Error(), "bytes large") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
