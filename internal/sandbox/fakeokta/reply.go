package fakeokta

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// reply is what a handler says; encode turns it into an answer.
type reply struct {
	status int
	body   any    // nil is no body
	listed bool   // a page: gets a self link
	next   string // cursor of the next page; empty is the last
}

type errorWire struct {
	ErrorCode    string       `json:"errorCode"`
	ErrorSummary string       `json:"errorSummary"`
	ErrorLink    string       `json:"errorLink"`
	ErrorID      string       `json:"errorId"`
	ErrorCauses  []errorCause `json:"errorCauses"`
}

type errorCause struct {
	ErrorSummary string `json:"errorSummary"`
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

func done() reply { return reply{status: http.StatusNoContent} }

// refuse is an error in Okta's format.
// https://developer.okta.com/docs/reference/error-codes/
func refuse(status int, code, summary string, causes ...string) reply {
	body := &errorWire{ErrorCode: code, ErrorSummary: summary, ErrorLink: code, ErrorCauses: []errorCause{}}
	for _, cause := range causes {
		body.ErrorCauses = append(body.ErrorCauses, errorCause{cause})
	}
	return reply{status: status, body: body}
}

func notFound(id, kind string) reply {
	return refuse(http.StatusNotFound, "E0000007", fmt.Sprintf("Not found: Resource not found: %s (%s)", id, kind))
}

func forbidden() reply {
	return refuse(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
}

func invalid(what, cause string) reply {
	return refuse(http.StatusBadRequest, "E0000001", "Api validation failed: "+what, cause)
}

func (a reply) encode(c *call, h http.Header) (int, []byte) {
	if a.listed {
		c.links(h, a.next)
	}
	if a.body == nil {
		return a.status, nil
	}
	if failure, is := a.body.(*errorWire); is {
		failure.ErrorID = fmt.Sprintf("oae%017d", c.serial)
	}
	h.Set("Content-Type", "application/json")
	body, err := json.Marshal(a.body)
	if err != nil {
		// Only a profile can hold what JSON cannot, and the builder put it there.
		return http.StatusInternalServerError, []byte(`{"errorCode":"E0000009","errorSummary":"Internal Server Error"}`)
	}
	return a.status, body
}

// links are two headers, as Okta sends them, never one with a comma.
func (c *call) links(h http.Header, next string) {
	h.Add("Link", fmt.Sprintf(`<%s>; rel="self"`, c.self()))
	if next != "" {
		h.Add("Link", fmt.Sprintf(`<%s>; rel="next"`, c.following(next)))
	}
}

func (c *call) self() string { return c.base + c.r.URL.RequestURI() }

func (c *call) following(cursor string) string {
	query := url.Values{}
	for name, values := range c.query {
		query[name] = values
	}
	query.Set("after", cursor)
	return c.base + c.r.URL.Path + "?" + query.Encode()
}
