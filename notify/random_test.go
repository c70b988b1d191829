package notify_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// scraps are what breaks out of formats, and what is long.
var scraps = []string{
	"<!channel>", "<!here|x>", "<@U1>", "<#C1>", "<https://evil.example|x>", "&", "&amp;", "&lt;", "<", ">", "|", "*b*", "_i_", "~s~", "`c`", "```", ">", "@channel",
	"\r\n", "\n", "\r", "\nBcc: evil@example.com", "\r\n.\r\n", "\r\n\r\n", ".", "\t", "\x00", "\x1b[31m", "\u2028", "\u202e", "\ufeff", "\ufffe", "\xff\xfe", "\xed\xa0\x80",
	"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{.}}", "javascript:alert(1)", "https://ok.example/a?b=c&d=<e>|f", "http://[", "mailto:x@y", "=cmd|' /C calc'!A0",
	"é", "ä", "日本語", "👩‍👩‍👧", "🙂", "\U000e0041", "ﷺ", "e\u0301", " ", "\u00a0", "\"", "\\", "'", "--", "word", "E-10442", "=?utf-8?q?x?=",
}

func randomText(r *rand.Rand) string {
	n := []int{0, 1, 1, 3, 3, 3, 10, 10, 60, 400}[r.IntN(10)]
	if r.IntN(100) == 0 {
		n = 6000
	}
	var b strings.Builder
	if n >= 400 && r.IntN(2) == 0 {
		return strings.Repeat(scraps[r.IntN(len(scraps))], n)
	}
	for range n {
		b.WriteString(scraps[r.IntN(len(scraps))])
	}
	return b.String()
}

func randomMessage(r *rand.Rand) access.Message {
	m := access.Message{
		Key: "prod/" + randomText(r), Kind: randomText(r), Title: randomText(r), Resolve: r.IntN(5) == 0,
		Urgency: []access.Urgency{access.UrgencyCritical, access.UrgencyHigh, access.UrgencySameDay, access.UrgencyDigest, "odd"}[r.IntN(5)],
		To:      []string{"ann@example.com"},
		At:      time.Unix(int64(r.IntN(2e9)), 0), Run: access.RunID(randomText(r)),
	}
	for range []int{0, 1, 1, 2, 4, 60}[r.IntN(6)] {
		p := access.MessagePart{Head: randomText(r)}
		for range r.IntN(4) {
			p.Lines = append(p.Lines, randomText(r))
		}
		m.Parts = append(m.Parts, p)
	}
	for range []int{0, 1, 3, 40}[r.IntN(4)] {
		m.Links = append(m.Links, access.MessageLink{Words: randomText(r), URL: randomURL(r)})
	}
	return m
}

func randomURL(r *rand.Rand) string {
	if r.IntN(10) == 0 {
		return "javascript://x.example/%0aalert(1)"
	}
	if r.IntN(3) == 0 {
		return randomText(r)
	}
	return "https://reports.example.com/" + randomText(r)
}

// anyMessage runs a rule over messages made of what breaks out of formats; which
// ones is the same on every run.
func anyMessage(t *testing.T, rule func(t *testing.T, m access.Message)) {
	t.Helper()
	for seed := range uint64(150) {
		m := randomMessage(rand.New(rand.NewPCG(seed, 8)))
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { rule(t, m) }) {
			return
		}
	}
}
