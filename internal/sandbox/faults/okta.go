package faults

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// OktaError refuses with an error in Okta's format, as in
// OktaError(403, "E0000006", "You do not have permission ...").
func OktaError(code int, errorCode, summary string) Rule {
	body := fmt.Sprintf(`{"errorCode":%q,"errorSummary":%q,"errorLink":%q,"errorId":"oaefault000000000000","errorCauses":[]}`,
		errorCode, summary, errorCode)
	return Rule{Kind: Status, Code: code, Body: body}
}

// OktaThrottle refuses with 429 and the headers by which Okta says when to
// come back: reset is Date plus wait, in whole seconds. A limit of 0 means
// that the concurrency limit was hit and the reset is only a hint.
func OktaThrottle(limit int, date time.Time, wait time.Duration) Rule {
	rule := OktaError(http.StatusTooManyRequests, "E0000047", "API call exceeded rate limit due to too many requests.")
	rule.Header = http.Header{
		"Date":                   {date.UTC().Format(http.TimeFormat)},
		"X-Rate-Limit-Limit":     {strconv.Itoa(limit)},
		"X-Rate-Limit-Remaining": {"0"},
		"X-Rate-Limit-Reset":     {strconv.FormatInt(date.Add(wait).Unix(), 10)},
	}
	return rule
}

// OktaExpired refuses as Okta does once a token has ended.
// https://developer.okta.com/docs/reference/error-codes/#E0000011
func OktaExpired() Rule {
	return OktaError(http.StatusUnauthorized, "E0000011", "Invalid token provided")
}

// Unavailable refuses as a load balancer does: 503 and a page of HTML.
func Unavailable() Rule {
	return Rule{
		Kind:   Status,
		Code:   http.StatusServiceUnavailable,
		Header: http.Header{"Content-Type": {"text/html"}},
		Body:   "<html><body><h1>503 Service Unavailable</h1></body></html>",
	}
}
