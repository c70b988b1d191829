package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
	"rollcall/reports/archive"
)

//go:embed sample/*.csv
var samples embed.FS

const initHelp = `Writes rollcall.yaml with an explanation of every key, a sample of each file in
which people decide (roster, role map, exceptions and so on), and a pair of keys
that signs the records. It overwrites nothing: if one of the files is there
already, it writes none.

With --suggest, once the configuration names your systems and HR's list is there: reads
both and puts a first role map in the place of the sample, from what people hold today,
as rollcall rolemap suggest does. It says how much of what is held the map explains, and
what it does not. Nothing in it is approved. A role map of your own is left as it is;
rolemap_suggested.csv is written beside it then, and where a system could not be read
to its end.`

func initCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "init", Usage: "a configuration and sample files to start from", Description: initHelp,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "dir", Value: ".", Usage: "the `FOLDER` to write to; it is made if need be"},
			&cli.BoolFlag{Name: "suggest", Usage: "later: a first role map in the place of the sample, from what people hold today", DisableDefaultText: true},
			configFlag(), jsonFlag()}, suggestFlags()...),
		Action: func(c *cli.Context) error {
			if c.Bool("suggest") {
				return e.initSuggest(c)
			}
			for _, only := range []string{"config", "json", "share", "people"} {
				if c.IsSet(only) {
					return refuse("--%s is only for --suggest: add --suggest, or leave it out", only)
				}
			}
			files, err := startFiles(e.now())
			if err != nil {
				return err
			}
			if err := writeNew(c.String("dir"), files); err != nil {
				return err
			}
			return sayNext(e, c.String("dir"), files)
		},
	}
}

// startFile is one file that init writes, its path below the folder.
type startFile struct {
	path string
	text []byte
	perm fs.FileMode
}

// sampleDay is the day on which the samples were true; init moves their dates,
// so that nothing in them has ended on the day on which they are written.
var (
	sampleDay   = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	sampleDates = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)
)

func movedTo(text []byte, today time.Time) []byte {
	days := int(today.UTC().Truncate(24*time.Hour).Sub(sampleDay) / (24 * time.Hour))
	return sampleDates.ReplaceAllFunc(text, func(date []byte) []byte {
		day, err := time.Parse(time.DateOnly, string(date))
		if err != nil { // a number that only looks like one
			return date
		}
		return day.AddDate(0, 0, days).AppendFormat(nil, time.DateOnly)
	})
}

func startFiles(today time.Time) ([]startFile, error) {
	files := []startFile{{"rollcall.yaml", config.Example(), 0o644}}
	entries, err := samples.ReadDir("sample")
	if err != nil {
		return nil, fmt.Errorf("list the samples: %w", err)
	}
	for _, entry := range entries {
		text, err := samples.ReadFile("sample/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read a sample: %w", err)
		}
		files = append(files, startFile{entry.Name(), movedTo(text, today), 0o644})
	}
	private, public, err := archive.NewKey()
	if err != nil {
		return nil, err
	}
	return append(files,
		startFile{"keys/rollcall-signing.pem", private, 0o600},
		startFile{"keys/rollcall-public.pem", public, 0o644},
		startFile{"keys/.gitignore", []byte("# Private keys stay out of version control.\nrollcall-signing.pem\napproval.pem\n"), 0o644}), nil
}

// writeNew writes all files, or none when one of them exists.
func writeNew(dir string, files []startFile) error {
	var there []string
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.path)); err == nil {
			there = append(there, f.path)
		}
	}
	if len(there) > 0 {
		return refuse("%s has %s already, and nothing is overwritten: choose another folder with --dir", dir, strings.Join(there, ", "))
	}
	for _, f := range files {
		if err := writeOne(filepath.Join(dir, f.path), f); err != nil {
			return fmt.Errorf("write %s: %w: nothing was overwritten; remove what was written and try again", f.path, err)
		}
	}
	return nil
}

func writeOne(path string, f startFile) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.perm)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := file.Close(); err == nil {
			err = cerr
		}
	}()
	if _, err := file.Write(f.text); err != nil {
		return err
	}
	return file.Sync()
}

func sayNext(e *environ, dir string, files []startFile) error {
	fmt.Fprintf(e.stdout, "Written to %s:\n", dir)
	for _, f := range files {
		fmt.Fprintf(e.stdout, "   %s\n", f.path)
	}
	_, err := fmt.Fprintf(e.stdout, `
Next:
   1. Open rollcall.yaml: name your time zone and your systems, and where their tokens lie.
   2. Put HR's list in the place of roster.csv, and write in rolemap.csv which job needs which access.
   3. Run: rollcall check --config %[1]s
      Then rollcall init --suggest --config %[1]s
      puts a first role map in the place of the sample, from what people hold today.

rollcall only observes until rollcall.yaml says mode: enforce.
`, filepath.Join(dir, "rollcall.yaml"))
	return err
}
