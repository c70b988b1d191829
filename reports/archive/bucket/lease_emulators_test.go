//go:build emulators

package bucket

import (
	"errors"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"rollcall/collectors/aws/awstest"
	"rollcall/reports/archive/storetest"
)

// A run that acts needs its lease not to be kept by a lock: it is written again and
// again, also where every other object is locked.
func TestTheLeaseIsNotLocked(t *testing.T) {
	vgw := storetest.StartVersity(t, storetest.KeyID, storetest.Secret)
	vgw.MakeBucket(t, "evidence", true)
	b := in(t, vgw.URL, "s3://evidence/a", locked)
	l, _, err := take(t, b, "nightly", LeaseTime)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	key := "a/" + leaseName
	ids, err := vgw.Versions(t.Context(), "evidence", key)
	if err != nil || len(ids) == 0 {
		t.Fatalf("%v, %v", ids, err)
	}
	if _, err := vgw.Client.GetObjectRetention(t.Context(), &s3.GetObjectRetentionInput{Bucket: sdk.String("evidence"), Key: &key}); err == nil {
		t.Error("the lease is locked")
	}
}

func TestOnRealStoresOneRunnerHoldsTheLeaseAndThatOfADeadOneIsTakenOver(t *testing.T) {
	vgw, moto := storetest.StartVersity(t, storetest.KeyID, storetest.Secret), storetest.Reach(awstest.StartMoto(t), storetest.KeyID, storetest.Secret)
	for name, store := range map[string]storetest.S3{"versitygw": vgw, "moto": moto} {
		t.Run(name, func(t *testing.T) {
			store.MakeBucket(t, "evidence", true)
			b := in(t, store.URL, "s3://evidence/a", locked)
			const lasts = 2 * time.Second
			first, _, err := take(t, b, "runner-1", lasts)
			if err != nil {
				t.Fatal(err)
			}
			for begun := time.Now(); time.Since(begun) < lasts+slack; { // it is renewed for longer than it lasts
				if _, _, err := take(t, b, "runner-2", lasts); !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), "runner-1") {
					t.Fatalf("while runner-1 is at work: %v", err)
				}
			}
			first.die()
			second, said, err := take(t, b, "runner-2", lasts)
			for begun := time.Now(); errors.Is(err, ErrHeld) && time.Since(begun) < 4*(lasts+slack); {
				second, said, err = take(t, b, "runner-2", lasts)
			}
			if err != nil || !strings.Contains(said(), "runner-1 was not given back") {
				t.Fatalf("after runner-1 died: %v, said %q", err, said())
			}
			second.Release()
			third, _, err := take(t, b, "runner-3", lasts)
			if err != nil {
				t.Fatal(err)
			}
			third.Release()
		})
	}
}
