package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// AWSError refuses in the protocol of the request: XML with the status to the
// query services (IAM, STS), whose name for the error is query; JSON 1.1 with
// 400 to the others, whose name is target.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
func AWSError(status int, query, target, message string) Rule {
	return Rule{Kind: Refuse, Refuse: func(r *http.Request) Answer {
		if r.Header.Get("X-Amz-Target") == "" {
			return Answer{Code: status, Header: http.Header{"Content-Type": {"text/xml"}}, Body: fmt.Appendf(nil,
				"<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>fault</RequestId></ErrorResponse>", query, message)}
		}
		body, err := json.Marshal(map[string]string{"__type": target, "message": message})
		if err != nil {
			panic("two strings are JSON: " + err.Error())
		}
		return Answer{Code: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: body}
	}}
}

// AWSThrottle refuses because too much was asked.
func AWSThrottle() Rule {
	return AWSError(http.StatusBadRequest, "Throttling", "ThrottlingException", "Rate exceeded")
}

// AWSDenied refuses for want of rights.
func AWSDenied() Rule {
	return AWSError(http.StatusForbidden, "AccessDenied", "AccessDeniedException", "You are not authorized to perform this operation")
}

// AWSExpired refuses credentials that have ended.
func AWSExpired() Rule {
	return AWSError(http.StatusForbidden, "ExpiredToken", "ExpiredTokenException", "The security token included in the request is expired")
}
