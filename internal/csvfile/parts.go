package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"

	"github.com/jszwec/csvutil"
	"golang.org/x/sync/errgroup"

	"rollcall/internal/access"
)

// DefaultPartBytes is about how large a part of a file is that is read by itself.
const DefaultPartBytes = 4 << 20

// Part is a piece of a table that begins and ends between two rows, so that the
// parts of a large file can be read side by side.
type Part struct {
	// At is how many rows at most are before it, Most how many it has at most.
	At, Most int

	text    []byte
	row     int  // the number of the row before it
	endless bool // its last row goes on for longer than any does, and is cut off
}

// split cuts a table into parts of at least size bytes, the last one excepted. A
// row ends with a line that leaves no quotation mark open: up to the first row that
// is no CSV that is exact, and what comes after it is refused together with it: also a
// row that goes on for longer than any does, which the part then cuts off and ends with.
func split(text []byte, row, size int) (parts []Part) {
	for at := 0; len(text) > 0; {
		p := cut(text, size)
		p.At, p.row = at, row
		parts = append(parts, p)
		if p.endless {
			break // it is refused, and with it whatever comes after
		}
		at, row, text = at+p.Most, row+p.Most, text[len(p.text):]
	}
	return parts
}

func cut(text []byte, size int) (p Part) {
	end, open := 0, false
	if plain := text[:min(size, len(text))]; bytes.IndexByte(plain, '"') < 0 {
		if last := bytes.LastIndexByte(plain, '\n'); last >= 0 {
			end, p.Most = last+1, bytes.Count(plain, []byte{'\n'})
		}
	}
	opened := 0
	for end < len(text) && (end < size || open) {
		if open && end-opened > maxRow {
			p.endless = true
			break
		}
		line := text[end:]
		if at := bytes.IndexByte(line, '\n'); at >= 0 {
			line = line[:at+1]
		}
		if !open {
			opened = end
		}
		end += len(line)
		if bytes.Count(line, []byte{'"'})%2 == 1 {
			open = !open
		}
		if !open {
			p.Most++
		}
	}
	p.text = text[:end]
	return p
}

// Rows reads every row of a sheet, its parts side by side on all cores. For each
// part, first to last, it asks visit for what is given the rows of that part in
// their order; nothing of another part is given to it, and a record is its own only
// until it returns. Rows whose number is end or above were behind the table and are
// none of it. When a problem is a Stop it is the only one, and no row may be used; those
// before its own are as they are written.
func Rows[T any](s Sheet, visit func(Part) func(*Record[T])) (end int, problems []access.Problem) {
	walks := make([]*walk, len(s.parts))
	each := make([]func(*Record[T]), len(s.parts))
	for i, p := range s.parts {
		walks[i], each[i] = newWalk(s, p), visit(p)
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, w := range walks {
		group.Go(func() error { return fill(w, each[i]) })
	}
	if err := group.Wait(); err != nil {
		for _, w := range walks { // the first row in the file, whichever was found first
			if w.failed != nil {
				return 0, s.refused(unreadable(w.failedAt, w.failed))
			}
		}
	}
	return s.ended(walks)
}

// walk is the reading of one part.
type walk struct {
	part     Part
	rows     *rows
	layout   layout
	sheet    Sheet
	count    int      // rows of the table and behind it
	tail     []Remark // the last rows, if they look like the end of a report
	cells    []string
	failed   error
	failedAt int
}

func newWalk(s Sheet, p Part) *walk {
	w := &walk{part: p, layout: s.layout, sheet: s}
	w.layout.used = slices.Clone(s.layout.used)
	return w
}

// begin makes what is written with every row. It is called by who reads the part: what
// one goroutine makes for several lies side by side in memory, and cores that write into
// the same line of it wait for each other.
func (w *walk) begin() {
	w.rows = newRows(string(w.part.text), w.sheet.comma)
	w.rows.row = w.part.row
	w.cells = make([]string, len(w.layout.names))
}

// Read gives csvutil the row that was taken.
func (w *walk) Read() ([]string, error) { return w.cells, nil }

// fill decodes every row of a part.
func fill[T any](w *walk, each func(*Record[T])) error {
	w.begin()
	dec, err := csvutil.NewDecoder(w, w.layout.names...)
	if err != nil {
		return w.fail(w.part.row+1, fmt.Errorf("decode rows: %w", err))
	}
	var rec Record[T]
	var none T
	for {
		raw, row, err := w.rows.next()
		if errors.Is(err, io.EOF) && w.part.endless {
			err = errTooLong
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return w.fail(row, err)
		}
		rec.Row, rec.Behind = row, w.sheet.form.Report && w.layout.behind(raw)
		rec.Flaws = w.take(raw, row, rec.Behind)
		rec.Line = none
		if err := dec.Decode(&rec.Line); err != nil {
			return w.fail(row, fmt.Errorf("decode row: %w", err))
		}
		each(&rec)
	}
}

func (w *walk) fail(row int, err error) error {
	w.failedAt, w.failed = row, err
	return err
}

// take puts a row into cells, and says what is wrong with it.
func (w *walk) take(raw []string, row int, behind bool) []access.Problem {
	if behind {
		w.tail = append(w.tail, Remark{row, words(raw)})
	} else {
		w.tail = nil // a row of the table: what looked like its end was none
	}
	w.count++
	flaws := w.layout.take(raw, w.cells, allASCII(w.rows.raw), &w.sheet.form)
	for i := range flaws {
		flaws[i].File, flaws[i].Row = w.sheet.File, row
	}
	return flaws
}

// ended says where the table ended and what is to be noted of the file.
func (s Sheet) ended(walks []*walk) (end int, problems []access.Problem) {
	var tail []Remark
	count := 0
	for _, w := range walks {
		if len(w.tail) < w.count { // it has a row of the table
			tail = nil
		}
		tail = append(tail, w.tail...)
		count += w.count
		for i, used := range w.layout.used {
			s.layout.used[i] = s.layout.used[i] || used
		}
	}
	if wrong := counted(tail, count-len(tail)); wrong != nil {
		return 0, s.refused(*wrong)
	}
	if s.note != nil {
		note := *s.note
		note.File = s.File
		problems = append(problems, note)
	}
	problems = append(problems, s.layout.notes(s.File, s.form)...)
	problems = append(problems, ignored(s.File, s.before, tail)...)
	if len(tail) > 0 {
		return tail[0].Row, problems
	}
	return math.MaxInt, problems
}
