package company_test

import (
	"bytes"
	"testing"
	"time"

	"rollcall/internal/sandbox/company"
)

var first = time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)

func build(t *testing.T) *company.Company {
	t.Helper()
	fixed := func() time.Time { return first }
	return company.Build(first, company.Clocks{Okta: fixed, AWS: fixed})
}

func snapshot(t *testing.T, c *company.Company) (okta, aws []byte) {
	t.Helper()
	okta, aws, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return okta, aws
}

func TestTheSameFirstNightGivesTheSameCompany(t *testing.T) {
	a, b := build(t), build(t)
	oktaA, awsA := snapshot(t, a)
	oktaB, awsB := snapshot(t, b)
	if !bytes.Equal(oktaA, oktaB) || !bytes.Equal(awsA, awsB) {
		t.Error("two companies differ in what their systems hold")
	}
	filesA := append(append(a.Policy, a.Day1...), a.Day2...)
	for n, f := range append(append(b.Policy, b.Day1...), b.Day2...) {
		if !bytes.Equal(f.Text, filesA[n].Text) {
			t.Errorf("two companies differ in %s", f.Name)
		}
	}
}

func TestEverybodyReportsToSomebodyUpToOneHead(t *testing.T) {
	c := build(t)
	manager := map[string]string{}
	for _, p := range c.People {
		if _, twice := manager[p.ID]; twice {
			t.Errorf("%s is the id of two people", p.ID)
		}
		manager[p.ID] = p.Manager
	}
	heads := 0
	for _, p := range c.People {
		if p.Manager == "" {
			heads++
		}
		id := p.ID
		for steps := 0; manager[id] != ""; steps++ {
			id = manager[id]
			if _, known := manager[id]; !known || steps > 5 {
				t.Fatalf("the managers of %s (%s) lead nowhere", p.Name, p.ID)
			}
		}
	}
	if heads != 1 {
		t.Errorf("%d people have no manager, want 1", heads)
	}
}

func TestBeforeAnyNightTheStoryIsAmiss(t *testing.T) {
	c := build(t)
	// Five logins, the token, the IAM user, its key, and two assignments.
	if got := c.Amiss(); len(got) != 10 {
		t.Errorf("amiss before any night: %d, want 10: %q", len(got), got)
	}
}

func TestRestoreBringsBackBothSystems(t *testing.T) {
	c := build(t)
	okta, aws := snapshot(t, c)
	c.Overnight()
	changed, _ := snapshot(t, c)
	if bytes.Equal(okta, changed) {
		t.Fatal("the night between the days changes nothing")
	}
	if err := c.Restore(okta, aws); err != nil {
		t.Fatal(err)
	}
	back, backAWS := snapshot(t, c)
	if !bytes.Equal(okta, back) || !bytes.Equal(aws, backAWS) {
		t.Error("the restored systems are not those of the snapshot")
	}
}
