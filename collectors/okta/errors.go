package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/okta/okta-sdk-golang/v2/okta"
)

// apiError is a refusal by Okta. The SDK's own error has no HTTP status.
// https://developer.okta.com/docs/reference/error-codes/
type apiError struct {
	method, path string
	status       int
	code         string // such as E0000006
	summary      string
	requestID    string
}

func (e *apiError) Error() string {
	text := fmt.Sprintf("%s %s: %d %s %s", e.method, e.path, e.status, e.code, e.summary)
	if e.requestID != "" {
		text += " (request " + e.requestID + ")"
	}
	return strings.Join(strings.Fields(text), " ")
}

// MayHaveWorked reports whether Okta may have done what was asked all the same.
func (e *apiError) MayHaveWorked() bool { return e.status >= http.StatusInternalServerError }

// but adds why a refusal could not be outwaited.
func (e *apiError) but(wait error) *apiError {
	e.summary += "; " + wait.Error()
	return e
}

// statusOf gives the HTTP status of a refusal, 0 for any other error.
func statusOf(err error) int {
	var refused *apiError
	if errors.As(err, &refused) {
		return refused.status
	}
	return 0
}

// failure makes an error of what the SDK returned: Okta's refusal with its
// status, or what went wrong on the way, and never the token. Of the original
// only the context's end can be asked for.
func (c *client) failure(method, path string, resp *okta.Response, err error) error {
	path = c.redact(path) // that of a next page is Okta's own word
	var refused *okta.Error
	if errors.As(err, &refused) && resp != nil && resp.Response != nil {
		return &apiError{
			method: method, path: path, status: resp.StatusCode, code: c.redact(refused.ErrorCode),
			summary: c.redact(summary(refused) + missingScope(resp.Header)), requestID: c.redact(resp.Header.Get("X-Okta-Request-Id")),
		}
	}
	var own *apiError
	var unsigned *tokenError
	switch {
	case errors.As(err, &own):
		own.summary, own.requestID = c.redact(own.summary), c.redact(own.requestID)
		return own
	case errors.As(err, &unsigned):
		err = unsigned
	case errors.Is(err, context.Canceled):
		return unanswered{fmt.Errorf("%s %s: %w", method, path, context.Canceled)}
	case errors.Is(err, context.DeadlineExceeded):
		return unanswered{fmt.Errorf("%s %s: %w", method, path, context.DeadlineExceeded)}
	}
	var lost *lostError
	if errors.As(err, &lost) {
		return unanswered{fmt.Errorf("%s %s: %s", method, path, c.redact(lost.Error()))}
	}
	return fmt.Errorf("%s %s: %s", method, path, c.redact(err.Error()))
}

func summary(e *okta.Error) string {
	for _, text := range []string{e.ErrorSummary, e.ErrorDescription, e.ErrorMessage} {
		if text = strings.TrimPrefix(text, ", "); text != "" {
			return text
		}
	}
	return "no reason given"
}

// lostError says that no usable answer came. It hides its cause on purpose:
// the SDK retries whatever is io.EOF for ever, writes too.
type lostError struct{ says string }

func (e *lostError) Error() string { return e.says }

// unanswered is a request of which nobody knows what became of it.
type unanswered struct{ error }

// MayHaveWorked reports that Okta may have done what was asked.
func (unanswered) MayHaveWorked() bool { return true }

func (u unanswered) Unwrap() error { return errors.Unwrap(u.error) }

func lost(format string, args ...any) error { return &lostError{fmt.Sprintf(format, args...)} }

// scopeNeeded is where Okta says which scope a request lacks; the body of such
// a refusal says nothing.
// https://github.com/okta/okta-sdk-golang/issues/145
var scopeNeeded = regexp.MustCompile(`[ ,]scope="([^"]*)"`)

func missingScope(h http.Header) string {
	said := h.Get("Www-Authenticate")
	if found := scopeNeeded.FindStringSubmatch(said); found != nil && strings.Contains(said, `error="insufficient_scope"`) {
		return " (it needs " + found[1] + ")"
	}
	return ""
}

// denied reports a refusal for want of rights.
func denied(err error) bool {
	status := statusOf(err)
	return status == http.StatusForbidden || status == http.StatusUnauthorized
}
