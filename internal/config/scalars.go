package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"rollcall/internal/zones"
)

// rule refuses a text: it says what is allowed, or nothing when the text is good.
type rule func(string) string

// text reads one line of text.
func (r *reader) text(dst *string, rules ...rule) func(value) {
	return func(v value) {
		s, ok := r.plain(v)
		if !ok {
			return
		}
		for _, allowed := range append([]rule{oneLine}, rules...) {
			if says := allowed(s); says != "" {
				r.failValue(v, fmt.Sprintf("%s is %s", v.path, shown(s)), "write "+says)
				return
			}
		}
		*dst = s
	}
}

// plain gives the text of a node. A number is refused: YAML would turn the
// employee id 0012 into 10.
func (r *reader) plain(v value) (string, bool) {
	n, ok := v.node.(*ast.StringNode)
	if ok {
		return n.Value, true
	}
	mend := "write it on the same line"
	if n, ok := v.node.(ast.ScalarNode); ok && kind(n) != "nothing" {
		mend = "put it in quotes"
	}
	r.failValue(v, fmt.Sprintf("%s has to be text, found %s", v.path, kind(v.node)), mend)
	return "", false
}

// shown quotes what was seen, but for an address with a name or password in it.
func shown(s string) string {
	if strings.Contains(s, "://") && strings.Contains(s, "@") {
		return "an address with a name or password in it (not shown here)"
	}
	return fmt.Sprintf("%q", s)
}

func oneLine(s string) string {
	if s == "" || s != strings.TrimSpace(s) || strings.ContainsAny(s, "\r\n\x00") {
		return "one line that is not empty, or remove the key"
	}
	return ""
}

func matches(pattern, allowed string) rule {
	re := regexp.MustCompile(`^(?:` + pattern + `)$`)
	return func(s string) string {
		if re.MatchString(s) {
			return ""
		}
		return allowed
	}
}

func oneOf(words ...string) rule {
	return func(s string) string {
		if slices.Contains(words, s) {
			return ""
		}
		return "one of: " + strings.Join(words, ", ")
	}
}

func timezone(s string) string {
	if _, err := zones.Load(s); err != nil {
		return "the IANA name of the zone in which your working days end, such as Europe/Amsterdam"
	}
	return ""
}

func folder(s string) string {
	if strings.Contains(s, "://") {
		return "a folder"
	}
	return ""
}

// Names of buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var bucketURL = regexp.MustCompile(`^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.=-]+)*/?$`)

func folderOrBucket(s string) string {
	if strings.Contains(s, "://") && !bucketURL.MatchString(s) {
		return "a folder, or s3://bucket/prefix (lower-case bucket; letters, digits and . _ - in the prefix)"
	}
	return ""
}

var region = matches(`[a-z]{2,}(-[a-z]+)+-\d`, "a region, such as eu-west-1")

// texts reads a list of texts, none of them twice.
func (r *reader) texts(dst *[]string) func(value) {
	return func(v value) {
		items, _ := r.list(v)
		for _, item := range items {
			var s string
			r.text(&s)(item)
			if s != "" && slices.Contains(*dst, s) {
				r.failValue(item, fmt.Sprintf("%q is twice in %s", s, v.path), "remove one of them")
				continue
			}
			if s != "" {
				*dst = append(*dst, s)
			}
		}
	}
}

// number reads a whole number from low to high; why says what the bounds mean.
func (r *reader) number(dst *int, low, high int, why string) func(value) {
	return func(v value) {
		n, err := wholeNumber(v.node)
		if err != nil {
			r.failValue(v, fmt.Sprintf("%s has to be a whole number, found %s", v.path, kind(v.node)), fmt.Sprintf("write a number from %d to %d", low, high))
			return
		}
		if n < int64(low) || n > int64(high) {
			r.failValue(v, fmt.Sprintf("%s is %d: %s", v.path, n, why), fmt.Sprintf("write a number from %d to %d", low, high))
			return
		}
		*dst = int(n)
	}
}

func wholeNumber(node ast.Node) (int64, error) {
	n, ok := node.(*ast.IntegerNode)
	if !ok {
		return 0, fmt.Errorf("not a number")
	}
	switch i := n.Value.(type) {
	case int64:
		return i, nil
	case uint64:
		return int64(min(i, 1<<31)), nil
	}
	return 0, fmt.Errorf("not a number")
}

// A share of 100 % can never be exceeded and a floor of thousands is never
// reached: both are ways to switch a guard off, and so is 0 in other tools.
const switchedOff = "this would switch the guard off, and a guard cannot be switched off"

func (r *reader) percent(dst *int) func(value) { return r.number(dst, 1, 99, switchedOff) }

func (r *reader) days(dst *int) func(value) {
	return r.number(dst, 1, 3650, "that is no useful number of days")
}

func (r *reader) count(dst *int) func(value) { return r.number(dst, 1, 100, switchedOff) }

// share reads a number above 0, up to 1.
func (r *reader) share(dst *float64) func(value) {
	return func(v value) {
		var share float64
		switch n := v.node.(type) {
		case *ast.FloatNode:
			share = n.Value
		case *ast.IntegerNode:
			whole, _ := wholeNumber(n)
			share = float64(whole)
		default:
			r.failValue(v, fmt.Sprintf("%s has to be a number, found %s", v.path, kind(v.node)), "write a part such as 0.4")
			return
		}
		if !(share > 0 && share <= 1) {
			r.failValue(v, fmt.Sprintf("%s is %v", v.path, share), "write a part above 0, up to 1, such as 0.4 (40 %)")
			return
		}
		*dst = share
	}
}

func (r *reader) yesNo(dst *bool) func(value) {
	return func(v value) {
		n, ok := v.node.(*ast.BoolNode)
		if !ok {
			r.failValue(v, fmt.Sprintf("%s has to be true or false, found %s", v.path, kind(v.node)), "write true or false")
			return
		}
		*dst = n.Value
	}
}

// duration reads a time span such as 24h.
func (r *reader) duration(dst *time.Duration, low, high time.Duration) func(value) {
	return func(v value) {
		var s string
		r.text(&s)(v)
		if s == "" {
			return
		}
		d, err := time.ParseDuration(s)
		if err != nil || d < low || d > high {
			r.failValue(v, fmt.Sprintf("%s is %q", v.path, s), fmt.Sprintf("write a time span from %s to %s, such as 24h or 90m", low, high))
			return
		}
		*dst = d
	}
}

// day reads a day as its midnight in UTC.
func (r *reader) day(dst *time.Time) func(value) {
	return func(v value) {
		s, ok := r.plain(v)
		if !ok {
			return
		}
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			r.failValue(v, fmt.Sprintf("%s is %s", v.path, shown(s)), "write a date as 2026-03-31")
			return
		}
		*dst = day
	}
}
