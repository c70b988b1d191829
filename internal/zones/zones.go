// Package zones is the table of the world's time zones that is compiled into the program.
// It must never look at what a machine says of them: its zone files, ZONEINFO, TZ. Its
// invariant: a name means the same hours on every machine that runs the same build.
package zones

import (
	"archive/zip"
	_ "embed" // the table
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// table is the package tzdata of the Python project as PyPI has it, byte for byte: IANA's
// zones, compiled by their own zic, in a zip (https://tzdata.python.org). `make zones`
// brings another version.
//
//go:embed tzdata.whl
var table string

// folder is where the table has its files.
const folder = "tzdata/zoneinfo/"

// Load gives a zone by its IANA name, such as Europe/Amsterdam. No name and Local are no
// zones: what they mean is another thing on another machine.
func Load(name string) (*time.Location, error) {
	if name == "UTC" {
		return time.UTC, nil
	}
	if z, known := loaded.Load(name); known {
		return z.(*time.Location), nil
	}
	b, err := read(name)
	if err != nil {
		return nil, fmt.Errorf("read time zone %q: %w", name, err)
	}
	z, err := time.LoadLocationFromTZData(name, b)
	if err != nil {
		return nil, fmt.Errorf("read time zone %q: %w", name, err)
	}
	loaded.Store(name, z)
	return z, nil
}

// loaded keeps the zones by name: there are some hundreds, and each row of a list has one.
var loaded sync.Map

// Version is the release of IANA's database that the table is of, such as 2026f.
func Version() string { return version() }

var version = sync.OnceValue(func() string {
	b, err := read("tzdata.zi") // IANA's own text; it begins with "# version 2026f"
	first, _, _ := strings.Cut(string(b), "\n")
	says, found := strings.CutPrefix(first, "# version ")
	if err != nil || !found {
		return "unknown"
	}
	return says
})

// read gives one file of the table.
func read(name string) ([]byte, error) {
	f := files()[name]
	if f == nil {
		return nil, errNone
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r) // to its end, where its checksum is looked at
}

var errNone = errors.New("there is none of that name in IANA's database")

// files are those of the table by name.
var files = sync.OnceValue(func() map[string]*zip.File {
	all := map[string]*zip.File{}
	z, err := zip.NewReader(strings.NewReader(table), int64(len(table)))
	if err != nil { // no build passes its tests with such a table: without it every zone is unknown
		return all
	}
	for _, f := range z.File {
		if name, inside := strings.CutPrefix(f.Name, folder); inside {
			all[name] = f
		}
	}
	return all
})
