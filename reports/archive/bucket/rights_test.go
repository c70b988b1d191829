package bucket

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"rollcall/internal/deploytest"
	"rollcall/internal/sandbox/fakes3"
	"rollcall/internal/sandbox/faults"
	"rollcall/reports/archive"
	"rollcall/reports/archive/storetest"
)

// The rights that deploy/aws/archive.yaml gives are the requests that are sent, no
// more and no less.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
func TestTheWritingRoleMayWhatIsSentAndNothingElse(t *testing.T) {
	template, err := deploytest.Load(deploytest.Dir(3), "archive.yaml")
	if err != nil {
		t.Fatal(err)
	}
	roles, err := template.Roles(deploytest.Stack{Account: "111111111111", Parameters: map[string]string{
		"BucketName": "evidence", "Host": "arn:aws:iam::111111111111:role/night", "ExternalId": "rollcall"}})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	asked := map[string]bool{}
	see := func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		for _, right := range rightsOf(r) {
			asked[right] = true
		}
		return false
	}
	inBucket := func(t *testing.T) store {
		s := newStore(t, fakes3.Options{Lock: true}, func(c *Config) {
			c.RetainMode, c.RetainDays, c.LegalHold, c.KMSKey = "compliance", 10, true, "alias/rollcall"
		})
		s.faults.Add(faults.Rule{Match: see})
		return s
	}
	storetest.Run(t, func(t *testing.T) archive.Store { return inBucket(t).Bucket })
	l, _, err := take(t, inBucket(t).Bucket, "nightly", LeaseTime)
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
	if got, may := slices.Sorted(maps.Keys(asked)), roles["rollcall-archive"].Actions("Allow"); !slices.Equal(got, may) {
		t.Errorf("sent are %q, allowed are %q", got, may)
	}
}

// rightsOf are the rights that a request needs.
func rightsOf(r *http.Request) []string {
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case r.Method == http.MethodGet && lists(r):
		return []string{"s3:ListBucket"}
	case r.Method == http.MethodGet && r.URL.RawQuery == "x-id=GetObject": // of what is not there, S3 asks for the right to list
		return []string{"s3:GetObject", "s3:ListBucket", "kms:Decrypt"}
	case r.Method == http.MethodPut && r.URL.RawQuery == "x-id=PutObject" && key != "":
		rights := []string{"s3:PutObject"}
		for header, right := range map[string]string{"X-Amz-Object-Lock-Mode": "s3:PutObjectRetention", "X-Amz-Object-Lock-Legal-Hold": "s3:PutObjectLegalHold", "X-Amz-Server-Side-Encryption": "kms:GenerateDataKey"} {
			if r.Header.Get(header) != "" {
				rights = append(rights, right)
			}
		}
		return rights
	}
	return []string{r.Method + " " + r.URL.String()}
}
