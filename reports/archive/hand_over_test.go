package archive

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// forge puts a signed manifest at the end of the chain.
func forge(t *testing.T, root string, change func(*Manifest), signers map[string]ed25519.PrivateKey) {
	t.Helper()
	h, err := New(NewFolder(root), nil).head()
	if err != nil {
		t.Fatal(err)
	}
	m := Manifest{Schema: manifestSchema, Sequence: h.Sequence + 1, RunID: "forged", Previous: h.sum, CreatedAt: h.CreatedAt.Add(time.Hour)}
	if change != nil {
		change(&m)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	folder := NewFolder(root)
	for as, key := range signers {
		name := signatureName(m.Sequence, access.Digest(b))
		if as == "next" {
			name = nextName(m.Sequence, access.Digest(b))
		}
		err = errors.Join(err, folder.Create(name, ed25519.Sign(key, b)))
	}
	if err := errors.Join(err, folder.Create(manifestName(m.Sequence), b)); err != nil {
		t.Fatal(err)
	}
}

func change(t *testing.T, former, next ed25519.PrivateKey, lost bool) func(*Manifest) {
	return func(m *Manifest) {
		a, errA := PublicPEM(pub(former))
		b, errB := PublicPEM(pub(next))
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		m.KeyChange = &KeyChange{Former: string(a), Next: string(b), Lost: lost, By: "Eve", Reason: "r"}
	}
}

func TestNoHandOverThatIsNotSignedByBothCounts(t *testing.T) {
	sound := rotated(t)
	for name, attack := range map[string]struct {
		change  func(*Manifest)
		signers map[string]ed25519.PrivateKey
	}{
		"a manifest of the first key":               {nil, map[string]ed25519.PrivateKey{"": testKey}},
		"a manifest of the key before":              {nil, map[string]ed25519.PrivateKey{"": secondKey}},
		"a manifest of a stranger":                  {nil, map[string]ed25519.PrivateKey{"": strayKey}},
		"a stranger hands over to themselves":       {change(t, thirdKey, strayKey, false), map[string]ed25519.PrivateKey{"": strayKey, "next": strayKey}},
		"a former key hands over":                   {change(t, thirdKey, strayKey, false), map[string]ed25519.PrivateKey{"": testKey, "next": strayKey}},
		"a former key hands over from itself":       {change(t, testKey, strayKey, false), map[string]ed25519.PrivateKey{"": testKey, "next": strayKey}},
		"to a key whose holder never signed":        {change(t, thirdKey, strayKey, false), map[string]ed25519.PrivateKey{"": thirdKey}},
		"to a key that somebody else signed for":    {change(t, thirdKey, strayKey, false), map[string]ed25519.PrivateKey{"": thirdKey, "next": secondKey}},
		"back to a key that signed before":          {change(t, thirdKey, testKey, false), map[string]ed25519.PrivateKey{"": thirdKey, "next": testKey}},
		"from a key that does not sign here":        {change(t, secondKey, strayKey, false), map[string]ed25519.PrivateKey{"": thirdKey, "next": strayKey}},
		"a stranger says that the key was lost":     {change(t, thirdKey, strayKey, true), map[string]ed25519.PrivateKey{"next": strayKey}},
		"a key that was lost, from a former holder": {change(t, thirdKey, secondKey, true), map[string]ed25519.PrivateKey{"next": secondKey}},
	} {
		root := t.TempDir()
		if err := os.CopyFS(root, os.DirFS(sound)); err != nil {
			t.Fatal(err)
		}
		forge(t, root, attack.change, attack.signers)
		for _, key := range []ed25519.PrivateKey{testKey, secondKey, thirdKey} {
			r := verifiedWith(t, root, key)
			if len(r.Faults) != 1 || !strings.Contains(r.Faults[0].Path, "0000000008.") || r.Manifests != 7 {
				t.Errorf("%s: %v", name, r.Faults)
			}
			if _, err := Committed(NewFolder(root), pub(key)); err == nil {
				t.Errorf("%s: runs were given", name)
			}
		}
		if err := tryNightBy(NewFolder(root), thirdKey, 6); err == nil {
			t.Errorf("%s: a night was recorded on it", name)
		}
	}
}

func TestAHandOverIsReadByNobodyWhenItWasAltered(t *testing.T) {
	root := rotated(t)
	h, _, err := New(NewFolder(root), nil).read(3)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{manifestName(3), nextName(3, h.sum), signatureName(3, h.sum)} {
		path := filepath.Join(root, name)
		flip(t, path, -10)
		for _, key := range []ed25519.PrivateKey{testKey, secondKey, thirdKey} {
			if r := verifiedWith(t, root, key); r.OK() || !slices.ContainsFunc(r.Faults, func(f Fault) bool { return strings.Contains(f.Path, "0000000003.") }) {
				t.Errorf("%s: %v", name, r.Faults)
			}
		}
		flip(t, path, -10)
	}
}

func TestANewRootIsToldAndNeedsItsOwnKey(t *testing.T) {
	root := archiveOf(t, 2)
	folder := NewFolder(root)
	if _, err := NewRoot(folder, []ed25519.PublicKey{pub(strayKey)}, tending(t, folder, "root", after(2)), secondKey, "Ann", "the disk burnt"); err == nil {
		t.Fatal("began anew on a chain that did not verify")
	}
	if _, err := NewRoot(folder, []ed25519.PublicKey{testPub}, tending(t, folder, "root", after(2)), testKey, "Ann", "the disk burnt"); err == nil {
		t.Fatal("began anew with the key that was lost")
	}
	if _, err := NewRoot(folder, []ed25519.PublicKey{testPub}, tending(t, folder, "root", after(2)), secondKey, "Ann", "the disk burnt"); err != nil {
		t.Fatal(err)
	}
	nightBy(t, folder, secondKey, 3)
	r := verifiedWith(t, root, testKey)
	if len(r.Faults) != 1 || r.Faults[0].Path != manifestName(3) || !strings.Contains(r.Faults[0].Says, "from run root of 2026-03-03 on, all rests on the word of Ann (the disk burnt)") {
		t.Errorf("the first key alone: %v", r.Faults)
	}
	if _, err := Committed(folder, testPub); err == nil || !strings.Contains(err.Error(), "nothing before it vouches for") {
		t.Errorf("%v", err)
	}
	for _, keys := range [][]ed25519.PrivateKey{{testKey, secondKey}, {secondKey, testKey}, {secondKey}} {
		r := verifiedWith(t, root, keys...)
		if !r.OK() || r.Manifests != 4 || len(r.Keys) != 1 || !r.Keys[0].NewRoot {
			t.Errorf("%+v", r)
		}
	}
	if nights, _, err := New(folder, secondKey).Nights(9); err != nil || len(nights) != 3 {
		t.Errorf("%d nights: %v", len(nights), err)
	}
	// Nobody takes the lost key for an earlier one: what it signs at another place is no manifest.
	forge(t, root, change(t, secondKey, strayKey, true), map[string]ed25519.PrivateKey{"next": strayKey})
	if r := verifiedWith(t, root, testKey, secondKey); len(r.Faults) != 1 {
		t.Errorf("%v", r.Faults)
	}
}
