package aws

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"rollcall/internal/awsreach"
)

// roundTripper is the transport of one's own: through the company's proxy, trusting
// the company's authorities, never below TLS 1.2.
func roundTripper(cfg Config) http.RoundTripper {
	if cfg.HTTP != nil {
		return cfg.Heard.Through(cfg.HTTP)
	}
	own := http.DefaultTransport.(*http.Transport).Clone()
	own.MaxIdleConns, own.MaxIdleConnsPerHost = 4*atOnce, 2*atOnce
	if cfg.Proxy != nil {
		own.Proxy = cfg.Proxy
	}
	own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: cfg.RootCAs}
	return cfg.Heard.Through(own)
}

// chained fills in what the SDK's default chain knows: the credentials, and the
// authorities that AWS_CA_BUNDLE names unless the configuration has its own.
func chained(ctx context.Context, cfg Config) (Config, error) {
	client := awsreach.Client(cfg.Proxy, cfg.RootCAs).WithTimeout(cfg.Timeout)
	chain, err := config.LoadDefaultConfig(ctx, config.WithRegion(cfg.Region), config.WithHTTPClient(client), config.WithSharedConfigProfile(cfg.Profile))
	if err != nil && cfg.Profile != "" {
		return cfg, fmt.Errorf("%s: find AWS credentials in the profile %s: %w", cfg.System, cfg.Profile, err)
	}
	if err != nil {
		return cfg, fmt.Errorf("%s: find AWS credentials: %w", cfg.System, err)
	}
	cfg.Credentials = chain.Credentials
	if cfg.RootCAs == nil {
		cfg.RootCAs = authorities(chain)
	}
	return cfg, nil
}

// authorities are those that the chain came to trust, nil for the system's.
func authorities(chain sdk.Config) *x509.CertPool {
	own, ok := chain.HTTPClient.(*awshttp.BuildableClient)
	if !ok || own.GetTransport().TLSClientConfig == nil {
		return nil
	}
	return own.GetTransport().TLSClientConfig.RootCAs
}
