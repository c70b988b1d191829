package fakeokta

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
)

// size is a listing's page size: the vendor's maximum and default.
type size struct{ max, normal int }

// Page sizes as documented; the default of apps, -1, means all that fit.
var (
	userSize     = size{200, 200}
	groupSize    = size{10000, 10000}
	memberSize   = size{1000, 1000}
	ruleSize     = size{200, 50}
	appSize      = size{200, 200}
	groupAppSize = size{200, 20}
	appUserSize  = size{500, 50}
	appGroupSize = size{200, 20}
	grantSize    = size{200, 20}
	iamSize      = size{100, 100}
	logSize      = size{1000, 100}
)

// limit is the size of this page: as asked, within the vendor's maximum and
// the cap of the options.
func (c *call) limit(s size) int {
	n, err := strconv.Atoi(c.query.Get("limit"))
	if err != nil || n <= 0 {
		n = s.normal
	}
	n = min(n, s.max)
	if c.opts.MaxPage > 0 {
		n = min(n, c.opts.MaxPage)
	}
	return n
}

// cut takes one page out of rows that are sorted by key, and the cursor of
// the next. A cursor names the last row seen, so that rows which come and go
// between two pages neither repeat nor hide others.
func cut[T any](c *call, rows []T, key func(T) string, s size) (page []T, next string, bad bool) {
	start := 0
	if after := c.query.Get("after"); after != "" {
		last, err := base64.RawURLEncoding.DecodeString(after)
		if err != nil {
			return nil, "", true
		}
		at, found := slices.BinarySearchFunc(rows, string(last), func(row T, last string) int {
			return compare(key(row), last)
		})
		if found {
			at++
		}
		start = at
	}
	end := min(start+c.limit(s), len(rows))
	if end < len(rows) {
		next = base64.RawURLEncoding.EncodeToString([]byte(key(rows[end-1])))
	}
	return rows[start:end], next, false
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

func badCursor() reply {
	return refuse(http.StatusBadRequest, "E0000001", "Api validation failed: after")
}

// listed answers one page with its Link headers.
func listed[T, W any](c *call, rows []T, key func(T) string, wire func(T) W, s size) reply {
	page, next, bad := cut(c, rows, key, s)
	if bad {
		return badCursor()
	}
	return reply{status: http.StatusOK, body: each(page, wire), listed: true, next: next}
}

// each converts, and makes an empty list rather than null.
func each[T, W any](rows []T, wire func(T) W) []W {
	out := make([]W, 0, len(rows))
	for _, row := range rows {
		out = append(out, wire(row))
	}
	return out
}
