package okta

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// maxPages ends a listing that never ends: at 200 users a page, far beyond
// the largest organisation.
const maxPages = 20_000

// maxListed ends a listing whose pages are few and fat: a million users with ten
// kilobytes of profile each are 10 GB. What a list keeps of each row is far less.
const maxListed = 16 << 30 // bytes, of all pages of one list

// maxRows ends one whose rows are many and small: as many as that many pages of users.
const maxRows = maxPages * 200

// listing is what was read of one list.
type listing struct {
	pages  int
	sha256 string // over the raw pages, in order
}

// pager finds the address of the next page in an answer; empty is the end.
type pager func(page) (string, error)

// list follows a list to its last page and decodes each page into rows, each of which
// has to name something: that one is not among them must never rest on a row that does
// not say what it is.
func list[T named](ctx context.Context, c *client, first string, header http.Header) ([]T, listing, error) {
	var rows []T
	seen, err := c.walk(ctx, first, header, nextInHeader, func(path string, body []byte) (string, error) {
		var some []T
		if err := decode(path, body, &some); err != nil {
			return "", err
		}
		for i, row := range some {
			if row.named() == "" {
				return "", fmt.Errorf("read answer of %s: row %d names nothing", path, i+1)
			}
		}
		if rows = append(rows, some...); len(rows) > c.maxRows {
			return "", c.tooMany(first)
		}
		return begins(some), nil
	})
	return rows, seen, err
}

func (c *client) tooMany(list string) error {
	return fmt.Errorf("list %s: more than %d rows, which is more than the largest organisation has", list, c.maxRows)
}

// begins is what the first row of a page is about, by which pages are told apart.
func begins[T named](page []T) string {
	if len(page) == 0 {
		return ""
	}
	return page[0].named()
}

// taker takes in a page, and says with what it begins.
type taker func(path string, body []byte) (begins string, err error)

// walk reads page after page. An address that comes twice ends it with an
// error, as does a next page anywhere but in the same organisation's API, and a page
// that comes again under another address: in its place stood one that was never seen.
func (c *client) walk(ctx context.Context, first string, header http.Header, next pager, take taker) (listing, error) {
	digest := sha256.New()
	seen, begun := map[string]bool{}, map[string]bool{}
	var bytes int64
	for path := first; path != ""; {
		if seen[path] {
			return listing{}, fmt.Errorf("list %s: page %d points back to %s, so its end was never seen", first, len(seen), c.redact(path))
		}
		if len(seen) >= c.maxPages {
			return listing{}, fmt.Errorf("list %s: no end after %d pages, which is more than the largest organisation has", first, c.maxPages)
		}
		seen[path] = true
		p, err := c.get(ctx, path, header)
		if err != nil {
			return listing{}, err
		}
		if bytes += int64(len(p.body)); bytes > c.maxListed {
			return listing{}, fmt.Errorf("list %s: no end after %d pages with %d bytes, which is more than the largest organisation has", first, len(seen), bytes)
		}
		begins, err := take(path, p.body)
		if err == nil && begins != "" && begun[begins] {
			err = fmt.Errorf("list %s: page %d begins with %s, as an earlier one did, so that a page was not seen", first, len(seen), c.redact(begins))
		}
		if err != nil {
			return listing{}, err
		}
		begun[begins] = true
		digest.Write(p.body)
		raw, err := next(p)
		if err == nil {
			path, err = c.follow(raw)
		}
		if err != nil {
			return listing{}, fmt.Errorf("list %s: %s", first, c.redact(err.Error()))
		}
	}
	return listing{pages: len(seen), sha256: hex.EncodeToString(digest.Sum(nil))}, nil
}

// follow turns the address of a next page into a path of this organisation.
func (c *client) follow(raw string) (string, error) {
	if raw == "" {
		return "", nil
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "", fmt.Errorf("the link to the next page is broken: %w", err)
	case u.Scheme != c.org.Scheme || u.Host != c.org.Host || u.User != nil:
		return "", fmt.Errorf("the link to the next page leads to %s, not to %s", u.Host, c.org.Host)
	case !strings.HasPrefix(u.EscapedPath(), "/api/v1/") || strings.Contains(u.Path, ".."):
		return "", fmt.Errorf("the link to the next page leads to %s, which is not the API", u.EscapedPath())
	}
	return u.RequestURI(), nil
}

// nextInHeader is how most of Okta pages.
// https://developer.okta.com/docs/reference/core-okta-api/#pagination
func nextInHeader(p page) (string, error) { return nextLink(p.header[ownLink]) }

// nextInBody is how the iam endpoints page.
func nextInBody(p page) (string, error) {
	var body struct {
		Links struct {
			Next struct {
				Href string `json:"href"`
			} `json:"next"`
		} `json:"_links"`
	}
	err := decode("links", p.body, &body)
	return body.Links.Next.Href, err
}

// nextLink finds rel="next" among Link headers (RFC 8288), also when a proxy
// folded them into one.
func nextLink(headers []string) (string, error) {
	next := ""
	for _, rest := range headers {
		for strings.Trim(rest, " \t,") != "" {
			target, rel, tail, err := cutLink(rest)
			if err != nil {
				return "", err
			}
			if strings.EqualFold(rel, "next") {
				if next != "" && next != target {
					return "", fmt.Errorf("two links to the next page")
				}
				next = target
			}
			rest = tail
		}
	}
	return next, nil
}

// cutLink takes the first <target>; rel="..." off a list of them.
func cutLink(s string) (target, rel, tail string, err error) {
	s = strings.TrimLeft(s, " \t,")
	if !strings.HasPrefix(s, "<") {
		return "", "", "", fmt.Errorf("a Link header is broken: %.40q", s)
	}
	target, params, ok := strings.Cut(s[1:], ">")
	if !ok {
		return "", "", "", fmt.Errorf("a Link header is broken: %.40q", s)
	}
	params, tail = untilComma(params)
	for _, param := range strings.Split(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if strings.EqualFold(strings.TrimSpace(name), "rel") && rel == "" {
			rel = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return target, rel, tail, nil
}

// untilComma cuts at the first comma outside quotes.
func untilComma(s string) (before, after string) {
	quoted := false
	for i, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
