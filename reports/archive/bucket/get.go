package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"rollcall/reports/archive"
)

// Read implements archive.Store.
func (b *Bucket) Read(name string) ([]byte, error) {
	if err := archive.CheckName(name); err != nil {
		return nil, err
	}
	var all []byte
	err := b.get(b.ctx, name, archive.Largest(name), func(out *s3.GetObjectOutput) error {
		whole := bytes.NewBuffer(make([]byte, 0, min(*out.ContentLength, 64<<20)+bytes.MinRead))
		_, err := whole.ReadFrom(out.Body)
		all = whole.Bytes()
		return err
	})
	return all, err
}

// Open implements archive.Store. The content is fetched whole, into memory while it
// is small, else into a temporary file: tables are read here and there, and a
// request for each piece would take longer.
func (b *Bucket) Open(name string) (archive.File, error) {
	if err := archive.CheckName(name); err != nil {
		return nil, err
	}
	s := newSpool()
	err := b.get(b.ctx, name, mostPut, func(out *s3.GetObjectOutput) error {
		if err := s.Reset(); err != nil {
			return err
		}
		_, err := io.Copy(s, out.Body)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// get fetches one object of at most so many bytes for take, which may be called again
// after a body that was cut: what it took in before does not count.
func (b *Bucket) get(ctx context.Context, name string, most int64, take func(*s3.GetObjectOutput) error) error {
	err := b.again(ctx, func(ctx context.Context) error { return b.getOnce(ctx, name, most, take) })
	var large *largeError
	if errors.As(err, &large) {
		return archive.TooLarge(b.where(name), large.size)
	}
	if absent(err) {
		return missing("read", name)
	}
	if err != nil {
		return b.told("read", name, err)
	}
	return nil
}

func (b *Bucket) getOnce(ctx context.Context, name string, most int64, take func(*s3.GetObjectOutput) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	late := time.AfterFunc(limit(0), cancel)
	defer late.Stop()
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: b.key(name)})
	if err != nil {
		return err
	}
	defer out.Body.Close() // what matters of it was read
	if out.ContentLength == nil {
		return errors.New("the answer does not say how long it is, so that it cannot be known to be whole")
	}
	if *out.ContentLength > most {
		return &largeError{*out.ContentLength}
	}
	late.Reset(limit(*out.ContentLength))
	counted := &counter{next: out.Body}
	out.Body = counted
	if err := take(out); err != nil {
		return err
	}
	if counted.n != *out.ContentLength {
		return fmt.Errorf("the answer has %d bytes and was to have %d: it was cut", counted.n, *out.ContentLength)
	}
	return nil
}

// largeError is that of an object which is not read, since it is larger than it may be.
type largeError struct{ size int64 }

func (e *largeError) Error() string { return fmt.Sprintf("it has %d bytes", e.size) }

// counter counts what was read of a body.
type counter struct {
	next io.ReadCloser
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.next.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) Close() error { return c.next.Close() }

// mostPages ends a list that never ends: at 1,000 names a page, a hundred times what an
// archive of ten years has.
const mostPages = 20_000

// List implements archive.Store. The lease is no part of the archive, and the empty
// objects by which consoles show folders are not either.
func (b *Bucket) List(prefix string) ([]string, error) {
	var names []string
	var token *string
	for n := 1; ; n++ {
		if n > mostPages {
			return nil, fmt.Errorf("list %s: no end after %d pages: what answers there is no S3 that rollcall knows", b.where(prefix), mostPages)
		}
		var page *s3.ListObjectsV2Output
		err := b.again(b.ctx, func(ctx context.Context) (err error) {
			page, err = b.page(ctx, prefix, token)
			return err
		})
		if err != nil {
			return nil, b.told("list", prefix, err)
		}
		for _, o := range page.Contents {
			if name := strings.TrimPrefix(*o.Key, b.prefix); !strings.HasPrefix(name, stateFolder) && !strings.HasSuffix(name, "/") {
				names = append(names, name)
			}
		}
		if token = page.NextContinuationToken; !*page.IsTruncated {
			slices.Sort(names)
			return names, nil
		}
	}
}

// page is one page of a list. One that does not say whether it is the last one, or
// how to go on, is not believed.
func (b *Bucket) page(ctx context.Context, prefix string, token *string) (*s3.ListObjectsV2Output, error) {
	ctx, cancel := context.WithTimeout(ctx, limit(0))
	defer cancel()
	out, err := b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: b.key(prefix), ContinuationToken: token})
	switch {
	case err != nil:
		return nil, err
	case out.IsTruncated == nil:
		return nil, errors.New("the list does not say whether it goes on: it was cut")
	case *out.IsTruncated && (out.NextContinuationToken == nil || *out.NextContinuationToken == "" || token != nil && *token == *out.NextContinuationToken):
		return nil, errors.New("the list goes on, and does not say where")
	case out.KeyCount != nil && int(*out.KeyCount) != len(out.Contents)+len(out.CommonPrefixes):
		return nil, fmt.Errorf("the list says %d objects and names %d: it was cut", *out.KeyCount, len(out.Contents))
	}
	for _, o := range out.Contents {
		if o.Key == nil || !strings.HasPrefix(*o.Key, b.prefix+prefix) {
			return nil, errors.New("the list names something that was not asked for")
		}
	}
	return out, nil
}
