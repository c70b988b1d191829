package bucket

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// answering is an S3 in this process.
type answering []byte

func (a answering) Do(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/xml"}}, Body: io.NopCloser(bytes.NewReader(a))}, nil
}

// FuzzList: a list of S3's that is believed says whether it goes on and where, has every
// name that is in it, and none that was not asked for.
func FuzzList(f *testing.F) {
	in := func(inside string) []byte {
		return []byte(`<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + inside + "</ListBucketResult>")
	}
	for _, inside := range []string{"", "<IsTruncated>false</IsTruncated>", "<IsTruncated>false</IsTruncated><KeyCount>2</KeyCount><Contents><Key>archive/a</Key></Contents>",
		"<IsTruncated>false</IsTruncated><KeyCount>1</KeyCount><Contents><Key>archive/a</Key></Contents>", "<IsTruncated>true</IsTruncated><Contents><Key>archive/a</Key></Contents>",
		"<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>", "<IsTruncated>false</IsTruncated><Contents><Key>elsewhere/a</Key></Contents>", "<IsTruncated>false</IsTruncated><Contents/>"} {
		f.Add(in(inside))
	}
	f.Add([]byte("<a/>"))
	endpoint := "http://127.0.0.1:1"
	f.Fuzz(func(t *testing.T, body []byte) {
		b := &Bucket{name: "evidence", prefix: "archive/", ctx: t.Context(), cfg: Config{Now: time.Now, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }},
			client: s3.New(s3.Options{Region: "eu-west-1", BaseEndpoint: &endpoint, UsePathStyle: true, HTTPClient: answering(body), Retryer: sdk.NopRetryer{}, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})}
		if some, err := b.page(t.Context(), "runs/", nil); err == nil {
			for _, o := range some.Contents {
				if !strings.HasPrefix(*o.Key, "archive/runs/") {
					t.Fatalf("%q was not asked for", *o.Key)
				}
			}
		}
		out, err := b.page(t.Context(), "", nil)
		if err != nil {
			return
		}
		var plain struct {
			IsTruncated *string
			Contents    []struct{ Key *string }
		}
		if xml.Unmarshal(body, &plain) != nil {
			return // the SDK reads no further than to the end of the list
		}
		if plain.IsTruncated == nil || len(plain.Contents) != len(out.Contents) || *out.IsTruncated && (out.NextContinuationToken == nil || *out.NextContinuationToken == "") {
			t.Fatalf("%d names are believed of %s", len(out.Contents), body)
		}
	})
}
