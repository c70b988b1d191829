package okta

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

var home = fakeokta.Client{IP: "203.0.113.7", Browser: "CHROME", OS: "Mac OS X"}

func watch(u fakeokta.User, since, from time.Time) access.Watch {
	return access.Watch{Account: access.AccountKey{System: "okta", ID: access.AccountID(u.ID)}, Since: since, From: from}
}

// user is somebody as a party of an event.
func user(u fakeokta.User) fakeokta.Party {
	return fakeokta.Party{ID: u.ID, Type: "User", Name: u.Login()}
}

// told gives uses in words.
func toldUses(o access.Observation) (out []string) {
	for _, e := range o.Uses {
		out = append(out, fmt.Sprintf("%s %s %s: %s, from %s", e.At.Format("15:04"), e.Account.ID, e.Type, e.Says, e.Client))
	}
	return out
}

func (s *sandbox) uses(t *testing.T, watches ...access.Watch) access.Observation {
	t.Helper()
	return s.collector(t).Uses(t.Context(), access.Observation{System: "okta", Reads: []access.Read{{Caller: "rollcall@example.test"}}}, watches)
}

func TestOnlyWhatLetSomebodyInOrWasDoneAsThemIsAUse(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	at := s.Now().Add(-time.Hour)
	add := func(kind, outcome string, actor fakeokta.Party, targets ...fakeokta.Party) {
		at = at.Add(time.Minute)
		s.AddEvent(fakeokta.Event{Type: kind, Outcome: outcome, Published: at, Actor: actor, Targets: targets, Client: home})
	}
	ann, admin := user(s.ann), user(s.job)
	app := fakeokta.Party{ID: s.wiki.ID, Type: "AppInstance", Name: "Wiki"}
	client := fakeokta.Party{ID: "0oa00000000000000009", Type: "PublicClientApp", Name: "Mail"}
	add("user.session.start", "", ann)
	add("user.session.start", "FAILURE", ann)
	add("policy.evaluate_sign_on", "ALLOW", ann)
	add("user.authentication.auth_via_mfa", "", ann)
	add("user.session.end", "", ann)
	s.SignOn(s.ann.ID, s.wiki.ID, at.Add(30*time.Second), home)
	add("app.oauth2.as.token.grant.refresh_token", "", client, ann, fakeokta.Party{ID: "rft1", Type: "refresh_token"})
	add("user.lifecycle.suspend", "", admin, ann)          // done to her, not by her
	add("group.user_membership.add", "", ann, user(s.bob)) // what an API token of hers did
	add("user.session.start", "", user(s.bob), app)        // somebody else, whom nobody watches
	add("application.user_membership.add", "", admin, ann, app)
	got := s.uses(t, watch(s.ann, at.Add(-time.Hour), time.Time{}))
	want := []string{
		fmt.Sprintf("01:01 %s user.session.start: signed in, from 203.0.113.7, Chrome on Mac OS X", s.ann.ID),
		fmt.Sprintf("01:05 %s user.authentication.sso: opened the application Wiki, from 203.0.113.7, Chrome on Mac OS X", s.ann.ID),
		fmt.Sprintf("01:06 %s app.oauth2.as.token.grant.refresh_token: got a token for the application Mail, from 203.0.113.7, Chrome on Mac OS X", s.ann.ID),
		fmt.Sprintf("01:08 %s group.user_membership.add: changed who is in a group, from 203.0.113.7, Chrome on Mac OS X", s.ann.ID),
	}
	if d := cmp.Diff(want, toldUses(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAnEventThatCameLateIsReadByTheNextRun(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{LogDelay: time.Hour})
	s.SignOn(s.ann.ID, s.wiki.ID, s.Now(), home)
	first := s.uses(t, watch(s.ann, s.Now().Add(-24*time.Hour), s.Now().Add(-24*time.Hour)))
	if len(first.Uses) != 0 || len(first.Watched) != 1 {
		t.Fatalf("it is there at once: %v", toldUses(first))
	}
	_ = s.Sleep(t.Context(), 24*time.Hour)
	next := s.uses(t, watch(s.ann, first.Watched[0].Until, time.Time{}))
	if len(next.Uses) != 1 || !next.Uses[0].At.Before(first.Watched[0].Until.Add(logLag+time.Second)) {
		t.Errorf("what came late is missed: %v", toldUses(next))
	}
}

func TestWhatHappenedBeforeSomebodyLeftIsNotTold(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.SignOn(s.ann.ID, s.wiki.ID, s.Now().Add(-3*time.Hour), home)
	s.SignOn(s.ann.ID, s.wiki.ID, s.Now().Add(-time.Hour), home)
	got := s.uses(t, watch(s.ann, s.Now().Add(-24*time.Hour), s.Now().Add(-2*time.Hour)))
	if len(got.Uses) != 1 {
		t.Errorf("want the later one alone: %v", toldUses(got))
	}
}

// The end of a poll is a page without events, and every one names a next.
func TestTheLogIsReadToAPageWithoutEvents(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{MaxPage: 2})
	for n := range 5 {
		s.SignOn(s.ann.ID, s.wiki.ID, s.Now().Add(-time.Duration(n)*time.Minute), home)
	}
	got := s.uses(t, watch(s.ann, s.Now().Add(-time.Hour), time.Time{}))
	r := readOf(t, got, "logs")
	if len(got.Uses) != 5 || !r.Complete || r.Pages != 4 || r.Requests != 4 || r.Records != 5 || r.Lists {
		t.Errorf("%d uses by %+v", len(got.Uses), r)
	}
	noLink := faults.Rule{Match: faults.Path("GET", "/api/v1/logs"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Header.Del("Link") }, Times: 1}
	s.Add(noLink)
	got = s.uses(t, watch(s.ann, s.Now().Add(-time.Hour), time.Time{}))
	if r := readOf(t, got, "logs"); r.Complete || len(got.Uses) != 0 || len(got.Watched) != 0 {
		t.Errorf("a page without a next one passes for the last: %+v, %d uses", r, len(got.Uses))
	}
}

func TestManyAccountsAreFewQuestionsOfABearableLength(t *testing.T) {
	since := epoch
	var watches []access.Watch
	for n := range 2*idsInFilter + 1 { // leavers, of different days
		w := access.Watch{Account: access.AccountKey{System: "okta", ID: access.AccountID(fmt.Sprintf("00u%017d", n))}, Since: since.AddDate(0, 0, n), From: since.AddDate(0, 0, n)}
		watches = append(watches, w)
	}
	for n := range 3 { // break-glass accounts, one of them new
		watches = append(watches, access.Watch{Account: access.AccountKey{System: "okta", ID: access.AccountID(fmt.Sprintf("00v%017d", n))}, Since: since.AddDate(0, 0, n/2)})
	}
	var sizes []int
	for _, q := range questions(watches) {
		sizes = append(sizes, len(q))
		for _, w := range q {
			if w.Since.Before(q[0].Since) || w.From.IsZero() && !w.Since.Equal(q[0].Since) {
				t.Errorf("%s is asked about since %s, not %s", w.Account, q[0].Since, w.Since)
			}
		}
	}
	if d := cmp.Diff([]int{idsInFilter, idsInFilter, 1, 2, 1}, sizes); d != "" {
		t.Errorf("accounts by question (-want +got):\n%s", d)
	}
	s := newSandbox(t, fakeokta.Options{})
	longest := 0
	s.Injector.Add(faults.Rule{Match: func(r *http.Request) bool { longest = max(longest, len(r.URL.RequestURI())); return false }})
	for n := range watches {
		watches[n].Since = s.Now().Add(-time.Hour)
	}
	if r := readOf(t, s.uses(t, watches...), "logs"); !r.Complete || r.Requests != 4 || longest > 6000 {
		t.Errorf("%d requests, the longest address has %d characters: %s", r.Requests, longest, r.Gap)
	}
}

func TestALogThatIsRefusedIsAGapThatNamesTheScope(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.Add(denial())
	r := readOf(t, s.uses(t, watch(s.ann, s.Now().Add(-time.Hour), time.Time{})), "logs")
	if r.Complete || r.Lists || !strings.Contains(r.Gap, "okta.logs.read") || !strings.Contains(r.Gap, "READ_ONLY_ADMIN") || !strings.Contains(r.Gap, "rollcall@example.test") {
		t.Errorf("%+v", r)
	}
}

func denial() faults.Rule {
	r := faults.OktaError(403, "E0000006", "You do not have permission to perform the requested action")
	r.Match = faults.Path("GET", "/api/v1/logs")
	return r
}

// The events of what the revoker did name the request that caused them.
func TestTheEventsOfARevocationAreFoundWithTheirRequest(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r, err := NewRevoker(s.config(revokerToken))
	if err != nil {
		t.Fatal(err)
	}
	act := access.Action{Verb: access.OktaDeleteToken, Stage: access.Block, Account: access.AccountKey{System: "okta", ID: access.AccountID(s.ann.ID)}, AccountKind: access.OktaUser,
		Login: s.ann.Login(), EntitlementKind: access.OktaAPIToken, EntitlementID: s.annsToken.ID}
	at := s.Now()
	receipt, err := r.Act(context.WithoutCancel(t.Context()), act)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.collector(t).Events(t.Context(), []access.Sent{{Verb: act.Verb, Account: act.Account, EntitlementID: act.EntitlementID, At: at}})
	if err != nil || len(got) != 1 {
		t.Fatalf("%d events: %v", len(got), err)
	}
	e := got[0]
	if e.Verb != act.Verb || e.Account != act.Account || e.EntitlementID != s.annsToken.ID || e.RequestID != receipt.RequestID || e.Actor != s.job.Login() {
		t.Errorf("%+v, receipt %+v", e, receipt)
	}
	if raw := string(e.Raw); !strings.Contains(raw, e.ID) || strings.Contains(raw, "debug") || strings.Contains(raw, "Mozilla") {
		t.Errorf("what is kept of it: %s", raw)
	}
}
