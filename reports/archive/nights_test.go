package archive

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// oddNight is a night of which much is not plain: two ids of one person, an account
// that could be two people's, ids that are unique in their scope only, a read that
// was cut off and a file of exceptions that could not be used.
func oddNight(night int) *access.Night {
	n := fixtureNight(night)
	ada, bob, both := access.PersonKey{Source: "employees", EmployeeID: "100"}, access.PersonKey{Source: "employees", EmployeeID: "200"}, access.PersonKey{Source: "agency", EmployeeID: "7"}
	n.People = append(n.People, access.Person{Identity: access.Identity{Source: both.Source, EmployeeID: both.EmployeeID, Name: "Ada"}, Standing: access.StandingActive, SameAs: ada})
	okta, aws := &n.Systems[0], &n.Systems[1]
	okta.Accounts = append(okta.Accounts, access.Account{System: "okta", ID: "00u3", Kind: access.OktaUser, Login: "x", Status: access.AccountActive})
	okta.Matches = append(okta.Matches, access.Match{How: access.Ambiguous, Candidates: []access.PersonKey{ada, bob}})
	okta.Grants, okta.Verdicts, okta.Seen = append(okta.Grants, access.Grant{Account: 2, Entitlement: 1}), append(okta.Verdicts, access.Verdict{}), append(okta.Seen, 0)
	okta.Reads[1].Complete, okta.Reads[1].Gap = false, "403"
	okta.Entitlements[2].Read = 1
	okta.Entitlements[1].Name = "" // nobody named the group that carries the application
	for i, scope := range []string{"123456789012", "222222222222"} {
		aws.Accounts = append(aws.Accounts, access.Account{System: "aws", Scope: scope, ID: "root", Kind: access.IAMRoot, Login: "root", Status: access.AccountActive})
		aws.Matches = append(aws.Matches, access.Match{How: access.MatchedRoot})
		aws.Entitlements = append(aws.Entitlements, access.Entitlement{System: "aws", Scope: scope, Kind: access.AccessKey, ID: "K", Name: "K"})
		aws.Grants, aws.Verdicts = append(aws.Grants, access.Grant{Account: uint32(2 + i), Entitlement: uint32(2 + i)}), append(aws.Verdicts, access.Verdict{})
	}
	n.Policy.Exceptions, n.Policy.ExceptionsUnread, okta.Verdicts[0].By = nil, true, 0
	return n
}

// kept is what Night has to give of a night, in the order of the tables.
func kept(n *access.Night) access.Night {
	out := access.Night{Run: access.Run{ID: n.Run.ID, StartedAt: n.Run.StartedAt.UTC()}, Policy: access.Policy{RoleMapUnread: n.Policy.RoleMapUnread, ExceptionsUnread: n.Policy.ExceptionsUnread}}
	for p := range inOrder(n.People, func(a, b *access.Person) int { return a.Key().Compare(b.Key()) }) {
		out.People = append(out.People, access.Person{Standing: p.Standing, SameAs: p.SameAs,
			Identity: access.Identity{Source: p.Source, EmployeeID: p.EmployeeID, Name: p.Name, Title: p.Title, Department: p.Department, WorkerType: p.WorkerType}})
	}
	for _, x := range n.Policy.Exceptions {
		x.ApprovedOn = access.Day{}
		out.Policy.Exceptions = append(out.Policy.Exceptions, x)
	}
	return out
}

// holding is one grant by what it names, whatever the numbers of the tables are.
type holding struct {
	account access.AccountKey
	match   string
	right   string
	via     string
	read    string
}

func holdings(systems []access.Judged) (all []holding) {
	for i := range systems {
		j := &systems[i]
		for _, g := range j.Grants {
			e, m := j.Entitlements[g.Entitlement], j.Matches[g.Account]
			all = append(all, holding{j.Accounts[g.Account].Key(), string(m.How) + " " + m.Person.String() + candidates(m.Candidates), string(e.Kind) + " " + e.Scope + " " + e.ID, j.Via(g), j.Reads[e.Read].Name()})
		}
	}
	slices.SortFunc(all, func(a, b holding) int {
		return strings.Compare(a.account.String()+a.right+a.via, b.account.String()+b.right+b.via)
	})
	return all
}

func TestANightIsReadBackAsItWasJudged(t *testing.T) {
	root := t.TempDir()
	nights := []*access.Night{fixtureNight(1), oddNight(2), fixtureNight(3)}
	for _, n := range nights {
		if err := recordNight(NewFolder(root), n); err != nil {
			t.Fatal(err)
		}
	}
	a := opened(t, root)
	runs, all, err := a.Nights(5)
	if err != nil || len(runs) != 3 || all != 3 {
		t.Fatalf("%d runs of %d, %v", len(runs), all, err)
	}
	older := nights[0].Policy.RoleMap
	newer := access.RoleMap{Rules: []access.Rule{{Line: access.Line{File: "new.csv", Row: 2}, Kind: "*", Entitlement: "Super admin", Requirement: access.Required}, {System: "okta", Kind: "app", Requirement: access.Required},
		{System: "okta", Entitlement: "fin", Requirement: access.Required}}} // which ada lacks
	changed := 0
	for i, want := range nights {
		got, memory, err := runs[i].Night()
		if err != nil {
			t.Fatal(err)
		}
		plain := got
		plain.Systems = nil
		if diff := gocmp.Diff(kept(want), plain); diff != "" {
			t.Errorf("night %d (-want +got):\n%s", i, diff)
		}
		if diff := gocmp.Diff(holdings(want.Systems), holdings(got.Systems), gocmp.AllowUnexported(holding{})); diff != "" {
			t.Errorf("night %d (-want +got):\n%s", i, diff)
		}
		if diff := gocmp.Diff(fixtureMemory(want).Moves, memory.Moves); diff != "" {
			t.Errorf("night %d: moves (-want +got):\n%s", i, diff)
		}
		there := reconcile.CompareMapsOn(*want, fixtureMemory(want), reconcile.Settings{}, older, newer)
		back := reconcile.CompareMapsOn(got, memory, reconcile.Settings{}, older, newer)
		if diff := gocmp.Diff(there, back); diff != "" {
			t.Errorf("night %d: another map (-that night +read back):\n%s", i, diff)
		}
		changed += len(there.Allowed) + len(there.Unexpected) + len(there.Appear)
	}
	if changed < 12 {
		t.Errorf("%d changes: the test proves little", changed)
	}
}

func TestNightsAreTheLastOnesOldestFirst(t *testing.T) {
	a := opened(t, archiveOf(t, 4))
	runs, all, err := a.Nights(2)
	if err != nil || all != 4 || len(runs) != 2 || runs[0].ID() != runID(3) || runs[1].ID() != runID(4) {
		t.Errorf("%v of %d, %v", runs, all, err)
	}
	if a, err = Open(t.TempDir(), nil); err != nil {
		t.Fatal(err)
	}
	if runs, all, err = a.Nights(2); err != nil || all != 0 || len(runs) != 0 {
		t.Errorf("%v of %d, %v", runs, all, err)
	}
}

// A run that wrote its facts and died is no night.
func TestARunThatWasNotCommittedIsNoNight(t *testing.T) {
	root := archiveOf(t, 1)
	a, err := Open(root, testKey)
	if err != nil {
		t.Fatal(err)
	}
	n := fixtureNight(2)
	s, err := a.Begin(n.Run)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Facts(n); err != nil {
		t.Fatal(err)
	}
	if runs, all, err := a.Nights(9); err != nil || all != 1 || len(runs) != 1 || runs[0].ID() != runID(1) {
		t.Errorf("%v of %d, %v", runs, all, err)
	}
}

func TestANightWithOneByteAlteredIsAnErrorThatNamesRunAndFile(t *testing.T) {
	for _, table := range []string{"runs", "reads", "identities", "accounts", "entitlements", "grants", "exceptions", "findings", "actions"} {
		root := archiveOf(t, 3)
		file := tablePath(root, table, 2)
		flip(t, file, 20)
		runs := nightsOf(t, root, 3)
		_, _, err := runs[1].Night()
		if table == "findings" || table == "actions" { // which no role map looks at
			_, err = runs[1].Of([]access.PersonKey{{Source: "employees", EmployeeID: "100"}})
		}
		if err == nil || !strings.Contains(err.Error(), string(runID(2))) || !strings.Contains(err.Error(), table+"/") || !strings.Contains(err.Error(), "was altered") {
			t.Errorf("%s: %v", table, err)
		}
		if _, _, err := runs[2].Night(); err != nil {
			t.Errorf("%s: the night after it: %v", table, err)
		}
	}
}

// Without the column, nobody would work here, and nothing would ever be missing.
func TestANightOfAnOlderRollcallIsNotReplayed(t *testing.T) {
	type row struct {
		RunID      string `parquet:"run_id,dict"`
		Source     string `parquet:"source,dict"`
		EmployeeID string `parquet:"employee_id"`
		Name       string `parquet:"name"`
		Title      string `parquet:"title,dict"`
		Department string `parquet:"department,dict"`
		WorkerType string `parquet:"worker_type,dict"`
	}
	var b bytes.Buffer
	if _, err := writeRows(&b, "t", slices.Values([]row{{EmployeeID: "100"}})); err != nil {
		t.Fatal(err)
	}
	store, path := NewFolder(t.TempDir()), "identities/date=2026-03-02/run=r/part-00000.parquet"
	if err := store.Create(path, b.Bytes()); err != nil {
		t.Fatal(err)
	}
	h := head{Manifest: Manifest{RunID: "r", Files: []Entry{{Path: path, SHA256: access.Digest(b.Bytes())}}}}
	r := recall{PastRun: PastRun{New(store, nil), h}}
	if _, err := r.people(); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), `"standing"`) {
		t.Errorf("%v", err)
	}
}

func TestAnOlderManifestThatWasAlteredIsAnError(t *testing.T) {
	root := archiveOf(t, 3)
	file := filepath.Join(root, manifestName(2))
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(b, []byte(`"rows": 6`), []byte(`"rows": 5`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	a := opened(t, root)
	if _, _, err := a.Nights(1); err != nil {
		t.Errorf("the last night rests on no other: %v", err)
	}
	if _, _, err := a.Nights(2); err == nil || !strings.Contains(err.Error(), manifestName(2)+" was altered") {
		t.Errorf("%v", err)
	}
}
