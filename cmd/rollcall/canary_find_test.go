package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	escape "html"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"
)

// sought are secrets, each a canary, by what they are. Where one of them is found, a secret gets out.
type sought struct {
	mu  sync.Mutex
	all map[string][]string // in every shape
}

// shortest is the shortest text that is a canary: a shorter one is found by chance.
const shortest = 12

// add takes a secret in. Of one with many lines, which is a key, each line is looked for.
func (c *sought) add(what, secret string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string][]string{}
	}
	for n, line := range strings.Split(strings.TrimSpace(secret), "\n") {
		if len(line) >= shortest && !strings.HasPrefix(line, "-----") {
			c.all[fmt.Sprintf("%s (line %d)", what, n+1)] = shapes(line)
		}
	}
}

// shapes are the forms in which a text gets out: as it is, and as programs write it.
func shapes(secret string) []string {
	quoted, _ := json.Marshal(secret) // a string always has JSON
	out := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`), strings.Trim(strconv.Quote(secret), `"`),
		escape.EscapeString(secret), hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret)))}
	for before := range 3 { // what stands before it moves it within groups of three bytes
		padded := append(make([]byte, before), secret...)
		whole := len(padded) / 3 * 3
		first := (before*8 + 5) / 6 // the first character that the secret alone decides
		for _, code := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			out = append(out, code.EncodeToString(padded[:whole])[first:])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// in names the canaries that a text holds, in any shape.
func (c *sought) in(text []byte) (found []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, what := range slices.Sorted(maps.Keys(c.all)) {
		for _, shape := range c.all[what] {
			if bytes.Contains(text, []byte(shape)) {
				found = append(found, what+", as "+shape)
				break
			}
		}
	}
	return found
}

// contentOf is what a file says to whoever opens it with the program it is made for.
func contentOf(name string, b []byte) ([]byte, error) {
	switch filepath.Ext(name) {
	case ".parquet":
		return cellsOf(b)
	case ".xlsx", ".zip":
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return nil, err
		}
		var all []byte
		for _, part := range z.File {
			r, err := z.Open(part.Name)
			if err != nil {
				return nil, err
			}
			text, err := io.ReadAll(r)
			if err = errors.Join(err, r.Close()); err != nil {
				return nil, err
			}
			all = append(append(all, part.Name+"\n"...), text...)
		}
		return all, nil
	}
	return b, nil
}

// cellsOf is every value of a Parquet file, and what stands at its end.
func cellsOf(b []byte) ([]byte, error) {
	f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	all := bytes.Clone(b) // statistics and metadata are not compressed
	for _, group := range f.RowGroups() {
		rows, buffer := group.Rows(), make([]parquet.Row, 128)
		for {
			n, err := rows.ReadRows(buffer)
			for _, row := range buffer[:n] {
				for _, v := range row {
					all = append(append(all, v.String()...), '\n')
				}
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// inFiles looks for canaries in every file below a folder, but in those that were given
// to the program with a secret in them.
func (c *sought) inFiles(t *testing.T, root string, given ...string) (files int) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || slices.Contains(given, rel) {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, err := contentOf(path, b)
		if err != nil {
			return fmt.Errorf("open %s: %w", rel, err)
		}
		files++
		for _, found := range c.in(append(text, rel...)) {
			t.Errorf("%s holds %s", rel, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestACanaryIsFoundInEveryShapeAndEveryKindOfFile(t *testing.T) {
	const secret = "canary/<of>&a \"secret\"+7"
	var c sought
	c.add("it", secret)
	wrapped := func(s string) string { return "Basic of " + s + " and more" }
	for shape, text := range map[string]string{
		"as it is": secret, "query": "?a=" + url.QueryEscape(secret), "hex": hex.EncodeToString([]byte("x" + secret)),
		"HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))), "HTML": escape.EscapeString(secret), "JSON": fmt.Sprintf("%q", secret),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "base64 with a user": base64.StdEncoding.EncodeToString([]byte("u:" + secret + "!")),
		"base64 at the third": base64.URLEncoding.EncodeToString([]byte("user:" + secret)),
	} {
		if len(c.in([]byte(wrapped(text)))) == 0 {
			t.Errorf("%s is not found in %s", shape, wrapped(text))
		}
	}
	if found := c.in([]byte(wrapped(secret[:len(secret)-1]))); len(found) > 0 {
		t.Errorf("found where it is not: %v", found)
	}
	book := excelize.NewFile()
	var workbook, table bytes.Buffer
	if err := errors.Join(book.SetCellStr("Sheet1", "A1", secret), book.Write(&workbook)); err != nil {
		t.Fatal(err)
	}
	if err := parquet.Write(&table, []struct{ A string }{{secret}}, parquet.Compression(&parquet.Zstd)); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"a.xlsx": workbook.Bytes(), "a.parquet": table.Bytes(), "a.txt": []byte(secret)} {
		text, err := contentOf(name, b)
		if err != nil || len(c.in(text)) == 0 {
			t.Errorf("%s: it is not found (%v)", name, err)
		}
	}
}
