package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

// A campaign in testdata/campaign is a world (see fixture) with a section steps, one
// step per line, and a section story: what each step led to. Its name is the rule.
//
//	rules [zone=] [keep=] [most=] [privileged=] [other=] [remove-privileged]
//	delegate REVIEWER DELEGATE FROM UNTIL
//	open ID AT due= approver= [mail=] [systems=] [departments=] [entitlements=] [risks=] [movers] [delta] [since=]
//	file REVIEWER AT [sender=] [signed=] [name=] [campaign=] [worksheet=] [refused=] [again] [csv] [html]
//	  row WHO RIGHT [duty=] DECISION [reason=] [change=] [pass=] [comment=] [cell=N:TEXT] [mac=] [mac-of=REVIEWER] [id=] [spaces] [formula] [twice]
//	  rest DECISION [reason=]: every other row of the worksheet
//	due AT | handover AT | progress AT | checks AT [which] | outcomes | kept | changes | removals
//	rewrite WHO RIGHT [duty=] [reviewer=] [name=] [worksheet=] [at=]: a decision on record that no receiving would have made
//	gone WHO RIGHT AT [of=CAMPAIGN]: a night saw that it is gone
//	night RUN AT FOLDER: the systems of FOLDER/NAME are what a later night saw
//	move PERSON title=: from now on
//	left PERSON: the next night's lists say so
//	settle AT | close AT [unanswered]
type campaignPlay struct {
	*fixture
	d         Decision
	rules     CampaignRules
	delegates []access.Delegate
	rec       access.CampaignRecord
	past      map[access.CampaignID]access.CampaignRecord
	later     *LaterNight
	left      []access.PersonKey
	removals  []access.Removal
	receiving *Receiving // of the files that come one after another
	back      *access.ReturnedSheet
	at        time.Time
	count     int
	story     strings.Builder
}

func TestCampaigns(t *testing.T) {
	eachWorld(t, "testdata/campaign/*.txtar", playCampaign)
}

func playCampaign(t *testing.T, file string, a *txtar.Archive) {
	f := loadFixture(t, a)
	p := &campaignPlay{fixture: f, d: Decide(f.w), past: map[access.CampaignID]access.CampaignRecord{}}
	for _, l := range lines(f.files["steps"]) {
		p.step(l)
	}
	p.send()
	demanded(t, a, p.story.String(), "")
	rewritten(t, file, a, "story", p.story.String())
}

func (p *campaignPlay) say(format string, args ...any) { fmt.Fprintf(&p.story, format+"\n", args...) }

// step takes one line of the section steps. It is long because it has one case for each
// step of the list above, and is where a writer of a story looks a step up.
func (p *campaignPlay) step(l []string) {
	p.t.Helper()
	opt := options(l[1:])
	if l[0] != "row" && l[0] != "rest" {
		p.send()
	}
	if _, has := opt["quiet"]; !has && l[0] != "row" && l[0] != "rest" && l[0] != "rules" && l[0] != "delegate" {
		p.say("> %s", strings.Join(l, " "))
	}
	if !slices.Contains([]string{"file", "row", "rest"}, l[0]) {
		p.receiving = nil
	}
	switch l[0] {
	case "rules":
		p.rule(opt)
	case "delegate":
		p.delegates = append(p.delegates, access.Delegate{Reviewer: personKey(l[1]), Delegate: personKey(l[2]), From: p.day(l[3]), Until: p.day(l[4])})
	case "open":
		p.open(access.CampaignID(l[1]), l[2], opt)
	case "file":
		p.file(l[1], p.time(l[2]), opt)
	case "row":
		p.row(l[1:], opt)
	case "rest":
		p.rest(l[1:], opt)
	case "due":
		p.due(p.time(l[1]), opt["result"])
	case "handover":
		p.handOver(p.time(l[1]))
	case "progress":
		p.progress(p.time(l[1]))
	case "checks":
		p.checks(p.time(l[1]), slices.Contains(l, "which"))
	case "outcomes":
		for _, o := range Outcomes(p.rec) {
			p.say("%s: %s%s", rowWords(o.Item), cmp.Or(o.Choice.Word(), "open"), by(o.Decision))
		}
	case "kept":
		for _, x := range Kept(p.rec) {
			p.say("%s may have %s %s until %s, says %s: %s", x.Person, x.Kind, x.Entitlement, x.ExpiresOn, x.ApprovedBy, x.Reason)
		}
	case "changes":
		for _, c := range Changes(p.rec) {
			p.say("%s: to %q, says %s: %s", rowWords(&c.Item), c.To, c.By, c.Reason)
		}
	case "removals":
		p.removals = CampaignRemovals(p.rec, p.rules)
		p.tellRemovals()
	case "rewrite":
		p.rewrite(l[1], l[2], opt)
	case "gone":
		subject := p.issuedRow(l[1], l[2], opt["duty"]).Item.RowID
		for n := range p.removals {
			if p.removals[n].Subject == subject {
				p.removals[n].GoneAt, p.removals[n].GoneIn, p.removals[n].Campaign = p.time(l[3]), "n1", access.CampaignID(cmp.Or(opt["of"], string(p.rec.Campaign.ID)))
			}
		}
		p.tellRemovals()
	case "left":
		p.left = append(p.left, personKey(l[1]))
	case "move":
		p.move(l[1], opt["title"])
	case "night":
		p.night(access.RunID(l[1]), p.time(l[2]), l[3])
	case "settle":
		p.decided(Settled(p.rec, p.later, p.time(l[1])))
	case "close":
		_, unanswered := opt["unanswered"]
		p.close(p.time(l[1]), unanswered)
	default:
		p.t.Fatalf("steps: unknown step %q", l[0])
	}
}

func (p *campaignPlay) rule(opt map[string]string) {
	number := func(k string) int { return p.number(cmp.Or(opt[k], "0")) }
	_, p.rules.RemovePrivileged = opt["remove-privileged"]
	p.rules.KeepDays, p.rules.ExceptionMaxDays = number("keep"), number("most")
	p.rules.PrivilegedDays, p.rules.OtherDays, p.rules.Zone = number("privileged"), number("other"), p.w.Settings.Zone
	p.rules.Locked = []string{"Row ID", "Person", "What", "Risk"}
}

func (p *campaignPlay) night(run access.RunID, at time.Time, folder string) {
	var systems []access.Observation
	for _, name := range slices.Sorted(maps.Keys(p.fixture.files)) {
		if system, ok := strings.CutPrefix(name, folder+"/"); ok {
			systems = append(systems, p.system(access.System(system), p.fixture.files[name]))
		}
	}
	people := slices.Clone(p.d.People)
	for n := range people {
		if slices.Contains(p.left, people[n].Key()) {
			people[n].Standing = access.StandingLeft
		}
	}
	p.later = NewLaterNight(run, at, systems, people)
	p.removals = Follow(p.removals, p.later)
	p.tellRemovals()
}

// move gives somebody another job.
func (p *campaignPlay) move(who, title string) {
	for s := range p.w.Rosters {
		rows := slices.Clone(p.w.Rosters[s].Rows)
		for n := range rows {
			if rows[n].Key().String() == who {
				rows[n].Title = title
			}
		}
		p.w.Rosters[s].Rows = rows
	}
	p.d = Decide(p.w)
}
