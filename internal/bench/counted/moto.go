package counted

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"

	"rollcall/internal/sandbox/moto"
)

// buildMoto starts moto, an AWS that nobody here wrote, fills it through the SDK
// and stands before it.
func buildMoto(t Target) (*meter, Served, func(), error) {
	at, stop, err := moto.Serve(t.Python, nil)
	if err != nil {
		return nil, Served{}, nil, err
	}
	counts, err := fillMoto(at)
	if err != nil {
		stop()
		return nil, Served{}, nil, fmt.Errorf("fill moto: %w", err)
	}
	where, err := url.Parse(at)
	if err != nil {
		stop()
		return nil, Served{}, nil, fmt.Errorf("moto's address: %w", err)
	}
	return newMeter(beforeMoto(where), awsEndpoint), Served{AWS: &counts}, stop, nil
}

// motoLacks are operations that moto answers with a page of HTML. Their answers
// here are those of an organisation that has none of the things.
var motoLacks = map[string]string{
	"iam:ListServiceSpecificCredentials": `<ListServiceSpecificCredentialsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">` +
		`<ListServiceSpecificCredentialsResult><ServiceSpecificCredentials/><IsTruncated>false</IsTruncated></ListServiceSpecificCredentialsResult>` +
		`<ResponseMetadata><RequestId>none</RequestId></ResponseMetadata></ListServiceSpecificCredentialsResponse>`,
	"sso:ListApplications": `{"Applications":[]}`,
}

// beforeMoto is moto as AWS would spell it, with what moto lacks.
func beforeMoto(where *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(where) },
		Transport: moto.Respelt{Next: http.DefaultTransport},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client is gone
		}
		if answer := motoLacks[awsEndpoint(r, body)]; answer != "" {
			_, _ = io.WriteString(w, answer) // a client that is gone asks no more
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	})
}
