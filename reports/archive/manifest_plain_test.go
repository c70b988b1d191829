package archive

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

func written(t *testing.T, m Manifest) []byte {
	t.Helper()
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

func sampleManifest(run access.RunID) Manifest {
	rows := int64(12)
	none := int64(0)
	return Manifest{Schema: manifestSchema, Sequence: 41, RunID: run, Previous: strings.Repeat("ab", 32), CreatedAt: time.Date(2026, 3, 2, 1, 2, 3, 456000000, time.UTC),
		Files: []Entry{{Path: "grants/date=2026-03-02/run=x/part-00000.parquet", Size: 4711, Rows: &rows, SHA256: strings.Repeat("0f", 32)},
			{Path: "inputs/00", Size: 0, SHA256: "s"}, {Path: "reads/a", Size: 1, Rows: &none, SHA256: "t"}}}
}

func TestAManifestAsWrittenIsReadFast(t *testing.T) {
	want := sampleManifest("20260302T010000Z-a")
	got, is := plainManifest(written(t, want))
	if !is {
		t.Fatal("it is not recognised")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNotPlainIsLeftToTheStrictReader(t *testing.T) {
	plain := written(t, sampleManifest("r"))
	for name, b := range map[string][]byte{
		"an escape":          written(t, sampleManifest("a<b")),
		"another alphabet":   written(t, sampleManifest("ü")),
		"an unknown field":   bytes.Replace(plain, []byte(` "schema"`), []byte(` "more": 1, "schema"`), 1),
		"no files":           written(t, Manifest{Schema: manifestSchema}),
		"another schema":     bytes.Replace(plain, []byte(`"schema": 1`), []byte(`"schema": 2`), 1),
		"something after it": append(bytes.Clone(plain), ' '),
		"a leading zero":     bytes.Replace(plain, []byte("4711"), []byte("04711"), 1),
		"nothing":            nil,
	} {
		if _, is := plainManifest(b); is {
			t.Errorf("%s is taken", name)
		}
	}
}

// Whatever happens to the bytes: the fast reader takes nothing that the strict one
// would not take for the same.
func TestTheFastReaderNeverDisagrees(t *testing.T) {
	plain := written(t, sampleManifest("20260302T010000Z-a"))
	r := rand.New(rand.NewPCG(1, 2))
	taken := 0
	for range 20_000 {
		b := bytes.Clone(plain)
		for range 1 + r.IntN(3) {
			switch at := r.IntN(len(b)); r.IntN(3) {
			case 0:
				b[at] = byte(r.IntN(256))
			case 1:
				b = append(b[:at], b[at+1:]...)
			default:
				b = append(b[:at], append([]byte{b[r.IntN(len(b))]}, b[at:]...)...)
			}
		}
		fast, is := plainManifest(b)
		if !is {
			continue
		}
		taken++
		strict, err := strictManifest(b)
		if err != nil {
			t.Fatalf("%v: %q", err, b)
		}
		if diff := cmp.Diff(strict, fast); diff != "" {
			t.Fatalf("%q\n%s", b, diff)
		}
	}
	if taken == 0 {
		t.Error("no altered manifest was plain, so nothing was compared")
	}
}
