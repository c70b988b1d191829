package faults

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// work lets the handler do the request and keeps the answer.
func (in *Injector) work(r *http.Request) Answer {
	rec := httptest.NewRecorder()
	in.next.ServeHTTP(rec, r)
	return Answer{Code: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes()}
}

func (a Answer) clone() Answer {
	return Answer{Code: a.Code, Header: a.Header.Clone(), Body: slices.Clone(a.Body)}
}

func (a Answer) equal(b Answer) bool {
	return a.Code == b.Code && bytes.Equal(a.Body, b.Body) && maps.EqualFunc(a.Header, b.Header, slices.Equal)
}

func send(w http.ResponseWriter, a Answer) {
	header(w, a)
	w.WriteHeader(a.Code)
	// The client may be gone; that is its own business.
	_, _ = w.Write(a.Body)
}

func header(w http.ResponseWriter, a Answer) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
}

func refuse(rule Rule, w http.ResponseWriter) {
	a := Answer{Code: rule.Code, Header: rule.Header.Clone(), Body: []byte(rule.Body)}
	if a.Code == 0 {
		a.Code = http.StatusInternalServerError
	}
	if a.Header.Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	send(w, a)
}

// cut sends half of what it announces; of an answer without a body there is
// no half, so all of it is lost.
func cut(w http.ResponseWriter, a Answer) {
	if len(a.Body) == 0 {
		closeNow(w)
		return
	}
	header(w, a)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Code)
	_, _ = w.Write(a.Body[:len(a.Body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// stall sends half of what it announces, and the rest after the delay to a
// client that is still there.
func (in *Injector) stall(w http.ResponseWriter, r *http.Request, delay time.Duration, released <-chan struct{}) {
	a := in.work(r)
	header(w, a)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	half := len(a.Body) / 2
	if half > 0 {
		w.WriteHeader(a.Code)
		_, _ = w.Write(a.Body[:half])
		_ = http.NewResponseController(w).Flush()
	}
	if !wait(r, delay, released) {
		return
	}
	if half == 0 {
		w.WriteHeader(a.Code)
	}
	_, _ = w.Write(a.Body[half:])
}

func empty(a Answer) Answer {
	a.Code, a.Body = http.StatusOK, nil
	a.Header.Del("Content-Length")
	return a
}

// closeNow drops the connection without a byte of an answer.
func closeNow(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.Close()
}

// wait reports whether the delay passed, or was released, before the client
// gave up. The body is read first: net/http notices a vanished client only
// after that.
func wait(r *http.Request, delay time.Duration, released <-chan struct{}) bool {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-released:
		return true
	case <-r.Context().Done():
		return false
	}
}

func folded(a Answer) Answer {
	if links := a.Header.Values("Link"); len(links) > 0 {
		a.Header.Set("Link", strings.Join(links, ", "))
	}
	return a
}

var target = regexp.MustCompile(`<[^>]*>`)

// repeated leads back to the page itself: in the Link header, and in the
// body's _links of endpoints that page there.
func repeated(r *http.Request, a Answer) Answer {
	a.Body = repeatedBody(r, a.Body)
	links := a.Header.Values("Link")
	self := ""
	for _, link := range links {
		if strings.Contains(link, `rel="self"`) {
			self = target.FindString(link)
		}
	}
	for i, link := range links {
		if self != "" && strings.Contains(link, `rel="next"`) {
			links[i] = target.ReplaceAllLiteralString(link, self)
		}
	}
	return a
}

func repeatedBody(r *http.Request, body []byte) []byte {
	var page map[string]json.RawMessage
	var links map[string]map[string]any
	if json.Unmarshal(body, &page) != nil || json.Unmarshal(page["_links"], &links) != nil || links["next"] == nil {
		return body
	}
	links["next"]["href"] = "http://" + r.Host + r.URL.RequestURI()
	var err error
	if page["_links"], err = json.Marshal(links); err != nil {
		return body
	}
	out, err := json.Marshal(page)
	if err != nil {
		return body
	}
	return out
}
