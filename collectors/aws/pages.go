package aws

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
)

// page is what pages has to know of one: where the next is, how many records it has, and
// the id of the first, by which it is told from the others.
type page struct {
	next  *string
	first string
	rows  int
}

// maxPages ends a list that never ends. The longest pages by the hundred: a million users
// of Identity Center are 10,000.
const maxPages = 100_000

// maxRecords ends a list whose pages are few and fat: as many as that many pages hold.
const maxRecords = maxPages * 100

// maxListed is how many bytes all answers to one list have at the most: a million users
// with all that IAM tells of each are 4 GB.
const maxListed = 16 << 30

// listSize counts what the answers to one list have together.
type listSize struct{ bytes atomic.Int64 }

type listSizeKey struct{}

// sizeOf gives the count of the list that is being read, or nil.
func sizeOf(ctx context.Context) *listSize {
	s, _ := ctx.Value(listSizeKey{}).(*listSize)
	return s
}

func (s *listSize) add(bytes int) {
	if s != nil {
		s.bytes.Add(int64(bytes))
	}
}

// pages calls fetch until there is no next page. The SDK's own paginators end
// quietly at a repeated token, and at a truncated page without a marker: both
// would be a shorter list called complete, so here they are errors, and so is
// a page that comes twice.
func pages(ctx context.Context, fetch func(ctx context.Context, token *string) (page, error)) error {
	tokens, firsts := map[string]bool{}, map[string]bool{}
	var token *string
	size, records := &listSize{}, 0
	ctx = context.WithValue(ctx, listSizeKey{}, size)
	for range maxPages {
		p, err := fetch(ctx, token)
		if err != nil {
			return err
		}
		if size.bytes.Load() > maxListed {
			return fmt.Errorf("more than %d bytes, which is more than the largest organization has: the list cannot be read to its end", int64(maxListed))
		}
		if p.first != "" && firsts[p.first] {
			return fmt.Errorf("the page that begins with %q came twice: the list cannot be read to its end", p.first)
		}
		firsts[p.first] = true
		if records += p.rows; records > maxRecords {
			return fmt.Errorf("more than %d records, which is more than the largest organization has: the list cannot be read to its end", maxRecords)
		}
		if sdk.ToString(p.next) == "" {
			return nil
		}
		if tokens[*p.next] {
			return fmt.Errorf("the page token %q came twice: the list cannot be read to its end", *p.next)
		}
		tokens[*p.next] = true
		token = p.next
	}
	return fmt.Errorf("no end after %d pages, which is more than the largest organization has: the list cannot be read to its end", maxPages)
}

// first gives the id of the first record of a page.
func first[T any](list []T, id func(T) *string) string {
	if len(list) == 0 {
		return ""
	}
	return sdk.ToString(id(list[0]))
}

// self is the id of what is nothing but an id.
func self(id string) *string { return &id }

// listed gives the next page of a service that pages by tokens. An empty list is
// written as one: without any the answer says nothing of what there is, and so does a
// row without an id.
func listed[T any](next *string, list []T, what string, id func(T) *string) (page, error) {
	for i, row := range list {
		if sdk.ToString(id(row)) == "" {
			return page{}, fmt.Errorf("number %d of the %s in the answer has no id", i+1, what)
		}
	}
	return page{next, first(list, id), len(list)}, present(list, what)
}

// marked gives IAM's next page. A marker is followed also where the page says that it
// is the last one.
func marked[T any](truncated bool, next *string, list []T, what string, id func(T) *string) (page, error) {
	if truncated && sdk.ToString(next) == "" {
		return page{}, errors.New("a truncated page has no marker: the list cannot be read to its end")
	}
	return listed(next, list, what, id)
}

// present tells an empty list from an answer without any list.
func present[T any](list []T, what string) error {
	if list == nil {
		return fmt.Errorf("the answer has no %s at all, not even none: what there is cannot be told", what)
	}
	return nil
}

// theirs refuses a list of somebody else's credentials: it would be the
// caller's own, had the user's name been lost on the way.
func theirs[T any](list []T, user string, owner func(T) *string) error {
	for _, item := range list {
		if name := sdk.ToString(owner(item)); name != "" && name != user {
			return fmt.Errorf("asked for the credentials of %s and was given those of %s", user, name)
		}
	}
	return nil
}
