package notify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// slackJudge is an incoming webhook that refuses what Slack documents that it
// refuses, with Slack's words (docs.slack.dev: block-kit/blocks, composition
// objects/text object, incoming webhooks/handling errors, rate limits), and reads what
// it takes as Slack shows it.
type slackJudge struct {
	t     *testing.T
	url   string
	now   func() time.Time
	limit bool // one a second

	last  time.Time
	shown []slackShown
	raw   []string
}

// slackShown is what a reader gets.
type slackShown struct {
	fallback string
	texts    []string          // every plain text, in order
	links    map[string]string // page -> words
	mentions []string          // <!channel>, <@U1>, <#C1>: whom it wakes
	styled   []string          // mrkdwn that is neither a link nor plain
}

func newSlackJudge(t *testing.T, now func() time.Time) *slackJudge {
	j := &slackJudge{t: t, now: now, limit: true}
	j.url = served(t, j.ServeHTTP) + "/services/T00000000/B00000000/SLACKCANARYSECRET0123456"
	return j
}

func (j *slackJudge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	say := func(status int, word string) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(word))
	}
	switch {
	case r.URL.Path != "/services/T00000000/B00000000/SLACKCANARYSECRET0123456":
		say(404, "no_service")
		return
	case r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json":
		say(400, "invalid_payload")
		return
	case j.limit && !j.last.IsZero() && j.now().Sub(j.last) < time.Second:
		w.Header().Set("Retry-After", "7")
		say(429, "rate_limited")
		return
	}
	j.last = j.now()
	var raw json.RawMessage
	var post struct {
		Text   string            `json:"text"`
		Blocks []json.RawMessage `json:"blocks"`
	}
	if json.NewDecoder(r.Body).Decode(&raw) != nil || json.Unmarshal(raw, &post) != nil {
		say(400, "invalid_payload")
		return
	}
	if post.Text == "" && len(post.Blocks) == 0 {
		say(400, "no_text")
		return
	}
	shown, err := judgeBlocks(post.Text, post.Blocks)
	if err != nil {
		j.t.Logf("the judge refuses: %v\n%s", err, raw)
		say(400, "invalid_blocks")
		return
	}
	j.shown, j.raw = append(j.shown, shown), append(j.raw, string(raw))
	say(200, "ok")
}

type slackTextObject struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Emoji    *bool  `json:"emoji"`
	Verbatim *bool  `json:"verbatim"`
}

func judgeBlocks(fallback string, blocks []json.RawMessage) (slackShown, error) {
	shown := slackShown{links: map[string]string{}}
	if units16(fallback) > 40000 {
		return shown, fmt.Errorf("text of %d characters", units16(fallback))
	}
	if len(blocks) > 50 {
		return shown, fmt.Errorf("%d blocks", len(blocks))
	}
	shown.fallback = shown.read(fallback)
	total := 0
	for i, raw := range blocks {
		var b struct {
			Type     string            `json:"type"`
			ID       string            `json:"block_id"`
			Text     *slackTextObject  `json:"text"`
			Elements []slackTextObject `json:"elements"`
			Fields   json.RawMessage   `json:"fields"`
		}
		if err := json.Unmarshal(raw, &b); err != nil {
			return shown, err
		}
		var err error
		switch {
		case b.ID != "" || b.Fields != nil:
			err = fmt.Errorf("a block id or fields")
		case b.Type == "header" && b.Text != nil && b.Text.Type == "plain_text":
			err = shown.take(*b.Text, 150)
		case b.Type == "section" && b.Text != nil:
			err = shown.take(*b.Text, 3000)
		case b.Type == "context" && len(b.Elements) >= 1 && len(b.Elements) <= 10:
			for _, e := range b.Elements {
				if err = shown.take(e, 3000); err != nil {
					break
				}
			}
		default:
			err = fmt.Errorf("type %q is none, or lacks what it needs", b.Type)
		}
		if err != nil {
			return shown, fmt.Errorf("block %d: %w", i, err)
		}
		total += units16(unescaped(raw))
	}
	if total > 13000 {
		return shown, fmt.Errorf("msg_blocks_too_long: %d characters", total)
	}
	return shown, nil
}

func (s *slackShown) take(o slackTextObject, most int) error {
	switch n := units16(o.Text); {
	case n == 0 || strings.TrimSpace(o.Text) == "":
		return fmt.Errorf("no text")
	case n > most:
		return fmt.Errorf("%d characters, at most %d", n, most)
	case o.Type == "plain_text" && o.Verbatim != nil:
		return fmt.Errorf("verbatim is for mrkdwn")
	case o.Type == "mrkdwn" && o.Emoji != nil && *o.Emoji:
		return fmt.Errorf("emoji is for plain_text")
	case o.Type == "mrkdwn":
		if o.Verbatim == nil || !*o.Verbatim {
			return fmt.Errorf("mrkdwn that Slack looks for names and addresses in")
		}
		s.read(o.Text)
	case o.Type == "plain_text":
		s.texts = append(s.texts, o.Text)
	default:
		return fmt.Errorf("type %q", o.Type)
	}
	return nil
}

var (
	slackAngle  = regexp.MustCompile(`<([^<>]*)>`)
	slackMarked = regexp.MustCompile("[*_~`]")
	slackEntity = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// read shows mrkdwn as Slack does: angle brackets are links and mentions, the three
// entities are characters, * _ ~ ` are styles.
func (s *slackShown) read(text string) string {
	flat := slackAngle.ReplaceAllStringFunc(text, func(found string) string {
		inside := found[1 : len(found)-1]
		page, words, _ := strings.Cut(inside, "|")
		if strings.HasPrefix(inside, "!") || strings.HasPrefix(inside, "@") || strings.HasPrefix(inside, "#") {
			s.mentions = append(s.mentions, found)
			return ""
		}
		s.links[slackEntity.Replace(page)] = slackEntity.Replace(words)
		if slackMarked.MatchString(words) {
			s.styled = append(s.styled, words)
		}
		return ""
	})
	if slackMarked.MatchString(flat) {
		s.styled = append(s.styled, flat)
	}
	return slackEntity.Replace(flat)
}

func units16(s string) int { return len(utf16.Encode([]rune(s))) }

// unescaped is the block as JSON without Go's escapes for HTML.
func unescaped(raw []byte) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(raw))
}
