package fakeaws

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// call is who asks, as their access key says.
type call struct {
	Account   string
	Principal string // arn
	UserName  string // the IAM user that asks; empty for root and role sessions
	Session   bool   // a role session
	ReadOnly  bool
	AccessKey string
}

// apiError is a refusal, as the service words it.
type apiError struct {
	Status        int
	Code, Message string
}

func fail(status int, code, format string, args ...any) *apiError {
	return &apiError{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// jsonOp answers one operation of a JSON 1.1 service.
type jsonOp func(s *Server, c call, body []byte) (any, *apiError)

// queryOp answers one action of a query-protocol service.
type queryOp func(s *Server, c call, in url.Values) (any, *apiError)

// of is an action on a user, who is found first.
func of(find finder, do func(*Server, call, url.Values, *IAMUser) (any, *apiError)) queryOp {
	return func(s *Server, c call, in url.Values) (any, *apiError) {
		user, failure := find(s, c, in)
		if failure != nil {
			return nil, failure
		}
		return do(s, c, in, user)
	}
}

// operation is one call as the wire names it, whatever its protocol.
type operation struct {
	Service, Action string
	Write           bool
	JSON            bool
	target          string // the user a call names, for the log
	run             func(s *Server, c call) (any, *apiError)
}

// answer is what goes back over the wire.
type answer struct {
	status      int
	contentType string
	requestID   string
	body        []byte
	date        []string
}

// jsonServices maps the prefix of X-Amz-Target to the name that policies and
// log lines use.
var jsonServices = map[string]string{
	"AWSOrganizationsV20161128": "organizations",
	"SWBExternalService":        "sso",
	"AWSIdentityStore":          "identitystore",
}

// operationOf tells the two protocols apart: only JSON ones send X-Amz-Target.
func (s *Server) operationOf(r *http.Request, body []byte) operation {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return jsonOperation(target, body)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		form = url.Values{}
	}
	return queryOperation(form)
}

func jsonOperation(target string, body []byte) operation {
	prefix, action, _ := strings.Cut(target, ".")
	op := operation{Service: jsonServices[prefix], Action: action, JSON: true, Write: centerWrites[target]}
	handler, ok := organizationOps[target]
	if center, is := centerOps[target]; is {
		handler, ok = center.answer, true
	}
	op.run = func(s *Server, c call) (any, *apiError) {
		if !ok {
			return nil, fail(http.StatusBadRequest, "UnknownOperationException", "the sandbox has no operation %s", target)
		}
		return handler(s, c, body)
	}
	return op
}

func queryOperation(form url.Values) operation {
	action := form.Get("Action")
	handler, ok := queryActions[action]
	op := operation{Service: handler.service, Action: action, Write: queryWrites[action], target: form.Get("UserName")}
	op.run = func(s *Server, c call) (any, *apiError) {
		if !ok {
			return nil, fail(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", action, form.Get("Version"))
		}
		return handler.run(s, c, form)
	}
	return op
}

// encode writes an answer or a refusal in the protocol of the operation.
func (op operation) encode(requestID string, result any, failure *apiError) answer {
	if op.JSON {
		return encodeJSON(requestID, result, failure)
	}
	return encodeXML(op, requestID, result, failure)
}

func encodeJSON(requestID string, result any, failure *apiError) answer {
	a := answer{status: http.StatusOK, contentType: "application/x-amz-json-1.1", requestID: requestID}
	if failure != nil {
		a.status = failure.Status
		result = map[string]string{"__type": failure.Code, "message": failure.Message}
	}
	if result == nil {
		result = struct{}{}
	}
	body, err := json.Marshal(result)
	return a.with(body, err)
}

// queryNamespaces are the XML namespaces of the two query services.
var queryNamespaces = map[string]string{
	"iam": "https://iam.amazonaws.com/doc/2010-05-08/",
	"sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}

type xmlError struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

type xmlResponse struct {
	XMLName   xml.Name
	Result    *xmlNamed
	RequestID string `xml:"ResponseMetadata>RequestId"`
}

// xmlNamed is an element whose name the action says: its result, and the list in it.
type xmlNamed struct {
	name string
	body any
}

// MarshalXML writes the body under that name.
func (r *xmlNamed) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	return e.EncodeElement(r.body, xml.StartElement{Name: xml.Name{Local: r.name}})
}

func encodeXML(op operation, requestID string, result any, failure *apiError) answer {
	a := answer{status: http.StatusOK, contentType: "text/xml", requestID: requestID}
	namespace := queryNamespaces[op.Service]
	var document any
	if failure != nil {
		a.status = failure.Status
		document = xmlError{Namespace: namespace, Type: "Sender", Code: failure.Code, Message: failure.Message, RequestID: requestID}
	} else {
		response := xmlResponse{XMLName: xml.Name{Space: namespace, Local: op.Action + "Response"}, RequestID: requestID}
		if result != nil {
			response.Result = &xmlNamed{name: op.Action + "Result", body: result}
		}
		document = response
	}
	body, err := xml.Marshal(document)
	return a.with(body, err)
}

// with completes an answer. One that cannot be encoded is a defect of this
// package: a 500 that says so.
func (a answer) with(body []byte, err error) answer {
	if err != nil {
		a.status, body = http.StatusInternalServerError, []byte("encode answer: "+err.Error())
	}
	a.body = body
	return a
}

// members is a list of the query protocol: an empty one is still written.
type members[T any] struct {
	Items []T `xml:"member"`
}

// stamp writes a time as the query protocol does; the zero time is left out.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// epoch writes a time as JSON 1.1 does, in seconds; nil for the zero time.
func epoch(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	seconds := float64(t.UnixMilli()) / 1000
	return &seconds
}
