package reconcile

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// canaries fills every free text of a value with a word that must not show.
func canaries(v reflect.Value, n *int) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			canaries(v.Elem(), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				canaries(v.Field(i), n)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			canaries(v.Index(i), n)
		}
	case reflect.String:
		if v.CanSet() && v.String() == "?" {
			*n++
			v.SetString(fmt.Sprintf("canary%d", *n))
		}
	}
}

// everything is a night of which each kind of concern tells, with "?" for each text that
// outsiders wrote, about somebody who is to leave and about somebody who has left.
func everything(c *household, ahead bool) *access.Night {
	n := c.night()
	p := leoLeft()
	p.Name, p.Email, p.Title, p.Department, p.Why, p.Cites, p.ManagerID = "?", "?", "?", "?", "?", "?", "E1"
	if ahead {
		p.Standing = access.StandingGarden
	}
	boss := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "E1", Name: "?", Email: "boss@example.test"}, Standing: access.StandingActive}
	n.People = []access.Person{p, boss}
	n.Systems[0].Accounts[0].Login, n.Systems[0].Accounts[0].Name = "?", "?"
	n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: "logs", Gap: "?"})
	n.Rosters = append(n.Rosters, access.RosterVerdict{Source: "temps", Refusal: &access.GuardError{Guard: "roster", Scope: "temps", Says: "?", Mend: "?"}})
	n.Problems = []access.Problem{{Severity: access.Stop, File: "rolemap.csv", Says: "?", Value: "?", Meanwhile: "?", Mend: "?"}}
	n.Plan.Trips = []access.GuardError{{Guard: "concentration", Scope: "?", Says: "?", Mend: "?", Cohort: []access.AccountKey{leosAccount}}}
	n.Approvals = []access.ApprovalVerdict{{GivenApproval: access.GivenApproval{Approval: access.Approval{ID: "ap-1", Guard: "blast_radius", By: "?", Reason: "?"}}, SpentAt: c.now, Says: "?"}}
	n.Damaged = []string{"journal/run-0/000001.json"}
	for i, kind := range []access.FindingKind{access.UsedAfterExit, access.ProtectedLeaver, access.LeaverAccess, access.BlockedActive, access.OrphanAccount, access.AmbiguousMatch,
		access.BreakGlassUsed, access.HeldPerson, access.VanishedPerson, access.UnexpectedGrant, access.LeaverAccess, access.PerhapsTheirs} {
		f := access.Finding{ID: fmt.Sprintf("f-%d", i), Kind: kind, Disposition: access.ToUrgent, Person: p.Key(), Account: leosAccount, Login: "?", Entitlement: "?", Reason: "?", Cites: "?", Via: "?", FirstSeen: dayOf(c.now)}
		if i == 2 {
			f.Disposition = access.ToRevoke
		}
		n.Findings = append(n.Findings, f)
	}
	for i, stage := range []access.Stage{access.Block, access.Remove, access.Restore} {
		n.Outcomes = append(n.Outcomes, access.Outcome{Action: access.Action{ID: fmt.Sprint("a", i), FindingID: "f-2", Stage: stage, Verb: access.OktaSuspend, Person: p.Key(), Account: leosAccount, Login: "?", Reason: "?", Entitlement: "?"}, Result: access.Failed, Detail: "?"})
	}
	other := p
	other.EmployeeID = "E8"
	n.People = append(n.People, other)
	n.Outcomes = append(n.Outcomes, access.Outcome{Action: access.Action{ID: "a9", FindingID: "f-9", Stage: access.Block, Person: other.Key(), Account: access.AccountKey{System: "okta", ID: "00u9"}, Login: "?"}, Result: access.Done, VerifiedAt: c.now})
	canaries(reflect.ValueOf(n), new(int))
	return n
}

func TestEveryKindOfNoticeIsMadeByANightOrByWhatSurroundsIt(t *testing.T) {
	c := newHousehold(t)
	made := map[string]bool{NoticeRunAborted: true, NoticeRunMissing: true, NoticeChannelFailing: true}
	for _, one := range Concerns(everything(c, false), c.rules) {
		made[one.Kind] = true
	}
	for _, row := range noticeTable {
		if !made[row.kind] {
			t.Errorf("%s is made by nothing", row.kind)
		}
	}
}

func TestWhatEverybodyMayReadHasNoWordThatSomebodyElseWrote(t *testing.T) {
	for _, ahead := range []bool{false, true} {
		c := newHousehold(t)
		c.book = NextBook(c.book, everything(c, ahead), c.rules)
		aborted := AbortedRun(c.book, access.Run{ID: "run-9", Trigger: "nightly", StartedAt: c.now}, "canary of an error")
		c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeRaised, Raised: &aborted}})
		// all audiences by all channels, now and as the next tier
		for a := range c.rules.Tell {
			c.rules.Tell[a] = []string{"mail", "chat", "pager"}
		}
		seen, trusted := 0, 0
		for range 20 {
			for _, d := range DueNotices(c.book, c.rules, c.now) {
				for name, traits := range c.rules.Channels {
					b, err := json.Marshal(d.Message(traits))
					if err != nil {
						t.Fatal(err)
					}
					seen++
					if traits.Private && d.Audience.Trusted() {
						if strings.Contains(string(b), "canary") {
							trusted++
						}
						continue
					}
					if strings.Contains(string(b), "canary") {
						t.Errorf("%s to %s by %s: %s", d.Concerns, d.Recipient, name, b)
					}
					if ahead && (strings.Contains(string(b), "E7") || strings.Contains(string(b), "E8") || strings.Contains(string(b), "00u")) {
						t.Errorf("somebody is to leave, and %s to %s by %s names them: %s", d.Concerns, d.Recipient, name, b)
					}
				}
			}
			c.passes(time.Hour)
		}
		if seen < 50 || trusted == 0 {
			t.Errorf("%d messages were looked at, %d of them restricted ones that say more", seen, trusted)
		}
	}
}

func TestTitlesAndKeysNameNobodyAndFitAPager(t *testing.T) {
	c := newHousehold(t)
	c.rules.Environment = strings.Repeat("e", 64)
	n := everything(c, false)
	n.Damaged = []string{"journal/" + strings.Repeat("x", 400)}
	c.book = NextBook(c.book, n, c.rules)
	for _, d := range DueNotices(c.book, c.rules, c.now) {
		if len(d.Open.Key) > 255 || d.Open.Key == "" || d.Open.Key != d.Restricted.Key || d.Open.Title != d.Restricted.Title || strings.Contains(d.Restricted.Title+d.Restricted.Key, "canary") || strings.ContainsAny(d.Open.Title, "\r\n") {
			t.Errorf("%+v", d.Restricted)
		}
	}
}
