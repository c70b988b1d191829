package notify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
	"golang.org/x/text/unicode/norm"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// Limits of https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const (
	snsSubject = 99
	snsBytes   = 262144 // of the message with its attributes
)

// SNSConfig is a topic and how it is reached.
type SNSConfig struct {
	Topic    string     // its ARN, which names the region
	AWS      aws.Config // the credentials
	Endpoint string     // empty: AWS's own
}

// SNS publishes to a topic; who reads it is the topic's business.
type SNS struct {
	side
	topic  string
	fifo   bool
	client *sns.Client
	world  World
}

// NewSNS reads the settings. It connects to nothing.
func NewSNS(cfg SNSConfig, w World) (*SNS, error) {
	s := side{channel: "sns", host: "SNS"}
	topic, err := arn.Parse(cfg.Topic)
	if err != nil || topic.Service != "sns" || topic.Region == "" || topic.Resource == "" || strings.Contains(topic.Resource, ":") {
		return nil, s.refuse("%q is not the ARN of a topic: it looks like arn:aws:sns:eu-west-1:123456789012:name", phrase.OneLine(cfg.Topic))
	}
	s.host = "SNS in " + topic.Region
	c := &SNS{side: s, topic: cfg.Topic, fifo: strings.HasSuffix(topic.Resource, ".fifo"), world: w.withDefaults()}
	c.client = sns.NewFromConfig(cfg.AWS, func(o *sns.Options) {
		o.Region, o.Retryer = topic.Region, aws.NopRetryer{} // insist tries again
		if cfg.Endpoint != "" {
			o.BaseEndpoint = aws.String(cfg.Endpoint)
		}
	})
	return c, nil
}

// Send implements Channel: the receipt is SNS's id of the message.
func (c *SNS) Send(ctx context.Context, m access.Message) (string, error) {
	in := c.input(clean(m))
	receipt := ""
	err := c.world.insist(ctx, func() error {
		try, cancel := c.world.limit(ctx, 1)
		defer cancel()
		w := &watch{next: c.world.Transport}
		out, err := c.client.Publish(try, in, func(o *sns.Options) { o.HTTPClient = w.client() })
		if err != nil {
			return c.failed(ctx, w, err)
		}
		receipt = aws.ToString(out.MessageId)
		return nil
	})
	return receipt, err
}

func (c *SNS) input(m access.Message) *sns.PublishInput {
	in := &sns.PublishInput{TopicArn: &c.topic, Subject: aws.String(snsTitle(title(m))), MessageAttributes: map[string]types.MessageAttributeValue{}}
	size := 0
	for name, value := range map[string]string{"kind": m.Kind, "urgency": phrase.OneLine(string(m.Urgency)), "key": phrase.OneLine(m.Key), "state": state(m)} {
		if value == "" {
			continue // SNS takes no empty attribute
		}
		value = cut(value, 1024, utf8.RuneLen, "...")
		in.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		size += len(name) + len("String") + len(value)
	}
	in.Message = aws.String(cut(plain(m), snsBytes-size, utf8.RuneLen, seeReport+"\n"))
	if c.fifo {
		in.MessageGroupId, in.MessageDeduplicationId = aws.String(fingerprint(m.Key)), aws.String(occasion(m))
	}
	return in
}

// state is what the message says of its key.
func state(m access.Message) string {
	if m.Resolve {
		return "cured"
	}
	return "raised"
}

// snsTitle is the title in ASCII: accents are dropped, other letters become "?".
func snsTitle(title string) string {
	ascii := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, norm.NFKD.String(title))
	return cut(phrase.OneLine(ascii), snsSubject, func(rune) int { return 1 }, "...")
}

// snsAdvice is what to do about AWS's codes.
var snsAdvice = map[string]string{
	"AuthorizationError": "grant sns:Publish on the topic to the role that rollcall runs as", "AuthorizationErrorException": "grant sns:Publish on the topic to the role that rollcall runs as",
	"AccessDenied": "grant sns:Publish on the topic to the role that rollcall runs as", "AccessDeniedException": "grant sns:Publish on the topic to the role that rollcall runs as",
	"NotFound": "there is no such topic in this account and region", "NotFoundException": "there is no such topic in this account and region",
	"KMSAccessDenied": "the topic is encrypted: grant kms:GenerateDataKey and kms:Decrypt on its key", "KMSAccessDeniedException": "the topic is encrypted: grant kms:GenerateDataKey and kms:Decrypt on its key",
	"InvalidClientTokenId": "AWS does not know these credentials", "ExpiredToken": "the credentials have expired", "ExpiredTokenException": "the credentials have expired",
	"SignatureDoesNotMatch": "the secret key does not belong to the access key",
}

var snsLater = map[string]bool{"Throttling": true, "ThrottledException": true, "ThrottlingException": true, "RequestThrottled": true, "KMSThrottling": true, "KMSThrottlingException": true}

// failed takes over AWS's code and none of its sentences.
func (c *SNS) failed(caller context.Context, w *watch, err error) *Error {
	var said smithy.APIError
	if errors.As(err, &said) && caller.Err() == nil {
		return c.coded(w, said.ErrorCode())
	}
	if w.status == 0 && w.err == nil && caller.Err() == nil {
		return c.closed("no request was made: AWS credentials for it are missing or do not work")
	}
	return c.judge(caller, w, err, c.world.Now(), noWords)
}

func (c *SNS) coded(w *watch, code string) *Error {
	code = cut(phrase.OneLine(code), 80, units, "...")
	f := c.refuse("%s refuses: %s", c.host, code)
	if advice := snsAdvice[code]; advice != "" {
		f.Why += ": " + advice
	}
	f.Again = snsLater[code] || w.status >= 500 || w.status == 429
	f.down = f.Again || slices.Contains(shut, w.status) || snsAdvice[code] != ""
	if w.header != nil {
		f.After = retryAfter(w.header.Get("Retry-After"), c.world.Now())
	}
	return f
}
