package aws

import "testing"

func TestOnlyAPolicyThatAllowsEverythingOnEverythingIsOpen(t *testing.T) {
	for document, want := range map[string]bool{
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`:                                                                                  true,
		`%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%5B%22s3%3A%2A%22%2C%22%2A%22%5D%2C%22Resource%22%3A%22%2A%22%7D%5D%7D`: true,
		`{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`:                                                                                 false,
		`{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`:                                                                             false,
		`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b"}]}`:                                                                   false,
		`not a policy`: false,
		`%zz`:          false,
	} {
		if got := open(document); got != want {
			t.Errorf("%s: %v", document, got)
		}
	}
}
