package notify_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"rollcall/notify"
)

func TestAPasswordIsNeverSentInTheClear(t *testing.T) {
	s := startMail(t, withPlain)
	cfg := s.config()
	cfg.Encryption = notify.Plain
	if _, err := notify.NewSMTP(cfg, newClock().world()); err == nil || !strings.Contains(err.Error(), "a password is not sent") {
		t.Errorf("plain with a password: %v", err)
	}
	for _, encryption := range []notify.Encryption{"", notify.StartTLS, notify.TLS} {
		cfg.Encryption = encryption
		_, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke())
		if err == nil {
			t.Errorf("%q: sent to a server without TLS", encryption)
		}
	}
	if s.tried != 0 || len(s.mails) != 0 {
		t.Errorf("%d logins, %d mails", s.tried, len(s.mails))
	}
	cfg.Encryption, cfg.Username, cfg.Password = notify.StartTLS, "", ""
	_, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke())
	if fault := failed(t, err); fault.Again || !strings.Contains(fault.Why, "offers no STARTTLS") || len(s.mails) != 0 {
		t.Errorf("without a login: %+v, %d mails", fault, len(s.mails))
	}
	cfg.Encryption = notify.Plain
	if _, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke()); err != nil || len(s.mails) != 2 || s.mails[0].tls {
		t.Errorf("to a relay, as configured: %v, %d mails", err, len(s.mails))
	}
}

func TestACertificateThatIsNotTrustedGetsNoMail(t *testing.T) {
	for how, encryption := range map[way]notify.Encryption{withStartTLS: notify.StartTLS, withTLS: notify.TLS} {
		s := startMail(t, how)
		cfg := s.config()
		cfg.TLS, cfg.Encryption = nil, encryption
		_, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke())
		if fault := failed(t, err); !strings.Contains(fault.Why, "network.ca_bundle") || fault.Again {
			t.Errorf("%s: %+v", encryption, fault)
		}
		if s.tried != 0 {
			t.Errorf("%s: it logged in", encryption)
		}
	}
}

// Whoever stands between could read what TLS 1.0 and 1.1 carry, and the password with it;
// also where what a caller hands over would take them.
func TestAMailServerOfAnOldTLSGetsNoMailAndNoPassword(t *testing.T) {
	for how, encryption := range map[way]notify.Encryption{withOldStartTLS: notify.StartTLS, withOldTLS: notify.TLS} {
		s := startMail(t, how)
		cfg := s.config()
		cfg.Encryption = encryption
		cfg.TLS.MinVersion = tls.VersionTLS10
		_, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke())
		if err == nil || s.tried != 0 || len(s.mails) != 0 {
			t.Errorf("%s: %v, %d logins, %d mails", encryption, err, s.tried, len(s.mails))
		}
	}
}
