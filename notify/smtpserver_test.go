package notify_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// mailServer is a mail server that nobody here wrote, with what it does to whom.
type mailServer struct {
	host string
	port int
	pool *x509.CertPool
	// refuse answers a recipient, each time that he is named; nil takes him.
	refuse map[string][]*smtp.SMTPError
	// noMail refuses whole messages.
	noMail *smtp.SMTPError
	hangUp bool // right after a message was taken

	mu     sync.Mutex
	logins []string // user name and mechanism, of those that worked
	tried  int
	mails  []delivered
}

// delivered is a message with its envelope.
type delivered struct {
	from, body string
	to         []string
	tls        bool
}

// way is how the server may be spoken to.
type way int

const (
	withStartTLS way = iota
	withTLS
	withPlain
	withOldStartTLS // 1.1 at the most
	withOldTLS
)

// certificate borrows that of httptest, which is for 127.0.0.1 and example.com.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	srv := httptest.NewTLSServer(nil)
	defer srv.Close()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	return &tls.Config{Certificates: srv.TLS.Certificates}, pool
}

func startMail(t *testing.T, how way) *mailServer {
	t.Helper()
	s := &mailServer{host: "127.0.0.1", refuse: map[string][]*smtp.SMTPError{}}
	config, pool := certificate(t)
	s.pool = pool
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &mailSession{server: s, conn: c}, nil }))
	server.Domain, server.ErrorLog = "mail.example.com", log.New(io.Discard, "", 0)
	server.MaxLineLength = 998 // RFC 5322, 2.1.1
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	if how == withOldStartTLS || how == withOldTLS {
		config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	}
	switch how {
	case withStartTLS, withOldStartTLS:
		server.TLSConfig = config
	case withTLS, withOldTLS:
		listener = tls.NewListener(listener, config)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { _, _ = server.Close(), listener.Close(); <-done }) // it may not have begun to serve, and then knows of no listener
	return s
}

type mailSession struct {
	server *mailServer
	conn   *smtp.Conn
	user   string
	mail   delivered
}

const mailUser, mailPassword = "rollcall", "SMTP CANARY secret/42"

func (s *mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *mailSession) Auth(mech string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.server.mu.Lock()
		defer s.server.mu.Unlock()
		s.server.tried++
		if user != mailUser || password != mailPassword {
			// as some servers do, it says the login back
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no such login: " + user + " " + password}
		}
		s.user = user
		s.server.logins = append(s.server.logins, user+" "+mech)
		return nil
	}), nil
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	_, encrypted := s.conn.TLSConnectionState()
	s.mail = delivered{from: from, tls: encrypted}
	return nil
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if answers := s.server.refuse[to]; len(answers) > 0 {
		s.server.refuse[to] = answers[1:]
		if answers[0] != nil {
			return answers[0]
		}
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.noMail != nil {
		return s.server.noMail
	}
	s.mail.body = string(body)
	s.server.mails = append(s.server.mails, s.mail)
	return nil
}

func (s *mailSession) Reset() {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.hangUp && len(s.server.mails) > 0 {
		_ = s.conn.Conn().Close()
	}
}

func (s *mailSession) Logout() error { return nil }
