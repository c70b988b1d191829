package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// ErrLocked says that another run holds the lock.
var ErrLocked = errors.New("another run of rollcall is at work")

// Lock lets one run at a time act on an archive folder. The kernel drops it when
// the process ends, however it ends, so that it is never stale. who is written
// into the file for people. The returned function gives the lock back.
func Lock(dir, who string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make the archive folder: %w", err)
	}
	name := filepath.Join(dir, "lock")
	if err := OwnFile(name); err != nil {
		return nil, err
	}
	l := flock.New(name)
	got, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	if !got {
		return nil, fmt.Errorf("%w (%s); wait until it is done", ErrLocked, holder(name))
	}
	if err := os.WriteFile(name, []byte(who+"\n"), 0o640); err != nil {
		return nil, errors.Join(fmt.Errorf("write %s: %w", name, err), l.Unlock())
	}
	return func() { _ = l.Unlock() }, nil // the kernel drops it anyway when the process ends
}

// longestHolder is far more than who holds a lock ever was, in bytes.
const longestHolder = 4 << 10

// holder is who has a lock, for the message: without it the message is shorter.
func holder(name string) string {
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	who, _ := io.ReadAll(io.LimitReader(f, longestHolder))
	return strings.TrimSpace(string(who))
}

// OwnFile refuses a lock that is a pipe, for which a run would wait for ever, or a link to
// a file, or to where none is yet: what is written into it would overwrite that one.
func OwnFile(name string) error {
	info, err := os.Lstat(name)
	if err != nil {
		return nil // that it cannot be had is said when it is taken
	}
	behind, err := os.Stat(name)
	switch {
	case err == nil && behind.Mode().Type() == os.ModeNamedPipe:
		return fmt.Errorf("lock %s: it is a pipe, for which this run would wait for ever: find out who put it there, and delete it", name)
	case info.Mode().Type() != os.ModeSymlink, err == nil && !behind.Mode().IsRegular():
		return nil // the latter is changed by nothing that is written
	}
	return fmt.Errorf("lock %s: it is a link, and this run would write into what it points to: find out who put it there, and delete it", name)
}

// lockPoll is how often a run that waits looks whether the lock is free.
const lockPoll = 2 * time.Second

// Wait takes the lock once it is free, for limit at the most; take gives an error
// that wraps ErrLocked while another run has it. say is told who does, each time
// that it is another run.
func Wait[T any](ctx context.Context, take func() (T, error), limit time.Duration, sleep func(context.Context, time.Duration) error, say func(holder error)) (T, error) {
	told := ""
	for waited := time.Duration(0); ; waited += lockPoll {
		got, err := take()
		if !errors.Is(err, ErrLocked) {
			return got, err
		}
		if waited >= limit {
			return got, fmt.Errorf("after %s of waiting: %w", limit, err)
		}
		if err.Error() != told {
			told = err.Error()
			say(err)
		}
		if err := sleep(ctx, lockPoll); err != nil {
			return got, fmt.Errorf("stopped while waiting: %w", err)
		}
	}
}
