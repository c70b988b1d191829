package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
	gosmtp "github.com/wneessen/go-mail/smtp"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// Encryption is how the connection to a mail server is protected.
type Encryption string

// The zero value is StartTLS, without which nothing is sent.
const (
	StartTLS Encryption = "starttls"
	TLS      Encryption = "tls"   // from the first byte, as on port 465
	Plain    Encryption = "plain" // for a relay on this machine or in its network; never with a password
)

// SMTPConfig is where mail is handed in.
type SMTPConfig struct {
	Host       string
	Port       int // 0: 587, 465 or 25, by the encryption
	Encryption Encryption
	From       string // an address, with a name if wanted: Rollcall <rollcall@example.com>
	ReplyTo    string // empty: none
	Username   string // empty: no login
	Password   string
	TLS        *tls.Config // the company's certificates; nil: the machine's
}

// SMTP hands each recipient a message of his own, so that nobody learns who else
// was told. Text and HTML say the same; nothing is attached.
type SMTP struct {
	side
	cfg    SMTPConfig
	from   *mail.Address
	reply  *mail.Address
	client *gomail.Client
	world  World
}

var mailPorts = map[Encryption]int{StartTLS: 587, TLS: 465, Plain: 25}

// NewSMTP reads the settings. It connects to nothing.
func NewSMTP(cfg SMTPConfig, w World) (*SMTP, error) {
	c := &SMTP{side: side{channel: "smtp"}, world: w.withDefaults()}
	if cfg.Encryption == "" {
		cfg.Encryption = StartTLS
	}
	if cfg.Port == 0 {
		cfg.Port = mailPorts[cfg.Encryption]
	}
	c.cfg, c.host = cfg, net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port))
	c.secrets = spelled(cfg.Password, "\x00"+cfg.Username+"\x00"+cfg.Password)
	if cfg.Password == "" {
		c.secrets = nil
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	var err error
	c.client, err = gomail.NewClient(cfg.Host, c.options()...)
	if err != nil {
		return nil, c.refuse("the settings are not accepted: check host and port")
	}
	return c, nil
}

func (c *SMTP) check() error {
	_, known := mailPorts[c.cfg.Encryption]
	switch {
	case c.cfg.Host == "" || strings.ContainsAny(c.cfg.Host, " \r\n\t/@"):
		return c.refuse("no mail server is named: set its host")
	case !known:
		return c.refuse("%q is no way to protect mail: use starttls, tls or plain", c.cfg.Encryption)
	case c.cfg.Encryption == Plain && (c.cfg.Password != "" || c.cfg.Username != ""):
		return c.refuse("a password is not sent over a connection that anybody can read: use starttls or tls, or take the login out")
	case (c.cfg.Password == "") != (c.cfg.Username == ""):
		return c.refuse("a login is a name and a password: one of them is missing")
	}
	var err error
	if c.from, err = mail.ParseAddress(c.cfg.From); err != nil {
		return c.refuse("the sender %q is no address", phrase.OneLine(c.cfg.From))
	}
	if c.cfg.ReplyTo != "" {
		if c.reply, err = mail.ParseAddress(c.cfg.ReplyTo); err != nil {
			return c.refuse("the address for answers, %q, is none", phrase.OneLine(c.cfg.ReplyTo))
		}
	}
	return nil
}

func (c *SMTP) options() []gomail.Option {
	options := []gomail.Option{
		gomail.WithPort(c.cfg.Port), gomail.WithTimeout(c.world.Timeout), gomail.WithTLSConfig(c.tls()),
		gomail.WithTLSPolicy(map[Encryption]gomail.TLSPolicy{
			StartTLS: gomail.TLSMandatory,
			TLS:      gomail.TLSOpportunistic, // dial has it encrypted already; with this policy the library looks whether it is
			Plain:    gomail.NoTLS,
		}[c.cfg.Encryption]),
	}
	if c.cfg.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.cfg.Username), gomail.WithPassword(c.cfg.Password))
	}
	return options
}

func (c *SMTP) tls() *tls.Config {
	config := &tls.Config{}
	if c.cfg.TLS != nil {
		config = c.cfg.TLS.Clone()
	}
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	config.ServerName = c.cfg.Host
	return config
}

// Send implements Channel: the receipt is what the server said of each message. A
// recipient who has his is not sent another when the rest is tried again. Where somebody
// has it, those who do not are in the receipt and no error: a mailbox that is closed is no
// channel that is down, and the others must not get it again and again.
func (c *SMTP) Send(ctx context.Context, m access.Message) (string, error) {
	letters, err := c.letters(clean(m))
	if err != nil {
		return "", err
	}
	err = c.world.insist(ctx, func() error { return c.deliver(ctx, letters) })
	var receipts []string
	for _, l := range letters {
		if l.IsDelivered() {
			receipts = append(receipts, c.scrub(phrase.OneLine(l.ServerResponse())))
		}
	}
	if fault := (*Error)(nil); errors.As(err, &fault) && len(receipts) > 0 {
		return fmt.Sprintf("%s; %d of %d recipients have their message; the others: %s", strings.Join(receipts, "; "), len(receipts), len(letters), fault.Why), nil
	}
	return strings.Join(receipts, "; "), err
}

// letters makes a message for each recipient.
func (c *SMTP) letters(m access.Message) ([]*gomail.Msg, error) {
	if len(m.To) == 0 {
		return nil, c.refuse("nobody is named as recipient: give the contact an e-mail address")
	}
	var letters []*gomail.Msg
	had := map[string]bool{}
	for _, to := range m.To {
		address, err := mail.ParseAddress(to)
		if err != nil {
			return nil, c.refuse("the recipient %q is no address: nothing was sent", phrase.OneLine(to))
		}
		if had[address.Address] {
			continue
		}
		had[address.Address] = true
		letter, err := c.letter(m, address)
		if err != nil {
			return nil, err
		}
		letters = append(letters, letter)
	}
	return letters, nil
}

// deliver hands in what has not arrived yet, in one session.
func (c *SMTP) deliver(caller context.Context, letters []*gomail.Msg) error {
	try, cancel := c.world.limit(caller, 1+len(letters))
	defer cancel()
	session, end, err := c.connect(try)
	defer end()
	if err != nil {
		return c.unsent(caller, try, err)
	}
	defer func() { _ = c.client.CloseWithSMTPClient(session) }() // delivered is delivered, said goodbye or not
	var first error
	for _, l := range letters {
		if l.IsDelivered() {
			continue
		}
		err := c.client.SendWithSMTPClient(session, l)
		if err == nil || l.IsDelivered() { // what fails after the server took it is not about this message
			continue
		}
		fault := c.unsent(caller, try, err)
		if first == nil {
			first = fault
		}
		if fault.stopped != nil {
			break
		}
	}
	return first
}

// connect opens a session that ends with its context: the library itself leaves a
// connection open when the greeting, TLS or the login fail.
func (c *SMTP) connect(ctx context.Context) (session *gosmtp.Client, end func(), err error) {
	end = func() {}
	dial := gomail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := c.dial(dialing, network, address)
		if err != nil {
			return nil, err
		}
		release := context.AfterFunc(ctx, func() { _ = conn.Close() })
		end = func() { release(); _ = conn.Close() }
		return conn, nil
	})
	client, err := gomail.NewClient(c.cfg.Host, append(c.options(), dial)...)
	if err != nil {
		return nil, end, err
	}
	session, err = client.DialToSMTPClientWithContext(ctx)
	return session, end, err
}

func (c *SMTP) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if c.cfg.Encryption == TLS {
		return (&tls.Dialer{Config: c.tls()}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// unsent says why a message was not taken. What the server says of a login is not
// repeated: some say it back.
func (c *SMTP) unsent(caller, try context.Context, err error) *Error {
	var refused *gomail.SendError
	var reply *textproto.Error
	switch {
	case caller.Err() != nil:
		return c.stopped(caller)
	case try.Err() != nil:
		return c.later("no answer from %s in time", c.host)
	case errors.As(err, &refused) && refused.ErrorCode() != 0:
		said, _, _ := strings.Cut(refused.Error(), ", affected message ID")
		return c.replied(refused.ErrorCode(), "does not take the message ("+cut(c.scrub(phrase.OneLine(said)), 300, units, "...")+")")
	case errors.As(err, &refused):
		return c.later("%s hung up before it had taken the message", c.host)
	case errors.As(err, &reply):
		f := c.replied(reply.Code, fmt.Sprintf("refuses before any message, with %d: check name and password, and whether this machine may send there", reply.Code))
		f.down = true
		return f
	case strings.Contains(err.Error(), "STARTTLS"):
		return c.closed("%s offers no STARTTLS, so nothing was sent: use tls with its port, or ask who runs the server", c.host)
	case strings.Contains(err.Error(), "AUTH"):
		return c.closed("%s offers no login that is safe here: check port and encryption", c.host)
	}
	return c.unreached(err)
}

// replied: 4xx means later, 5xx never (RFC 5321, 4.2.1).
func (c *SMTP) replied(code int, what string) *Error {
	f := c.refuse("%s %s", c.host, what)
	f.Again, f.down = code < 500, code == 421 // the server itself is closing
	return f
}
