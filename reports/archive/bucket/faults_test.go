package bucket

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakes3"
	"rollcall/internal/sandbox/faults"
)

func slowDown(r *http.Request) faults.Answer {
	return faults.Answer{Code: http.StatusServiceUnavailable, Header: http.Header{"Content-Type": {"application/xml"}}, Body: []byte("<Error><Code>SlowDown</Code></Error>")}
}

func conflict(*http.Request) faults.Answer {
	return faults.Answer{Code: http.StatusConflict, Header: http.Header{"Content-Type": {"application/xml"}}, Body: []byte("<Error><Code>ConditionalRequestConflict</Code></Error>")}
}

// Whatever happens on the way, what was said to be written is there once, whole and
// locked, and what was not said to be written is not said to be somebody else's.
func TestAWriteWhoseAnswerIsLostIsSettledByReading(t *testing.T) {
	for name, rule := range map[string]faults.Rule{
		"the answer is lost":                 {Match: puts, Kind: faults.CloseAfterWork, Times: 1},
		"the answer is lost again and again": {Match: puts, Kind: faults.CloseAfterWork, Times: 6},
		"the connection is closed":           {Match: puts, Kind: faults.CloseBeforeReply, Times: 2},
		"the answer is cut":                  {Match: puts, Kind: faults.CutBody, Times: 1},
		"500 after the work":                 {Match: puts, Kind: faults.Rewrite, Times: 1, Rewrite: func(a *faults.Answer) { a.Code = 500 }},
		"slow down":                          {Match: puts, Kind: faults.Refuse, Refuse: slowDown, Times: 2},
		"a conflict":                         {Match: puts, Kind: faults.Refuse, Times: 2, Refuse: conflict},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			s := newStore(t, fakes3.Options{Lock: true}, func(c *Config) { c.RetainMode, c.RetainDays = "compliance", 10 })
			fired := s.faults.Add(rule)
			if err := s.Create("journal/r/000001.json", []byte("intent")); err != nil {
				t.Fatal(err)
			}
			if fired() == 0 {
				t.Error("the fault did not happen")
			}
			if all := s.s3.Versions("archive/journal/r/000001.json"); len(all) != 1 || string(all[0].Body) != "intent" || all[0].Mode != "COMPLIANCE" {
				t.Errorf("%d versions: %+v", len(all), all)
			}
		})
	}
}

func TestAWriteThatLostTheRaceIsNotTakenForOursWhenItsAnswerIsLost(t *testing.T) {
	s := newStore(t, fakes3.Options{}, nil)
	if err := s.Create("manifests/0000000001.json", []byte("the same bytes")); err != nil {
		t.Fatal(err)
	}
	s.faults.Add(faults.Rule{Match: puts, Kind: faults.CloseAfterWork, Times: 1})
	if err := s.Create("manifests/0000000001.json", []byte("the same bytes")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the loser was told %v", err)
	}
}

func TestBytesThatWereAlteredOnTheWayAreNotSaidToBeWritten(t *testing.T) {
	s := newStore(t, fakes3.Options{}, nil)
	s.faults.Add(faults.Rule{Match: puts, Kind: faults.CloseAfterWork, Times: 1})
	s.faults.Add(faults.Rule{Match: gets, Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		a.Header.Del("X-Amz-Checksum-Sha256")
		a.Body = bytes.ToUpper(a.Body)
	}})
	if err := s.Create("a/b", []byte("intent")); err == nil || !strings.Contains(err.Error(), "other bytes than were sent") {
		t.Errorf("it was told %v", err)
	}
}

func TestAStoreThatIsGoneIsAnErrorThatSaysItIsNotKnown(t *testing.T) {
	s := newStore(t, fakes3.Options{}, nil)
	s.faults.Add(faults.Rule{Match: puts, Kind: faults.CloseAfterWork})
	s.faults.Add(faults.Rule{Match: gets, Kind: faults.Refuse, Refuse: func(*http.Request) faults.Answer {
		return faults.Answer{Code: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/xml"}}, Body: []byte("<Error><Code>AccessDenied</Code></Error>")}
	}})
	s.faults.Add(faults.Rule{Match: puts, Kind: faults.CloseAfterWork})
	err := s.Create("a/b", []byte("x"))
	// The store refuses the second attempt with 412, since the first one was done.
	if err == nil || errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "whether it was written could not be read either") || !strings.Contains(err.Error(), "deploy/aws/archive.yaml") {
		t.Errorf("it was told %v", err)
	}
}

func TestAReadThatIsCutIsWholeInTheEndOrAnError(t *testing.T) {
	want := bytes.Repeat([]byte("0123456789"), 300_000)
	for _, kind := range []faults.Kind{faults.CutBody, faults.EmptyBody, faults.CloseBeforeReply, faults.CloseAfterWork} {
		for _, times := range []int{1, 2, 0} { // 0: for ever
			s := newStore(t, fakes3.Options{}, nil)
			if err := s.Create("a/b", want); err != nil {
				t.Fatal(err)
			}
			s.faults.Add(faults.Rule{Match: gets, Kind: kind, Times: times})
			got, err := s.Read("a/b")
			if (err == nil) != (times != 0) || err == nil && !bytes.Equal(got, want) || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("fault %d, %d times: %d bytes, %v", kind, times, len(got), err)
			}
			f, err := s.Open("a/b")
			if err == nil && f.Size() != int64(len(want)) {
				t.Errorf("fault %d, %d times: opened with %d bytes", kind, times, f.Size())
			}
			if err == nil {
				err = f.Close()
			}
			if times != 0 && err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAListThatIsCutIsWholeInTheEndOrAnError(t *testing.T) {
	s := newStore(t, fakes3.Options{MaxPage: 4}, nil)
	var want []string
	for n := range 10 {
		want = append(want, fmt.Sprintf("journal/r/%06d.json", n))
		if err := s.Create(want[n], nil); err != nil {
			t.Fatal(err)
		}
	}
	for name, rule := range map[string]faults.Rule{
		"cut":            {Kind: faults.CutBody},
		"empty":          {Kind: faults.EmptyBody},
		"closed":         {Kind: faults.CloseBeforeReply},
		"slow down":      {Kind: faults.Refuse, Refuse: slowDown},
		"without an end": {Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = regexpCut(a.Body, "<IsTruncated>", "</IsTruncated>") }},
		"without a token": {Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
			a.Body = regexpCut(a.Body, "<NextContinuationToken>", "</NextContinuationToken>")
		}},
		"without an object": {Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = regexpCut(a.Body, "<Contents>", "</Contents>") }},
	} {
		for _, times := range []int{1, 0} {
			s.faults.Clear()
			rule.Match, rule.Times, rule.Skip = lists, times, 1
			s.faults.Add(rule)
			got, err := s.List("journal/")
			if times != 0 && (err != nil || !slices.Equal(got, want)) || times == 0 && err == nil && !slices.Equal(got, want) {
				t.Errorf("%s, %d times: %d of %d names, %v", name, times, len(got), len(want), err)
			}
			if times == 0 && err == nil && name != "without a token" {
				t.Errorf("%s for ever was believed", name)
			}
		}
	}
}

// regexpCut takes the first element of that name out.
func regexpCut(b []byte, from, to string) []byte {
	before, rest, ok := bytes.Cut(b, []byte(from))
	_, after, closed := bytes.Cut(rest, []byte(to))
	if !ok || !closed {
		return b
	}
	return append(slices.Clone(before), after...)
}

func TestABucketThatIsNotThereIsNotAnEmptyArchive(t *testing.T) {
	s := newStore(t, fakes3.Options{}, func(c *Config) { c.Root = "s3://elsewhere/archive" })
	if _, err := s.List("manifests/"); err == nil || !strings.Contains(err.Error(), "there is no such bucket: make it first, or mend archive.root") {
		t.Errorf("list: %v", err)
	}
	if _, err := s.Read("manifests/0000000001.json"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read: %v", err)
	}
}

func TestWhatIsAskedOfTheStoreIsAskedWithEachObject(t *testing.T) {
	now := time.Now()
	s := newStore(t, fakes3.Options{Lock: true}, func(c *Config) {
		c.RetainMode, c.RetainDays, c.LegalHold, c.KMSKey, c.Now = "governance", 30, true, "alias/rollcall", func() time.Time { return now }
	})
	if err := s.Create("inputs/x", []byte("x")); err != nil {
		t.Fatal(err)
	}
	got := s.s3.Versions("archive/inputs/x")[0]
	for name, want := range map[string]string{
		"X-Amz-Server-Side-Encryption":                "aws:kms",
		"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": "alias/rollcall",
		"X-Amz-Object-Lock-Mode":                      "GOVERNANCE",
		"X-Amz-Object-Lock-Legal-Hold":                "ON",
		"X-Amz-Sdk-Checksum-Algorithm":                "SHA256",
		"X-Amz-Checksum-Sha256":                       "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=",
		"If-None-Match":                               "*",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
		}
	}
	if want := now.AddDate(0, 0, 30); got.Until.Before(want.Add(-time.Second)) || got.Until.After(want.Add(time.Second)) {
		t.Errorf("locked until %s, want %s", got.Until, want)
	}
}

func TestABucketWithoutLocksIsNamedAsTheCause(t *testing.T) {
	s := newStore(t, fakes3.Options{}, func(c *Config) { c.RetainMode, c.RetainDays = "compliance", 1 })
	s.faults.Add(faults.Rule{Match: puts, Kind: faults.Refuse, Refuse: func(*http.Request) faults.Answer {
		return faults.Answer{Code: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/xml"}},
			Body: []byte("<Error><Code>InvalidRequest</Code><Message>Bucket is missing Object Lock Configuration</Message></Error>")}
	}})
	if err := s.Create("a/b", nil); err == nil || !strings.Contains(err.Error(), "make one with it, or take retain_mode and legal_hold out of archive.s3") {
		t.Errorf("it was told %v", err)
	}
}
