//go:build emulators

package notify_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"rollcall/collectors/aws/awstest"
	"rollcall/internal/access"
)

// published is what a subscriber of a topic is sent.
type published struct {
	path      string
	Subject   string
	Message   string
	MessageID string `json:"MessageId"`
}

// subscriberOf is a server that hands on what it is sent.
func subscriberOf(t *testing.T, got chan<- published) string {
	return served(t, func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var p published
		if err := json.Unmarshal(b, &p); err != nil {
			t.Errorf("%v in %s", err, b)
		}
		p.path = r.URL.Path
		got <- p
	})
}

// moto takes what the real SNS takes of a message, and hands it on as SNS does.
func TestWhatIsPublishedArrivesAtTheSubscribersOfATopicThatIsNotOurs(t *testing.T) {
	endpoint := awstest.StartMoto(t)
	got := make(chan published, 8)
	subscriber := subscriberOf(t, got)
	cfg := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", "")}
	client := sns.NewFromConfig(cfg, func(o *sns.Options) { o.BaseEndpoint = &endpoint })
	make := func(name string, attributes map[string]string) string {
		t.Helper()
		out, err := client.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: &name, Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		return *out.TopicArn
	}
	standard := make("access", nil)
	fifo := make("access.fifo", map[string]string{"FifoTopic": "true"})
	subscribe := func(path, filter string) {
		t.Helper()
		_, err := client.Subscribe(t.Context(), &sns.SubscribeInput{
			TopicArn: &standard, Protocol: aws.String("http"), Endpoint: aws.String(subscriber + path), Attributes: map[string]string{"FilterPolicy": filter},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	subscribe("/wanted", `{"kind": ["revoke_failed"], "urgency": ["critical"], "key": ["prod/revoke_failed/E-10442"], "state": ["raised"]}`)
	subscribe("/digests", `{"urgency": ["digest"]}`)
	c := topicTo(t, standard, endpoint, newClock().world())
	receipt, err := c.Send(t.Context(), failedRevoke())
	if err != nil {
		t.Fatal(err)
	}
	p := <-got // moto answers after it has delivered
	if p.path != "/wanted" || p.MessageID != receipt || p.Subject != failedRevoke().Title || !strings.Contains(p.Message, "- aws: 2 keys are still active\n") {
		t.Errorf("receipt %q, %+v", receipt, p)
	}
	if len(got) != 0 {
		t.Errorf("who wants digests is sent %+v", <-got)
	}
	huge := failedRevoke()
	huge.Title = strings.Repeat("é", 400)
	huge.Parts = []access.MessagePart{{Lines: []string{strings.Repeat("日本語", 200_000)}}}
	if _, err := c.Send(t.Context(), huge); err != nil {
		t.Error(err)
	}
	if _, err := topicTo(t, fifo, endpoint, newClock().world()).Send(t.Context(), failedRevoke()); err != nil {
		t.Error(err)
	}
	_, err = topicTo(t, standard+"2", endpoint, newClock().world()).Send(t.Context(), failedRevoke())
	if fault := failed(t, err); fault.Again || !strings.Contains(fault.Why, "there is no such topic") {
		t.Errorf("%+v", fault)
	}
}
