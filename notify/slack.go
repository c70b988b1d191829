package notify

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"rollcall/internal/access"
)

// Limits of https://docs.slack.dev/reference/block-kit/blocks, and one that is not
// written there: all blocks of a message together (msg_blocks_too_long,
// https://github.com/slackapi/bolt-js/issues/2509, seen from 13,172 characters on).
const (
	slackHeader   = 150
	slackText     = 3000
	slackBlocks   = 50
	slackFallback = 1000
	slackParts    = 8000 // of the total, what the parts may take
	slackPages    = 1500 // and the links, and the paths
	slackBlock    = 80   // what a block takes besides its text
)

// Slack posts to an incoming webhook, which belongs to one channel. All that a
// message says is in plain_text, where Slack reads no mark-up; only links are not,
// and their words are escaped.
type Slack struct {
	side
	url   string
	world World
	pace  *rate.Limiter // https://docs.slack.dev/apis/web-api/rate-limits: one a second
}

// NewSlack reads the webhook's address, which is a secret.
func NewSlack(address string, w World) (*Slack, error) {
	u, s, err := secretURL("slack", address)
	if err != nil {
		return nil, err
	}
	return &Slack{side: s, url: u.String(), world: w.withDefaults(), pace: rate.NewLimiter(rate.Every(time.Second), 1)}, nil
}

// Send implements Channel. Slack gives no id: its receipt is "ok".
func (c *Slack) Send(ctx context.Context, m access.Message) (string, error) {
	post := slackMessage(clean(m))
	err := c.world.insist(ctx, func() error { return asError(c.post(ctx, post)) })
	if err != nil {
		return "", err
	}
	return "ok", nil
}

func (c *Slack) post(ctx context.Context, post *slack.WebhookMessage) *Error {
	if c.turn(ctx) != nil {
		return c.stopped(ctx)
	}
	try, cancel := c.world.limit(ctx, 1)
	defer cancel()
	w := &watch{next: c.world.Transport}
	err := slack.PostWebhookCustomHTTPContext(try, c.url, w.client(), post)
	if fault := c.judge(ctx, w, err, c.world.Now(), slackWords); fault != nil {
		return fault
	}
	if strings.TrimSpace(string(w.body)) != "ok" {
		return c.closed("%s answers with status %d, but not with Slack's \"ok\": check that the secret is the address of an incoming webhook", c.host, w.status)
	}
	return nil
}

// turn waits until a message may be posted.
func (c *Slack) turn(ctx context.Context) error {
	now := c.world.Now()
	wait := c.pace.ReserveN(now, 1).DelayFrom(now)
	if wait == 0 {
		return ctx.Err()
	}
	return c.world.Sleep(ctx, wait)
}

var slackWord = regexp.MustCompile(`^[a-z_]{2,60}$`)

// slackAdvice is what to do about what Slack says
// (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors).
var slackAdvice = map[string]string{
	"no_service":                        "the webhook is switched off or gone: make a new one and put its address into the secret",
	"no_active_hooks":                   "the webhook is switched off: switch it on, or make a new one",
	"invalid_token":                     "the secret is not the address of a webhook any more: make a new one",
	"no_team":                           "the workspace is gone",
	"team_disabled":                     "the workspace is switched off",
	"channel_not_found":                 "the webhook's channel is gone: make a webhook for another one",
	"channel_is_archived":               "the webhook's channel is archived: make a webhook for another one",
	"action_prohibited":                 "an administrator of the workspace forbids the webhook to post there",
	"posting_to_general_channel_denied": "an administrator forbids to post to the general channel: make a webhook for another one",
}

// slackWords takes over Slack's own word, which is all that its answers hold.
func slackWords(w *watch) string {
	word := strings.TrimSpace(string(w.body))
	if !slackWord.MatchString(word) {
		return ""
	}
	if advice := slackAdvice[word]; advice != "" {
		return ", " + word + ": " + advice
	}
	return ", " + word
}

func slackMessage(m access.Message) *slack.WebhookMessage {
	no := false
	return &slack.WebhookMessage{
		Text:        slackEscape(slackFlat(cut(title(m), slackFallback, units, "..."))), // for a locked screen
		Blocks:      &slack.Blocks{BlockSet: slackLayout(m)},
		UnfurlLinks: &no, UnfurlMedia: &no,
	}
}

// slackLayout: what is cured is told in one line.
func slackLayout(m access.Message) []slack.Block {
	blocks := []slack.Block{slack.NewHeaderBlock(slackPlain(title(m), slackHeader))}
	if !m.Resolve {
		if s := standing(m); s != "" {
			blocks = append(blocks, slack.NewContextBlock("", slackPlain(s, slackText)))
		}
		blocks = append(blocks, slackSections(m.Parts, slackBlocks-len(blocks)-3)...)
	}
	pages, places := slackLinks(m.Links)
	if pages != "" {
		blocks = append(blocks, slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, pages, false, true), nil, nil))
	}
	if places != "" {
		blocks = append(blocks, slackSection(places, slackPages))
	}
	return append(blocks, slack.NewContextBlock("", slackPlain(source(m), slackHeader)))
}

// slackSections gives a section each; where there is no room for all, the last one
// says so.
func slackSections(parts []access.MessagePart, most int) []slack.Block {
	var blocks []slack.Block
	room := slackParts
	for i, p := range parts {
		text := cut(partText(p), slackText, slackSize, seeReport)
		size := length(text, slackSize) + slackBlock
		if size > room || len(blocks) == most-1 && i < len(parts)-1 {
			begins := cut(text, min(room-slackBlock, slackText)-len("\n")-len(seeReport), slackSize, "")
			return append(blocks, slackSection(strings.TrimSpace(begins+"\n"+seeReport), slackText))
		}
		blocks, room = append(blocks, slackSection(text, slackText)), room-size
	}
	return blocks
}

func slackSection(text string, most int) slack.Block {
	return slack.NewSectionBlock(slackPlain(text, most), nil, nil)
}

func slackPlain(text string, most int) *slack.TextBlockObject {
	tail := seeReport
	if most == slackHeader {
		tail = "..."
	}
	return slack.NewTextBlockObject(slack.PlainTextType, cut(text, most, slackSize, tail), false, false)
}

// slackSize counts a character as JSON writes it.
func slackSize(r rune) int {
	if r == '"' || r == '\\' || r == '\n' {
		return 2
	}
	return units(r)
}

// slackLinks gives as many whole links as one section holds, and as plain text the
// places that are no pages of the web.
func slackLinks(links []access.MessageLink) (pages, places string) {
	var web, text []string
	room := slackPages
	for _, l := range links {
		page, ok := href(l.URL)
		if !ok {
			text = append(text, linkText(l))
			continue
		}
		link := slackLink(page, l.Words)
		if n := length(link, units) + 1; n <= room {
			web, room = append(web, link), room-n
		}
	}
	return strings.Join(web, "\n"), strings.Join(text, "\n")
}

func slackLink(page, words string) string {
	words = slackFlat(cut(words, 200, units, "..."))
	return "<" + slackEscape(strings.ReplaceAll(page, "|", "%7C")) + "|" + slackEscape(words) + ">"
}

// slackEscape is all the escaping that Slack knows
// (https://docs.slack.dev/messaging/formatting-message-text#escaping).
var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

// slackFlat takes the marks out of the one text that Slack formats: it has no
// escape for them.
var slackFlat = strings.NewReplacer("*", " ", "_", " ", "~", " ", "`", " ", "|", " ").Replace
