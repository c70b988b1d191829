package bucket

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// One whose seconds were more than Go counts was free at once, as if the run that holds it
// were gone for years.
func TestALeaseThatLastsForNoTimeOrForEverIsNone(t *testing.T) {
	for _, lasts := range []string{"-1", "0", "1e-12", "1e9", "1e10", "1e300"} {
		s, _ := leased(t)
		if err := s.Create(leaseName, []byte(`{"holder":"ci@runner-7","lasts_seconds":`+lasts+`,"write":"A-1"}`)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := take(t, s.Bucket, "nightly", LeaseTime); err == nil || errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), "make sure that no run is at work, then delete it") {
			t.Errorf("of %s seconds: %v", lasts, err)
		}
	}
}

// FuzzLease: whatever lies in the place of the lease is none, or keeps everybody else out
// for as long as it says, which is neither no time nor for ever.
func FuzzLease(f *testing.F) {
	l := leaseFile{Holder: Holder{Who: "nightly by ci@runner-7", Host: "runner-7", PID: 12}, Seconds: LeaseTime.Seconds(), Write: "A-1"}
	given := l
	given.Released = true
	for _, one := range []leaseFile{l, given} {
		b, err := json.MarshalIndent(one, "", " ")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, text := range []string{"", "null", "{}", `{"write":"A-1","lasts_seconds":1e300}`, `{"write":"A-1","lasts_seconds":1e9}`, `{"write":"A-1","lasts_seconds":1e-12}`, `{"write":"","lasts_seconds":480}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := readLease(b)
		if err != nil {
			return
		}
		lasts := l.lasts()
		if l.Write == "" || lasts <= 0 || lasts > longestLease {
			t.Fatalf("a lease of %s, written by %q", lasts, l.Write)
		}
		for age, free := range map[time.Duration]bool{0: false, lasts: false, lasts + slack: true} {
			err := seenLease{file: l, etag: "e", age: age}.free(&Bucket{})
			if (err == nil) != (free || l.Released) {
				t.Fatalf("a lease of %s, given back: %v, after %s: %v", lasts, l.Released, age, err)
			}
		}
	})
}
