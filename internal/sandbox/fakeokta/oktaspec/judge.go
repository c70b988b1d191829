package oktaspec

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Judge passes requests on to next and fails t for each that Okta's
// description does not allow, and for each answer that it does not promise.
// Answers are held back until they are judged, so a violation is reported
// before the client sees it. Faults belong outside: faults.New(Judge(t, okta)).
func Judge(t testing.TB, next http.Handler) http.Handler {
	t.Helper()
	found, err := router()
	if err != nil {
		t.Fatalf("okta description: %v", err)
	}
	return &judge{t: t, next: next, router: found}
}

type judge struct {
	t      testing.TB
	next   http.Handler
	router routers.Router
}

func (j *judge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked, ok := j.request(r)
	held := &answer{writer: w, header: w.Header(), status: http.StatusOK}
	j.next.ServeHTTP(held, r)
	if held.hijacked {
		return
	}
	if ok {
		j.answer(asked, held)
	}
	held.release()
}

// options read the description strictly; who is asking is the server's affair.
var options = &openapi3filter.Options{
	IncludeResponseStatus: true,
	MultiError:            true,
	SkipSettingDefaults:   true,
	AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
}

// request judges what the client sent and puts the body back.
func (j *judge) request(r *http.Request) (*openapi3filter.RequestValidationInput, bool) {
	route, params, err := j.router.FindRoute(r)
	if err != nil {
		j.t.Errorf("okta does not describe %s %s: %v", r.Method, r.URL.Path, err)
		return nil, false
	}
	var body []byte
	if r.Body != nil {
		body, err = io.ReadAll(r.Body)
		if err != nil {
			j.t.Errorf("read body of %s %s: %v", r.Method, r.URL.Path, err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(context.WithoutCancel(r.Context()), input); err != nil {
		j.t.Errorf("request against okta's description: %s %s: %v", r.Method, r.URL, err)
	}
	j.unknownParameters(r, route)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return input, true
}

// unknownParameters closes a gap of kin-openapi, which ignores query
// parameters that the description does not have.
func (j *judge) unknownParameters(r *http.Request, route *routers.Route) {
	known := map[string]bool{}
	for _, list := range []openapi3.Parameters{route.PathItem.Parameters, route.Operation.Parameters} {
		for _, p := range list {
			if p.Value.In == openapi3.ParameterInQuery {
				known[p.Value.Name] = true
			}
		}
	}
	query := r.URL.Query()
	names := make([]string, 0, len(query))
	for name := range query {
		if !known[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		j.t.Errorf("okta does not describe the query parameter %q of %s %s", name, r.Method, r.URL.Path)
	}
}

func (j *judge) answer(asked *openapi3filter.RequestValidationInput, held *answer) {
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: asked,
		Status:                 held.status,
		Header:                 held.header,
		Body:                   io.NopCloser(bytes.NewReader(held.body.Bytes())),
		Options:                options,
	}
	if err := openapi3filter.ValidateResponse(context.WithoutCancel(asked.Request.Context()), input); err != nil {
		j.t.Errorf("answer against okta's description: %s %s: %d: %v", asked.Request.Method, asked.Request.URL, held.status, err)
	}
}

// answer holds an answer back.
type answer struct {
	writer   http.ResponseWriter
	header   http.Header
	status   int
	wrote    bool
	body     bytes.Buffer
	hijacked bool
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if !a.wrote {
		a.status, a.wrote = status, true
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.wrote = true
	return a.body.Write(p)
}

// Hijack gives the connection to a handler that drops it: no answer, nothing
// to judge.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.hijacked = true
	return http.NewResponseController(a.writer).Hijack()
}

func (a *answer) release() {
	a.writer.WriteHeader(a.status)
	// The client may be gone; what it missed was judged.
	_, _ = a.writer.Write(a.body.Bytes())
}
