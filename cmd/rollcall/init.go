package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
	"rollcall/internal/wholefile"
	"rollcall/reports/archive"
)

//go:embed sample/*.csv
var samples embed.FS

const initHelp = `The first hour. Writes rollcall.yaml with an explanation of every key, the files in
which people decide (role map, exceptions and so on), and a pair of keys that signs the
records. On a terminal it asks for what it needs to know; anywhere else it takes the
answers from flags and never waits. Without answers it writes samples to fill in by hand.

With --connect (or a yes on the terminal) it goes on: reads HR's lists and the systems,
names each right that is missing and where it says how to grant it, puts a first role
map in the place of the empty one, from what people hold today, and runs the first
night, which only observes. It ends with three things to do next, and who does them.

Nothing that people wrote is overwritten. Stopped anywhere, by Ctrl-C or by what has to
be mended first, it goes on from there when the same command is run again. An answer
that was wrong is given again in the same way, as long as nobody edited rollcall.yaml.

With --suggest, once the configuration names your systems and HR's list is there: only
the role map, as rollcall rolemap suggest makes it. It says how much of what is held the
map explains, and what it does not. Nothing in it is approved. A role map of your own is
left as it is; rolemap_suggested.csv is written beside it then, and where a system could
not be read to its end.`

func initCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "init", Usage: "a configuration to start from, and the first night", Description: initHelp,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "dir", Value: ".", Usage: "the `FOLDER` to write to; it is made if need be"},
			&cli.BoolFlag{Name: "connect", Usage: "go on: try the credentials, suggest a role map, run the first night (it only observes)", DisableDefaultText: true}},
			initFlags(), []cli.Flag{
				&cli.BoolFlag{Name: "suggest", Usage: "only: a first role map in the place of the sample, from what people hold today", DisableDefaultText: true},
				configFlag(), jsonFlag()}, suggestFlags()),
		Action: func(c *cli.Context) error {
			if c.Bool("suggest") {
				return e.initSuggest(c)
			}
			for _, only := range []string{"config", "json"} {
				if c.IsSet(only) {
					return refuse("--%s is only for --suggest: add --suggest, or leave it out", only)
				}
			}
			for _, only := range []string{"share", "people"} {
				if c.IsSet(only) && !c.Bool("connect") {
					return refuse("--%s is only for --suggest and --connect: add one of them, or leave it out", only)
				}
			}
			if err := usableSuggestFlags(c); err != nil {
				return err
			}
			return e.firstHour(c)
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

// startFiles are the files to start from, the configuration first. With answers, files
// about people have headings only: nobody in the samples works there.
func startFiles(today time.Time, a *config.Answers) ([]startFile, error) {
	text := config.Example()
	if a != nil {
		var err error
		if text, err = config.Fill(*a); err != nil {
			return nil, err
		}
	}
	files := []startFile{{"rollcall.yaml", text, 0o640}}
	entries, err := samples.ReadDir("sample")
	if err != nil {
		return nil, fmt.Errorf("list the samples: %w", err)
	}
	for _, entry := range entries {
		text, err := samples.ReadFile("sample/" + entry.Name())
		switch {
		case err != nil:
			return nil, fmt.Errorf("read a sample: %w", err)
		case a == nil || entry.Name() == "roster.csv" && len(a.Rosters) == 0:
			files = append(files, startFile{entry.Name(), movedTo(text, today), 0o640})
		case entry.Name() != "roster.csv":
			files = append(files, startFile{entry.Name(), headings(text), 0o640})
		}
	}
	private, public, err := archive.NewKey()
	if err != nil {
		return nil, err
	}
	return append(files,
		startFile{"keys/rollcall-signing.pem", private, 0o600},
		startFile{"keys/rollcall-public.pem", public, 0o644},
		startFile{"keys/.gitignore", []byte(keysIgnored), 0o644}), nil
}

const keysIgnored = "# Private keys stay out of version control.\nrollcall-signing.pem\napproval.pem\n"

// headings is the first line of a sample.
func headings(sample []byte) []byte {
	line, _, _ := bytes.Cut(sample, []byte("\n"))
	return append(line[:len(line):len(line)], '\n')
}

// writeMissing writes the files that are not there, the configuration last: once it is
// there, all are. What an earlier init began is gone on with; beside anything else that
// has one of the names, nothing is written.
func writeMissing(dir string, files []startFile) (written []startFile, err error) {
	var theirs []string
	pair := 0
	for _, f := range files {
		b, err := readInput(filepath.Join(dir, f.path))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			written = append(written, f)
		case err != nil || !ours(f.path, b):
			theirs = append(theirs, f.path)
		}
		if err == nil && strings.HasSuffix(f.path, ".pem") {
			pair++
		}
	}
	if pair == 1 { // half of what belongs together, of which nobody knows what it signed
		theirs = append(theirs, "one of the two keys in keys, without the other one,")
	}
	if len(theirs) > 0 {
		return nil, refuse("%s has %s already, and nothing is overwritten: choose another folder with --dir, or move it away", dir, strings.Join(theirs, ", "))
	}
	for _, f := range slices.Backward(written) {
		if err := wholefile.New(filepath.Join(dir, f.path), f.text, f.perm); err != nil {
			return nil, fmt.Errorf("write %s: %w: nothing was overwritten; run it again, and it goes on from there", f.path, err)
		}
	}
	return written, nil
}

// ours reports whether a file is as init writes it.
func ours(name string, b []byte) bool {
	switch name {
	case "keys/.gitignore":
		return string(b) == keysIgnored
	case "keys/rollcall-signing.pem":
		_, err := archive.ParsePrivateKey(b)
		return err == nil
	case "keys/rollcall-public.pem":
		_, err := archive.ParsePublicKey(b)
		return err == nil
	}
	return isSample(name, b) || isBlank(name, b)
}

// isBlank reports whether a file has the headings of a sample and not a line more.
func isBlank(name string, b []byte) bool {
	sample, err := samples.ReadFile("sample/" + name)
	return err == nil && bytes.Equal(b, headings(sample))
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
		if err := wholefile.New(filepath.Join(dir, f.path), f.text, f.perm); err != nil {
			return fmt.Errorf("write %s: %w: nothing was overwritten; remove what was written and try again", f.path, err)
		}
	}
	return nil
}

// sayWritten names what was written.
func (e *environ) sayWritten(dir string, files []startFile) {
	fmt.Fprintf(e.stdout, "Written to %s:\n", dir)
	for _, f := range files {
		fmt.Fprintf(e.stdout, "   %s\n", f.path)
	}
}

// sayNext is for whoever fills in the samples by hand.
func (e *environ) sayNext(dir string) {
	fmt.Fprintf(e.stdout, `
Next:
   1. Open rollcall.yaml: name your time zone and your systems, and where their tokens lie.
   2. Put HR's list in the place of roster.csv, and write in rolemap.csv which job needs which access.
   3. Run: rollcall check --config %[1]s
      Then rollcall init --connect --dir %[2]s
      tries the credentials, puts a first role map in the place of the sample, from what
      people hold today, and runs the first night.
      (rollcall init --suggest --config %[1]s does the role map alone.)

rollcall only observes until rollcall.yaml says mode: enforce.
`, filepath.Join(dir, "rollcall.yaml"), dir)
}
