package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"rollcall/internal/csvfile"
)

// Answer is what a question found, with all that somebody needs to find it again.
type Answer struct {
	Question   string    // empty: somebody's own query
	Title      string    // the question in words
	Tool       string    // which rollcall answered; the caller says it
	Query      string    // somebody's own
	Parameters []Given   // those that had a default too
	AsOf       time.Time // when the newest committed run was committed
	Head       string    // the end of the chain: sequence and SHA-256 of its manifest
	HeadRun    string
	Manifests  int      // of the chain, all of which were checked
	Runs       []string // whose files were read, sorted
	Files      int
	Checked    string   // how the engine checked the files; empty: DuckDB, byte for byte
	Notes      []Given  // what else the engine says of how it came about
	Expired    []string // the runs of which a part was asked for that is not there any more
	Unread     []string // what the nights that it rests on did not read, night by night
	Columns    []string
	Rows       [][]any // nil, string, bool, int64 or float64
	Population *Population
}

// Given is a parameter with its value.
type Given struct{ Name, Value string }

// Population is what a sample was drawn from.
type Population struct {
	Rows   int    `json:"rows"`
	SHA256 string `json:"sha256"` // of its canonical CSV
	Seed   int64  `json:"seed"`
}

// CSV is the canonical form of the rows: a head, commas, quotes where needed, LF,
// UTF-8; what is not known is empty, and a text that a spreadsheet could take for a
// formula has an apostrophe before it. Its SHA-256 is the answer's digest.
func (a *Answer) CSV() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(a.Columns) // a buffer takes all
	for _, row := range a.Rows {
		_ = w.Write(inert(row))
	}
	w.Flush()
	return b.Bytes()
}

// inert are the cells of a row of which no spreadsheet makes a formula:
// https://owasp.org/www-community/attacks/CSV_Injection
func inert(row []any) []string {
	texts := Texts(row)
	for i, v := range row {
		if s, is := v.(string); is && csvfile.StartsFormula(s) {
			texts[i] = "'" + s
		}
	}
	return texts
}

// Digest is the SHA-256 of the canonical CSV, in hex.
func (a *Answer) Digest() string {
	sum := sha256.Sum256(a.CSV())
	return hex.EncodeToString(sum[:])
}

// Texts are the cells of a row in words.
func Texts(row []any) []string {
	texts := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case string:
			texts[i] = v
		case bool:
			texts[i] = strconv.FormatBool(v)
		case int64:
			texts[i] = strconv.FormatInt(v, 10)
		case float64:
			texts[i] = strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return texts
}

// Sample keeps n rows, in their order, that the seed alone picks: those for which the
// SHA-256 of the seed (8 bytes, big-endian) and the row's line of the canonical CSV is
// smallest. What it was drawn from is noted first. Anybody can draw it again.
func (a *Answer) Sample(n int, seed int64) {
	a.Population = &Population{Rows: len(a.Rows), SHA256: a.Digest(), Seed: seed}
	type drawn struct {
		sum [sha256.Size]byte
		at  int
	}
	all := make([]drawn, len(a.Rows))
	for i, row := range a.Rows {
		one := Answer{Columns: inert(row)}
		all[i] = drawn{sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, uint64(seed)), one.CSV()...)), i}
	}
	slices.SortStableFunc(all, func(x, y drawn) int { return bytes.Compare(x.sum[:], y.sum[:]) })
	all = all[:min(n, len(all))]
	slices.SortFunc(all, func(x, y drawn) int { return x.at - y.at })
	rows := make([][]any, len(all))
	for i, d := range all {
		rows[i] = a.Rows[d.at]
	}
	a.Rows = rows
}
