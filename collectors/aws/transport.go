package aws

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
)

const maxAnswer = 128 << 20

// maxValues is of one answer: each value takes memory of its own, a hundred times that of
// its bytes. A page of a thousand users with all that IAM tells of each has half of them.
const maxValues = 2_000_000

var errEmptyAnswer = errors.New("the answer has no body")

// transport reads each answer to its end before the SDK sees it: an answer
// that breaks off is then an error of the connection, which is retried, and an
// empty one is an error too (the SDK takes it for an empty list). It carries
// nothing that is not in may, whoever made the request.
type transport struct {
	next http.RoundTripper
	may  operationSet
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req, operation, err := asks(req)
	if err != nil {
		return nil, err
	}
	if _, ok := t.may[operation]; !ok {
		return nil, fmt.Errorf("%q is refused: this transport may not carry it", operation)
	}
	count := tallyOf(req.Context())
	count.request()
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	sizeOf(req.Context()).add(len(body))
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("the answer exceeds %d bytes", maxAnswer)
	}
	if max(bytes.Count(body, []byte("<")), bytes.Count(body, []byte(","))) > maxValues {
		return nil, fmt.Errorf("the answer has more than %d values, which no page has", maxValues)
	}
	if resp.StatusCode/100 == 2 {
		if _, isRead := reads[operation]; isRead && len(bytes.TrimSpace(body)) == 0 {
			return nil, errEmptyAnswer
		}
		if sending := sendingOf(req.Context()); sending != nil {
			sending.answer = body
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// asks tells the operation by what goes over the wire, in either protocol:
// X-Amz-Target, or the form's Action. The request it gives has its body still.
func asks(req *http.Request) (*http.Request, string, error) {
	if target := req.Header.Get("X-Amz-Target"); target != "" {
		return req, target[strings.LastIndex(target, ".")+1:], nil
	}
	if req.Body == nil {
		return req, "", nil
	}
	body, err := io.ReadAll(req.Body)
	if closed := req.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the request: %w", err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, "", errors.New("the request is no form")
	}
	whole := *req // a RoundTripper may not change the request that it is given
	whole.Body = io.NopCloser(bytes.NewReader(body))
	return &whole, form.Get("Action"), nil
}

// sending is one operation under way, with all its attempts. The SDK keeps its
// number of the attempt, and the answer, to itself.
type sending struct {
	attempts int
	answer   []byte // the last one that claimed success

	as      *renewable // whose credentials the last attempt was signed with
	used    sdk.Credentials
	renewed bool
}

type sendingKey struct{}

func sendingOf(ctx context.Context) *sending {
	s, _ := ctx.Value(sendingKey{}).(*sending)
	return s
}

// failed counts an attempt that failed, and gives the count.
func (s *sending) failed() int {
	if s == nil {
		return 1
	}
	s.attempts++
	return s.attempts
}

// counted runs one operation and adds its answer to the tally, if the SDK
// could read it. Asking for a credential report gives no page: it takes as
// many requests as it takes.
func counted(ctx context.Context, operation string, send func(context.Context) error) error {
	begun(ctx)
	defer ended(ctx)
	now := &sending{}
	err := send(context.WithValue(ctx, sendingKey{}, now))
	if err == nil && operation != "GenerateCredentialReport" {
		tallyOf(ctx).page(now.answer)
	}
	return err
}

// tally counts what one read cost and digests what it received.
type tally struct {
	mu       sync.Mutex
	requests int
	pages    int
	digest   hash.Hash
}

func newTally() *tally { return &tally{digest: sha256.New()} }

func (t *tally) request() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests++
}

func (t *tally) page(body []byte) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pages++
	t.digest.Write(requestIDs.ReplaceAll(body, nil))
}

// requestIDs are all that differs between two equal answers of IAM.
var requestIDs = regexp.MustCompile(`<RequestId>[^<]*</RequestId>`)

// add takes in a part that was counted apart. Parts that are read at the same
// time are added in their own order, so that the digest does not depend on
// which came first.
func (t *tally) add(part *tally) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests += part.requests
	t.pages += part.pages
	t.digest.Write(part.digest.Sum(nil))
}

func (t *tally) sum() string { return hex.EncodeToString(t.digest.Sum(nil)) }

type tallyKey struct{}

func withTally(ctx context.Context, t *tally) context.Context {
	return context.WithValue(ctx, tallyKey{}, t)
}

// tallyOf gives the tally of a read, or nil. The token service's answers are
// left out: they hold credentials, and belong to no page.
func tallyOf(ctx context.Context) *tally {
	if awsmiddleware.GetServiceID(ctx) == "STS" {
		return nil
	}
	t, _ := ctx.Value(tallyKey{}).(*tally)
	return t
}
