package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/token"

	"rollcall/internal/access"
)

// Notices says who is told of what a run found, and how (docs/notices.md).
type Notices struct {
	// Environment is in every message's key, so that two installations do not fold into
	// one incident; empty: there is one.
	Environment string
	// ReportsURL and RunbooksURL are where the folder of reports, and the runbooks, can be
	// opened; empty: messages name the path.
	ReportsURL, RunbooksURL string
	Channels                map[string]NoticeChannel
	// Tell are the channels of each audience, in the order in which they are tried.
	Tell map[access.Audience][]string
	// Escalate are the audiences that are told, an hour after each other, when nobody
	// takes up what is critical.
	Escalate []access.Audience
	// SLA is how long access may be open after it had to end.
	SLA time.Duration
	// Heartbeat is an address, a secret, that is asked for after a night that ended well.
	Heartbeat Secret
}

// On reports whether anybody is told of anything.
func (n Notices) On() bool { return len(n.Channels) > 0 }

// NoticeChannel is one place for messages. Type says which of the rest is filled.
type NoticeChannel struct {
	Type string // slack, smtp, sns, pagerduty, webhook
	// Secret is the address of a Slack webhook, or the routing key of a pager.
	Secret Secret
	// Endpoint is the pager's, where it is not the usual one (service in the EU).
	Endpoint string
	SMTP     SMTP
	SNS      SNS
	Webhook  Webhook
}

// SMTP is a server that takes mail.
type SMTP struct {
	Server   string // host or host:port
	From     string
	User     string
	Password Secret
	TLS      string // starttls, tls, or none
}

// SNS is a topic of Amazon SNS.
type SNS struct {
	Topic, Profile, Endpoint string
}

// Webhook is an address that takes signed JSON.
type Webhook struct{ URL, Secret Secret }

func (r *reader) notices(n *Notices, dir string) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"environment", "", r.text(&n.Environment, matches(`[A-Za-z0-9][A-Za-z0-9._-]{0,31}`, "a short name, such as prod"))},
			{"reports_url", "", r.text(&n.ReportsURL, webPage)},
			{"runbooks_url", "", r.text(&n.RunbooksURL, webPage)},
			{"channels", "add at least one channel", r.noticeChannels(&n.Channels, dir)},
			{"tell", "add who is told by which channels, such as on_call: [pager]", r.tell(&n.Tell)},
			{"escalate", "", func(v value) {
				items, _ := r.list(v)
				for _, item := range items {
					var a string
					if r.text(&a, oneOf(audienceNames()...))(item); a != "" {
						n.Escalate = append(n.Escalate, access.Audience(a))
					}
				}
			}},
			{"sla", "", r.duration(&n.SLA, time.Hour, 30*24*time.Hour)},
			{"heartbeat", "", r.secret(&n.Heartbeat, dir)},
		})
		r.tellKnown(v, n)
	}
}

func audienceNames() (all []string) {
	for _, a := range access.Audiences {
		all = append(all, string(a))
	}
	return all
}

var webAddress = regexp.MustCompile(`^https?://[^\s@]+$`)

func webPage(s string) string {
	if !webAddress.MatchString(s) {
		return "an address that begins with https://, without a name or password in it"
	}
	return ""
}

func (r *reader) tell(dst *map[access.Audience][]string) func(value) {
	return func(v value) {
		*dst = map[access.Audience][]string{}
		r.each(v, func(key string, at *token.Position, entry value) {
			if !slices.Contains(audienceNames(), key) {
				r.unknownKey(at, v.path, key, audienceNames())
				return
			}
			var names []string
			r.texts(&names)(entry)
			(*dst)[access.Audience(key)] = names
		})
	}
}

// tellKnown refuses channels that there are not: who was to be told by one would not be.
func (r *reader) tellKnown(v value, n *Notices) {
	for _, a := range access.Audiences {
		for _, name := range n.Tell[a] {
			if _, known := n.Channels[name]; !known {
				path := join(v.path, "tell."+string(a))
				r.fail(r.at[path], path, fmt.Sprintf("%s names the channel %q, which is not in notices.channels", path, name), "add it there, or name another one")
			}
		}
	}
}

// channelTypes are the types of channels, each a key.
var channelTypes = []string{"slack", "smtp", "sns", "pagerduty", "webhook"}

func (r *reader) noticeChannels(dst *map[string]NoticeChannel, dir string) func(value) {
	return func(v value) {
		*dst = map[string]NoticeChannel{}
		r.each(v, func(key string, at *token.Position, entry value) {
			if matches(identifier, "no")(key) != "" {
				r.fail(at, entry.path, fmt.Sprintf("a channel is called %q", key), "use a short lower-case name, such as pager or chat-it")
				return
			}
			var c NoticeChannel
			r.noticeChannel(&c, entry, dir)
			(*dst)[key] = c
		})
	}
}

func (r *reader) noticeChannel(c *NoticeChannel, v value, dir string) {
	before := len(r.errs)
	is := func(kind string, read func(value)) func(value) {
		return func(v value) {
			if c.Type != "" {
				r.fail(r.whereIs(v), v.path, fmt.Sprintf("a channel is of one type, and this one is %s and %s", c.Type, kind), "make two channels of it")
				return
			}
			c.Type = kind
			read(v)
		}
	}
	r.mapping(v, []field{
		{"slack", "", is("slack", r.secret(&c.Secret, dir))},
		{"pagerduty", "", is("pagerduty", r.secret(&c.Secret, dir))},
		{"endpoint", "", r.text(&c.Endpoint, address)},
		{"smtp", "", is("smtp", func(v value) {
			c.SMTP.TLS = "starttls"
			r.mapping(v, []field{
				{"server", "add the mail server, as host or host:port", r.text(&c.SMTP.Server, matches(`[A-Za-z0-9.-]+(:[0-9]{1,5})?`, "host or host:port"))},
				{"from", "add the address that messages come from", r.text(&c.SMTP.From)},
				{"user", "", r.text(&c.SMTP.User)},
				{"password", "", r.secret(&c.SMTP.Password, dir)},
				{"tls", "", r.text(&c.SMTP.TLS, oneOf("starttls", "tls", "none"))},
			})
		})},
		{"sns", "", is("sns", func(v value) {
			r.mapping(v, []field{
				{"topic_arn", "add the ARN of the topic", r.text(&c.SNS.Topic, matches(`arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+`, "the ARN of a topic, such as arn:aws:sns:eu-west-1:111122223333:rollcall"))},
				{"profile", "", r.text(&c.SNS.Profile)},
				{"endpoint", "", r.text(&c.SNS.Endpoint, address, localOnly)},
			})
		})},
		{"webhook", "", is("webhook", func(v value) {
			r.mapping(v, []field{
				{"url", "add the address, as {env: NAME} or {file: path}", r.secret(&c.Webhook.URL, dir)},
				{"secret", "add the secret that signs, as {env: NAME} or {file: path}", r.secret(&c.Webhook.Secret, dir)},
			})
		})},
	})
	if c.Endpoint != "" && c.Type != "pagerduty" {
		r.fail(r.whereIs(v), v.path, v.path+" has an endpoint, which is only of a pager", "remove it")
	}
	if c.Type == "" && len(r.errs) == before {
		r.fail(r.whereIs(v), v.path, v.path+" has no type", "add one of "+strings.Join(channelTypes, ", "))
	}
}

// secrets are those of the channels, by name, and of the heartbeat.
func (n Notices) secrets() (all []Secret) {
	names := make([]string, 0, len(n.Channels))
	for name := range n.Channels {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c := n.Channels[name]
		all = append(all, c.Secret, c.SMTP.Password, c.Webhook.URL, c.Webhook.Secret)
	}
	return append(all, n.Heartbeat)
}
