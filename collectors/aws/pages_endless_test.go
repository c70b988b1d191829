package aws

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Pages without a row repeat no record, and new tokens repeat no token.
func TestAListOfNewTokensForEverIsGivenUp(t *testing.T) {
	n := 0
	err := pages(t.Context(), func(context.Context, *string) (page, error) {
		n++
		next := strconv.Itoa(n)
		return page{next: &next}, nil
	})
	if err == nil || n != maxPages || !strings.Contains(err.Error(), "no end after 100000 pages") {
		t.Errorf("after %d pages: %v", n, err)
	}
}

func TestAListOfMoreRecordsThanAnyOrganizationHasIsGivenUp(t *testing.T) {
	some := make([]string, maxRecords/4)
	n := 0
	err := pages(t.Context(), func(context.Context, *string) (page, error) {
		if n++; n > 9 {
			t.Fatal("it goes on")
		}
		next := strconv.Itoa(n)
		return listed(&next, some, "things", func(string) *string { id := next; return &id })
	})
	if err == nil || n > 5 || !strings.Contains(err.Error(), "more than 10000000 records") {
		t.Errorf("after %d pages: %v", n, err)
	}
}

// A few fat pages take as much as many: what the answers of a list have together is counted
// where they are read.
func TestAListOfMoreBytesThanAnyOrganizationHasIsGivenUp(t *testing.T) {
	carry := &transport{next: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
	}), may: reads}
	n := 0
	err := pages(t.Context(), func(ctx context.Context, _ *string) (page, error) {
		if n++; n > 9 {
			t.Fatal("it goes on")
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://iam.example", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", "AWSIdentityStore.ListUsers")
		if _, err := carry.RoundTrip(req); err != nil {
			t.Fatal(err)
		}
		if got := sizeOf(ctx).bytes.Load(); got != int64(n-1)*(maxListed/3)+int64(2*n) {
			t.Fatalf("%d bytes after %d answers", got, n)
		}
		sizeOf(ctx).add(maxListed / 3)
		next := strconv.Itoa(n)
		return page{next: &next}, nil
	})
	if err == nil || n != 3 || !strings.Contains(err.Error(), "more than 17179869184 bytes") {
		t.Errorf("after %d pages: %v", n, err)
	}
}

// A few kilobytes of gzip are millions of records, and each takes a hundred times its bytes.
func TestAnAnswerOfMoreValuesThanAnyPageHasIsNotTakenApart(t *testing.T) {
	for _, value := range []string{"<member/>", "{},", "null,"} {
		body := strings.Repeat(value, maxValues+1)
		carry := &transport{next: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		}), may: reads}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://iam.example", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", "AWSIdentityStore.ListUsers")
		if _, err := carry.RoundTrip(req); err == nil || !strings.Contains(err.Error(), "more than 2000000 values") {
			t.Errorf("%s: %v", value, err)
		}
	}
}
