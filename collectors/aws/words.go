package aws

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"rollcall/internal/awsreach"
)

// absent reports whether AWS says that the thing does not exist.
func absent(err error) bool {
	switch awsreach.Code(err) {
	case "NoSuchEntity", "NoSuchEntityException", "ResourceNotFoundException":
		return true
	}
	return false
}

func denied(err error) bool {
	switch awsreach.Code(err) {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized":
		return true
	}
	return false
}

// prefixes turn the SDK's service ids into the ones that policies use.
var prefixes = map[string]string{
	"IAM":           "iam",
	"STS":           "sts",
	"SSO Admin":     "sso",
	"identitystore": "identitystore",
	"Organizations": "organizations",
}

// action names what was asked as a policy would, such as iam:GetUser. Of a
// call within a call (a role assumed on the way) it names the inner one.
func action(err error) string {
	name := ""
	var op *smithy.OperationError
	for errors.As(err, &op) {
		if p := prefixes[op.Service()]; p != "" {
			name = p + ":" + op.Operation()
		}
		err = op.Unwrap()
	}
	return name
}

// explained is an AWS error in the words of an operator; errors.As still finds
// the cause.
type explained struct {
	says  string
	cause error
}

func (e explained) Error() string { return e.says }
func (e explained) Unwrap() error { return e.cause }

// explain says what failed, as whom, and what to grant. It leaves out request
// ids, so that the same failure reads the same on every night.
func explain(err error, caller string) error {
	var done explained
	if err == nil || errors.As(err, &done) {
		return err
	}
	what := action(err)
	if what == "" {
		return err
	}
	if denied(err) {
		return explained{fmt.Sprintf("%s is denied to %s: grant it %s%s", what, caller, what, where(what, caller)), err}
	}
	return explained{what + ": " + cause(err), err}
}

// where names the account of a right of IAM: a caller has each of them in every
// account apart.
func where(what, caller string) string {
	parts := strings.SplitN(caller, ":", 6)
	if !strings.HasPrefix(what, "iam:") || len(parts) < 6 || !accountForm.MatchString(parts[4]) {
		return ""
	}
	return " on account " + parts[4]
}

func cause(err error) string {
	says := err.Error()
	var op *smithy.OperationError
	for inner := err; errors.As(inner, &op); inner = op.Unwrap() {
		says = op.Unwrap().Error()
	}
	var api smithy.APIError
	var reply *smithyhttp.ResponseError
	var broken *smithy.DeserializationError
	var unsent *smithyhttp.RequestSendError
	switch {
	case errors.As(err, &api):
		says = strings.TrimSuffix(api.ErrorCode()+": "+api.ErrorMessage(), ": ")
	case errors.As(err, &broken):
		says = "the answer cannot be read: " + broken.Err.Error()
	case errors.As(err, &unsent):
		says = "no answer: " + unsent.Err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		says = "the deadline came before the answer"
	case errors.As(err, &reply):
		says = fmt.Sprintf("HTTP %d, and an answer that is none of AWS's", reply.HTTPStatusCode())
	}
	var gaveUp *retry.MaxAttemptsError
	if errors.As(err, &gaveUp) {
		says += fmt.Sprintf(" (%d attempts)", gaveUp.Attempt)
	}
	var old notRenewed
	if errors.As(err, &old) {
		says += "; " + old.says
	}
	var late tooLate
	if errors.As(err, &late) && !strings.Contains(says, late.Error()) {
		says += "; " + late.Error()
	}
	return says
}

// few joins the first errors and counts the rest: a gap is read by people.
func few(errs []error) error {
	var some []error
	for _, err := range errs {
		if err != nil {
			some = append(some, err)
		}
	}
	const most = 3
	if len(some) <= most {
		return errors.Join(some...)
	}
	rest := fmt.Errorf("and %d more", len(some)-most)
	return errors.Join(append(some[:most:most], rest)...)
}
