package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/internal/config"
)

// fakeAWS answers every request in AWS's JSON, and counts.
func fakeAWS(t *testing.T, status int, body string) *int {
	t.Helper()
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	t.Setenv("AWS_ENDPOINT_URL", srv.URL)
	return &asked
}

// inAWS is a program that has credentials, and nothing else.
func inAWS() *environ {
	return &environ{getenv: func(string) string { return "" }, vault: newVault(),
		outside: outside{awsCredentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "x", "")}}
}

// The codes and sentences are those of
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html,
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
// and the errors common to both.
func TestWhatAWSRefusesOfASecretSaysWhatToDo(t *testing.T) {
	manager, store := config.Secret{AWSSecret: "rollcall/okta", Region: "eu-west-1", Key: "k"}, config.Secret{SSM: "/rollcall/okta", Region: "eu-west-1", Key: "k"}
	for _, tt := range []struct {
		s                config.Secret
		code, said, says string
	}{
		{manager, "AccessDeniedException", "User: CANARY is not authorized to perform: secretsmanager:GetSecretValue", "AccessDeniedException: grant secretsmanager:GetSecretValue on it"},
		{manager, "AccessDeniedException", "Access to KMS is not allowed", "grant kms:Decrypt on its key"},
		{manager, "DecryptionFailure", "", "grant kms:Decrypt on its key"},
		{manager, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.", "there is none of that name in this account and region"},
		{manager, "InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.", "aws secretsmanager restore-secret"},
		{manager, "UnrecognizedClientException", "The security token included in the request is invalid.", "AWS does not take the credentials"},
		{store, "AccessDeniedException", "User: CANARY is not authorized to perform: ssm:GetParameter", "grant ssm:GetParameter on it"},
		{store, "AccessDeniedException", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.", "grant kms:Decrypt on its key"},
		{store, "InvalidKeyId", "", "grant kms:Decrypt on its key"},
		{store, "ParameterNotFound", "", "there is none of that name in this account and region"},
		{store, "ExpiredTokenException", "", "AWS does not take the credentials"},
		{store, "SomethingNewException", "CANARY", "SomethingNewException: see what AWS says about it"},
	} {
		asked := fakeAWS(t, 400, fmt.Sprintf(`{"__type": %q, "Message": %q}`, tt.code, tt.said))
		e := inAWS()
		for range 2 {
			_, err := e.secret(t.Context(), config.Config{}, tt.s)
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), "k: the "+tt.s.String()+" (eu-west-1) cannot be read: ") || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("%s: %v", tt.code, err)
			}
		}
		if *asked != 1 {
			t.Errorf("%s: asked %d times", tt.code, *asked)
		}
	}
}

func TestOneAWSSecretIsFetchedOnceForAllThatItHolds(t *testing.T) {
	asked := fakeAWS(t, 200, `{"ARN": "a", "Name": "n", "SecretString": "{\"read\": \"one\", \"revoke\": \"two\"}"}`)
	e := inAWS()
	var all sync.WaitGroup
	for field, want := range map[string]string{"read": "one", "revoke": "two", "": `{"read": "one", "revoke": "two"}`} {
		s := config.Secret{AWSSecret: "rollcall/okta", Field: field, Region: "eu-west-1", Key: "k." + field}
		if _, err := e.secretHere(s); err == nil && *asked == 0 {
			t.Error("it is there before it was fetched")
		}
		all.Go(func() {
			if got, err := e.secret(t.Context(), config.Config{}, s); err != nil || got != want {
				t.Errorf("%s: %q, %v", field, got, err)
			}
			if got, err := e.secretHere(s); err != nil || got != want {
				t.Errorf("here: %s: %q, %v", field, got, err)
			}
		})
	}
	all.Wait()
	if *asked != 1 {
		t.Errorf("asked %d times", *asked)
	}
}

func TestNoErrorAboutASecretHoldsIt(t *testing.T) {
	for body, says := range map[string]string{
		`{"SecretString": "CANARY"}`:                    "is no JSON object (not shown)",
		`{"SecretString": "{\"other\": \"CANARY\"}"}`:   "has no text under token",
		`{"SecretString": "{\"token\": [\"CANARY\"]}"}`: "has no text under token",
		`{"SecretString": "{\"token\": \" \"}"}`:        "is empty: put the secret there",
		`{"SecretBinary": "` + "!CANARY" + `"}`:         "cannot be read",
		`CANARY`:                                        "cannot be read",
	} {
		if !json.Valid([]byte(body)) && body != "CANARY" {
			t.Fatalf("%s", body)
		}
		fakeAWS(t, 200, body)
		_, err := inAWS().secret(t.Context(), config.Config{}, config.Secret{AWSSecret: "rollcall/okta", Field: "token", Region: "eu-west-1", Key: "k"})
		if err == nil || strings.Contains(err.Error(), "CANARY") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestASecretWithoutARegionIsRefusedBeforeAnybodyIsAsked(t *testing.T) {
	asked := fakeAWS(t, 200, "{}")
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	_, err := inAWS().secret(t.Context(), config.Config{}, config.Secret{SSM: "/rollcall/okta", Key: "k"})
	if err == nil || !strings.Contains(err.Error(), "add region to it, or set AWS_REGION") || *asked != 0 {
		t.Errorf("%v, asked %d times", err, *asked)
	}
}
