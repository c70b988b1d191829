package bucket

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"rollcall/internal/sandbox/fakes3"
	"rollcall/internal/sandbox/faults"
)

// refusesLarge: neither a read nor an open takes in what is under that name.
func refusesLarge(t *testing.T, b *Bucket, name string) {
	t.Helper()
	if got, err := b.Read(name); err == nil || !strings.Contains(err.Error(), name+" is 2199023255552 bytes large") {
		t.Errorf("read: %d bytes, %v", len(got), err)
	}
	if f, err := b.Open(name); err == nil || !strings.Contains(err.Error(), name+" is 2199023255552 bytes large") {
		t.Errorf("open: %v, %v", f, err)
	}
}

func TestAnObjectOfTerabytesIsRefusedBeforeItIsRead(t *testing.T) {
	s := newStore(t, fakes3.Options{}, nil)
	if err := s.Create("states/large.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	asked := s.faults.Add(faults.Rule{Match: gets, Kind: faults.Refuse, Refuse: func(*http.Request) faults.Answer {
		return faults.Answer{Code: http.StatusOK, Header: http.Header{"Content-Length": {strconv.Itoa(1 << 41)}}, Body: []byte("{}")}
	}})
	refusesLarge(t, s.Bucket, "states/large.json")
	if n := asked(); n != 2 {
		t.Errorf("it was asked for %d times, and is as large each time", n)
	}
}

func TestALeaseThatIsNoneIsNotReadWhole(t *testing.T) {
	s, _ := leased(t)
	if err := s.Create(leaseName, []byte(strings.Repeat(" ", largestLease+1))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := take(t, s.Bucket, "nightly", LeaseTime); err == nil || !strings.Contains(err.Error(), "bytes large") {
		t.Errorf("it was told %v", err)
	}
}

// A store that always has another page would hold up the night, and fill its memory.
func TestAListWithoutEndIsAnError(t *testing.T) {
	var n atomic.Int64
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		next := strconv.FormatInt(n.Add(1), 10)
		if r.URL.Query().Has("versions") {
			_, _ = w.Write([]byte("<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>" + next + "</NextKeyMarker></ListVersionsResult>"))
			return
		}
		_, _ = w.Write([]byte("<ListBucketResult><IsTruncated>true</IsTruncated><KeyCount>0</KeyCount><NextContinuationToken>" + next + "</NextContinuationToken></ListBucketResult>"))
	}))
	t.Cleanup(endless.Close)
	b := open(t, endless.URL, nil)
	if names, err := b.List("manifests/"); err == nil || !strings.Contains(err.Error(), "no end after 20000 pages") || n.Load() != mostPages {
		t.Errorf("%d names after %d pages: %v", len(names), n.Load(), err)
	}
	n.Store(0)
	if err := b.Erase("states/x.json"); err == nil || !strings.Contains(err.Error(), "no end after 20000 pages") || n.Load() != mostPages {
		t.Errorf("after %d pages: %v", n.Load(), err)
	}
}

func TestARedirectOfTheStoreIsAnErrorAndNothingGoesThere(t *testing.T) {
	var stolen atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	t.Cleanup(thief.Close)
	for _, status := range []int{http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		points := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, thief.URL+r.URL.Path, status) }))
		b := open(t, points.URL, nil)
		_, read := b.Read("manifests/0000000001.json")
		wrote := b.Create("manifests/0000000001.json", []byte("secret"))
		_, list := b.List("")
		points.Close()
		for what, err := range map[string]error{"read": read, "create": wrote, "list": list} {
			if err == nil || status >= 307 && !strings.Contains(err.Error(), "is a redirect") {
				t.Errorf("%d, %s: %v", status, what, err)
			}
		}
	}
	if n := stolen.Load(); n != 0 {
		t.Errorf("%d requests went where an answer pointed", n)
	}
}
