package reports

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"rollcall/internal/access"
)

func FuzzReadReturned(f *testing.F) {
	book, sheets := testCampaign()
	dir := f.TempDir()
	if err := WriteCampaign(dir, book, sheets[1:]); err != nil {
		f.Fatal(err)
	}
	for _, ext := range []string{".xlsx", ".csv"} {
		b, err := os.ReadFile(filepath.Join(dir, sheets[1].ID+ext))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	page, err := json.Marshal(pageFile(sheets[1]))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(page)
	f.Fuzz(func(t *testing.T, b []byte) { sound(t, ReadReturned("f", b)) })
}

// sound is what holds of every file, whatever is in it.
func sound(t *testing.T, back access.ReturnedSheet) {
	if (back.Refused == nil) == (len(back.Rows) == 0) {
		t.Errorf("%d rows, refused: %v", len(back.Rows), back.Refused)
	}
	if p := back.Refused; p != nil && (p.Says == "" || p.Meanwhile == "" || p.Mend == "") {
		t.Errorf("%+v", *p)
	}
	locked := 0
	for _, c := range campaignColumns {
		if !c.Answer {
			locked++
		}
	}
	for _, r := range back.Rows {
		if len(r.Cells) != locked && (back.Format != "html" || r.Cells != nil) {
			t.Errorf("%+v", r)
		}
	}
}

// FuzzSheetOfAWorkbook changes the rows inside a workbook, which no change of its
// bytes reaches. Nothing is packed: else most of the time goes into packing.
func FuzzSheetOfAWorkbook(f *testing.F) {
	book, sheets := testCampaign()
	dir := f.TempDir()
	if err := WriteCampaign(dir, book, sheets[1:]); err != nil {
		f.Fatal(err)
	}
	names := []string{"xl/worksheets/sheet2.xml", "xl/worksheets/sheet6.xml", "xl/sharedStrings.xml", "xl/workbook.xml"}
	read := partsOf(f, filepath.Join(dir, sheets[1].ID+".xlsx"))
	if back := ReadReturned("f", stored(f, read)); back.Refused != nil || len(back.Rows) == 0 || back.Rows[0].MAC == "" {
		f.Fatalf("these parts are no worksheet: %+v", back)
	}
	for n, name := range names {
		f.Add(n, read[name])
	}
	f.Fuzz(func(t *testing.T, n int, content []byte) {
		changed := maps.Clone(read)
		changed[names[max(n, 0)%len(names)]] = content
		sound(t, ReadReturned("f", stored(t, changed)))
	})
}

func partsOf(t testing.TB, file string) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	all := map[string][]byte{}
	for _, part := range z.File {
		if all[part.Name], err = fs.ReadFile(z, part.Name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// stored is a workbook of those parts, none of them packed.
func stored(t testing.TB, all map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		to, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = to.Write(all[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
