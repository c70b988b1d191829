package bucket

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"rollcall/reports/archive"
)

// content is what is to be written, and how it is known again.
type content struct {
	body io.ReadSeeker
	size int64
	sum  [sha256.Size]byte
	// write names this one writing, in the object's metadata: of two writers of the
	// same bytes one has lost, and only this tells them apart.
	write string
}

// writeKey is the metadata that holds content.write.
const writeKey = "rollcall-write"

// mostPut is the largest object that one request may bring.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
const mostPut = 5 << 30

// Create implements archive.Store.
func (b *Bucket) Create(name string, all []byte) error {
	return b.create(name, bytes.NewReader(all), int64(len(all)), sha256.Sum256(all))
}

// Stream implements archive.Store. What is filled in lies in memory while it is
// small, then in a temporary file: a request has to know its length and digest
// before it begins, and may have to be sent again.
func (b *Bucket) Stream(name string, fill func(io.Writer) error) (err error) {
	if err := archive.CheckName(name); err != nil {
		return err
	}
	s := newSpool()
	defer func() { err = errors.Join(err, s.Close()) }()
	sum := sha256.New()
	if err := fill(io.MultiWriter(s, sum)); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return b.create(name, io.NewSectionReader(s, 0, s.Size()), s.Size(), [sha256.Size]byte(sum.Sum(nil)))
}

func (b *Bucket) create(name string, body io.ReadSeeker, size int64, sum [sha256.Size]byte) error {
	if err := archive.CheckName(name); err != nil {
		return err
	}
	if size > mostPut {
		return fmt.Errorf("write %s: it has %d bytes, and one object may have 5 GB", b.where(name), size)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.ctx), limit(size))
	defer cancel()
	return b.settle(ctx, name, content{body, size, sum, strings.ToLower(rand.Text())})
}

// settle sends until it is known that the object is there, and whose it is. What
// is not known is read.
func (b *Bucket) settle(ctx context.Context, name string, c content) error {
	var lost error
	for n := 1; n <= tries; n++ {
		err := b.send(ctx, name, c)
		if err == nil {
			return nil
		}
		if !taken(err) && final(err) {
			return b.told("write", name, err)
		}
		switch found, readErr := b.find(ctx, name, c); {
		case found:
			return readErr
		case readErr != nil:
			return fmt.Errorf("%w; whether it was written could not be read either: %w", b.told("write", name, err), readErr)
		}
		if lost = err; b.pause(ctx, n) != nil {
			break
		}
	}
	return b.told("write", name, lost)
}

// send is one request, with the SDK's retries.
func (b *Bucket) send(ctx context.Context, name string, c content) error {
	if _, err := c.body.Seek(0, io.SeekStart); err != nil {
		return err
	}
	in := &s3.PutObjectInput{
		Bucket: &b.name, Key: b.key(name), Body: c.body, ContentLength: &c.size, IfNoneMatch: sdk.String("*"),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: sdk.String(base64.StdEncoding.EncodeToString(c.sum[:])),
		Metadata: map[string]string{writeKey: c.write},
	}
	b.kept(in)
	_, err := b.client.PutObject(ctx, in)
	return err
}

// find reads what is under the name. When something is, err says whether it is
// what this writer wrote: nil, or fs.ErrExist, or that it holds other bytes.
func (b *Bucket) find(ctx context.Context, name string, c content) (found bool, err error) {
	var by string
	sum := sha256.New()
	err = b.get(ctx, name, mostPut, func(out *s3.GetObjectOutput) error {
		by = out.Metadata[writeKey]
		sum.Reset()
		_, err := io.Copy(sum, out.Body)
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case by != c.write:
		return true, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	case [sha256.Size]byte(sum.Sum(nil)) != c.sum:
		return true, fmt.Errorf("%s was written, but it holds other bytes than were sent: something on the way, or the store itself, altered them", b.where(name))
	}
	return true, nil
}
