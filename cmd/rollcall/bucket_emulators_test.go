//go:build emulators

package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"rollcall/internal/sandbox/company"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/reports/archive/storetest"
)

// realBucket is a bucket with Object Lock in a store that nobody here wrote.
func realBucket(t *testing.T) storetest.S3 {
	vgw := storetest.StartVersity(t, storetest.KeyID, storetest.Secret)
	vgw.MakeBucket(t, "evidence", true)
	return vgw
}

func TestOnARealStoreEveryCommandWorksFromAnEmptyDisk(t *testing.T) {
	everyCommandFromAnEmptyDisk(t, realBucket(t).URL)
}

func TestOnARealStoreOneRunIsAtWork(t *testing.T) {
	vgw := realBucket(t)
	t.Run("held", func(t *testing.T) { whileHeld(t, vgw.URL) })
}

func TestOnARealStoreOfTwoRunnersAtOnceOneRuns(t *testing.T) { twoRunners(t, realBucket(t).URL) }

func TestOnARealStoreTheChainCannotFork(t *testing.T) { noFork(t, realBucket(t).URL) }

// The holder is killed, at work, by SIGKILL: its lease is taken over when it is over,
// and not before; the next run reads what was done.
func TestOnARealStoreTheLeaseOfAKilledRunIsTakenOver(t *testing.T) {
	w := newTownInBucket(t, realBucket(t).URL)
	w.leave("leo")
	t.Setenv(leaseEnv, "12s")
	w.killed("before the outcome of suspend")
	if w.status("leo") != fakeokta.Suspended {
		t.Fatalf("leo is %s", w.status("leo"))
	}
	w.elsewhere()
	w.clock.pass(24 * time.Hour)
	r := w.now("nightly")
	w.want(r, exitAborted, "another run of rollcall is at work (the lease is held by nightly by "+whoami())
	for begun := time.Now(); r.code == exitAborted && time.Since(begun) < time.Minute; {
		r = w.now("nightly")
	}
	w.want(r, exitDone, "was not given back", "took over the journal of 1 earlier run(s)", "blocked and verified")
	if n := w.events("leo", "user.lifecycle.suspend"); n != 1 {
		t.Errorf("leo was suspended %d times", n)
	}
	w.verified()
}

// Every kind of request to the store fails in every way, in the middle of a night
// that acts: the night ends as it should, or with a clear error; and the next one,
// from an empty disk, ends where an uninterrupted one does.
func TestOnARealStoreANightWithFaultsIsWholeOrSaysSo(t *testing.T) {
	for name, rule := range map[string]faults.Rule{
		"answers to writes are lost":  {Match: method(http.MethodPut), Kind: faults.CloseAfterWork, Skip: 4, Times: 9},
		"every second answer is lost": {Match: everySecond(method(http.MethodPut)), Kind: faults.CloseAfterWork},
		"slow down":                   {Kind: faults.Refuse, Refuse: slowDown, Skip: 3, Times: 10},
		"bodies are cut":              {Match: everySecond(method(http.MethodGet)), Kind: faults.CutBody},
		"writes end for good":         {Match: method(http.MethodPut), Kind: faults.Refuse, Refuse: slowDown, Skip: 22},
		"the store goes away":         {Kind: faults.CloseBeforeReply, Skip: 40},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			w := newTown(t, fakeokta.Options{})
			endpoint, injector := realBucket(t).Behind(t)
			w.inBucket(endpoint)
			w.watched()
			w.leave("leo")
			fired := injector.Add(rule)
			t.Setenv(leaseEnv, "16s")
			r := w.night("nightly")
			if fired() == 0 {
				t.Fatalf("the fault did not happen: %s", r)
			}
			if r.code != exitDone && (r.code != exitAborted || !strings.Contains(r.stderr, "s3://evidence/rollcall/")) {
				t.Errorf("it ended with %s", r)
			}
			injector.Clear()
			before := r.code
			w.elsewhere()
			r = w.night("nightly")
			for begun := time.Now(); r.code == exitAborted && strings.Contains(r.stderr, "is at work") && time.Since(begun) < time.Minute; {
				r = w.now("nightly") // until the lease that could not be given back is over
			}
			w.want(r, exitDone)
			if w.status("leo") != fakeokta.Suspended || w.events("leo", "user.lifecycle.suspend") != 1 {
				t.Errorf("after exit code %d leo is %s, suspended %d times", before, w.status("leo"), w.events("leo", "user.lifecycle.suspend"))
			}
			w.verified()
		})
	}
}

func method(name string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == name }
}

func everySecond(match func(*http.Request) bool) func(*http.Request) bool {
	n := 0
	return func(r *http.Request) bool {
		if !match(r) {
			return false
		}
		n++
		return n%2 == 0
	}
}

func slowDown(*http.Request) faults.Answer {
	return faults.Answer{Code: http.StatusServiceUnavailable, Header: http.Header{"Content-Type": {"application/xml"}}, Body: []byte("<Error><Code>SlowDown</Code></Error>")}
}

// The demo's two nights with the archive in a real bucket: the second one recalls the
// first from nowhere else. Then one byte of a table is shadowed by a newer version,
// which a lock does not prevent: verification names it, and the version that was
// written is still there.
func TestTheDemosNightsInARealBucket(t *testing.T) {
	vgw := storetest.StartVersity(t, company.AWSKeyID, company.AWSSecret)
	vgw.MakeBucket(t, "evidence", true)
	t.Setenv("AWS_ENDPOINT_URL_S3", vgw.URL)
	var stdout, stderr bytes.Buffer
	d := &demo{dir: t.TempDir(), keep: true, clock: &demoClock{}, e: &environ{getenv: func(string) string { return "" }, stdout: &stdout, stderr: &stderr, now: time.Now, log: slog.New(demoLog{&stderr})}}
	if err := d.start(false); err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if err := d.writeFiles(); err != nil {
		t.Fatal(err)
	}
	if err := d.editConfig("root: archive", "root: "+s3Root+"\n  s3: {region: eu-west-1, path_style: true, retain_mode: compliance, retain_days: 3650}"); err != nil {
		t.Fatal(err)
	}
	night := func(want int) {
		t.Helper()
		if code, err := d.play(t.Context()); err != nil || code != want {
			t.Fatalf("exit code %d, %v, want %d\n%s\n%s", code, err, want, stdout.String(), stderr.String())
		}
	}
	night(exitDone)
	if err := d.nextDay(); err != nil {
		t.Fatal(err)
	}
	night(exitHeld)
	if amiss := d.company.Amiss(); len(amiss) > 0 {
		t.Errorf("the story did not go as it should: %v", amiss)
	}
	config := d.path("rollcall.yaml")
	d.must(t, exitDone, "2 night(s)", "audit", "verify", "--config", config)

	grants, err := vgw.Client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: sdk.String("evidence"), Prefix: sdk.String("rollcall/grants/")})
	if err != nil || len(grants.Contents) != 2 {
		t.Fatalf("%v, %v", grants, err)
	}
	key := grants.Contents[0].Key
	if _, err := vgw.Client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: sdk.String("evidence"), Key: key, Body: strings.NewReader("forged")}); err == nil {
		d.must(t, exitFailed, "it was altered", "audit", "verify", "--config", config)
	}
	if ids, err := vgw.Versions(t.Context(), "evidence", *key); err != nil || len(ids) == 0 {
		t.Errorf("versions %v, %v", ids, err)
	}
	if _, err := os.Stat(d.path("archive")); err == nil {
		t.Error("the folder archive was made")
	}
}
