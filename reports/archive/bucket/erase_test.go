package bucket

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"rollcall/internal/deploytest"
	"rollcall/internal/sandbox/fakes3"
	"rollcall/internal/sandbox/faults"
	"rollcall/reports/archive"
)

func TestWhatExpiresGoesWithAllItsVersions(t *testing.T) {
	s := newStore(t, fakes3.Options{Lock: true}, nil)
	for _, name := range []string{"plans/a.json", "plans/a.json.longer"} {
		if err := s.Create(name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	// Somebody put another version over it, and hid it.
	key := "archive/plans/a.json"
	if _, err := s.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &s.name, Key: &key, Body: strings.NewReader("y")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &s.name, Key: &key}); err != nil {
		t.Fatal(err)
	}
	if err := s.Erase("plans/a.json"); err != nil {
		t.Fatal(err)
	}
	if left := s.s3.Versions(key); len(left) > 0 {
		t.Errorf("%d versions are left", len(left))
	}
	if left := s.s3.Versions(key + ".longer"); len(left) != 1 {
		t.Errorf("the neighbour has %d versions", len(left))
	}
	if err := s.Erase("plans/a.json"); err != nil {
		t.Errorf("what is gone already: %v", err)
	}
	if err := s.Erase("../a"); err == nil {
		t.Error("a name that leads out was taken")
	}
}

func TestALockKeepsWhatExpiredUntilItIsOver(t *testing.T) {
	now := time.Date(2041, 3, 4, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	s := newStore(t, fakes3.Options{Lock: true, Now: clock}, func(c *Config) { c.RetainMode, c.RetainDays, c.Now = "compliance", 10, clock })
	if err := s.Create("plans/a.json", []byte("x")); err != nil {
		t.Fatal(err)
	}
	until, hold, err := s.Locked("plans/a.json")
	if err != nil || hold || !until.Equal(now.AddDate(0, 0, 10)) {
		t.Errorf("%s %v %v", until, hold, err)
	}
	var locked *archive.LockedError
	if err := s.Erase("plans/a.json"); !errors.As(err, &locked) || !locked.Until.Equal(until) {
		t.Errorf("%v", err)
	}
	if v := s.s3.Versions("archive/plans/a.json"); len(v) != 1 || v[0].Deleted {
		t.Errorf("it was hidden: %v", v)
	}
	now = now.AddDate(0, 0, 11)
	if err := s.Erase("plans/a.json"); err != nil {
		t.Error(err)
	}
	held := newStore(t, fakes3.Options{Lock: true}, func(c *Config) { c.LegalHold = true })
	if err := held.Create("plans/a.json", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := held.Erase("plans/a.json"); !errors.As(err, &locked) || !locked.Hold || !strings.Contains(err.Error(), "until somebody lifts it") {
		t.Errorf("%v", err)
	}
}

func TestADeletionWhoseAnswerIsLostIsDoneAgain(t *testing.T) {
	s := newStore(t, fakes3.Options{Lock: true}, nil)
	if err := s.Create("plans/a.json", []byte("x")); err != nil {
		t.Fatal(err)
	}
	fired := s.faults.Add(faults.Rule{Match: func(r *http.Request) bool { return r.Method == http.MethodDelete }, Kind: faults.CloseAfterWork, Times: 2})
	if err := s.Erase("plans/a.json"); err != nil || fired() != 2 {
		t.Errorf("%v, %d faults", err, fired())
	}
	if left := s.s3.Versions("archive/plans/a.json"); len(left) > 0 {
		t.Errorf("%d versions are left", len(left))
	}
}

// The role that deletes what expired may do that, and cannot write: without a run that
// the writing role committed, nothing of what it deletes is let go of.
func TestTheExpiringRoleMayWhatIsSentAndNothingElse(t *testing.T) {
	template, err := deploytest.Load(deploytest.Dir(3), "archive.yaml")
	if err != nil {
		t.Fatal(err)
	}
	stack := deploytest.Stack{Account: "111111111111", Parameters: map[string]string{
		"BucketName": "evidence", "Host": "arn:aws:iam::111111111111:role/night", "ExpireHost": "arn:aws:iam::111111111111:role/officer", "ExternalId": "rollcall"}}
	roles, err := template.Roles(stack)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	asked := map[string]bool{"s3:GetObjectRetention": true, "s3:GetObjectLegalHold": true} // what HeadObject tells of locks
	s := newStore(t, fakes3.Options{Lock: true}, func(c *Config) { c.KMSKey = "alias/rollcall" })
	if err := s.Create("plans/a.json", []byte("x")); err != nil {
		t.Fatal(err)
	}
	s.faults.Add(faults.Rule{Match: func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		switch q := r.URL.Query(); {
		case r.Method == http.MethodGet && q.Has("versions"):
			asked["s3:ListBucketVersions"] = true
		case r.Method == http.MethodHead && q.Has("versionId"):
			asked["s3:GetObjectVersion"], asked["kms:Decrypt"] = true, true
		case r.Method == http.MethodDelete && q.Has("versionId"):
			asked["s3:DeleteObjectVersion"] = true
		default:
			asked[r.Method+" "+r.URL.String()] = true
		}
		return false
	}})
	if err := s.Erase("plans/a.json"); err != nil {
		t.Fatal(err)
	}
	if got, may := slices.Sorted(maps.Keys(asked)), roles["rollcall-archive-expire"].Actions("Allow"); !slices.Equal(got, may) {
		t.Errorf("sent are %q, allowed are %q", got, may)
	}
	for name := range roles {
		if name != "rollcall-archive-expire" && slices.ContainsFunc(roles[name].Actions("Allow"), func(a string) bool { return strings.Contains(a, "Delete") }) {
			t.Errorf("%s may delete", name)
		}
	}
	delete(stack.Parameters, "ExpireHost")
	if roles, err = template.Roles(stack); err != nil || roles["rollcall-archive-expire"].Actions("Allow") != nil {
		t.Errorf("the role is made although nobody was named: %v", err)
	}
}
