package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdkconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"rollcall/internal/awsreach"
	"rollcall/internal/config"
)

// secretTime is how long a secret may take, with the SDK's own further tries.
const secretTime = 30 * time.Second

// fromAWS fetches the whole of what is there. Its errors are made of AWS's code: what
// AWS says besides may quote what it was sent.
func (e *environ) fromAWS(ctx context.Context, cfg config.Config, s config.Secret) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, secretTime)
	defer cancel()
	chain, err := e.secretChain(ctx, cfg, s)
	if err != nil {
		return "", err
	}
	if s.SSM != "" {
		return parameter(ctx, chain, s)
	}
	out, err := secretsmanager.NewFromConfig(chain).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.AWSSecret})
	if err != nil {
		return "", secretFault(s, chain.Region, err)
	}
	if out.SecretString == nil {
		return string(out.SecretBinary), nil
	}
	return *out.SecretString, nil
}

func parameter(ctx context.Context, chain sdk.Config, s config.Secret) (string, error) {
	out, err := ssm.NewFromConfig(chain).GetParameter(ctx, &ssm.GetParameterInput{Name: &s.SSM, WithDecryption: sdk.Bool(true)})
	if err != nil {
		return "", secretFault(s, chain.Region, err)
	}
	if out.Parameter.Type != ssmtypes.ParameterTypeSecureString {
		return "", fmt.Errorf("the %s is of the type %s, which is kept unencrypted: store it anew as SecureString, and replace the secret at its source", s, out.Parameter.Type)
	}
	return sdk.ToString(out.Parameter.Value), nil
}

// secretChain finds credentials as the AWS tools do, and goes the company's way.
func (e *environ) secretChain(ctx context.Context, cfg config.Config, s config.Secret) (sdk.Config, error) {
	reach, err := e.network(cfg)
	if err != nil {
		return sdk.Config{}, err
	}
	client := awsreach.Client(reach.proxy, reach.roots)
	chain, err := sdkconfig.LoadDefaultConfig(ctx, sdkconfig.WithRegion(cmp.Or(s.Region, regionOf(s))), sdkconfig.WithSharedConfigProfile(s.Profile), sdkconfig.WithHTTPClient(client), sdkconfig.WithLogger(logging.Nop{}))
	if err != nil {
		return chain, fmt.Errorf("find AWS credentials for the %s: %w", s, err)
	}
	if e.outside.awsCredentials != nil {
		chain.Credentials = e.outside.awsCredentials
	}
	if chain.Region == "" {
		return chain, fmt.Errorf("it is not known in which region the %s is: add region to it, or set AWS_REGION", s)
	}
	return chain, nil
}

// regionOf is that of an ARN.
func regionOf(s config.Secret) string {
	named, err := arn.Parse(s.AWSSecret + s.SSM)
	if err != nil {
		return ""
	}
	return named.Region
}

// valueOf gives the value that is meant, of a secret that may hold several.
func valueOf(s config.Secret, f fetched) (string, error) {
	if f.err != nil || s.Field == "" {
		return f.value, f.err
	}
	var values map[string]any
	if json.Unmarshal([]byte(f.value), &values) != nil {
		return "", fmt.Errorf("the AWS secret %s is no JSON object (not shown): take key out, or store it as key and value", s.AWSSecret)
	}
	value, isText := values[s.Field].(string)
	if !isText {
		return "", fmt.Errorf("the AWS secret %s has no text under %s: add it there, or name another key", s.AWSSecret, s.Field)
	}
	return value, nil
}

// secretFault says what was refused and what to do.
func secretFault(s config.Secret, region string, err error) error {
	var said smithy.APIError
	var answer *awshttp.ResponseError
	switch {
	case errors.As(err, &said):
		return fmt.Errorf("the %s (%s) cannot be read: %s: %s", s, region, said.ErrorCode(), secretAdvice(s, said))
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fmt.Errorf("the %s (%s) cannot be read: no answer from AWS in time: check network, proxy and firewall", s, region)
	case errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusForbidden: // not in AWS's form
		return fmt.Errorf("the %s (%s) cannot be read: it is answered with status 403: grant %s on it to the role that rollcall runs as, and ask whoever runs the proxy", s, region, secretAction(s))
	case errors.As(err, &answer) && answer.HTTPStatusCode() != 0:
		return fmt.Errorf("the %s (%s) cannot be read: it is answered with status %d and nothing of AWS's: ask whoever runs the proxy", s, region, answer.HTTPStatusCode())
	case strings.Contains(err.Error(), "credentials"):
		return fmt.Errorf("the %s (%s) cannot be read: no AWS credentials were found, or they do not work: give the machine a role, or name a profile", s, region)
	}
	return fmt.Errorf("the %s (%s) cannot be read: AWS cannot be reached: check network, proxy, firewall and network.ca_bundle", s, region)
}

func secretAdvice(s config.Secret, said smithy.APIError) string {
	words := strings.ToLower(said.ErrorMessage())
	switch code := strings.TrimSuffix(said.ErrorCode(), "Exception"); code {
	case "AccessDenied":
		if strings.Contains(words, "kms") || strings.Contains(words, "ciphertext") {
			return decryptAdvice
		}
		return "grant " + secretAction(s) + " on it to the role that rollcall runs as (deploy/aws/README.md, Secrets)"
	case "DecryptionFailure", "InvalidKeyId", "KMSAccessDenied":
		return decryptAdvice
	case "ResourceNotFound", "ParameterNotFound", "ParameterVersionNotFound":
		return "there is none of that name in this account and region: check the name, region and profile"
	case "InvalidRequest":
		return "is it marked for deletion? aws secretsmanager restore-secret brings it back"
	case "UnrecognizedClient", "InvalidClientTokenId", "ExpiredToken", "InvalidSignature", "IncompleteSignature":
		return "AWS does not take the credentials: check the machine's role or the profile"
	case "Throttling", "ThrottlingException", "InternalServiceError", "InternalServerError":
		return "AWS is busy: try again"
	}
	return "see what AWS says about it: run aws secretsmanager get-secret-value or aws ssm get-parameter with the same credentials, and keep the output to yourself"
}

func secretAction(s config.Secret) string {
	if s.SSM != "" {
		return "ssm:GetParameter"
	}
	return "secretsmanager:GetSecretValue"
}

const decryptAdvice = "it cannot be decrypted: grant kms:Decrypt on its key to the role that rollcall runs as"
