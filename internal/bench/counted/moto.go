package counted

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

var running = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// buildMoto starts moto, an AWS that nobody here wrote, fills it through the SDK
// and stands before it.
func buildMoto(t Target) (*meter, Served, func(), error) {
	at, stop, err := startMoto(t.Python)
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

// startMoto starts a server on a port that the system picks, and reads the
// address from what it says.
func startMoto(python string) (at string, stop func(), err error) {
	process := exec.Command(python, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0")
	process.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	story, err := process.StderrPipe()
	if err != nil {
		return "", nil, fmt.Errorf("start moto: %w", err)
	}
	if err := process.Start(); err != nil {
		return "", nil, fmt.Errorf("start moto: %w; name a Python that has moto[server] in ROLLCALL_PYTHON", err)
	}
	stop = func() {
		_ = process.Process.Kill() // it has nothing to save
		_ = process.Wait()         // reports the kill
	}
	lines := bufio.NewScanner(story)
	for lines.Scan() {
		if m := running.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, story) }() // lest a full pipe stop it
			return m[1], stop, nil
		}
	}
	stop()
	return "", nil, errors.New("moto did not start; name a Python that has moto[server] in ROLLCALL_PYTHON")
}

// motoLacks are operations that moto answers with a page of HTML. Their answers
// here are those of an organisation that has none of the things.
var motoLacks = map[string]string{
	"iam:ListServiceSpecificCredentials": `<ListServiceSpecificCredentialsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">` +
		`<ListServiceSpecificCredentialsResult><ServiceSpecificCredentials/><IsTruncated>false</IsTruncated></ListServiceSpecificCredentialsResult>` +
		`<ResponseMetadata><RequestId>none</RequestId></ResponseMetadata></ListServiceSpecificCredentialsResponse>`,
	"sso:ListApplications": `{"Applications":[]}`,
}

// moto spells the ARN of a permission set instance/ssoins-x/ps-y, where AWS and
// the collector say permissionSet/ssoins-x/ps-y.
var (
	motoSet = regexp.MustCompile(`:sso:::instance/(ssoins-\w+/ps-\w+)`)
	awsSet  = regexp.MustCompile(`:sso:::permissionSet/(ssoins-\w+/ps-\w+)`)
)

// beforeMoto is moto as AWS would spell it, with what moto lacks.
func beforeMoto(moto *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(moto) },
		ModifyResponse: func(r *http.Response) error {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			text := motoSet.ReplaceAllString(string(body), ":sso:::permissionSet/$1")
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
			r.Header.Set("Content-Length", strconv.Itoa(len(text)))
			return nil
		},
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
		text := awsSet.ReplaceAllString(string(body), ":sso:::instance/$1")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		proxy.ServeHTTP(w, r)
	})
}
