package runbook

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"os/exec"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"
)

// hostile is what somebody may write into a name: markup of both forms, a cell's end, code,
// a heading on a line of its own, a link.
const hostile = "Eve <script>alert(1)</script> | `x` **b** [a](https://evil.example) www.evil.example\n# Head\r\n<img src=x onerror=alert(2)>&lt;"

// evil is hostile as one line of text.
var evil = strings.Join(strings.Fields(hostile), " ")

// elements counts elements by name, and gives the text of a page.
func elements(t *testing.T, page string) (count map[string]int, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	count = map[string]int{}
	var all strings.Builder
	for n := range root.Descendants() {
		switch {
		case n.Type == html.ElementNode:
			count[n.Data]++
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" && strings.Contains(a.Val, "evil") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
			}
		case n.Type == html.TextNode:
			all.WriteString(n.Data + " ")
		}
	}
	return count, strings.Join(strings.Fields(all.String()), " ")
}

func TestOutsideTextStaysTextInBothForms(t *testing.T) {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(goldhtml.WithUnsafe()))
	for name, page := range files(t) {
		if strings.HasSuffix(name, ".md") {
			var out bytes.Buffer
			if err := md.Convert([]byte(page), &out); err != nil {
				t.Fatal(err)
			}
			page = out.String()
		}
		count, text := elements(t, page)
		if count["script"]+count["img"]+count["i"]+count["b"]+count["u"] > 0 {
			t.Errorf("%s: a text became markup: %v", name, count)
		}
		if !strings.Contains(text, evil) {
			t.Errorf("%s does not have the name as it is: %s", name, text)
		}
		if count["h1"] != 1 {
			t.Errorf("%s has %d titles", name, count["h1"])
		}
		if strings.HasPrefix(name, "onboarding") && count["td"]%8 != 0 && strings.HasSuffix(name, ".md") {
			t.Errorf("%s: a bar in a name ended a cell: %d cells", name, count["td"])
		}
	}
}

func TestPagesLoadNothingAndRunNothing(t *testing.T) {
	for name, page := range files(t) {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		_, rest, _ := strings.Cut(page, "<style>")
		style, _, _ := strings.Cut(rest, "</style>")
		sum := sha256.Sum256([]byte(style))
		if !strings.Contains(html.UnescapeString(page), "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("%s does not forbid everything but its own style", name)
		}
		if strings.Contains(page, "ZgotmplZ") || strings.Contains(style, "url(") || strings.Contains(page, "<script") {
			t.Errorf("%s loads or runs something", name)
		}
	}
}

func TestCommandsAreOneWordPerWordInAShell(t *testing.T) {
	for _, p := range book(t).Pages {
		for _, c := range p.Commands() {
			out, err := exec.CommandContext(t.Context(), "sh", "-c", `rollcall() { for last; do :; done; printf %s "$last"; }; `+c.Line).Output()
			if err != nil || string(out) != "/etc/it's here/rollcall.yaml" && string(out) != "CONFIG" {
				t.Errorf("%s: a shell takes %q for the configuration (%v): %s", p.Name, out, err, c.Line)
			}
		}
	}
}
