package config

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// The commented notices of the example are notices.
func TestTheCommentedNoticesOfTheExampleAreRead(t *testing.T) {
	text := string(Example())
	at := strings.Index(text, "# notices:\n")
	if at < 0 {
		t.Fatal("the example does not show notices")
	}
	head, rest := text[:at], text[at:]
	body, tail, _ := strings.Cut(rest, "\n\n")
	lines := strings.Split(body, "\n")
	for n := range lines {
		lines[n] = strings.TrimPrefix(lines[n], "# ")
	}
	c, err := Load("rollcall.yaml", []byte(head+strings.Join(lines, "\n")+"\n\n"+tail))
	if err != nil {
		t.Fatal(err)
	}
	n := c.Notices
	if !n.On() || len(n.Channels) != 5 || n.SLA != 24*time.Hour || n.Heartbeat.Env != "HEARTBEAT_URL" || len(n.Escalate) != 2 || n.Environment != "prod" {
		t.Errorf("%+v", n)
	}
	for _, a := range access.Audiences {
		if len(n.Tell[a]) == 0 {
			t.Errorf("nobody tells %s", a)
		}
	}
	if all := len(c.Secrets()); all < 6 {
		t.Errorf("%d secrets are known", all)
	}
}

func TestNoticesThatWouldReachNobodyAreRefused(t *testing.T) {
	for notices, says := range map[string]string{
		"{tell: {on_call: [x]}}":                                                        "channels is missing in notices",
		"{channels: {a: {slack: {env: S}}}}":                                            "tell is missing in notices",
		"{channels: {a: {slack: {env: S}}}, tell: {on_call: [b]}}":                      `names the channel "b"`,
		"{channels: {a: {slack: {env: S}}}, tell: {boss: [a]}}":                         `unknown key "boss"`,
		"{channels: {a: {}}, tell: {on_call: [a]}}":                                     "has no type",
		"{channels: {a: {slack: {env: S}, pagerduty: {env: P}}}, tell: {}}":             "of one type",
		"{channels: {a: {slack: \"https://hooks.slack.com/x\"}}, tell: {}}":             "may only be referred to",
		"{channels: {a: {slack: {env: S}, endpoint: \"https://x.example\"}}, tell: {}}": "only of a pager",
		"{channels: {a: {smtp: {from: x}}}, tell: {}}":                                  "server is missing",
		"{channels: {A: {slack: {env: S}}}, tell: {}}":                                  `a channel is called "A"`,
		"{channels: {a: {slack: {env: S}}}, tell: {}, reports_url: ftp://x}":            "reports_url",
		"{channels: {a: {slack: {env: S}}}, tell: {}, sla: 1m}":                         "notices.sla",
		"{channels: {a: {slack: {env: S}}}, tell: {}, escalate: [nobody]}":              "escalate",
		"{channels: {a: {sns: {topic_arn: x}}}, tell: {}}":                              "topic_arn",
		"{channels: {a: {webhook: {url: {env: U}}}}, tell: {}}":                         "secret is missing",
		"{channels: {a: {slack: {env: S}}}, tell: {}, heartbeat: \"https://hc/1\"}":     "may only be referred to",
	} {
		_, err := Load("r.yaml", []byte(least+"\nnotices: "+notices+"\n"))
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hooks.slack.com") {
			t.Errorf("%s: %v", notices, err)
		}
	}
}
