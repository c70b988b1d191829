package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
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
		line, plain := appendPlain(b.AvailableBuffer(), row)
		if err := survives(row, plain); err != nil {
			return fmt.Errorf("encode roster row %d: %w", row.Row, err)
		}
		if plain {
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

// appendPlain writes a row as it is, and reports whether that is all there is to do:
// whether no cell needs quotation marks.
func appendPlain(to []byte, row *access.Identity) (line []byte, plain bool) {
	from := len(to)
	plain = true
	for _, cell := range [...]string{string(row.Source), string(row.EmployeeID), row.Email, row.Name, row.Title, row.Department, string(row.ManagerID), row.WorkerType, string(row.Status)} {
		plain = plain && beginsPlain(cell)
		to = append(append(to, cell...), ',')
	}
	for _, day := range [...]*access.Day{&row.StartDate, &row.EndDate, &row.LastWorkingDay} {
		to = append(day.AppendTo(to), ',')
	}
	to = append(append(to, row.TimeZone...), ',')
	to = append(append(to, row.Aliases...), ',')
	to = append(strconv.AppendInt(to, int64(row.Row), 10), ',')
	to = append(append(to, row.Problem...), '\n')
	return to, plain && beginsPlain(row.TimeZone) && beginsPlain(row.Aliases) && beginsPlain(row.Problem) && unquoted(to[from:])
}

// beginsPlain reports whether a cell begins with no space of any kind.
func beginsPlain(s string) bool { return s == "" || s[0] > ' ' && s[0] < utf8.RuneSelf }

// commas are how many a row has between its cells.
var commas = reflect.TypeFor[access.Identity]().NumField() - 1

// unquoted reports whether nothing within the cells of a line means anything to CSV:
// its commas and its line end are those between cells and behind them.
func unquoted(line []byte) bool {
	for _, c := range [...]byte{'"', '\r', '\\'} {
		if bytes.IndexByte(line, c) >= 0 {
			return false
		}
	}
	return bytes.Count(line, []byte{','}) == commas && bytes.IndexByte(line, '\n') == len(line)-1
}

// survives refuses what CSV cannot carry: a carriage return, which readers drop before
// a line feed (a plain row has none), and a date of which the text says less than the
// value.
func survives(row *access.Identity, plain bool) error {
	if !plain {
		for _, s := range []string{string(row.Source), string(row.EmployeeID), row.Email, row.Name, row.Title, row.Department,
			string(row.ManagerID), row.WorkerType, string(row.Status), row.TimeZone, row.Aliases, row.Problem} {
			if strings.IndexByte(s, '\r') >= 0 {
				return errors.New("a carriage return in a cell")
			}
		}
	}
	for _, d := range [...]*access.Day{&row.StartDate, &row.EndDate, &row.LastWorkingDay} {
		if d.IsZero() || !d.Exact && wholeDay(d.At) {
			continue // nothing is lost of a day, or of none
		}
		if back, err := access.ParseDay(d.String()); err != nil || back != *d {
			return fmt.Errorf("date %s cannot be kept", *d)
		}
	}
	return nil
}

// wholeDay reports whether a time is a midnight that ten characters say all of.
func wholeDay(at time.Time) bool {
	return at.Location() == time.UTC && at.Unix()%(24*60*60) == 0 && at.Nanosecond() == 0 && at.Year() >= 1000 && at.Year() <= 9999
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
