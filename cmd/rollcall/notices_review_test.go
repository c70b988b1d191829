package main

import (
	"io"
	"log"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"rollcall/internal/sandbox/fakeokta"
)

// postOffice takes mail.
type postOffice struct {
	mu    sync.Mutex
	mails map[string]string // the last one, by recipient
}

func (p *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return &letter{office: p}, nil }

type letter struct {
	office *postOffice
	to     []string
}

func (l *letter) Mail(string, *smtp.MailOptions) error { return nil }
func (l *letter) Reset()                               { l.to = nil }
func (l *letter) Logout() error                        { return nil }

func (l *letter) Rcpt(to string, _ *smtp.RcptOptions) error {
	l.to = append(l.to, to)
	return nil
}

func (l *letter) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	l.office.mu.Lock()
	defer l.office.mu.Unlock()
	for _, to := range l.to {
		l.office.mails[to] = string(b)
	}
	return err
}

func opensPostOffice(t *testing.T) (office *postOffice, address string, closes func()) {
	t.Helper()
	office = &postOffice{mails: map[string]string{}}
	server := smtp.NewServer(office)
	server.Domain, server.ErrorLog = "mail.example.test", log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }() // Close ends it
	closes = sync.OnceFunc(func() { _ = server.Close(); <-done })
	t.Cleanup(closes)
	return office, listener.Addr().String(), closes
}

func TestRemindersOfAReviewAreMailedWithoutWorksheetsAndWrittenWhereNoMailGoes(t *testing.T) {
	office, address, closes := opensPostOffice(t)
	w := newTown(t, fakeokta.Options{})
	b := w.read("rollcall.yaml")
	w.write("contacts.csv", "system,responsibility,name,business_hours_contact,after_hours_contact,hours,timezone\n,owner,Ann Owner,owner@elsewhere.test,,,\n")
	w.write("rollcall.yaml", strings.Replace(b, "rolemap: rolemap.csv", "rolemap: rolemap.csv, contacts: contacts.csv", 1)+`review: {approver: {name: Pat Outside, mail: pat@elsewhere.test}}
notices:
  channels: {mail: {smtp: {server: "`+address+`", from: rollcall@example.test, tls: none}}}
  tell: {reviewer: [mail], owner: [mail], manager: [mail]}
`)
	w.watched()
	w.want(w.reviews("open", "--campaign", "2041-q1"), exitDone)
	w.want(w.reviews("remind"), exitDone, "messages were sent:")
	office.mu.Lock()
	if len(office.mails) == 0 {
		t.Error("no mail came")
	}
	for to, mail := range office.mails {
		if !strings.Contains(mail, "2041-q1") || strings.Contains(mail, "attachment") || strings.Contains(mail, "Old hands") {
			t.Errorf("to %s: %s", to, mail)
		}
	}
	office.mu.Unlock()
	written, err := filepath.Glob(filepath.Join(w.dir, "reviews", "2041-q1", "messages", "*.txt"))
	if err != nil || len(written) > 0 {
		t.Errorf("mailed, and written too: %s, %v", written, err)
	}
	closes()
	w.clock.pass(8 * 24 * 60 * 60 * 1e9)
	w.want(w.reviews("remind"), exitDone, "did not take the reminder", "messages to send, in")
	if written, err = filepath.Glob(filepath.Join(w.dir, "reviews", "2041-q1", "messages", "*.txt")); err != nil || len(written) == 0 {
		t.Errorf("neither mailed nor written: %v", err)
	}
}
