package notify

import (
	_ "embed"
	"html/template"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

//go:embed letter.html
var letterHTML string

// letterPage escapes all it is given; a page that no browser may be sent to is text.
var letterPage = template.Must(template.New("letter").Funcs(template.FuncMap{
	"page": func(l access.MessageLink) string { page, _ := href(l.URL); return page },
}).Parse(letterHTML))

// subjectLimit keeps a subject readable in a list of mails.
const subjectLimit = 200

// letter is the message to one recipient: the same message to the same recipient has
// the same Message-ID, by which mail programs know a second copy.
func (c *SMTP) letter(m access.Message, to *mail.Address) (*gomail.Msg, error) {
	m.Parts = shorten(m.Parts, bodyLimit)
	var html strings.Builder
	err := letterPage.Execute(&html, struct {
		access.Message
		Title, Standing, Source string
	}{m, title(m), standing(m), source(m)})
	if err != nil {
		return nil, c.refuse("the message cannot be set in HTML: %s", phrase.OneLine(err.Error()))
	}
	id := occasion(m)
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("rollcall-"+id))
	letter.FromMailAddress(c.from)
	letter.ToMailAddress(to)
	if c.reply != nil {
		letter.ReplyToMailAddress(c.reply)
	}
	letter.Subject(cut(title(m), subjectLimit, units, "..."))
	letter.SetDateWithValue(c.dated(m).UTC())
	letter.SetMessageIDWithValue(fingerprint(id, strings.ToLower(to.Address)) + "@" + c.domain())
	// All that is told about one key is one conversation, whose first message is
	// not needed for that.
	letter.SetGenHeader(gomail.HeaderReferences, "<"+fingerprint(m.Key)+"@"+c.domain()+">")
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	letter.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	if m.Urgency == access.UrgencyCritical && !m.Resolve {
		letter.SetImportance(gomail.ImportanceHigh)
	}
	letter.SetBodyString(gomail.TypeTextPlain, plain(m))
	letter.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return letter, nil
}

// dated is when the message was made: a copy that is sent again bears the same date.
func (c *SMTP) dated(m access.Message) time.Time {
	if m.At.IsZero() {
		return c.world.Now()
	}
	return m.At
}

// domain is that of the sender.
func (c *SMTP) domain() string {
	_, domain, _ := strings.Cut(c.from.Address, "@")
	return domain
}
