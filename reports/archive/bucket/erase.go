package bucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"rollcall/reports/archive"
)

// Erase implements archive.Eraser. It deletes every version of an object, the newest
// last, so that one that was not deleted to its end is still seen. A version that is
// locked stays, and with it the object: a delete marker would only hide it.
func (b *Bucket) Erase(name string) error {
	if err := archive.CheckName(name); err != nil {
		return err
	}
	versions, err := b.versions(name)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if v.marker {
			continue
		}
		until, hold, err := b.lockOf(name, &v.id)
		switch {
		case errors.Is(err, fs.ErrNotExist): // somebody was faster
		case err != nil:
			return err
		case hold || until.After(b.cfg.Now()):
			return &archive.LockedError{Path: name, Until: until, Hold: hold}
		}
	}
	for _, v := range versions {
		err := b.again(b.ctx, func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, limit(0))
			defer cancel()
			_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: b.key(name), VersionId: &v.id})
			return err
		})
		if err != nil && !absent(err) {
			return b.told("delete", name, err)
		}
	}
	return nil
}

// Locked implements archive.Locker, for the newest version.
func (b *Bucket) Locked(name string) (until time.Time, hold bool, err error) {
	if err := archive.CheckName(name); err != nil {
		return time.Time{}, false, err
	}
	all, err := b.versions(name)
	if err != nil {
		return time.Time{}, false, err
	}
	if len(all) == 0 || all[len(all)-1].marker {
		return time.Time{}, false, missing("look at", name)
	}
	return b.lockOf(name, &all[len(all)-1].id)
}

// lockOf is what keeps a version. A store that has no locks says nothing of them.
func (b *Bucket) lockOf(name string, id *string) (until time.Time, hold bool, err error) {
	var out *s3.HeadObjectOutput
	err = b.again(b.ctx, func(ctx context.Context) (err error) {
		ctx, cancel := context.WithTimeout(ctx, limit(0))
		defer cancel()
		out, err = b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: b.key(name), VersionId: id})
		return err
	})
	if absent(err) {
		return until, false, missing("look at", name)
	}
	if err != nil {
		return until, false, b.told("look at", name, err)
	}
	if out.ObjectLockMode != "" {
		until = sdk.ToTime(out.ObjectLockRetainUntilDate)
	}
	return until, out.ObjectLockLegalHoldStatus == types.ObjectLockLegalHoldStatusOn, nil
}

// version is one version of an object, or a marker that it was deleted.
type version struct {
	id     string
	marker bool
	at     time.Time
	newest bool
}

// versions are all versions of one object, the newest last.
func (b *Bucket) versions(name string) ([]version, error) {
	var all []version
	in := &s3.ListObjectVersionsInput{Bucket: &b.name, Prefix: b.key(name)}
	for n := 1; ; n++ {
		if n > mostPages {
			return nil, fmt.Errorf("list the versions of %s: no end after %d pages: what answers there is no S3 that rollcall knows", b.where(name), mostPages)
		}
		var page *s3.ListObjectVersionsOutput
		err := b.again(b.ctx, func(ctx context.Context) (err error) {
			ctx, cancel := context.WithTimeout(ctx, limit(0))
			defer cancel()
			page, err = b.client.ListObjectVersions(ctx, in)
			if err == nil && page.IsTruncated == nil {
				err = errors.New("the list does not say whether it goes on: it was cut")
			}
			return err
		})
		if err != nil {
			return nil, b.told("list the versions of", name, err)
		}
		for _, v := range page.Versions {
			if sdk.ToString(v.Key) == *in.Prefix {
				all = append(all, version{sdk.ToString(v.VersionId), false, sdk.ToTime(v.LastModified), sdk.ToBool(v.IsLatest)})
			}
		}
		for _, m := range page.DeleteMarkers {
			if sdk.ToString(m.Key) == *in.Prefix {
				all = append(all, version{sdk.ToString(m.VersionId), true, sdk.ToTime(m.LastModified), sdk.ToBool(m.IsLatest)})
			}
		}
		if !*page.IsTruncated {
			break
		}
		if sdk.ToString(page.NextKeyMarker) == sdk.ToString(in.KeyMarker) && sdk.ToString(page.NextVersionIdMarker) == sdk.ToString(in.VersionIdMarker) {
			return nil, fmt.Errorf("list the versions of %s: the list goes on, and does not say where", b.where(name))
		}
		in.KeyMarker, in.VersionIdMarker = page.NextKeyMarker, page.NextVersionIdMarker
	}
	slices.SortStableFunc(all, func(x, y version) int {
		switch {
		case x.newest != y.newest && x.newest:
			return 1
		case x.newest != y.newest:
			return -1
		}
		return x.at.Compare(y.at)
	})
	return all, nil
}
