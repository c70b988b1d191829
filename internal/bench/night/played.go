package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"rollcall/internal/bench/counted"
	"rollcall/internal/sandbox/population"
)

// phase is a part of the night.
type phase struct {
	name      string
	time, cpu time.Duration
}

// played is one night, seen from outside.
type played struct {
	phases    []phase
	time, cpu time.Duration
	peakKiB   int
	asked     map[string]counted.Asked // by system
	archived  int64                    // bytes
	reported  int64
	books     int // worksheets
}

// world is where nights are played: a folder, the systems, the program.
type world struct {
	dir, program, profile string
	names                 []string
	boxes                 []*counted.Sandbox
	stderr                io.Writer
}

// play plays one night.
func (w *world) play(ctx context.Context, n int) (p played, err error) {
	for _, box := range w.boxes {
		if _, err := box.Restart(0); err != nil {
			return p, err
		}
	}
	process := exec.CommandContext(ctx, w.program, "nightly")
	process.Dir, process.Stderr, process.Stdout = w.dir, w.stderr, w.stderr
	process.Env = append(os.Environ(), "OKTA_TOKEN="+population.OktaToken, "AWS_ACCESS_KEY_ID="+population.AWSKeyID, "AWS_SECRET_ACCESS_KEY="+population.AWSSecret,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "HTTP_PROXY=", "HTTPS_PROXY=", "GITHUB_STEP_SUMMARY=")
	if w.profile != "" {
		process.Env = append(process.Env, fmt.Sprintf("ROLLCALL_BENCH_PROFILE=%s.%d", w.profile, n))
	}
	began := time.Now()
	if err := process.Start(); err != nil {
		return p, fmt.Errorf("start the night: %w", err)
	}
	samples, stop := make(chan []sample, 1), make(chan struct{})
	go func() { samples <- watch(process.Process.Pid, filepath.Join(w.dir, "archive"), stop) }()
	err = process.Wait()
	ended := time.Now()
	close(stop)
	seen := <-samples
	if err != nil && !planned(process.ProcessState.ExitCode()) {
		return p, fmt.Errorf("the night: %w; the lines before say why", err)
	}
	p.time, p.cpu = ended.Sub(began), process.ProcessState.UserTime()+process.ProcessState.SystemTime()
	for _, s := range seen {
		p.peakKiB = max(p.peakKiB, s.peakKiB)
	}
	if err := w.count(&p); err != nil {
		return p, err
	}
	return p, w.divide(&p, seen, began, ended)
}

// planned are the exit codes of a night that was whole: done, or something was held.
func planned(code int) bool { return code == 0 || code == 3 }

// count asks the systems what they were asked.
func (w *world) count(p *played) error {
	p.asked = map[string]counted.Asked{}
	for i, box := range w.boxes {
		asked, err := box.Restart(0)
		if err != nil {
			return err
		}
		p.asked[w.names[i]] = asked
	}
	return nil
}

// written are the files that came into a folder since then, and when the first and
// the last of them were finished.
type written struct {
	bytes       int64
	files       int
	first, last time.Time
}

func since(began time.Time, dir string, which func(path string) bool) (w written, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !which(path) {
			return err
		}
		info, err := d.Info()
		if err != nil || info.ModTime().Before(began) {
			return err
		}
		w.bytes, w.files = w.bytes+info.Size(), w.files+1
		if at := info.ModTime(); w.first.IsZero() || at.Before(w.first) {
			w.first = at
		}
		if at := info.ModTime(); at.After(w.last) {
			w.last = at
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return w, nil
	}
	return w, err
}

// divide finds out from what is seen outside when each part of the night began.
func (w *world) divide(p *played, seen []sample, began, ended time.Time) error {
	all := func(string) bool { return true }
	archived, err := since(began, filepath.Join(w.dir, "archive"), all)
	if err != nil {
		return err
	}
	reported, err := since(began, filepath.Join(w.dir, "reports"), all)
	if err != nil {
		return err
	}
	books, err := since(began, filepath.Join(w.dir, "reports"), func(path string) bool {
		return strings.HasSuffix(path, ".xlsx") && strings.Contains(path, "worksheets")
	})
	if err != nil {
		return err
	}
	commit, err := since(began, filepath.Join(w.dir, "archive", "manifests"), all)
	if err != nil {
		return err
	}
	facts, err := since(began, filepath.Join(w.dir, "archive"), func(path string) bool { return strings.Contains(filepath.ToSlash(path), "/grants/") })
	if err != nil {
		return err
	}
	p.archived, p.reported, p.books = archived.bytes, reported.bytes, books.files
	var first, last, writes time.Time
	for _, a := range p.asked {
		if first.IsZero() || a.First.Before(first) {
			first = a.First
		}
		if a.Last.After(last) {
			last = a.Last
		}
	}
	for _, s := range seen {
		if s.writes {
			writes = s.at
			break
		}
	}
	if writes.IsZero() || commit.last.IsZero() || first.IsZero() {
		return fmt.Errorf("the night left no archive, or asked nobody")
	}
	at := began
	for _, b := range []struct {
		name string
		ends time.Time
	}{{"lists", first}, {"collect", last}, {"decide", writes}, {"facts", facts.last}, {"worksheets", books.last}, {"commit", commit.last}, {"tell", ended}} {
		if b.ends.Before(at) { // there was none of it
			b.ends = at
		}
		p.phases = append(p.phases, phase{b.name, b.ends.Sub(at), cpuAt(seen, b.ends) - cpuAt(seen, at)})
		at = b.ends
	}
	return nil
}
