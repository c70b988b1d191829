// Package fakes3 is one S3 bucket in memory, spoken to over HTTP by the real
// SDK: versions, Object Lock, conditional writes, checksums, paged lists. It is
// the fast judge of the archive in S3.
//
// It must never be kinder than S3 where rollcall depends on it. It checks no
// signature and no right. Its one invariant: a version that is locked stays.
package fakes3

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options configure a bucket.
type Options struct {
	Bucket string
	// Now is the clock of the store, nil the real one.
	Now func() time.Time
	// Lock is whether the bucket was made with Object Lock.
	Lock bool
	// MaxPage caps every page of a list; 0 is S3's 1000.
	MaxPage int
}

// Version is one version of an object.
type Version struct {
	ID, ETag  string
	Body      []byte
	Header    http.Header // what the write asked for
	At        time.Time
	Deleted   bool // a delete marker
	Mode      string
	Until     time.Time
	LegalHold bool
}

// Server is the bucket; it is safe for parallel use.
type Server struct {
	mu      sync.Mutex
	opts    Options
	objects map[string][]Version // the newest last
	serial  int
}

// New makes an empty bucket.
func New(opts Options) *Server {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.MaxPage == 0 {
		opts.MaxPage = 1000
	}
	return &Server{opts: opts, objects: map[string][]Version{}}
}

// Versions are all versions of one object, the oldest first.
func (s *Server) Versions(key string) []Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.objects[key])
}

// Keys are the objects that are there, sorted.
func (s *Server) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys("")
}

func (s *Server) keys(prefix string) (keys []string) {
	for key := range s.objects {
		if _, there := s.current(key); there && strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (s *Server) current(key string) (Version, bool) {
	all := s.objects[key]
	if len(all) == 0 || all[len(all)-1].Deleted {
		return Version{}, false
	}
	return all[len(all)-1], true
}

// ServeHTTP implements http.Handler, with the bucket's name in the path.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Date", s.opts.Now().UTC().Format(http.TimeFormat))
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case bucket != s.opts.Bucket:
		refuse(w, http.StatusNotFound, "NoSuchBucket")
	case key == "" && r.Method == http.MethodGet && r.URL.Query().Has("versions"):
		s.listVersions(w, r)
	case key == "" && r.Method == http.MethodGet:
		s.list(w, r)
	case r.Method == http.MethodPut:
		s.put(w, r, key, body)
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		s.get(w, r, key)
	case r.Method == http.MethodDelete:
		s.remove(w, r, key)
	default:
		refuse(w, http.StatusNotImplemented, "NotImplemented")
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
}

// put holds the conditions, the checksum and the lock against the request.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
func (s *Server) put(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	now, there := s.current(key)
	sum := sha256.Sum256(body)
	checksum, locks := r.Header.Get("X-Amz-Checksum-Sha256"), locking(r.Header)
	switch {
	case r.Header.Get("If-None-Match") == "*" && there:
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	case r.Header.Get("If-Match") != "" && !there:
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	case r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != now.ETag:
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	case checksum != "" && checksum != base64.StdEncoding.EncodeToString(sum[:]):
		refuse(w, http.StatusBadRequest, "BadDigest")
		return
	case locks && (!s.opts.Lock || checksum == "" || r.Header.Get("X-Amz-Sdk-Checksum-Algorithm") == ""):
		refuse(w, http.StatusBadRequest, "InvalidRequest")
		return
	}
	v := s.version(r.Header, body)
	if locks && v.Mode != "" && !v.Until.After(s.opts.Now()) {
		refuse(w, http.StatusBadRequest, "InvalidArgument")
		return
	}
	s.objects[key] = append(s.objects[key], v)
	w.Header().Set("ETag", v.ETag)
	w.Header().Set("X-Amz-Version-Id", v.ID)
}

func locking(h http.Header) bool {
	return h.Get("X-Amz-Object-Lock-Mode") != "" || h.Get("X-Amz-Object-Lock-Legal-Hold") != ""
}

func (s *Server) version(asked http.Header, body []byte) Version {
	s.serial++
	until, _ := time.Parse(time.RFC3339, asked.Get("X-Amz-Object-Lock-Retain-Until-Date")) // zero: none
	return Version{ID: strconv.Itoa(s.serial), ETag: fmt.Sprintf(`"%x"`, md5.Sum(body)), Body: body, Header: asked.Clone(), At: s.opts.Now(),
		Mode: asked.Get("X-Amz-Object-Lock-Mode"), Until: until, LegalHold: asked.Get("X-Amz-Object-Lock-Legal-Hold") == "ON"}
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, key string) {
	v, there := s.current(key)
	if id := r.URL.Query().Get("versionId"); id != "" {
		at := slices.IndexFunc(s.objects[key], func(v Version) bool { return v.ID == id && !v.Deleted })
		if there = at >= 0; there {
			v = s.objects[key][at]
		}
	}
	if !there {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	for name, values := range v.Header {
		if strings.HasPrefix(name, "X-Amz-Meta-") || name == "X-Amz-Checksum-Sha256" {
			w.Header()[name] = values
		}
	}
	if v.Mode != "" {
		w.Header().Set("X-Amz-Object-Lock-Mode", v.Mode)
		w.Header().Set("X-Amz-Object-Lock-Retain-Until-Date", v.Until.UTC().Format(time.RFC3339))
	}
	if v.LegalHold {
		w.Header().Set("X-Amz-Object-Lock-Legal-Hold", "ON")
	}
	w.Header().Set("ETag", v.ETag)
	w.Header().Set("Last-Modified", v.At.UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Length", strconv.Itoa(len(v.Body)))
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(v.Body) // the client may be gone
}

// remove puts a delete marker, or removes a version that is not locked.
func (s *Server) remove(w http.ResponseWriter, r *http.Request, key string) {
	id := r.URL.Query().Get("versionId")
	if id == "" {
		s.serial++
		s.objects[key] = append(s.objects[key], Version{ID: strconv.Itoa(s.serial), At: s.opts.Now(), Deleted: true})
		w.WriteHeader(http.StatusNoContent)
		return
	}
	for n, v := range s.objects[key] {
		if v.ID != id {
			continue
		}
		if v.LegalHold || v.Until.After(s.opts.Now()) {
			refuse(w, http.StatusForbidden, "AccessDenied")
			return
		}
		s.objects[key] = slices.Delete(slices.Clone(s.objects[key]), n, n+1)
	}
	w.WriteHeader(http.StatusNoContent)
}

type listResult struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	IsTruncated           bool
	KeyCount              int
	NextContinuationToken string `xml:",omitempty"`
	Contents              []listed
}

type listed struct {
	Key, ETag, LastModified string
	Size                    int
}

// list is ListObjectsV2; the token is the last key of the page before.
func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("list-type") != "2" {
		refuse(w, http.StatusNotImplemented, "NotImplemented")
		return
	}
	var out listResult
	for _, key := range s.keys(q.Get("prefix")) {
		if key <= q.Get("continuation-token") {
			continue
		}
		if len(out.Contents) == s.opts.MaxPage {
			out.IsTruncated, out.NextContinuationToken = true, out.Contents[len(out.Contents)-1].Key
			break
		}
		v, _ := s.current(key)
		out.Contents = append(out.Contents, listed{key, v.ETag, v.At.UTC().Format(time.RFC3339), len(v.Body)})
	}
	out.KeyCount = len(out.Contents)
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(out) // the client may be gone
}

type versionsResult struct {
	XMLName       xml.Name `xml:"ListVersionsResult"`
	IsTruncated   bool
	Version       []listedVersion
	DeleteMarkers []listedVersion `xml:"DeleteMarker"`
}

type listedVersion struct {
	Key, VersionId, LastModified string
	IsLatest                     bool
}

// listVersions is ListObjectVersions, in one page.
func (s *Server) listVersions(w http.ResponseWriter, r *http.Request) {
	var out versionsResult
	for key, all := range s.objects {
		if !strings.HasPrefix(key, r.URL.Query().Get("prefix")) {
			continue
		}
		for n, v := range slices.Backward(all) {
			one := listedVersion{key, v.ID, v.At.UTC().Format(time.RFC3339), n == len(all)-1}
			if v.Deleted {
				out.DeleteMarkers = append(out.DeleteMarkers, one)
			} else {
				out.Version = append(out.Version, one)
			}
		}
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(out) // the client may be gone
}
