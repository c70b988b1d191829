package awsreach

import (
	"errors"

	"github.com/aws/smithy-go"
)

// Code is AWS's name of an error, "" when there was no answer. Codes are compared as text:
// an operation yields a typed error only if its model declares it.
func Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
