package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
)

// receiver is Slack, PagerDuty, a webhook and a monitor that waits for a heartbeat, by
// their paths; each may be down.
type receiver struct {
	mu   sync.Mutex
	down map[string]bool
	got  map[string][]string // bodies
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	b, err := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	where := strings.Split(strings.Trim(q.URL.Path, "/"), "/")[0]
	if err != nil || r.down[where] {
		http.Error(w, "gone", http.StatusGone)
		return
	}
	r.got[where] = append(r.got[where], string(b))
	if where == "v2" {
		var event struct {
			Key string `json:"dedup_key"`
		}
		_ = json.Unmarshal(b, &event) // a body that is none shows in the test
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, `{"status":"success","message":"Event processed","dedup_key":%q}`, event.Key)
		return
	}
	fmt.Fprint(w, "ok")
}

// took gives what came to a place since the last look.
func (r *receiver) took(where string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := strings.Join(r.got[where], "\n")
	delete(r.got, where)
	return all
}

func (r *receiver) isDown(where string, down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down[where] = down
}

// newTownThatTells is a town with notices, and who takes them.
func newTownThatTells(t *testing.T) (*townsfolk, *receiver) {
	t.Helper()
	w, r := newTown(t, fakeokta.Options{}), &receiver{down: map[string]bool{}, got: map[string][]string{}}
	at := serve(t, r)
	w.write("slack", at+"/slack/T0/B0/x")
	w.write("pager", "0123456789abcdef0123456789abcdef")
	w.write("hook", at+"/hook")
	w.write("hooksecret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	w.write("heart", at+"/heart/1")
	w.write("contacts.csv", "system,responsibility,name,business_hours_contact,after_hours_contact,hours,timezone\n"+
		",on_call,Desk,desk@example.test,+32 1,Mon-Fri 09:00-17:00,UTC\n,security,Sec,sec@example.test,+32 2,,\n,hr,People,hr@example.test,,,\n,compliance,Co,co@example.test,,,\n")
	w.write("rollcall.yaml", strings.Replace(w.read("rollcall.yaml"), "rolemap: rolemap.csv", "rolemap: rolemap.csv, contacts: contacts.csv", 1)+`notices:
  environment: test
  channels:
    pager: {pagerduty: {file: pager}, endpoint: "`+at+`"}
    chat: {slack: {file: slack}}
    hook: {webhook: {url: {file: hook}, secret: {file: hooksecret}}}
  tell: {on_call: [pager, chat], security: [chat], hr: [hook], compliance: [hook]}
  escalate: [hr]
  sla: 720h
  heartbeat: {file: heart}
`)
	w.watched()
	return w, r
}

func (w *townsfolk) notices(sub string, args ...string) ran {
	w.t.Helper()
	return play(w.t.Context(), w.clock, nil, append([]string{"notices", sub, "--config", filepath.Join(w.dir, "rollcall.yaml")}, args...)...)
}

func (w *townsfolk) refusesSuspension() {
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "no")
	rule.Match = faults.Path(http.MethodPost, "/lifecycle/suspend")
	w.oktaFaults.Add(rule)
}

func (w *townsfolk) contains(what, text string, all ...string) {
	w.t.Helper()
	for _, one := range all {
		if !strings.Contains(text, one) {
			w.t.Errorf("%s has no %q: %s", what, one, text)
		}
	}
}

func TestABlockThatFailsPagesAndTheNightThatCuresItResolves(t *testing.T) {
	w, r := newTownThatTells(t)
	w.leave("mia")
	w.refusesSuspension()
	w.want(w.night("nightly"), exitFailed)
	page := r.took("v2")
	w.contains("the page", page, `"event_action":"trigger"`, "test/leaver_block_failed/", "Access of somebody who has left could not be ended", "critical")
	chat := r.took("slack")
	w.contains("the chat", chat, "could not be ended", "employees/"+w.id("mia"))
	for what, text := range map[string]string{"the page": page, "the chat": chat} {
		if strings.Contains(strings.ToLower(text), "mia") {
			t.Errorf("%s names the person: %s", what, text)
		}
	}
	w.contains("the webhook", r.took("hook"), "The night's evidence is committed", "Head of the archive: ")
	w.contains("the heartbeat", r.took("heart"), "exit code 5")

	w.want(w.notices("send"), exitDone, "Nothing is due.")
	w.clock.pass(31 * time.Minute)
	w.want(w.notices("send"), exitDone, "told on_call by pager (again)")
	list := w.notices("list")
	w.want(list, exitDone, "test/leaver_block_failed/", "told on_call by pager: 2 times", "told security by chat")
	key := strings.Fields(list.stdout[strings.Index(list.stdout, "test/leaver_block_failed"):])[0]
	w.want(w.notices("ack", "--key", "test/none", "--by", "dana"), exitRefused, "nothing that is open has the key")
	w.want(w.notices("ack", "--key", key, "--by", "dana"), exitDone, "dana has "+key+" in hand")
	w.clock.pass(2 * time.Hour)
	w.want(w.notices("send"), exitDone, "Nothing is due.")
	r.took("v2")

	w.oktaFaults.Clear()
	w.want(w.night("nightly"), exitDone)
	w.contains("the pager", r.took("v2"), `"event_action":"resolve"`, key)
	w.contains("the chat", r.took("slack"), "Cured: ")
	w.want(w.now("nightly"), exitDone)
	w.want(w.notices("list"), exitDone)
	if strings.Contains(w.notices("list").stdout, "leaver_block_failed") {
		t.Error("what was cured, and said to be, is still listed")
	}
	w.want(w.audits("verify"), exitDone)
}

func TestAChannelThatIsDownFallsOverAndNothingElseOfTheNightChanges(t *testing.T) {
	w, r := newTownThatTells(t)
	r.isDown("v2", true)
	r.isDown("slack", true)
	w.leave("mia")
	w.refusesSuspension()
	w.want(w.night("nightly"), exitFailed, "NOT EVERYBODY WAS TOLD", "no heartbeat is sent")
	if r.took("heart") != "" {
		t.Error("the heartbeat says that all is well, and nobody could be paged")
	}
	w.contains("the next tier", r.took("hook"), "Access of somebody who has left could not be ended")
	w.want(w.notices("test"), exitFailed, "pager: DOES NOT WORK", "hook: works")
	r.isDown("slack", false)
	w.clock.pass(31 * time.Minute)
	w.want(w.notices("send"), exitFailed, "NOT told on_call by pager", "told on_call by chat", "told security by chat")
	w.contains("the chat", r.took("slack"), "A channel for notices does not work", "could not be ended")
	r.isDown("v2", false)
	w.want(w.notices("test"), exitDone, "pager: works", "chat: works")
}

func TestANightThatIsAbortedPages(t *testing.T) {
	w, r := newTownThatTells(t)
	w.leave("mia")
	broken := func(in jobs.Records) jobs.Records { return brokenJournal{in} }
	w.clock.pass(24 * time.Hour)
	w.want(play(t.Context(), w.clock, broken, "nightly", "--config", filepath.Join(w.dir, "rollcall.yaml")), exitAborted)
	w.contains("the pager", r.took("v2"), "test/run_aborted/nightly", `"event_action":"trigger"`)
	if r.took("heart") != "" {
		t.Error("a heartbeat of a night that was aborted")
	}
	w.want(w.now("nightly"), exitDone)
	w.contains("the pager", r.took("v2"), "test/run_aborted/nightly", `"event_action":"resolve"`)
}

// brokenJournal is a disk on which no journal can be written.
type brokenJournal struct{ jobs.Records }

func (b brokenJournal) Create(name string, bytes []byte) error {
	if strings.HasPrefix(name, "journal/") {
		return fmt.Errorf("create %s: no space left on device", name)
	}
	return b.Records.Create(name, bytes)
}

func TestCheckNamesWhoWouldNotBeTold(t *testing.T) {
	w, _ := newTownThatTells(t)
	w.rewrites("rollcall.yaml", "security: [chat], hr: [hook]", "hr: [mail]")
	w.rewrites("rollcall.yaml", "  channels:\n", "  channels:\n    mail: {smtp: {server: mail.example.test, from: r@example.test}}\n")
	w.write("contacts.csv", "system,responsibility,name,business_hours_contact,after_hours_contact,hours,timezone\n,on_call,Desk,desk@example.test,,office hours,UTC\n")
	r := w.now("check")
	w.want(r, exitRefused, "notices.tell has no channel for security.", "the most urgent of it is critical", "Nobody is named as hr", "There is no e-mail address of hr.", "We do not understand these hours", "notices.tell has no channel for owner.")
	if strings.Contains(r.stdout, "no channel for on_call") {
		t.Error(r)
	}
}

func TestWithoutNoticesTheCommandsSayWhatToWrite(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	for _, sub := range []string{"send", "list", "test"} {
		w.want(w.notices(sub), exitRefused, "has no notices")
	}
	w.want(w.notices("ack"), exitRefused, "--key is missing")
}
