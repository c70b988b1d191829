package fakeaws

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// page cuts one page out of all. token is what the page before returned, want
// the client's wish (0: none), max the vendor's limit. A wish above the limit
// is refused, as AWS does; Options.MaxPage caps silently.
func page[T any](s *Server, all []T, token string, want, max int) (items []T, next string, err *apiError) {
	if want < 0 || want > max {
		return nil, "", fail(http.StatusBadRequest, "ValidationException",
			"1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to %d", want, max)
	}
	from, err := parseToken(token)
	if err != nil {
		return nil, "", err
	}
	size := max
	if want > 0 {
		size = want
	}
	if s.opts.MaxPage > 0 {
		size = min(size, s.opts.MaxPage)
	}
	from = min(from, len(all))
	to := min(from+size, len(all))
	if to < len(all) {
		next = makeToken(to)
	}
	return all[from:to], next, nil
}

const tokenPrefix = "fakeaws-page:"

func makeToken(offset int) string {
	return base64.URLEncoding.EncodeToString([]byte(tokenPrefix + strconv.Itoa(offset)))
}

func parseToken(token string) (int, *apiError) {
	if token == "" {
		return 0, nil
	}
	raw, err := base64.URLEncoding.DecodeString(token)
	digits, ours := strings.CutPrefix(string(raw), tokenPrefix)
	offset, notNumber := strconv.Atoi(digits)
	if err != nil || !ours || notNumber != nil || offset < 0 {
		return 0, fail(http.StatusBadRequest, "ValidationException", "Invalid pagination token.")
	}
	return offset, nil
}

// IAM's limits of MaxItems.
const (
	iamMaxPage     = 1000
	iamDefaultPage = 100
)

// iamPaging is the tail of every paged IAM answer.
type iamPaging struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

// pageIAM is page with IAM's parameter names, default and error code.
func pageIAM[T any](s *Server, all []T, in url.Values) ([]T, iamPaging, *apiError) {
	want := iamDefaultPage
	if given := in.Get("MaxItems"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 {
			return nil, iamPaging{}, invalid("Value '%s' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1", given)
		}
		want = n
	}
	items, next, err := page(s, all, in.Get("Marker"), want, iamMaxPage)
	if err != nil {
		err.Code = "ValidationError"
		return nil, iamPaging{}, err
	}
	return items, iamPaging{IsTruncated: next != "", Marker: next}, nil
}

// invalid is IAM's and STS's refusal of a malformed parameter.
func invalid(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "ValidationError", "1 validation error detected: "+format, args...)
}
