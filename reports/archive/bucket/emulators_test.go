//go:build emulators

package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"rollcall/collectors/aws/awstest"
	"rollcall/internal/sandbox/faults"
	"rollcall/reports/archive"
	"rollcall/reports/archive/storetest"
)

// in opens a bucket of a store that is not ours.
func in(t *testing.T, endpoint, root string, change func(*Config)) *Bucket {
	return open(t, endpoint, func(c *Config) {
		c.Root, c.Credentials = root, credentials.NewStaticCredentialsProvider(storetest.KeyID, storetest.Secret, "")
		if change != nil {
			change(c)
		}
	})
}

func locked(c *Config) { c.RetainMode, c.RetainDays = "compliance", 30 }

func TestARealBucketWithLocksIsAStore(t *testing.T) {
	vgw := storetest.StartVersity(t, storetest.KeyID, storetest.Secret)
	vgw.MakeBucket(t, "evidence", true)
	n := 0
	storetest.Run(t, func(t *testing.T) archive.Store {
		n++
		return in(t, vgw.URL, fmt.Sprintf("s3://evidence/archive-%d", n), locked)
	})
}

// TestARealStoreWithAnObjectOfTerabytesIsNotReadWhole: somebody put it there, and the
// night has neither the memory nor the time.
func TestARealStoreWithAnObjectOfTerabytesIsNotReadWhole(t *testing.T) {
	vgw := storetest.StartVersity(t, storetest.KeyID, storetest.Secret)
	vgw.MakeBucket(t, "evidence", false)
	b := in(t, vgw.URL, "s3://evidence/archive", nil)
	if err := b.Create("states/large.json", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(vgw.Dir, "evidence", "archive", "states", "large.json"), 1<<41); err != nil {
		t.Fatal(err)
	}
	refusesLarge(t, b, "states/large.json")
}

func TestABucketOfMotoIsAStore(t *testing.T) {
	moto := storetest.Reach(awstest.StartMoto(t), storetest.KeyID, storetest.Secret)
	moto.MakeBucket(t, "evidence", true)
	n := 0
	turns := oneAtATime(t, moto.URL)
	storetest.Run(t, func(t *testing.T) archive.Store {
		n++
		return in(t, turns, fmt.Sprintf("s3://evidence/archive-%d", n), locked)
	})
}

// oneAtATime lets requests through one after another: moto looks whether a name is free
// and writes it in two steps, so that two at once may both win, as they cannot in S3.
func oneAtATime(t *testing.T, to string) string {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	var turn sync.Mutex
	proxy := httputil.NewSingleHostReverseProxy(target)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn.Lock()
		defer turn.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestALockedObjectCannotBeDeletedOrReplaced(t *testing.T) {
	vgw := storetest.StartVersity(t, storetest.KeyID, storetest.Secret)
	vgw.MakeBucket(t, "evidence", true)
	for name, change := range map[string]func(*Config){
		"retention":  locked,
		"legal-hold": func(c *Config) { c.LegalHold = true },
	} {
		b := in(t, vgw.URL, "s3://evidence/"+name, change)
		if err := b.Create("manifests/0000000001.json", []byte("proof")); err != nil {
			t.Fatal(err)
		}
		if err := b.Create("manifests/0000000001.json", []byte("forgery")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: replaced by the archive itself: %v", name, err)
		}
		key := name + "/manifests/0000000001.json"
		ids, err := vgw.Versions(t.Context(), "evidence", key)
		if err != nil || len(ids) != 1 {
			t.Fatalf("%v, %v", ids, err)
		}
		_, err = vgw.Client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: sdk.String("evidence"), Key: &key, VersionId: &ids[0], BypassGovernanceRetention: sdk.Bool(true)})
		if err == nil {
			t.Errorf("%s: the version could be deleted", name)
		}
		got, err := vgw.Client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: sdk.String("evidence"), Key: &key, VersionId: &ids[0]})
		if err != nil || *got.ContentLength != 5 {
			t.Errorf("%s: the version is gone: %v", name, err)
		}
	}
}

func TestTheLockIsOfTheModeAndAsLongAsTheConfigurationSays(t *testing.T) {
	vgw := storetest.StartVersity(t, storetest.KeyID, storetest.Secret)
	vgw.MakeBucket(t, "evidence", true)
	b := in(t, vgw.URL, "s3://evidence/a", func(c *Config) { c.RetainMode, c.RetainDays = "governance", 30 })
	if err := b.Create("x", []byte("x")); err != nil {
		t.Fatal(err)
	}
	got, err := vgw.Client.GetObjectRetention(t.Context(), &s3.GetObjectRetentionInput{Bucket: sdk.String("evidence"), Key: sdk.String("a/x")})
	if err != nil {
		t.Fatal(err)
	}
	if days := time.Until(*got.Retention.RetainUntilDate).Hours() / 24; got.Retention.Mode != types.ObjectLockRetentionModeGovernance || days < 29 || days > 31 {
		t.Errorf("%s for %.1f days", got.Retention.Mode, days)
	}
}

func TestOnARealStoreAnswersMayBeLostAndNothingElse(t *testing.T) {
	vgw := storetest.StartVersity(t, storetest.KeyID, storetest.Secret)
	vgw.MakeBucket(t, "evidence", true)
	endpoint, injector := vgw.Behind(t)
	b := in(t, endpoint, "s3://evidence/a", locked)
	want := bytes.Repeat([]byte("0123456789"), 100_000)
	for n, rule := range []faults.Rule{
		{Match: puts, Kind: faults.CloseAfterWork, Times: 1},
		{Match: puts, Kind: faults.CloseAfterWork, Times: 7},
		{Match: puts, Kind: faults.CloseBeforeReply, Times: 3},
		{Match: puts, Kind: faults.Refuse, Refuse: slowDown, Times: 3},
		{Match: gets, Kind: faults.CutBody, Times: 2},
		{Match: gets, Kind: faults.EmptyBody, Times: 2},
		{Match: lists, Kind: faults.CutBody, Times: 2},
		{Match: lists, Kind: faults.EmptyBody, Times: 2},
	} {
		injector.Clear()
		fired := injector.Add(rule)
		name := fmt.Sprintf("tables/%d", n)
		if err := b.Create(name, want); err != nil {
			t.Errorf("fault %d: %v", n, err)
		}
		if got, err := b.Read(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("fault %d: %d bytes, %v", n, len(got), err)
		}
		if got, err := b.List("tables/"); err != nil || len(got) != n+1 {
			t.Errorf("fault %d: %v, %v", n, got, err)
		}
		if fired() == 0 {
			t.Errorf("fault %d did not happen", n)
		}
		ids, err := vgw.Versions(t.Context(), "evidence", "a/"+name)
		if err != nil || len(ids) != 1 {
			t.Errorf("fault %d: versions %v, %v", n, ids, err)
		}
	}
}

func TestMotoKeepsWhatWasAskedForOfTheKey(t *testing.T) {
	moto := storetest.Reach(awstest.StartMoto(t), storetest.KeyID, storetest.Secret)
	moto.MakeBucket(t, "evidence", true)
	const key = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
	b := in(t, moto.URL, "s3://evidence/a", func(c *Config) { locked(c); c.KMSKey = key })
	if err := b.Create("x", []byte("x")); err != nil {
		t.Fatal(err)
	}
	got, err := moto.Client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: sdk.String("evidence"), Key: sdk.String("a/x")})
	if err != nil {
		t.Fatal(err)
	}
	if got.ServerSideEncryption != types.ServerSideEncryptionAwsKms || sdk.ToString(got.SSEKMSKeyId) != key || got.ObjectLockMode != types.ObjectLockModeCompliance {
		t.Errorf("it is kept with %q, key %q, lock %q", got.ServerSideEncryption, sdk.ToString(got.SSEKMSKeyId), got.ObjectLockMode)
	}
}

// Real locks: what expired stays while it is locked, is not hidden, and goes afterwards,
// with every version.
func TestOnRealStoresALockKeepsWhatExpired(t *testing.T) {
	vgw, moto := storetest.StartVersity(t, storetest.KeyID, storetest.Secret), storetest.Reach(awstest.StartMoto(t), storetest.KeyID, storetest.Secret)
	for name, store := range map[string]storetest.S3{"versitygw": vgw, "moto": moto} {
		t.Run(name, func(t *testing.T) {
			store.MakeBucket(t, "evidence", true)
			b := in(t, store.URL, "s3://evidence/a", func(c *Config) {
				c.Sleep = func(_ context.Context, d time.Duration) error { time.Sleep(d); return nil }
			})
			if err := errors.Join(b.Create("plans/1.json", []byte("x")), b.Create("plans/2.json", []byte("x"))); err != nil {
				t.Fatal(err)
			}
			until := time.Now().Add(5 * time.Second).UTC().Truncate(time.Second)
			key := "a/plans/1.json"
			if _, err := store.Client.PutObjectRetention(t.Context(), &s3.PutObjectRetentionInput{Bucket: &b.name, Key: &key, ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
				Retention: &types.ObjectLockRetention{Mode: types.ObjectLockRetentionModeCompliance, RetainUntilDate: &until}}); err != nil {
				t.Fatal(err)
			}
			if got, hold, err := b.Locked("plans/1.json"); err != nil || hold || !got.Equal(until) {
				t.Errorf("%s %v %v", got, hold, err)
			}
			var locked *archive.LockedError
			if err := b.Erase("plans/1.json"); !errors.As(err, &locked) || !locked.Until.Equal(until) {
				t.Fatalf("%v", err)
			}
			if got, err := b.Read("plans/1.json"); err != nil || string(got) != "x" {
				t.Errorf("it is hidden: %v", err)
			}
			if err := b.Erase("plans/2.json"); err != nil {
				t.Errorf("what is not locked: %v", err)
			}
			for begun := time.Now(); errors.As(b.Erase("plans/1.json"), &locked); {
				if time.Since(begun) > time.Minute {
					t.Fatal("the lock does not end")
				}
				time.Sleep(200 * time.Millisecond)
			}
			for _, k := range []string{key, "a/plans/2.json"} {
				if ids, err := store.Versions(t.Context(), "evidence", k); err != nil || len(ids) > 0 {
					t.Errorf("%s: %v, %v", k, ids, err)
				}
			}
		})
	}
}
