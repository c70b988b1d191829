package bucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"rollcall/internal/awsreach"
)

// status is the HTTP status of a refusal, 0 when there was no answer.
func status(err error) int {
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// absent reports that there is no such object. A bucket that is not there is not
// an archive that is empty.
func absent(err error) bool {
	return status(err) == http.StatusNotFound && awsreach.Code(err) != "NoSuchBucket"
}

// taken reports that the condition of a write does not hold: somebody wrote, which
// may have been this very write, whose answer was lost.
func taken(err error) bool { return status(err) == http.StatusPreconditionFailed }

// raced reports that somebody wrote at the same moment.
func raced(err error) bool { return awsreach.Code(err) == "ConditionalRequestConflict" }

// passing are refusals that pass by themselves, although their status says that
// the request is at fault. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var passing = []string{"ConditionalRequestConflict", "OperationAborted", "RequestTimeout", "BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch", "IncompleteBody", "SlowDown"}

// final reports that asking again would be answered in the same way.
func final(err error) bool {
	s := status(err)
	return s >= 400 && s < 500 && s != http.StatusTooManyRequests && s != http.StatusRequestTimeout && !slices.Contains(passing, awsreach.Code(err))
}

// hints say what to do about what S3 calls by these names.
var hints = map[string]string{
	"AccessDenied":                 "the credentials lack a right on the bucket or on its key: deploy/aws/archive.yaml has the rights that are needed",
	"Forbidden":                    "the credentials lack a right on the bucket or on its key: deploy/aws/archive.yaml has the rights that are needed",
	"NoSuchBucket":                 "there is no such bucket: make it first, or mend archive.root",
	"InvalidAccessKeyId":           "the credentials are not known there: check where the job gets them from",
	"SignatureDoesNotMatch":        "the credentials are not believed there: check where the job gets them from",
	"ExpiredToken":                 "the credentials have ended: give the job new ones",
	"PermanentRedirect":            "the bucket is in another region: mend archive.s3.region",
	"AuthorizationHeaderMalformed": "the bucket is in another region: mend archive.s3.region",
	"RequestTimeTooSkewed":         "the clock of this machine is wrong: set it",
	"EntityTooLarge":               "it is larger than one object may be (5 GB)",
}

// told gives an error the place and what to do.
func (b *Bucket) told(verb, name string, err error) error {
	says := hints[awsreach.Code(err)]
	if says == "" && strings.Contains(err.Error(), "Object Lock") {
		says = "the bucket has no Object Lock: make one with it, or take retain_mode and legal_hold out of archive.s3"
	}
	f := failure{fmt.Sprintf("%s %s: %s", verb, b.where(name), short(err)), err}
	if says != "" {
		f.says += ": " + says
	}
	return f
}

// failure is an error of the SDK in fewer words.
type failure struct {
	says string
	err  error
}

func (f failure) Error() string { return f.says }
func (f failure) Unwrap() error { return f.err }

// short is what S3 answered, or what became of the connection, without what the SDK
// says of itself.
func short(err error) string {
	var api smithy.APIError
	var sent *net.OpError
	switch {
	case errors.As(err, &api) && status(err) != 0:
		return fmt.Sprintf("S3 answers %d %s (%s)", status(err), api.ErrorCode(), api.ErrorMessage())
	case errors.As(err, &sent):
		return sent.Error()
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}

func missing(verb, name string) error {
	return &fs.PathError{Op: verb, Path: name, Err: fs.ErrNotExist}
}

// tries is how often something is done anew when its answer was lost or cut; each
// has the SDK's own retries in it.
const tries = 4

// again does something until it succeeds, or fails for good.
func (b *Bucket) again(ctx context.Context, do func(context.Context) error) error {
	for n := 1; ; n++ {
		err := do(ctx)
		if err == nil || n == tries || ctx.Err() != nil || final(err) || errors.Is(err, fs.ErrNotExist) || errors.As(err, new(*largeError)) {
			return err
		}
		if b.pause(ctx, n) != nil {
			return err
		}
	}
}

// pause waits before try n+1.
func (b *Bucket) pause(ctx context.Context, n int) error {
	return b.cfg.Sleep(ctx, 100*time.Millisecond<<(2*(n-1))) // 0.1, 0.4, 1.6 s
}
