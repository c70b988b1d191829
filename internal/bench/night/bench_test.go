package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/bench/counted"
	"rollcall/internal/bench/fewest"
	"rollcall/internal/bench/figures/figurestest"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/population"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && (os.Args[1] == "serve" || os.Args[1] == "memory") { // counted.Open and figures.Apart start this program
		os.Exit(start(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func measured(t *testing.T, args string) (map[string]float64, string) {
	t.Helper()
	var out, story bytes.Buffer
	if code := start(strings.Fields(args+" -folder "+t.TempDir()), nil, &out, &story); code != 0 {
		t.Fatalf("exit %d\n%s", code, story.String())
	}
	return figurestest.Read(t, out.String()), story.String()
}

// The nights are played once: AWS is asked ten times a second, however small it is.
var four = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "night")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	var out, story bytes.Buffer
	if code := start(strings.Fields("-people 200 -orgs 1 -accounts 3 -leaver 50 -folder "+dir), nil, &out, &story); code != 0 {
		return "", fmt.Errorf("exit %d\n%s", code, story.String())
	}
	return out.String(), nil
})

func played4(t *testing.T) map[string]float64 {
	t.Helper()
	out, err := four()
	if err != nil {
		t.Fatal(err)
	}
	return figurestest.Read(t, out)
}

func TestANightIsMeasuredFromOutside(t *testing.T) {
	told := played4(t)
	for name, least := range map[string]float64{"collect/time": 1e8, "worksheets": 5, "okta-1/calls": 100, "aws/calls": 40, "calls_ratio": 0.9, "peak": 20 << 20, "archived": 10_000, "received": 100_000, "cpu": 1e8} {
		if told["Night/first/"+name] < least {
			t.Errorf("%s is %v, which is less than there is", name, told["Night/first/"+name])
		}
	}
	if ratio := told["Night/first/calls_ratio"]; ratio > callsTarget {
		t.Errorf("%v requests for each that there has to be", ratio)
	}
	parts := []string{"lists", "collect", "decide", "facts", "worksheets", "commit", "tell"}
	for night, parts := range map[string][]string{"first": parts, "blocking": append(parts, "block", "logs"), "after": parts} {
		whole, together := told["Night/"+night+"/time"], 0.0
		for _, part := range parts {
			together += told["Night/"+night+"/"+part+"/time"]
		}
		if together < whole*0.999 || together > whole*1.001 {
			t.Errorf("the parts of the %s night are %v of %v", night, together, whole)
		}
	}
}

// Of 200 people the 50th, 100th, 150th and 200th leave; the first of them has an IAM
// user without a key.
func TestABlockingNightIsCountedBySystemsAndJournal(t *testing.T) {
	told := played4(t)
	for name, want := range map[string]float64{
		"people": 4, "accounts": 5, "changes": 9, "changes_ratio": 1, "logs": 2,
		"okta-1/calls:POST_/api/v1/users/{id}/lifecycle/suspend": 4, "okta-1/calls:DELETE_/api/v1/users/{id}/sessions": 4,
		"aws/calls:iam:AttachUserPolicy": 1, "aws/calls:sts:AssumeRole": 1,
		// One question more than the fewest for each change: right before it is sent.
		"okta-1/calls:GET_/api/v1/users/{id}": 3 * 8, "aws/calls:iam:GetUser": 3, "aws/calls:iam:ListAttachedUserPolicies": 2, "questions": 3*8 + 3 + 2 + 1,
		// Whose the credentials are was asked before anything was planned.
		"okta-1/calls:GET_/api/v1/users/me": 0, "aws/calls:sts:GetCallerIdentity": 0, "aws/calls:organizations:DescribeOrganization": 0,
	} {
		if got := told["Night/blocking/block/"+name]; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if whole, sent, back := told["Night/blocking/block/time"], told["Night/blocking/block/sent"], told["Night/blocking/block/back"]; sent <= 0 || back <= 0 || sent+back > whole {
		t.Errorf("of %v, %v for changes and %v until they were recorded", whole, sent, back)
	}
	for _, night := range []string{"first", "second", "after"} {
		if _, is := told["Night/"+night+"/block/changes"]; is {
			t.Errorf("the %s night tells of a block", night)
		}
	}
}

func TestANightThatIsNotWholeFails(t *testing.T) {
	const okta = "POST /api/v1/users/{id}/lifecycle/suspend"
	w := &world{names: []string{"okta-1"}}
	judged := func(live, theirs int, others ...string) map[string]counted.Judged {
		return map[string]counted.Judged{"okta-1": {Okta: &population.OktaOpen{Live: live}, Theirs: theirs, Others: others}}
	}
	asked := func(n int) map[string]counted.Asked {
		return map[string]counted.Asked{"okta-1": {Requests: fewest.Requests{okta: n}}}
	}
	recorded := func(intents, done int) *block {
		return &block{intents: intents, results: map[access.Result]int{access.Done: done}}
	}
	mixed := &block{intents: 4, results: map[access.Result]int{access.Done: 4, access.Pending: 1}}
	open := judged(2, 0)
	for name, tt := range map[string]struct {
		night      int
		p          played
		before, at map[string]counted.Judged
		why        string // empty: it is whole
	}{
		"first":                     {0, played{asked: asked(0)}, open, open, ""},
		"blocking":                  {blocking, played{asked: asked(4), block: recorded(4, 4)}, open, judged(0, 2), ""},
		"after":                     {3, played{asked: asked(0)}, judged(0, 2), judged(0, 2), ""},
		"observing sends":           {1, played{asked: asked(1)}, open, open, "1 changes were sent"},
		"observing blocks":          {1, played{asked: asked(0)}, open, judged(1, 0), "nothing was to be done"},
		"observing touches":         {1, played{asked: asked(0)}, open, judged(2, 1), "nothing was to be done"},
		"observing records":         {1, played{asked: asked(0), block: recorded(1, 1)}, open, open, "the journal has 1"},
		"after sends again":         {3, played{asked: asked(4)}, judged(0, 2), judged(0, 2), "4 changes were sent"},
		"one is still in":           {blocking, played{asked: asked(4), block: recorded(4, 4)}, open, judged(1, 2), "would still take 2"},
		"somebody else is out":      {blocking, played{asked: asked(4), block: recorded(4, 4)}, open, judged(0, 2, "00u7"), "such as 00u7"},
		"without being asked":       {blocking, played{asked: asked(3), block: recorded(4, 4)}, open, judged(0, 2), "not counted rightly"},
		"without a journal":         {blocking, played{asked: asked(4)}, open, judged(0, 2), "no change is in the journal"},
		"more intents than changes": {blocking, played{asked: asked(4), block: recorded(5, 4)}, open, judged(0, 2), "5 intents"},
		"not seen to be done":       {blocking, played{asked: asked(4), block: recorded(4, 3)}, open, judged(0, 2), "done:3"},
		"and something else":        {blocking, played{asked: asked(4), block: mixed}, open, judged(0, 2), "pending:1"},
	} {
		err := w.check(tt.night, tt.p, open, tt.before, tt.at)
		if tt.why == "" && err != nil || tt.why != "" && (err == nil || !strings.Contains(err.Error(), tt.why)) {
			t.Errorf("%s: %v, want %q", name, err, tt.why)
		}
	}
}

func TestTheNightInMemoryIsWhole(t *testing.T) {
	told, story := measured(t, "-memory -people 1000 -roles 7 -grants 20000 -drift 20")
	if told["Night/memory/grants"] < 18_000 || told["Night/memory/findings"] < 300 || told["Night/memory/archived"] < 10_000 || told["Night/memory/peak"] == 0 {
		t.Errorf("%v\n%s", told, story)
	}
}

func TestEverySizeCanBeBuilt(t *testing.T) {
	for _, s := range []size{{100, 1, 3, 50}, {15_000, 3, 200, 1000}, {20_001, 2, 50, 1000}} {
		for org := range s.Orgs {
			box, err := population.Okta(*s.okta(org), fakeokta.Options{})
			if err != nil {
				t.Fatal(err)
			}
			first := box.Rows().Users[0].Profile["employeeNumber"]
			if !bytes.Contains(people(s, time.Time{}), []byte("\n"+first.(string)+",")) {
				t.Errorf("HR does not know %v of %s", first, oktaName(org))
			}
		}
		if _, err := population.AWS(*s.aws(), fakeaws.Options{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHRsListHasTheLeaversWhomTheSystemsAreJudgedBy(t *testing.T) {
	s := size{1000, 3, 3, 50}
	var listed []string
	for _, row := range strings.Split(string(people(s, time.Now())), "\n") {
		if id, _, _ := strings.Cut(row, ","); strings.Contains(row, ",left,") {
			listed = append(listed, id)
		}
	}
	if !slices.Equal(listed, s.leavers()) || len(listed) != 3*6 {
		t.Errorf("%q have left by the list, %q are judged", listed, s.leavers())
	}
	if strings.Contains(string(people(s, time.Time{})), ",left,") {
		t.Error("somebody has left before the second night")
	}
}

func TestWhatIsAskedWronglyIsRefused(t *testing.T) {
	for _, args := range []string{"-people 10", "-orgs 0", "-accounts 1", "-nights 5", "-leaver 0", "-people 900 -orgs 1", "extra", "-memory -roles 1"} {
		if _, err := parse(strings.Fields(args), &bytes.Buffer{}); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
