package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"rollcall/internal/bench/counted"
	"rollcall/internal/bench/fewest"
	"rollcall/internal/sandbox/population"
)

// played is one night, seen from outside.
type played struct {
	phases    []phase
	decided   time.Time // when the facts and the plan were in the archive: what is asked before is to decide
	time, cpu time.Duration
	peakKiB   int
	asked     map[string]counted.Asked // by system
	archived  int64                    // bytes
	reported  int64
	books     int    // worksheets
	block     *block // what was changed; nil where nothing was recorded
}

// world is where nights are played: a folder, the systems, the program.
type world struct {
	size
	dir, program, profile string
	addresses             []string
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
	process.Env = append(os.Environ(), "OKTA_TOKEN="+population.OktaToken, "OKTA_REVOKE_TOKEN="+population.OktaBlockingToken, "AWS_ACCESS_KEY_ID="+population.AWSKeyID, "AWS_SECRET_ACCESS_KEY="+population.AWSSecret,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(w.dir, awsFile), "HTTP_PROXY=", "HTTPS_PROXY=", "GITHUB_STEP_SUMMARY=")
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

// reading are the requests to a system on which the decisions rest.
func (p played) reading(system string) (asked fewest.Requests, last time.Time) {
	asked = fewest.Requests{}
	for _, c := range p.asked[system].Until(p.decided) {
		asked[c.Endpoint]++
		last = c.Replied
	}
	return asked, last
}
