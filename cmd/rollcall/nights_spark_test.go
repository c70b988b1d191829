//go:build spark

package main

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/reports/archive"
	"rollcall/reports/audit"
)

func TestSparkJudgesPastNightsAsDuckDBDoes(t *testing.T) {
	w := threeNights(t)
	root, key := filepath.Join(w.dir, "archive"), filepath.Join(w.dir, "public.pem")
	var ddl, story bytes.Buffer
	if code := run([]string{"rollcall", "audit", "ddl", "--engine", "spark", "--archive", root, "--key", key}, func(string) string { return "" }, nil, &ddl, &story); code != exitDone {
		t.Fatalf("audit ddl ends with %d: %s", code, story.String())
	}
	s := startSpark(t)
	if _, err := s.tell(map[string]any{"ddl": ddl.String()}); err != nil {
		t.Fatal(err)
	}
	keys, err := verificationKeys(key)
	w.must(err)
	keep, err := archive.Open(root, nil)
	w.must(err)
	runs, _, err := keep.NightsOf(9, wholeNight)
	w.must(err)
	var nights []access.Run
	for _, one := range runs {
		head, err := one.Head()
		w.must(err)
		nights = append(nights, head)
	}
	opened, err := audit.Open(keep.Store(), nil, keys...)
	w.must(err)
	older := access.RoleMap{Rules: []access.Rule{{Title: "Clerk", System: "okta", Kind: "group", Entitlement: "Staff"}, {Title: `dom\*`, Entitlement: "*"}}}
	newer := access.RoleMap{Rules: []access.Rule{{System: "*", Entitlement: "?ld hands"}, {System: "aws", Entitlement: "*a*"}}}
	want, err := opened.CompareMaps(t.Context(), nights, time.UTC, older, newer)
	w.must(err)
	opened.Engine = s
	got, err := opened.CompareMaps(t.Context(), nights, time.UTC, older, newer)
	w.must(err)
	if len(want.Allowed) == 0 || len(want.Unexpected) == 0 {
		t.Error("nothing changes: the test proves little")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-DuckDB +Spark):\n%s", diff)
	}
}
