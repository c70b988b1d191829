package main

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/deploytest"
	"rollcall/internal/sandbox/fakes3"
)

// A job that only tells people gets a role that can forge no night: what it sends is what
// deploy/aws/archive.yaml lets it, no more and no less.
func TestTheRoleOfNoticesMayWhatNoticesSendsAndNothingElse(t *testing.T) {
	w, r := newTownThatTells(t)
	var mu sync.Mutex
	asked := map[string]bool{}
	s3 := fakes3.New(fakes3.Options{Bucket: "evidence", Lock: true, MaxPage: 50})
	w.inBucket(serve(t, http.HandlerFunc(func(to http.ResponseWriter, q *http.Request) {
		mu.Lock()
		maps.Copy(asked, rightsOfNotices(q))
		mu.Unlock()
		s3.ServeHTTP(to, q)
	})))
	w.rewrites("rollcall.yaml", "s3: {", "s3: {kms_key: alias/rollcall, legal_hold: true, ")
	for _, before := range []string{"archive", "reports"} { // of the night before there was a bucket
		if err := os.RemoveAll(filepath.Join(w.dir, before)); err != nil {
			t.Fatal(err)
		}
	}
	w.watched()
	w.leave("mia")
	w.refusesSuspension()
	w.want(w.night("nightly"), exitFailed)
	r.took("v2")
	w.clock.pass(31 * time.Minute)
	w.elsewhere()
	mu.Lock()
	clear(asked)
	mu.Unlock()
	w.want(w.notices("send"), exitDone, "told on_call by pager (again)")

	template, err := deploytest.Load(deploytest.Dir(2), "archive.yaml")
	if err != nil {
		t.Fatal(err)
	}
	roles, err := template.Roles(deploytest.Stack{Account: "111111111111", Parameters: map[string]string{
		"BucketName": "evidence", "Host": "arn:aws:iam::111111111111:role/night", "NoticesHost": "arn:aws:iam::111111111111:role/notices", "ExternalId": "rollcall"}})
	if err != nil {
		t.Fatal(err)
	}
	may := map[string]bool{}
	for _, p := range roles["rollcall-archive-notices"].Policies {
		for _, s := range p.Statement {
			for _, action := range s.Action {
				for _, on := range s.Resource {
					_, key, _ := strings.Cut(on, "evidence/archive/")
					may[action+" "+key] = true
				}
			}
		}
	}
	if got, want := slices.Sorted(maps.Keys(asked)), slices.Sorted(maps.Keys(may)); !slices.Equal(got, want) {
		t.Errorf("sent are %q, allowed are %q", got, want)
	}
}

// rightsOfNotices are the rights that a request needs, each with the folder that it is about.
func rightsOfNotices(q *http.Request) map[string]bool {
	_, key, _ := strings.Cut(q.URL.Path, "/evidence/rollcall/")
	switch query := q.URL.Query(); {
	case q.Method == http.MethodGet && query.Has("list-type"):
		return map[string]bool{"s3:ListBucket ": true}
	case q.Method == http.MethodGet && key != "":
		return map[string]bool{"s3:GetObject *": true, "kms:Decrypt ": true}
	case q.Method == http.MethodPut && key != "":
		folder := filepath.Dir(filepath.Dir(key)) + "/*"
		need := map[string]bool{"s3:PutObject " + folder: true}
		for header, right := range map[string]string{"X-Amz-Object-Lock-Mode": "s3:PutObjectRetention " + folder, "X-Amz-Object-Lock-Legal-Hold": "s3:PutObjectLegalHold " + folder, "X-Amz-Server-Side-Encryption": "kms:GenerateDataKey "} {
			if q.Header.Get(header) != "" {
				need[right] = true
			}
		}
		return need
	}
	return map[string]bool{q.Method + " " + q.URL.String(): true}
}
