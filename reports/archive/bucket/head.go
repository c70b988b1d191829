package bucket

import (
	"context"
	"encoding/base64"
	"encoding/hex"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"rollcall/reports/archive"
)

// Sum gives an object's size and the SHA-256 that S3 itself worked out when the object
// was written, in hex, without fetching it. It is empty where the store keeps none, or
// only one of parts.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
func (b *Bucket) Sum(ctx context.Context, name string) (size int64, sum string, err error) {
	if err := archive.CheckName(name); err != nil {
		return 0, "", err
	}
	var out *s3.HeadObjectOutput
	err = b.again(ctx, func(ctx context.Context) (err error) {
		ctx, cancel := context.WithTimeout(ctx, limit(0))
		defer cancel()
		out, err = b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: b.key(name), ChecksumMode: types.ChecksumModeEnabled})
		return err
	})
	switch {
	case absent(err):
		return 0, "", missing("check", name)
	case err != nil:
		return 0, "", b.told("check", name, err)
	}
	if out.ContentLength != nil {
		size = *out.ContentLength
	}
	if out.ChecksumSHA256 != nil {
		if raw, err := base64.StdEncoding.DecodeString(*out.ChecksumSHA256); err == nil { // else: of parts
			sum = hex.EncodeToString(raw)
		}
	}
	return size, sum, nil
}
