package notify_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/internal/access"
	"rollcall/notify"
)

const topicARN = "arn:aws:sns:eu-west-1:123456789012:access"

func topicTo(t *testing.T, arn, endpoint string, w notify.World) *notify.SNS {
	t.Helper()
	c, err := notify.NewSNS(notify.SNSConfig{Topic: arn, Endpoint: endpoint, AWS: aws.Config{Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", "")}}, w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// snsJudge takes what https://docs.aws.amazon.com/sns/latest/api/API_Publish.html and
// API_MessageAttributeValue allow, more strictly than moto does.
type snsJudge struct {
	url string
	got []url.Values
}

func newSNSJudge(t *testing.T) *snsJudge {
	j := &snsJudge{}
	j.url = served(t, j.ServeHTTP)
	return j
}

func (j *snsJudge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	err := r.ParseForm()
	if err == nil {
		err = judgePublish(r.PostForm)
	}
	if err != nil {
		w.WriteHeader(400)
		fmt.Fprintf(w, `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>Invalid parameter</Message></Error><RequestId>1</RequestId></ErrorResponse>`)
		return
	}
	j.got = append(j.got, r.PostForm)
	fmt.Fprintf(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>id-%d</MessageId></PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>`, len(j.got))
}

func judgePublish(form url.Values) error {
	subject, message := form.Get("Subject"), form.Get("Message")
	size := len(message)
	switch {
	case form.Get("Action") != "Publish":
		return errors.New("action")
	case len(subject) == 0 || len(subject) >= 100 || subject[0] <= ' ':
		return fmt.Errorf("subject %q", subject)
	case message == "" || !utf8.ValidString(message):
		return errors.New("message")
	}
	for _, b := range []byte(subject) {
		if b < ' ' || b > '~' {
			return fmt.Errorf("subject %q", subject)
		}
	}
	for i := 1; form.Has(fmt.Sprintf("MessageAttributes.entry.%d.Name", i)); i++ {
		entry := fmt.Sprintf("MessageAttributes.entry.%d.", i)
		name, kind, value := form.Get(entry+"Name"), form.Get(entry+"Value.DataType"), form.Get(entry+"Value.StringValue")
		if name == "" || kind != "String" || value == "" || !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool {
			return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff'
		}) {
			return fmt.Errorf("attribute %s=%q", name, value)
		}
		size += len(name) + len(kind) + len(value)
	}
	if size > 262144 {
		return fmt.Errorf("%d bytes", size)
	}
	fifo := strings.HasSuffix(form.Get("TopicArn"), ".fifo")
	for _, id := range []string{"MessageGroupId", "MessageDeduplicationId"} {
		if v := form.Get(id); fifo != (v != "") || len(v) > 128 || strings.Trim(strings.ToLower(v), "0123456789abcdef") != "" {
			return fmt.Errorf("%s %q", id, v)
		}
	}
	return nil
}

func TestAnyMessageIsTakenBySNS(t *testing.T) {
	j := newSNSJudge(t)
	c, fifo := topicTo(t, topicARN, j.url, newClock().world()), topicTo(t, topicARN+".fifo", j.url, newClock().world())
	anyMessage(t, func(t *testing.T, m access.Message) {
		for _, c := range []*notify.SNS{c, fifo} {
			if _, err := c.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestASubjectIsTheTitleInASCII(t *testing.T) {
	j := newSNSJudge(t)
	c := topicTo(t, topicARN, j.url, newClock().world())
	for title, want := range map[string]string{
		"Élodie's café: 2 held items": "Elodie's cafe: 2 held items",
		"日本 held":                     "?? held",
		"\n two\r\nlines ":            "two lines",
		strings.Repeat("x", 200):      strings.Repeat("x", 96) + "...",
		"":                            "rollcall has something to tell",
	} {
		m := failedRevoke()
		m.Title = title
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if got := j.got[len(j.got)-1].Get("Subject"); got != want {
			t.Errorf("%q becomes %q, want %q", title, got, want)
		}
	}
}

func TestALongMessageIsCutBetweenTwoCharactersForSNS(t *testing.T) {
	j := newSNSJudge(t)
	c := topicTo(t, topicARN, j.url, newClock().world())
	for i := range 4 {
		m := failedRevoke()
		m.Parts = []access.MessagePart{{Lines: []string{strings.Repeat("a", i) + strings.Repeat("🙂", 100_000)}}}
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		text := j.got[i].Get("Message")
		if !strings.HasSuffix(text, "🙂... see the report\n") || len(text) < 262144-1000 {
			t.Errorf("%d bytes that end with %q", len(text), text[len(text)-30:])
		}
	}
}

func TestOneTellingIsOneMessageOfAFIFOTopic(t *testing.T) {
	j := newSNSJudge(t)
	c := topicTo(t, topicARN+".fifo", j.url, newClock().world())
	m := failedRevoke()
	again, cured := m, m
	cured.Resolve = true
	for _, m := range []access.Message{m, again, cured} {
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	id := func(i int) string { return j.got[i].Get("MessageDeduplicationId") }
	if id(0) != id(1) || id(1) == id(2) {
		t.Errorf("ids %q %q %q", id(0), id(1), id(2))
	}
	if j.got[0].Get("MessageGroupId") != j.got[2].Get("MessageGroupId") {
		t.Error("what is cured may overtake what was raised")
	}
}

func TestWhatAWSRefusesSaysWhichRightIsMissing(t *testing.T) {
	for code, tt := range map[string]struct {
		status int
		says   string
		again  bool
	}{
		"AuthorizationError": {403, "grant sns:Publish", false},
		"NotFound":           {404, "there is no such topic", false},
		"KMSAccessDenied":    {400, "kms:GenerateDataKey", false},
		"ExpiredToken":       {403, "have expired", false},
		"Throttling":         {400, "Throttling", true},
		"InternalError":      {500, "InternalError", true},
	} {
		address, asked := answering(t, tt.status, "Content-Type: text/xml", `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>`+code+`</Code><Message>CANARY</Message></Error><RequestId>1</RequestId></ErrorResponse>`)
		_, err := topicTo(t, topicARN, address, newClock().world()).Send(t.Context(), failedRevoke())
		fault := failed(t, err)
		if !strings.Contains(fault.Why, tt.says) || fault.Again != tt.again || strings.Contains(fault.Why, "CANARY") {
			t.Errorf("%s: %+v", code, fault)
		}
		if want := map[bool]int{true: 3, false: 1}[tt.again]; *asked != want {
			t.Errorf("%s: asked %d times, want %d", code, *asked, want)
		}
	}
}

func TestATopicIsNamedByItsARN(t *testing.T) {
	for _, arn := range []string{"", "access", "arn:aws:sqs:eu-west-1:123456789012:access", "arn:aws:sns::123456789012:access", topicARN + ":6b0e71bd-7e97-4d97-80ce-4a0994e55286"} {
		if _, err := notify.NewSNS(notify.SNSConfig{Topic: arn}, newClock().world()); err == nil || !strings.Contains(err.Error(), "is not the ARN of a topic") {
			t.Errorf("%q: %v", arn, err)
		}
	}
}
