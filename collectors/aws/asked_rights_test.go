package aws

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"sync"
)

// askedRights notes the right that each request needs, by the role that it is
// sent as; without one it is the job's own.
type askedRights struct {
	mu     sync.Mutex
	roles  map[string]string // by address and access key
	byRole map[string]map[string]bool
}

const theJob = ""

var (
	signature = regexp.MustCompile(`Credential=([^/]+)/\d{8}/[^/]+/([^/]+)/aws4_request`)
	keyGiven  = regexp.MustCompile(`<AccessKeyId>([^<]+)</AccessKeyId>`)
	roleTaken = regexp.MustCompile(`RoleArn=[^&]*role%2F([^&]+)`)
)

func newAskedRights() *askedRights {
	return &askedRights{roles: map[string]string{}, byRole: map[string]map[string]bool{theJob: {}}}
}

func (a *askedRights) RoundTrip(req *http.Request) (*http.Response, error) {
	req, operation, err := asks(req)
	if err != nil {
		return nil, err
	}
	signed := signature.FindStringSubmatch(req.Header.Get("Authorization"))
	a.note(a.roleOf(req.URL.Host+signed[1]), signed[2]+":"+operation)
	if operation != "AssumeRole" {
		return http.DefaultTransport.RoundTrip(req)
	}
	form, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(form))
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	if key := keyGiven.FindSubmatch(answer); key != nil {
		a.mu.Lock()
		a.roles[req.URL.Host+string(key[1])] = string(roleTaken.FindSubmatch(form)[1])
		a.mu.Unlock()
	}
	return resp, err
}

func (a *askedRights) roleOf(key string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.roles[key]
}

// note leaves out what AWS allows everybody
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
func (a *askedRights) note(role, right string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byRole[role] == nil {
		a.byRole[role] = map[string]bool{}
	}
	if right != "sts:GetCallerIdentity" {
		a.byRole[role][right] = true
	}
}
