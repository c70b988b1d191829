package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/jszwec/csvutil"

	"rollcall/internal/access"
)

// Encode gives the normalised form of a list: CSV with the tags of
// access.Identity as columns. It is what a roster's digest is over and what the
// archive keeps under it; Decode gives back exactly these rows. Rows that would
// not come back are refused; Read makes none.
func Encode(rows []access.Identity) ([]byte, error) {
	for _, row := range rows {
		if err := survives(row); err != nil {
			return nil, fmt.Errorf("encode roster row %d: %w", row.Row, err)
		}
	}
	if rows == nil {
		rows = []access.Identity{}
	}
	half := len(rows) / 2
	var first, second []byte
	var failed error
	var both sync.WaitGroup
	both.Go(func() { second, failed = csvutil.Marshal(rows[half:]) })
	first, err := csvutil.Marshal(rows[:half])
	both.Wait()
	if err = errors.Join(err, failed); err != nil {
		return nil, fmt.Errorf("encode roster: %w", err)
	}
	_, second, _ = bytes.Cut(second, []byte("\n")) // its header is there already
	return append(first, second...), nil
}

// survives refuses what CSV cannot carry: a carriage return (readers drop it
// before a line feed) and a date of which the text says less than the value.
func survives(row access.Identity) error {
	for _, s := range []string{string(row.Source), string(row.EmployeeID), row.Email, row.Name, row.Title, row.Department,
		string(row.ManagerID), row.WorkerType, string(row.Status), row.TimeZone, row.Aliases, row.Problem} {
		if strings.ContainsRune(s, '\r') {
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
