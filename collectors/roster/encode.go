package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/jszwec/csvutil"

	"rollcall/internal/access"
)

// Encode gives the normalised form of a list: CSV with the tags of
// access.Identity as columns. It is what a roster's digest is over and what the
// archive keeps under it; Decode gives back exactly these rows. Rows that would
// not come back are refused; Read makes none.
func Encode(rows []access.Identity) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(160 * len(rows))
	err := encodeTo(&b, rows)
	return b.Bytes(), err
}

// encodedAtOnce is how many rows are encoded in one piece.
const encodedAtOnce = 8192

// encodeTo writes the normalised form, its pieces encoded side by side.
func encodeTo(w io.Writer, rows []access.Identity) error {
	header, err := csvutil.Header(access.Identity{}, "csv")
	if err != nil {
		return fmt.Errorf("encode roster: %w", err)
	}
	if _, err := io.WriteString(w, strings.Join(header, ",")+"\n"); err != nil {
		return fmt.Errorf("encode roster: %w", err)
	}
	for piece := range pieces(rows) {
		p := <-piece
		if p.err != nil {
			return p.err
		}
		if _, err := w.Write(p.b.Bytes()); err != nil {
			return fmt.Errorf("encode roster: %w", err)
		}
		p.b.Reset()
		spare.Put(p.b)
	}
	return nil
}

// encoded is a piece of the normalised form.
type encoded struct {
	b   *bytes.Buffer
	err error
}

var spare = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// pieces encodes rows in pieces, a few ahead of who takes them, and gives them in
// order. It ends whether all are taken or not.
func pieces(rows []access.Identity) iter.Seq[<-chan encoded] {
	return func(yield func(<-chan encoded) bool) {
		var ahead []<-chan encoded
		for len(rows) > 0 || len(ahead) > 0 {
			for len(rows) > 0 && len(ahead) < runtime.GOMAXPROCS(0)+1 {
				n := min(encodedAtOnce, len(rows))
				ahead = append(ahead, encodeApart(rows[:n]))
				rows = rows[n:]
			}
			if !yield(ahead[0]) {
				return
			}
			ahead = ahead[1:]
		}
	}
}

func encodeApart(rows []access.Identity) <-chan encoded {
	done := make(chan encoded, 1)
	go func() {
		b := spare.Get().(*bytes.Buffer)
		done <- encoded{b, encodeRows(b, rows)}
	}()
	return done
}

// encodeRows writes rows: those in which nothing needs quotation marks as they are,
// the others as csvutil does.
func encodeRows(b *bytes.Buffer, rows []access.Identity) error {
	b.Grow(160 * len(rows))
	quoting := csv.NewWriter(b)
	enc := csvutil.NewEncoder(quoting)
	enc.AutoHeader = false
	for i := range rows {
		row := &rows[i]
		if err := survives(row); err != nil {
			return fmt.Errorf("encode roster row %d: %w", row.Row, err)
		}
		if line, plain := appendPlain(b.AvailableBuffer(), row); plain {
			b.Write(line)
			continue
		}
		if err := enc.Encode(row); err != nil {
			return fmt.Errorf("encode roster row %d: %w", row.Row, err)
		}
		quoting.Flush()
	}
	return quoting.Error()
}

// plainByte has the bytes that mean nothing to CSV wherever they stand in a cell.
var plainByte = func() (is [256]bool) {
	for c := range is {
		is[c] = c > ' ' && c < utf8.RuneSelf && !strings.ContainsRune("\",\\", rune(c))
	}
	return is
}()

// appendPlain writes a row of which no cell has a byte that could need quotation
// marks, but for single spaces between others; of any other it says so.
func appendPlain(to []byte, row *access.Identity) (line []byte, plain bool) {
	for _, cell := range [...]string{string(row.Source), string(row.EmployeeID), row.Email, row.Name, row.Title, row.Department, string(row.ManagerID), row.WorkerType, string(row.Status)} {
		if !isPlain(cell) {
			return to, false
		}
		to = append(append(to, cell...), ',')
	}
	for _, day := range [...]*access.Day{&row.StartDate, &row.EndDate, &row.LastWorkingDay} {
		to = append(day.AppendTo(to), ',')
	}
	if !isPlain(row.TimeZone) || !isPlain(row.Aliases) || !isPlain(row.Problem) {
		return to, false
	}
	to = append(append(to, row.TimeZone...), ',')
	to = append(append(to, row.Aliases...), ',')
	to = append(strconv.AppendInt(to, int64(row.Row), 10), ',')
	return append(append(to, row.Problem...), '\n'), true
}

func isPlain(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		if !plainByte[s[i]] && (s[i] != ' ' || before == ' ') {
			return false
		}
		before = s[i]
	}
	return true
}

// survives refuses what CSV cannot carry: a carriage return (readers drop it
// before a line feed) and a date of which the text says less than the value.
func survives(row *access.Identity) error {
	for _, s := range []string{string(row.Source), string(row.EmployeeID), row.Email, row.Name, row.Title, row.Department,
		string(row.ManagerID), row.WorkerType, string(row.Status), row.TimeZone, row.Aliases, row.Problem} {
		if strings.IndexByte(s, '\r') >= 0 {
			return errors.New("a carriage return in a cell")
		}
	}
	for _, d := range []access.Day{row.StartDate, row.EndDate, row.LastWorkingDay} {
		if d.IsZero() || !d.Exact && d.At.Location() == time.UTC && d.At.Year() >= 1000 && d.At.Year() <= 9999 && d.At.Equal(d.At.Truncate(24*time.Hour)) {
			continue // nothing is lost of a day, or of none
		}
		if back, err := access.ParseDay(d.String()); err != nil || back != d {
			return fmt.Errorf("date %s cannot be kept", d)
		}
	}
	return nil
}

// Decode reads what Encode wrote.
func Decode(b []byte) ([]access.Identity, error) {
	dec, err := csvutil.NewDecoder(csv.NewReader(bytes.NewReader(b)))
	if err != nil {
		return nil, fmt.Errorf("decode roster: %w", err)
	}
	dec.DisallowMissingColumns = true
	var rows []access.Identity
	for {
		var row access.Identity
		err := dec.Decode(&row)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("decode roster row %d: %w", len(rows)+1, err)
		}
		rows = append(rows, row)
	}
}
