package runbook

import (
	"bytes"
	_ "embed" // the pages' templates and style
	"fmt"
	html "html/template"
	"io"
	"strings"
	text "text/template"
	"unicode"

	"rollcall/reports"
	"rollcall/reports/page"
)

// Both forms are made from the same structure, by two templates. HTML is not made from
// the Markdown: html/template knows at each place what a text could break out of, and
// a text that has to survive two escapings survives neither for certain.

var (
	//go:embed page/page.md
	pageMarkdown string
	//go:embed page/index.md
	indexMarkdown string
	//go:embed page/page.html
	pageHTML string
	//go:embed page/index.html
	indexHTML string
	//go:embed page/parts.html
	parts string
	//go:embed page/runbook.css
	moreStyle string

	style  = page.Base() + moreStyle
	policy = page.Policy(style, "")

	words     = map[string]any{"md": markdown, "join": func(all []string) string { return strings.Join(all, ", ") }, "inc": func(n int) int { return n + 1 }}
	templates = struct {
		pageMD, indexMD     *text.Template
		pageHTML, indexHTML *html.Template
	}{
		text.Must(text.New("page.md").Funcs(words).Parse(pageMarkdown)), text.Must(text.New("index.md").Funcs(words).Parse(indexMarkdown)),
		page.Template(parts+pageHTML, words), page.Template(parts+indexHTML, words),
	}
)

// File is one page, to be written under its name.
type File struct {
	Name string
	Text []byte
}

// view is what a template shows.
type view struct {
	Book
	Page       Page // empty in the index
	Give       []string
	Rules      []string
	CSP        string
	Style      html.CSS
	ByReader   []entry
	ByHappened []entry
}

// entry is a line of the index.
type entry struct {
	Says  string
	Pages []Page
}

// Files are all pages in both forms, and the index.
func (b Book) Files() ([]File, error) {
	v := view{Book: b, Give: reports.CardGive(), Rules: reports.CardRules(), CSP: policy, Style: html.CSS(style), ByReader: b.byReader()}
	for _, p := range b.Pages {
		v.ByHappened = append(v.ByHappened, entry{p.Happened, []Page{p}})
	}
	out, err := v.both("index", templates.indexMD.Execute, templates.indexHTML.Execute)
	if err != nil {
		return nil, err
	}
	for _, p := range b.Pages {
		v.Page = p
		files, err := v.both(string(p.Name), templates.pageMD.Execute, templates.pageHTML.Execute)
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	return out, nil
}

// filling is what both kinds of templates have in common.
type filling func(io.Writer, any) error

// both makes the two forms of one page.
func (v view) both(name string, md, html filling) ([]File, error) {
	var files []File
	for _, form := range []struct {
		ext  string
		make filling
	}{{".md", md}, {".html", html}} {
		var out bytes.Buffer
		if err := form.make(&out, v); err != nil {
			return nil, fmt.Errorf("make the page %s%s: %w", name, form.ext, err)
		}
		files = append(files, File{name + form.ext, []byte(page.Printable(out.String()))})
	}
	return files, nil
}

// byReader lists the pages by who reads them, in the order in which pages name them.
func (b Book) byReader() []entry {
	var out []entry
	at := map[string]int{}
	for _, p := range b.Pages {
		for _, r := range p.Readers {
			n, known := at[r]
			if !known {
				n = len(out)
				at[r], out = n, append(out, entry{Says: r})
			}
			out[n].Pages = append(out[n].Pages, p)
		}
	}
	return out
}

var marks = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "|", `\|`, "#", `\#`,
	"~", `\~`, "&", `\&`, "!", `\!`, "://", `:\//`, "www.", `www\.`, "WWW.", `WWW\.`)

// markdown writes a text so that Markdown takes it for nothing but text, in one line
// (https://spec.commonmark.org/0.31.2/#backslash-escapes).
func markdown(s string) string {
	s = marks.Replace(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " "))
	if s != "" && strings.ContainsRune("-+=", rune(s[0])) {
		s = `\` + s
	}
	return s
}
