package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"rollcall/internal/awsreach"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/notify"
	"rollcall/reconcile"
)

// channelTraits is what each type of channel does to people.
var channelTraits = map[string]reconcile.ChannelTraits{
	"slack":     {},
	"webhook":   {},
	"smtp":      {Private: true, Addressed: true},
	"sns":       {Wakes: true},
	"pagerduty": {Wakes: true},
}

// channel makes one channel. It sends nothing.
func (e *environ) channel(ctx context.Context, cfg config.Config, c config.NoticeChannel) (jobs.Channel, error) {
	reach, err := e.network(cfg)
	if err != nil {
		return nil, err
	}
	world := notify.World{Transport: transportOf(reach), Now: e.now, Sleep: e.sleeper()}
	secret := func(s config.Secret) string {
		if s.Zero() || err != nil {
			return ""
		}
		var text string
		text, err = e.secret(ctx, cfg, s)
		return text
	}
	switch c.Type {
	case "slack":
		if address := secret(c.Secret); err == nil {
			return notify.NewSlack(address, world)
		}
	case "pagerduty":
		if key := secret(c.Secret); err == nil {
			return notify.NewPagerDuty(notify.PagerDutyConfig{RoutingKey: key, Source: cmp.Or(cfg.Notices.Environment, "rollcall"), Endpoint: c.Endpoint}, world)
		}
	case "webhook":
		if hook := (notify.WebhookConfig{URL: secret(c.Webhook.URL), Secret: secret(c.Webhook.Secret)}); err == nil {
			return notify.NewWebhook(hook, world)
		}
	case "smtp":
		mail := e.mail(c.SMTP, reach)
		if mail.Password = secret(c.SMTP.Password); err == nil {
			return notify.NewSMTP(mail, world)
		}
	case "sns":
		return e.topic(ctx, c.SNS, reach, world)
	}
	return nil, err
}

func transportOf(n network) http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy, t.TLSClientConfig = n.proxy, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: n.roots}
	return t
}

// mail is a server as notify wants it, without the password.
func (e *environ) mail(s config.SMTP, n network) notify.SMTPConfig {
	kinds := map[string]notify.Encryption{"starttls": notify.StartTLS, "tls": notify.TLS, "none": notify.Plain}
	out := notify.SMTPConfig{Host: s.Server, Encryption: kinds[s.TLS], From: s.From, Username: s.User}
	if host, port, err := net.SplitHostPort(s.Server); err == nil {
		out.Host = host
		out.Port, _ = strconv.Atoi(port) // the configuration has digits there
	}
	if n.roots != nil {
		out.TLS = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: n.roots, ServerName: out.Host}
	}
	return out
}

func (e *environ) topic(ctx context.Context, s config.SNS, n network, world notify.World) (jobs.Channel, error) {
	parts := strings.Split(s.Topic, ":") // arn:partition:sns:region:account:name
	chain, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(parts[3]), awsconfig.WithSharedConfigProfile(s.Profile), awsconfig.WithHTTPClient(awsreach.Client(n.proxy, n.roots)))
	if err != nil {
		return nil, fmt.Errorf("find AWS credentials: %w", err)
	}
	if e.outside.awsCredentials != nil {
		chain.Credentials = e.outside.awsCredentials
	}
	return notify.NewSNS(notify.SNSConfig{Topic: s.Topic, AWS: chain, Endpoint: s.Endpoint}, world)
}
