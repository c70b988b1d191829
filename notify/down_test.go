package notify_test

import (
	"net/http"
	"testing"

	"github.com/emersion/go-smtp"
)

func TestAChannelIsDownWhenItTakesNothingFromAnybodyAndNotWhenItRefusesOneMessage(t *testing.T) {
	for status, down := range map[int]bool{http.StatusBadRequest: false, http.StatusRequestEntityTooLarge: false, http.StatusUnauthorized: true, http.StatusForbidden: true,
		http.StatusNotFound: true, http.StatusGone: true, http.StatusFound: true, http.StatusTooManyRequests: true, http.StatusBadGateway: true} {
		address, _ := answering(t, status, "", "")
		_, err := hookTo(t, address+"/x", newClock().world()).Send(t.Context(), failedRevoke())
		if got := failed(t, err).Down(); got != down {
			t.Errorf("status %d: down is %v", status, got)
		}
	}
	_, err := hookTo(t, "http://127.0.0.1:1/x", newClock().world()).Send(t.Context(), failedRevoke())
	if !failed(t, err).Down() {
		t.Errorf("nothing listens: %v is not down", err)
	}
}

func TestAMailServerIsDownWhenItRefusesTheLoginAndNotWhenItRefusesAMailbox(t *testing.T) {
	s := startMail(t, withStartTLS)
	m := failedRevoke()
	m.To = m.To[:1]
	for _, code := range []int{450, 550} {
		no := &smtp.SMTPError{Code: code, Message: "not this one"}
		s.refuse[m.To[0]] = []*smtp.SMTPError{no, no, no}
		_, err := mailTo(t, s.config(), newClock().world()).Send(t.Context(), m)
		if failed(t, err).Down() {
			t.Errorf("a mailbox that is refused with %d: %v is down", code, err)
		}
	}
	cfg := s.config()
	cfg.Password = "another"
	_, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), m)
	if !failed(t, err).Down() {
		t.Errorf("a login that is refused: %v is not down", err)
	}
}
