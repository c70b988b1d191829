package faults

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Path matches a method ("" is any) and a path: a pattern that holds an
// asterisk must match the whole path (an asterisk stays within one segment),
// any other is looked for inside it.
func Path(method, pattern string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		if method != "" && r.Method != method {
			return false
		}
		if !strings.Contains(pattern, "*") {
			return strings.Contains(r.URL.Path, pattern)
		}
		ok, err := path.Match(pattern, r.URL.Path)
		return err == nil && ok
	}
}

// Query matches requests whose query parameter has this value.
func Query(name, value string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.URL.Query().Get(name) == value }
}

// Action matches an AWS operation.
func Action(name string) func(*http.Request) bool {
	return func(r *http.Request) bool { return ActionOf(r) == name }
}

// ActionOf names the AWS operation of a request, whether a form's Action (IAM, STS)
// or the X-Amz-Target header (Organizations, SSO, Identity Store) has it; "" if
// neither does. The body is left as it was.
func ActionOf(r *http.Request) string {
	if to := r.Header.Get("X-Amz-Target"); to != "" {
		return to[strings.LastIndex(to, ".")+1:]
	}
	return form(r).Get("Action")
}

// Both matches what both match.
func Both(a, b func(*http.Request) bool) func(*http.Request) bool {
	return func(r *http.Request) bool { return a(r) && b(r) }
}

// form reads an AWS query request without consuming its body.
func form(r *http.Request) url.Values {
	values := r.URL.Query()
	if r.Body == nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return values
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return values
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	posted, err := url.ParseQuery(string(body))
	if err != nil {
		return values
	}
	for name, all := range posted {
		values[name] = all
	}
	return values
}
