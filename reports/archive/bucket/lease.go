package bucket

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// stateFolder is below the archive's root and no part of the archive: what lies
// there is rewritten, never locked, and proves nothing.
const (
	stateFolder = "state/"
	leaseName   = stateFolder + "lease.json"
)

// LeaseTime is how long a lease lasts since it was taken or renewed last. A run
// that is killed keeps the next one waiting for as long.
const LeaseTime = 8 * time.Minute

// slack is what the two times that the store gives, each to the second, may be
// apart from what they were.
const slack = 3 * time.Second

// ErrHeld says that another run holds the lease.
var ErrHeld = errors.New("the lease is held")

// Holder is who takes a lease, for people.
type Holder struct {
	Who  string `json:"holder"` // such as: nightly by ci@runner-7, process 12, since ...
	Host string `json:"host"`
	PID  int    `json:"pid"`
}

// leaseFile is the lease as it lies in the bucket. Whether it is over is told by
// the store's own clock alone: its Date against the object's Last-Modified, so that
// it does not matter how wrong the clocks of two runners are. StartedAt and
// ExpiresAt are by the holder's clock, for people.
type leaseFile struct {
	Holder
	StartedAt time.Time `json:"started_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Seconds   float64   `json:"lasts_seconds"`
	Released  bool      `json:"released"`
	// Write is another one in every writing: it makes each ETag its own, and tells
	// who wrote when an answer was lost.
	Write string `json:"write"`
}

func (l leaseFile) lasts() time.Duration { return time.Duration(l.Seconds * float64(time.Second)) }

// Lease is the right to be the one run at work, while it lasts.
type Lease struct {
	b      *Bucket
	say    func(format string, args ...any)
	lasts  time.Duration
	id     string // of all that this lease writes
	writes int
	stop   context.CancelFunc
	ended  chan struct{}
	mu     sync.Mutex
	file   leaseFile
	etag   string
	since  time.Time // before the request that was granted last was sent
	lost   error     // somebody else has it
	failed error     // why it could not be renewed of late
}

// Take takes the lease for that long, and renews it in the background until
// Release. That of a run which ended without giving it back is taken over once it
// is over. An error that wraps ErrHeld names who has it.
func (b *Bucket) Take(ctx context.Context, who Holder, lasts time.Duration, say func(format string, args ...any)) (*Lease, error) {
	l := &Lease{b: b, say: say, lasts: lasts, id: rand.Text(), ended: make(chan struct{}), file: leaseFile{Holder: who, StartedAt: b.cfg.Now().UTC()}}
	seen, err := b.lease(ctx)
	if err != nil {
		return nil, err
	}
	if err := seen.free(b); err != nil {
		return nil, err
	}
	if err := l.write(ctx, seen.etag); err != nil {
		if !taken(err) && !raced(err) {
			return nil, b.told("take the lease", leaseName, err)
		}
		if seen, err = b.lease(ctx); err != nil { // who was faster?
			return nil, err
		}
		return nil, cmp.Or(seen.free(b), fmt.Errorf("%w: another run took it and gave it back in this very moment", ErrHeld))
	}
	if seen.etag != "" && !seen.file.Released {
		say("the lease of %s was not given back: that run ended %s ago or longer without saying so. This run takes over, and reads first what it left open", seen.file.Who, (seen.age - seen.file.lasts()).Round(time.Second))
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	go l.renew(renewing)
	return l, nil
}

// seenLease is the lease as it was read; without an etag there is none.
type seenLease struct {
	file leaseFile
	etag string
	age  time.Duration // since it was written, by the store's clock
}

// free is nil when the lease may be taken.
func (s seenLease) free(b *Bucket) error {
	if s.etag == "" || s.file.Released || s.age >= s.file.lasts()+slack {
		return nil
	}
	return fmt.Errorf("%w by %s; if that run is gone, it is free %s after its last renewal: %s", ErrHeld, s.file.Who, s.file.lasts(), b.where(leaseName))
}

const (
	largestLease = 64 << 10       // a hundred times what a lease has
	longestLease = 24 * time.Hour // far more than LeaseTime ever was
)

// lease reads the lease, and how old it is.
func (b *Bucket) lease(ctx context.Context) (seenLease, error) {
	var s seenLease
	var raw []byte
	err := b.get(ctx, leaseName, largestLease, func(out *s3.GetObjectOutput) (err error) {
		at, has := middleware.GetServerTime(out.ResultMetadata)
		if !has || out.LastModified == nil || out.ETag == nil {
			return errors.New("the answer does not say when it was given, or when the lease was written")
		}
		s.etag, s.age = *out.ETag, at.Sub(*out.LastModified)
		raw, err = io.ReadAll(out.Body)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return seenLease{}, nil
	}
	if err != nil {
		return s, err
	}
	if s.file, err = readLease(raw); err != nil {
		return s, fmt.Errorf("%s is no lease that this rollcall knows: make sure that no run is at work, then delete it", b.where(leaseName))
	}
	return s, nil
}

func readLease(raw []byte) (l leaseFile, err error) {
	if err := json.Unmarshal(raw, &l); err != nil {
		return l, err
	}
	if l.Write == "" || l.Seconds > longestLease.Seconds() || l.lasts() <= 0 {
		return l, errors.New("it does not say who wrote it, or lasts for no time or longer than a lease does")
	}
	return l, nil
}

// write puts the lease where the one with that etag is, or where none is.
func (l *Lease) write(ctx context.Context, etag string) error {
	l.writes++
	l.file.Write, l.file.Seconds = fmt.Sprintf("%s-%d", l.id, l.writes), l.lasts.Seconds()
	l.file.ExpiresAt = l.b.cfg.Now().UTC().Add(l.lasts)
	raw, err := json.MarshalIndent(l.file, "", " ")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, min(answerTime, l.lasts/2))
	defer cancel()
	since := time.Now()
	sum := sha256.Sum256(raw)
	in := &s3.PutObjectInput{
		Bucket: &l.b.name, Key: l.b.key(leaseName), Body: bytes.NewReader(raw), ContentType: sdk.String("application/json"),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: sdk.String(base64.StdEncoding.EncodeToString(sum[:])),
	}
	if in.IfMatch = &etag; etag == "" {
		in.IfMatch, in.IfNoneMatch = nil, sdk.String("*")
	}
	l.b.encrypted(in)
	out, err := l.b.client.PutObject(ctx, in)
	switch {
	case err == nil && out.ETag != nil:
		l.granted(*out.ETag, since)
		return nil
	case err == nil:
		err = errors.New("the answer does not say under which ETag")
	}
	return l.doubt(ctx, since, err)
}

// doubt looks whether a writing without a good answer took place.
func (l *Lease) doubt(ctx context.Context, since time.Time, err error) error {
	if !taken(err) && status(err) != 0 && final(err) {
		return err
	}
	seen, readErr := l.b.lease(ctx)
	switch {
	case readErr != nil:
	case seen.file.Write == l.file.Write:
		l.granted(seen.etag, since)
		return nil
	case strings.HasPrefix(seen.file.Write, l.id+"-") && seen.etag != l.tag():
		l.late(seen.etag)
		return fmt.Errorf("an earlier writing took place only now, after: %s", short(err)) // and is no sign of another run
	}
	return err
}

func (l *Lease) granted(etag string, since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.etag, l.since, l.failed = etag, since, nil
}

// late notes where the lease is, without counting it as renewed.
func (l *Lease) late(etag string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.etag = etag
}

// renew renews the lease until it is told to stop, or somebody else has it.
func (l *Lease) renew(ctx context.Context) {
	defer close(l.ended)
	tick := time.NewTicker(l.lasts / 8)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// A writing that was begun is seen to its end, for Release has to know the ETag.
		if err := l.write(context.WithoutCancel(ctx), l.tag()); err != nil && l.failing(err) {
			return
		}
	}
}

func (l *Lease) tag() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.etag
}

// failing notes why a renewal failed, and reports whether the lease is lost.
func (l *Lease) failing(err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		l.say("the lease could not be renewed: %s", short(err))
	}
	l.failed = err
	if taken(err) || absent(err) {
		l.lost = fmt.Errorf("another run took the lease over (%s)", l.b.where(leaseName))
	}
	return l.lost != nil
}

// Outlasts is nil when nobody else can have the lease within that time.
func (l *Lease) Outlasts(d time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil {
		return l.lost
	}
	// A machine that slept is told by the clock on the wall, and a clock that was set
	// back by the other one.
	passed := max(time.Since(l.since), time.Now().Round(0).Sub(l.since.Round(0)))
	if left := l.lasts - passed; left < d {
		return fmt.Errorf("the lease lasts %s more and %s are needed, for it could not be renewed: %s", max(left, 0).Round(time.Second), d, short(cmp.Or(l.failed, errors.New("this machine was asleep or too slow"))))
	}
	return nil
}

// Release gives the lease back. If that fails it ends by itself.
func (l *Lease) Release() {
	l.stop()
	<-l.ended
	if l.lost != nil {
		return
	}
	l.file.Released = true
	if err := l.write(context.WithoutCancel(l.b.ctx), l.etag); err != nil {
		l.say("the lease could not be given back (%s): the next run can begin in %s", short(err), l.lasts)
	}
}
