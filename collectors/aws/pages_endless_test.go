package aws

import (
	"strconv"
	"strings"
	"testing"
)

// Pages without a row repeat no record, and new tokens repeat no token.
func TestAListOfNewTokensForEverIsGivenUp(t *testing.T) {
	n := 0
	err := pages(func(*string) (page, error) {
		n++
		next := strconv.Itoa(n)
		return page{next: &next}, nil
	})
	if err == nil || n != maxPages || !strings.Contains(err.Error(), "no end after 100000 pages") {
		t.Errorf("after %d pages: %v", n, err)
	}
}
