package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/jobs"
	"rollcall/reconcile"
)

// FuzzReadPlan: whatever lies where a plan should is refused by the file's name, or is one
// that the digest then judges; none but the one that a run made passes it.
func FuzzReadPlan(f *testing.F) {
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	made := access.Plan{RunID: "run-00", CreatedAt: now, Actions: []access.Action{{ID: "a1", Verb: access.OktaSuspend, Account: access.AccountKey{System: "okta", ID: "u1"}}}}
	made.SHA256 = reconcile.PlanDigest(made)
	plan, err := json.Marshal(made)
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{string(plan), "{}", "null", "[]", `{"actions":[{}]}`, "", "\x00"} {
		f.Add([]byte(text))
	}
	file := filepath.Join(f.TempDir(), "plan.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := readPlan(file)
		if err != nil {
			if !strings.Contains(err.Error(), file) {
				t.Fatalf("the error does not name the file: %v", err)
			}
			return
		}
		if jobs.CheckPlan(p, now, 48*time.Hour) == nil && p.SHA256 != made.SHA256 {
			t.Fatalf("a plan that no run made is taken: %q", b)
		}
	})
}
