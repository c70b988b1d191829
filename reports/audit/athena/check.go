package athena

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"rollcall/reports/archive"
	"rollcall/reports/audit"
)

// summer is a store that knows what SHA-256 an object had when it came in.
type summer interface {
	Sum(ctx context.Context, name string) (size int64, sum string, err error)
}

// checks are how many files were checked in which way.
type checks struct{ sums, read atomic.Int64 }

func (c *checks) String() string {
	return fmt.Sprintf("each listed in its signed manifest; before Athena was asked, %d were compared by the SHA-256 that S3 keeps of them, %d were fetched and compared", c.sums.Load(), c.read.Load())
}

// atOnce is how many objects are asked about at a time.
const atOnce = 16

// check compares every file with its manifest: by the digest that S3 worked out when
// the object was written, or, where it keeps none, byte for byte.
func check(ctx context.Context, store archive.Store, files []audit.File) (*checks, error) {
	var done checks
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, f := range files {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return checkOne(ctx, store, f.Entry, &done)
		})
	}
	return &done, group.Wait()
}

func checkOne(ctx context.Context, store archive.Store, e archive.Entry, done *checks) error {
	if s, can := store.(summer); can {
		size, sum, err := s.Sum(ctx, e.Path)
		switch {
		case err != nil:
			return fmt.Errorf("%s cannot be checked: %w; run: rollcall audit verify", e.Path, err)
		case size != e.Size || sum != "" && sum != e.SHA256:
			return fmt.Errorf("%s was altered: its manifest lists %d bytes with SHA-256 %s, and S3 has %d with %s; run: rollcall audit verify", e.Path, e.Size, e.SHA256, size, sum)
		case sum != "":
			done.sums.Add(1)
			return nil
		}
	}
	done.read.Add(1)
	return archive.CopyChecked(store, e, io.Discard)
}
