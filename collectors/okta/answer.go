package okta

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

const maxBody = 64 << 20 // of one page

// maxValues is of one page: each value takes memory of its own, a hundred times that of
// its bytes. A thousand members with five hundred attributes each have half of them.
const maxValues = 1_000_000

// whole sends a request and gets the answer with its whole body inside the
// timeout; told sees it as soon as its headers are there. What it returns
// knows the request without what was added to authorise it.
func (t *transport) whole(req *http.Request, authorization string, told func(*http.Response)) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout)
	defer cancel()
	sent := req.Clone(ctx)
	if authorization != "" {
		sent.Header.Set("Authorization", authorization)
	}
	resp, err := t.next.RoundTrip(sent)
	if err != nil {
		return nil, t.cause(req, ctx, "no answer", err)
	}
	told(resp)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	_ = resp.Body.Close() // what was wanted has been read
	if err != nil {
		return nil, t.cause(req, ctx, "the answer broke off", err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("the answer is larger than %d bytes", maxBody)
	}
	if bytes.Count(body, []byte(",")) > maxValues && valuesOf(body) > maxValues {
		return nil, fmt.Errorf("the answer has more than %d values, which no page has", maxValues)
	}
	resp.Body, resp.ContentLength, resp.Request = &wholeBody{bytes.NewReader(body), body}, int64(len(body)), req
	hideLinks(resp.Header)
	return resp, nil
}

// valuesOf counts what commas set apart, but for those within texts: a name of a
// directory may have ten.
func valuesOf(body []byte) int {
	n, text := 0, false
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++ // what follows stands for itself
		case '"':
			text = !text
		case ',':
			if !text {
				n++
			}
		}
	}
	return n
}

// wholeBody is a body that was read to its end already.
type wholeBody struct {
	*bytes.Reader
	all []byte
}

func (*wholeBody) Close() error { return nil }

// ownLink is where the Link headers are put out of the SDK's sight, which
// takes a folded one for a next page that is the page itself, and panics on
// one that is no URL.
const ownLink = "Rollcall-Link"

func hideLinks(h http.Header) {
	if links := h.Values("Link"); len(links) > 0 {
		h[ownLink] = links
		h.Del("Link")
	}
}

// cause keeps the end of the caller's context apart from a try that failed.
func (t *transport) cause(req *http.Request, try context.Context, what string, err error) error {
	switch {
	case req.Context().Err() != nil:
		return req.Context().Err()
	case try.Err() != nil:
		return lost("%s within %s", what, t.timeout)
	}
	return lost("%s: %s", what, err)
}

// believable refuses redirects, and answers of success that say nothing: the
// SDK takes an empty body for an empty list.
func believable(req *http.Request, resp *http.Response) error {
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return fmt.Errorf("okta redirects (%d), which is not followed; check the organisation's address", resp.StatusCode)
	}
	if !reads(req.Method) || resp.StatusCode != http.StatusOK {
		return nil
	}
	body := resp.Body.(*wholeBody).all
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return lost("an empty answer, though with status 200")
	case !json.Valid(body):
		return lost("an answer that is not JSON (%s), though with status 200", resp.Header.Get("Content-Type"))
	}
	// The SDK would decode JSON a second time, and copy what it decoded; bytes it
	// leaves to us.
	resp.Header.Set("Content-Type", "application/octet-stream")
	return nil
}

// again says whether a broken try may be repeated: only one that changes
// nothing, and only when nothing was decided.
func again(ctx context.Context, harmless bool, resp *http.Response, err error) bool {
	if !harmless || ctx.Err() != nil {
		return false
	}
	var gone *lostError
	return errors.As(err, &gone) || (err == nil && resp.StatusCode >= 500)
}
