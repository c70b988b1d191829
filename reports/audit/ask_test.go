//go:build cgo

package audit

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/reports/archive"
	"rollcall/reports/archive/storetest"
)

var (
	testKey = ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	started = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	ended   = time.Date(2026, 2, 28, 17, 0, 0, 0, time.UTC)
)

// oneNight is an archive with one night: Bob has left, and holds a group still.
func oneNight(t *testing.T, outcomes ...access.Outcome) (*Archive, string) {
	t.Helper()
	root := t.TempDir()
	bob := access.PersonKey{Source: "employees", EmployeeID: "200"}
	n := &access.Night{
		Run: access.Run{ID: "20260302T010000Z-a", StartedAt: started, FinishedAt: started.Add(time.Minute), Mode: access.Observe, Trigger: "nightly", Verdict: "done"},
		People: []access.Person{{Standing: access.StandingLeft, AccessEndsAt: ended, FirstSeenLeftAt: started,
			Identity: access.Identity{Source: "employees", EmployeeID: "200", Name: "Bob", Status: access.StatusLeft}}},
		Systems: []access.Judged{{
			Observation: access.Observation{System: "okta",
				Accounts:     []access.Account{{System: "okta", ID: "00u2", Kind: access.OktaUser, Login: "bob", Status: access.AccountActive}},
				Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaGroup, ID: "00g1", Name: "eng", Privileged: true}},
				Grants:       []access.Grant{{}},
				Reads:        []access.Read{{System: "okta", Kind: "users", Complete: true, Records: 1, Lists: true, StartedAt: started, FinishedAt: started}}},
			Matches:  []access.Match{{How: access.MatchedHRID, Person: bob}},
			Verdicts: make([]access.Verdict, 1), Seen: []uint16{20_500},
		}},
		Outcomes: outcomes,
	}
	return recorded(t, root, n), root
}

// recorded is the archive below root, opened once a night is recorded in it.
func recorded(t *testing.T, root string, n *access.Night) *Archive {
	t.Helper()
	if err := storetest.Record(archive.New(archive.NewFolder(root), testKey), n, access.Memory{}); err != nil {
		t.Fatal(err)
	}
	a, err := Open(archive.NewFolder(root), nil, testKey.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestWhatIsNotSeenToHaveWorkedIsNoLessAFailureOfTheNightThanAnError(t *testing.T) {
	var outcomes []access.Outcome
	for n, result := range []access.Result{access.Done, access.AlreadyAbsent, access.Skipped, access.Failed, access.Pending, access.Unknown} {
		outcomes = append(outcomes, access.Outcome{Result: result, Action: access.Action{ID: fmt.Sprint("a", n), Stage: access.Block, Verb: access.OktaSuspend,
			Person: access.PersonKey{Source: "employees", EmployeeID: "200"}, Account: access.AccountKey{System: "okta", ID: "00u2"}}})
	}
	a, _ := oneNight(t, outcomes...)
	questions := mustQuestions(t)
	nights := questions[slices.IndexFunc(questions, func(q Question) bool { return q.Name == "nights" })]
	answer, err := a.Ask(t.Context(), nights, map[string]string{"from": "2026-03-02", "to": "2026-03-02"})
	if err != nil || len(answer.Rows) != 1 {
		t.Fatalf("%v %v", answer.Rows, err)
	}
	if got := fmt.Sprint(answer.Rows[0][slices.Index(answer.Columns, "failed")]); got != "3" {
		t.Errorf("%s of failed, pending and unknown count as failed", got)
	}
}

func TestEveryQuestionIsAnswered(t *testing.T) {
	a, _ := oneNight(t)
	want := map[string]int{"who-reaches": 1, "leavers": 1, "leavers-active": 1, "approvals": 1, "never-reviewed": 1, "completeness": 1,
		"privileged": 1, "against-policy": 1, "nights": 91, "reperform": 2}
	got := map[string]int{}
	for _, q := range mustQuestions(t) {
		answer, err := a.Ask(t.Context(), q, nil)
		if err != nil {
			t.Errorf("%s: %v", q.Name, err)
			continue
		}
		if len(answer.Rows) > 0 {
			got[q.Name] = len(answer.Rows)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNothingButOneSelectIsTakenAndNoneReachesAFile(t *testing.T) {
	a, root := oneNight(t)
	for _, query := range []string{
		"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM glob('/etc/*')", "SELECT * FROM '/etc/passwd'",
		"SELECT * FROM read_parquet('https://x.test/a.parquet')", "COPY (SELECT 1) TO '" + filepath.Join(root, "x") + "'", "ATTACH '" + filepath.Join(root, "x") + "'",
		"INSTALL httpfs", "LOAD httpfs", "SET lock_configuration = false", "SELECT 1; SELECT 2", "CREATE OR REPLACE VIEW runs AS SELECT 1; SELECT * FROM runs",
		"DROP VIEW grants", "PRAGMA database_list", "",
	} {
		_, err := a.Query(t.Context(), query, "", "")
		var wrong *MisuseError
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", query, err)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "x")); err == nil {
		t.Error("a file was written")
	}
}

func TestAFileThatWasAlteredAnswersNothing(t *testing.T) {
	a, root := oneNight(t)
	file := filepath.Join(root, "grants", "date=2026-03-02", "run=20260302T010000Z-a", "part-00000.parquet")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Query(t.Context(), "SELECT * FROM grants", "", ""); err == nil || !strings.Contains(err.Error(), "was altered") {
		t.Errorf("%v", err)
	}
}

func TestWhatNoManifestListsDoesNotCount(t *testing.T) {
	a, root := oneNight(t)
	stray := filepath.Join(root, "grants", "date=2026-03-02", "run=20260302T020000Z-b")
	if err := os.CopyFS(stray, os.DirFS(filepath.Join(root, "grants", "date=2026-03-02", "run=20260302T010000Z-a"))); err != nil {
		t.Fatal(err)
	}
	answer, err := a.Query(t.Context(), "SELECT count(*) AS n FROM grants", "", "")
	if err != nil || string(answer.CSV()) != "n\n1\n" {
		t.Errorf("%v, %v", answer, err)
	}
}
