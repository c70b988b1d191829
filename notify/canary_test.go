package notify_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/emersion/go-smtp"

	"rollcall/notify"
)

// sender is a channel or the heartbeat.
type sender func(ctx context.Context) error

// overHTTP makes every channel that speaks HTTP, each with secrets in all places
// where it may hold one.
func overHTTP(t *testing.T, base string, w notify.World) map[string]sender {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.User, u.Path, u.RawQuery = url.UserPassword("CANARYuser", "CANARY pass/word"), "/services/CANARY0123/CANARY456 é", "token=CANARY%2Ftoken&CANARYname=1"
	address := u.String()
	send := func(c notify.Channel, err error) sender {
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context) error { _, err := c.Send(ctx, failedRevoke()); return err }
	}
	slack, err := notify.NewSlack(address, w)
	all := map[string]sender{"slack": send(slack, err)}
	hook, err := notify.NewWebhook(notify.WebhookConfig{URL: address, Secret: signingSecret}, w)
	all["webhook"] = send(hook, err)
	pager, err := notify.NewPagerDuty(notify.PagerDutyConfig{RoutingKey: routingKey, Endpoint: base}, w)
	all["pagerduty"] = send(pager, err)
	topic, err := notify.NewSNS(notify.SNSConfig{
		Topic: "arn:aws:sns:eu-west-1:123456789012:access", Endpoint: base,
		AWS: aws.Config{Credentials: credentials.NewStaticCredentialsProvider("AKIACANARY", "CANARYsecretkey", "CANARYsession")},
	}, w)
	all["sns"] = send(topic, err)
	heart, err := notify.NewHeartbeat(address, w)
	if err != nil {
		t.Fatal(err)
	}
	all["heartbeat"] = func(ctx context.Context) error { return heart.Beat(ctx, "CANARY note") }
	return all
}

// silentAbout fails when the error, printed in any way, holds a piece of a secret.
func silentAbout(t *testing.T, name string, err error, pieces ...string) {
	t.Helper()
	pieces = append(pieces, "CANARY", "Q0FO", "services/", "token=")
	for ; err != nil; err = errors.Unwrap(err) {
		for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %q", err, err, err)} {
			for _, piece := range pieces {
				if strings.Contains(text, piece) {
					t.Errorf("%s tells %q: %s", name, piece, text)
				}
			}
		}
	}
}

// echo answers with all that it was sent, which is what the worst proxies and
// debuggers do.
func echo(status int, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		_ = r.Write(&b) // the body is best effort
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Location", "https://elsewhere.example/?from="+url.QueryEscape(r.URL.String())+routingKey)
		w.Header().Set("Retry-After", r.URL.String())
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":%q,"errors":[%q]}`, b.String(), r.URL.String()+routingKey)
	}
}

// It is long because it is one table of the ways in which a request can end badly, with the
// servers above it that end one so.
func TestNoErrorTellsASecret(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	withTLS := httptest.NewUnstartedServer(http.NotFoundHandler())
	withTLS.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of clients that do not trust it
	withTLS.StartTLS()
	t.Cleanup(withTLS.Close)
	plain := served(t, func(http.ResponseWriter, *http.Request) {})
	hangUp := served(t, func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	half := served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("CANARY"))
	})
	for _, tt := range []struct {
		name, base, says string
		again            bool
		change           func(*notify.World)
	}{
		{"refused", refused, "refuses the connection", true, nil},
		{"timeout", fmt.Sprintf("http://127.0.0.1:%d", silentServer(t)), "no answer", true, func(w *notify.World) { w.Timeout = 30 * time.Millisecond }},
		{"unknown name", "https://no-such-host.invalid", "", false, func(w *notify.World) {
			w.Transport = failing{&net.DNSError{Err: "no such host", Name: "no-such-host.invalid", IsNotFound: true}}
		}},
		{"DNS is down", "https://hooks.example.com", "DNS", true, func(w *notify.World) {
			w.Transport = failing{&net.DNSError{Err: "server misbehaving", Name: "hooks.example.com", IsTemporary: true}}
		}},
		{"unknown authority", withTLS.URL, "network.ca_bundle", false, nil},
		{"another name", strings.Replace(withTLS.URL, "127.0.0.1", "localhost", 1), "for another name", false, func(w *notify.World) {
			w.Transport = withTLS.Client().Transport
		}},
		{"no TLS there", strings.Replace(plain, "http://", "https://", 1), "does not speak TLS", false, nil},
		{"hangs up", hangUp, "hung up", true, nil},
		{"half an answer", half, "", true, nil},
		{"proxy", "https://hooks.example.com", "", true, func(w *notify.World) {
			proxy := &url.URL{Scheme: "http", Host: "127.0.0.1:1", User: url.UserPassword("CANARYproxy", "CANARYproxypass")}
			w.Transport = &http.Transport{Proxy: http.ProxyURL(proxy)}
		}},
		{"proxy says no", "https://hooks.example.com", "", true, func(w *notify.World) {
			proxy, err := url.Parse(served(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(407) }))
			if err != nil {
				t.Fatal(err)
			}
			proxy.User = url.UserPassword("CANARYproxy", "CANARYproxypass")
			w.Transport = &http.Transport{Proxy: http.ProxyURL(proxy)}
		}},
		{"transport that tells all", "https://hooks.example.com", "cannot be reached", true, func(w *notify.World) {
			w.Transport = failing{errors.New("Post \"https://hooks.example.com/services/CANARY0123?token=CANARY " + routingKey + "\": odd")}
		}},
		{"redirect", served(t, echo(302, "text/html")), "redirect", false, nil},
		{"400", served(t, echo(400, "application/json")), "", false, nil},
		{"403", served(t, echo(403, "text/plain")), "", false, nil},
		{"404", served(t, echo(404, "text/xml")), "", false, nil},
		{"410", served(t, echo(410, "text/html")), "", false, nil},
		{"429", served(t, echo(429, "application/json")), "", true, nil},
		{"500", served(t, echo(500, "application/json")), "", true, nil},
		{"503", served(t, echo(503, "text/html")), "", true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			world := newClock().world()
			if tt.change != nil {
				tt.change(&world)
			}
			for name, send := range overHTTP(t, tt.base, world) {
				err := send(t.Context())
				fault := failed(t, err)
				silentAbout(t, name, err)
				if fault.Again != tt.again || !strings.Contains(fault.Why, tt.says) || fault.Channel != name {
					t.Errorf("%s: again %v, want %v: %v", name, fault.Again, tt.again, fault)
				}
			}
		})
	}
}

// failing is a transport that fails.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestNoErrorOfAMailServerTellsAPassword(t *testing.T) {
	login := base64.StdEncoding.EncodeToString([]byte("\x00" + mailUser + "\x00wrong CANARY"))
	for name, tt := range map[string]struct {
		prepare func(*mailServer, *notify.SMTPConfig)
		says    string
		again   bool
	}{
		"login": {func(_ *mailServer, c *notify.SMTPConfig) { c.Password = "wrong CANARY" }, "with 535: check name and password", false},
		"refused": {func(s *mailServer, _ *notify.SMTPConfig) {
			s.noMail = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "spam? you said " + mailPassword}
		}, "554", false},
		"refused at length": {func(s *mailServer, _ *notify.SMTPConfig) {
			s.noMail = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: strings.Repeat("x", 247) + mailPassword}
		}, "554", false},
		"full": {func(s *mailServer, _ *notify.SMTPConfig) {
			s.noMail = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "disk full"}
		}, "disk full", true},
		"unknown authority": {func(_ *mailServer, c *notify.SMTPConfig) { c.TLS = &tls.Config{} }, "network.ca_bundle", false},
		"nobody there":      {func(_ *mailServer, c *notify.SMTPConfig) { c.Port = 1 }, "refuses the connection", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := startMail(t, withStartTLS)
			cfg := s.config()
			tt.prepare(s, &cfg)
			_, err := mailTo(t, cfg, newClock().world()).Send(t.Context(), failedRevoke())
			silentAbout(t, name, err, login, mailPassword)
			if fault := failed(t, err); fault.Again != tt.again || !strings.Contains(fault.Why, tt.says) {
				t.Errorf("again %v: %v", fault.Again, fault)
			}
		})
	}
}

func TestARoutingKeyThatIsNoneIsRefusedUnseen(t *testing.T) {
	for _, key := range []string{"", routingKey[:31], routingKey + "l", "PAGERCANARY0123456789abcdefghi -"} {
		_, err := notify.NewPagerDuty(notify.PagerDutyConfig{RoutingKey: key}, newClock().world())
		if err == nil || strings.Contains(err.Error(), "CANARY") || !strings.Contains(err.Error(), "32 letters and digits") {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestALongerWaitThanIsHeldOutIsLeftToTheCaller(t *testing.T) {
	clock := newClock()
	for _, header := range []string{"3600", clock.Now().Add(time.Hour).Format(http.TimeFormat)} {
		address, asked := answering(t, 429, "Retry-After: "+header, "")
		_, err := hookTo(t, address+"/x", clock.world()).Send(t.Context(), failedRevoke())
		if fault := failed(t, err); !fault.Again || fault.After != time.Hour || *asked != 1 || len(clock.Slept()) != 0 {
			t.Errorf("%+v after %d tries, slept %v", fault, *asked, clock.Slept())
		}
	}
}

func TestAHeartbeatIsHeardWithItsNote(t *testing.T) {
	var method, path, body string
	address := served(t, func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		method, path, body = r.Method, r.URL.Path, string(b)
	})
	h, err := notify.NewHeartbeat(address+"/ping/CANARY", newClock().world())
	if err != nil {
		t.Fatal(err)
	}
	for note, want := range map[string]string{"": "GET /ping/CANARY ", "run 7 went well": "POST /ping/CANARY run 7 went well"} {
		if err := h.Beat(t.Context(), note); err != nil || method+" "+path+" "+body != want {
			t.Errorf("%v: %s %s %s, want %s", err, method, path, body, want)
		}
	}
}
