package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"rollcall/internal/sandbox/company"
	"rollcall/internal/sandbox/faults"
)

// newcomer is a company that begins with rollcall, on the demo's systems.
type newcomer struct {
	t      *testing.T
	d      *demo
	faults *faults.Injector
	mu     sync.Mutex // held while a request is seen: they come several at once
	// before sees each request to Okta.
	before  func(*http.Request)
	changes int // requests to Okta that were not for reading
	dir     string
}

func newNewcomer(t *testing.T) *newcomer {
	t.Helper()
	n := &newcomer{t: t, before: func(*http.Request) {}, dir: filepath.Join(t.TempDir(), "acme")}
	d := openDemoBehind(t, func(org http.Handler) http.Handler {
		n.faults = faults.New(org)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n.seen(r)
			n.faults.ServeHTTP(w, r)
		})
	})
	n.d = d
	d.clock.set(d.state.night(0))
	return n
}

func (n *newcomer) seen(r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.before(r)
	if r.Method != http.MethodGet {
		n.changes++
	}
}

// watch has each request seen from now on.
func (n *newcomer) watch(before func(*http.Request)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.before = before
}

// count reads what is counted of requests.
func (n *newcomer) count(of *int) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return *of
}

// flags answer everything rightly.
func (n *newcomer) flags(more ...string) []string {
	return append([]string{"init", "--dir", n.dir, "--company", company.Name, "--timezone", company.Zone,
		"--okta-url", "http://" + n.d.state.Okta, "--okta-token", "file:" + n.d.path("keys", "okta-read.token"),
		"--aws-region", company.Region, "--aws-management-role", company.ReadRole, "--aws-endpoint", "http://" + n.d.state.AWS,
		"--roster", n.d.path("employees.csv"), "--roster", n.d.path("contractors.csv")}, more...)
}

// with replaces the answer of a flag.
func with(args []string, flag, answer string) []string {
	args = append([]string{}, args...)
	for i, a := range args {
		if a == flag {
			args[i+1] = answer
		}
	}
	return args
}

func (n *newcomer) run(ctx context.Context, args ...string) (code int, out string) {
	n.t.Helper()
	var b bytes.Buffer
	e := n.d.inside()
	e.args, e.stdout = append([]string{"rollcall"}, args...), &b
	err := newApp(e).RunContext(ctx, e.args)
	if err != nil {
		b.WriteString(err.Error())
	}
	return exitCode(err), b.String()
}

func (n *newcomer) want(code int, args []string, says ...string) string {
	n.t.Helper()
	got, out := n.run(n.t.Context(), args...)
	if got != code {
		n.t.Errorf("exit code %d, want %d\n%s", got, code, out)
	}
	for _, s := range says {
		if !strings.Contains(out, s) {
			n.t.Errorf("it does not say %q:\n%s", s, out)
		}
	}
	return out
}

// nights is how many were recorded.
func (n *newcomer) nights() int {
	all, _ := filepath.Glob(filepath.Join(n.dir, "archive", "manifests", "*.json"))
	return len(all)
}

// endsWithThree holds the end of the first hour against its promise.
func endsWithThree(t *testing.T, out string) {
	t.Helper()
	_, end, found := strings.Cut(out, "\nThree things to do next\n\n")
	who := regexp.MustCompile(`(?m)^(\d)\. (IT|HR|Reviewers): `).FindAllString(end, -1)
	if !found || strings.Join(who, "") != "1. IT: 2. HR: 3. Reviewers: " {
		t.Errorf("it does not end with three things to do: %q\n%s", who, out)
	}
	for _, file := range regexp.MustCompile(`\S+/(?:summary\.md|index\.html|worksheets|rolemap\.csv|nonhuman\.csv|contacts\.csv)`).FindAllString(end, -1) {
		if _, err := os.Stat(file); err != nil {
			t.Errorf("it names what is not there: %v", err)
		}
	}
}

func TestTheFirstHourEndsWithANightAndThreeThingsToDo(t *testing.T) {
	n := newNewcomer(t)
	out := n.want(exitDone, n.flags("--connect"), "Step 1 of 4", "okta: all 11 scopes were read to their end", "They cover", "Step 4 of 4", "308 people")
	endsWithThree(t, out)
	if n.nights() != 1 {
		t.Errorf("%d nights", n.nights())
	}
	if b, err := os.ReadFile(filepath.Join(n.dir, "answers.csv")); err != nil || strings.Count(string(b), "\n") != 1 {
		t.Errorf("answers about people of the sample are in force: %q, %v", b, err)
	}
	before := files(t, n.dir)
	endsWithThree(t, n.want(exitDone, n.flags("--connect"), "stays as it is", "there was a night already"))
	endsWithThree(t, n.want(exitDone, []string{"init", "--dir", n.dir, "--connect"}, "stays as it is", "there was a night already"))
	if files(t, n.dir) != before {
		t.Error("the second time something was written")
	}
	if sent := n.count(&n.changes); sent > 0 {
		t.Errorf("an hour that observes sent %d changes", sent)
	}
}

func TestAWrongAddressIsToldAndAnsweredAnew(t *testing.T) {
	n := newNewcomer(t)
	out := n.want(exitIncomplete, with(n.flags("--connect"), "--okta-url", "http://127.0.0.1:1"), "no answer: dial tcp 127.0.0.1:1", "Is the address of okta in rollcall.yaml the right one", "give it again, such as --okta-url")
	if strings.Contains(out, "Step 3") || n.nights() != 0 {
		t.Error("it went on")
	}
	endsWithThree(t, n.want(exitDone, []string{"init", "--dir", n.dir, "--connect", "--okta-url", "http://" + n.d.state.Okta}, "has the new answers"))
}

func TestAWrongTokenIsToldAndNotShown(t *testing.T) {
	n := newNewcomer(t)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("00secretsecret"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := n.want(exitIncomplete, with(n.flags("--connect"), "--okta-token", "file:"+token), "401", "does not accept the credential", "a super administrator of Okta. How: deploy/okta.md")
	if strings.Contains(out, "00secretsecret") {
		t.Error("the token is shown")
	}
	endsWithThree(t, n.want(exitDone, n.flags("--connect"), "has the new answers"))
}

func TestAMissingRightIsNamedWithWhoGrantsIt(t *testing.T) {
	n := newNewcomer(t)
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/api-tokens")
	n.faults.Add(rule)
	n.want(exitIncomplete, n.flags("--connect"), "NOT read: okta/api_tokens", "okta.apiTokens.read", "Who grants it")
	n.want(exitIncomplete, with(n.flags("--connect"), "--aws-management-role", "nobody"), "role/nobody may not be assumed", "Who grants it: an administrator of the AWS organisation")
	if n.nights() != 0 {
		t.Error("a night was played")
	}
}

func TestARefusedRosterStopsBeforeAnySystemIsAsked(t *testing.T) {
	n := newNewcomer(t)
	asked := 0
	n.watch(func(*http.Request) { asked++ })
	bad := filepath.Join(t.TempDir(), "employees.csv")
	if err := os.WriteFile(bad, []byte("name,colour\nAnn,red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append(n.flags("--connect")[:len(n.flags())-4], "--roster", bad, "--connect")
	n.want(exitRefused, args, "STOP", "employee_id", "mend what is marked STOP", "go on with: rollcall init --connect --dir "+n.dir)
	if asked := n.count(&asked); asked > 0 {
		t.Errorf("%d requests", asked)
	}
	b, err := os.ReadFile(n.d.path("employees.csv"))
	if err == nil {
		err = os.WriteFile(bad, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	endsWithThree(t, n.want(exitDone, []string{"init", "--dir", n.dir, "--connect"}, "stays as it is"))
}

// Whatever the moment at which somebody stops it, the same command ends what was begun.
func TestStoppedAnywhereTheFirstHourGoesOn(t *testing.T) {
	n := newNewcomer(t)
	total := 0
	n.watch(func(*http.Request) { total++ })
	n.want(exitDone, n.flags("--connect"))
	all := n.count(&total)
	for _, share := range []int{1, 40, 60, 80, 99} { // of the requests: while it connects, suggests, plays the night
		n.dir = filepath.Join(t.TempDir(), "acme")
		ctx, stop := context.WithCancel(t.Context())
		seen := 0
		n.watch(func(*http.Request) {
			if seen++; seen == all*share/100+1 {
				stop()
			}
		})
		if code, out := n.run(ctx, n.flags("--connect")...); code != exitAborted || !strings.Contains(out, "go on with: rollcall init --connect") {
			t.Errorf("stopped at %d %%: exit code %d\n%s", share, code, out)
		}
		stop()
		n.watch(func(*http.Request) {})
		endsWithThree(t, n.want(exitDone, n.flags("--connect"), "stays as it is"))
		if n.nights() != 1 {
			t.Errorf("stopped at %d %%: %d nights", share, n.nights())
		}
	}
}

func TestInitOverwritesNothingThatPeopleWrote(t *testing.T) {
	n := newNewcomer(t)
	n.want(exitDone, n.flags())
	edited := "# ours\n" + n.read("rollcall.yaml")
	n.write("rollcall.yaml", edited)
	mine := strings.TrimSuffix(n.read("rolemap.csv"), "\n") + "\nClerk,Clerk,,,okta,,group,*,allowed,standard,Ann,All,Ann,2026-01-01,\n"
	n.write("rolemap.csv", mine)
	n.want(exitRefused, n.flags()[:3], "has rollcall.yaml already")
	n.want(exitRefused, with(n.flags(), "--timezone", "UTC"), "was edited since init wrote it")
	endsWithThree(t, n.want(exitDone, n.flags("--connect"), "rolemap.csv has lines already and stays as it is"))
	if n.read("rollcall.yaml") != edited || n.read("rolemap.csv") != mine {
		t.Error("something that people wrote was overwritten")
	}
}

func TestTheFirstHourPlaysNoNightThatActs(t *testing.T) {
	n := newNewcomer(t)
	n.want(exitDone, n.flags())
	text := strings.Replace(n.read("rollcall.yaml"), "\nmode: observe", "\nmode: enforce", 1)
	text = strings.Replace(text, "    # revoke_token: ", "    revoke_token: ", 1)
	text = strings.NewReplacer("    # revoke_role: ", "    revoke_role: ", "    # management_revoke_role: ", "    management_revoke_role: ").Replace(text)
	n.write("rollcall.yaml", text)
	n.want(exitRefused, []string{"init", "--dir", n.dir, "--connect"}, "says mode: enforce")
}

func (n *newcomer) read(name string) string {
	b, err := os.ReadFile(filepath.Join(n.dir, name))
	if err != nil {
		n.t.Fatal(err)
	}
	return string(b)
}

func (n *newcomer) write(name, text string) {
	if err := os.WriteFile(filepath.Join(n.dir, name), []byte(text), 0o600); err != nil {
		n.t.Fatal(err)
	}
}
