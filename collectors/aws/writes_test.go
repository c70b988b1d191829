package aws

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"rollcall/internal/sandbox/fakeaws"
)

// operationsOf gives every operation that a client of the SDK has: its methods
// that take a context, an input and options.
func operationsOf(client any) (names []string) {
	kind := reflect.TypeOf(client)
	for i := range kind.NumMethod() {
		m := kind.Method(i)
		if m.Type.NumIn() == 4 && m.Type.In(1) == reflect.TypeFor[context.Context]() && m.Type.NumOut() == 2 {
			names = append(names, m.Name)
		}
	}
	return names
}

// send calls an operation with an empty input.
func send(t *testing.T, client any, operation string) error {
	m := reflect.ValueOf(client).MethodByName(operation)
	in := reflect.New(m.Type().In(1).Elem())
	out := m.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
	err, _ := out[1].Interface().(error)
	return err
}

func TestNoOperationOfAnyClientButTheReadsLeavesTheCollector(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	s := o.collector(t).session
	tried := 0
	for _, client := range []any{s.iamOf(prod, s.base.Credentials), s.sso, s.ids, s.org, s.sts, s.ssoAs(s.base.Credentials)} {
		for _, operation := range operationsOf(client) {
			if _, read := reads[operation]; read {
				continue
			}
			tried++
			if err := send(t, client, operation); err == nil || !strings.Contains(err.Error(), operation+" is refused: this client may not send it") {
				t.Errorf("%T.%s: %v", client, operation, err)
			}
		}
	}
	if tried < 250 {
		t.Errorf("only %d operations were tried: the clients have more", tried)
	}
	if n := len(o.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestWhatTheCollectorMayReadChangesNothingByItsName(t *testing.T) {
	for operation := range reads {
		if !slices.ContainsFunc([]string{"Get", "List", "Describe", "AssumeRole", "GenerateCredentialReport"}, func(p string) bool { return strings.HasPrefix(operation, p) }) {
			t.Errorf("%s is among the reads", operation)
		}
		if _, both := writes[operation]; both {
			t.Errorf("%s is a read and a write", operation)
		}
	}
}

func TestTheTransportCarriesNoWriteWhoeverMadeTheRequest(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	client := o.collector(t).session.base.HTTPClient.(*http.Client)
	form := func(body string) *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	target := form("{}")
	target.Header.Set("X-Amz-Target", "SWBExternalService.DeleteAccountAssignment")
	for _, r := range []*http.Request{
		form("Action=DeleteUser&UserName=leaver&Version=2010-05-08"), form("Action=AttachUserPolicy&UserName=leaver"),
		form(""), form("no form; %zz"), target,
	} {
		resp, err := client.Do(r)
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s was carried", r.Header)
		}
	}
	if n := len(o.Requests()); n > 0 {
		t.Errorf("%d requests arrived", n)
	}
	resp, err := client.Do(form("Action=GetCallerIdentity"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(o.Requests()) != 1 {
		t.Error("a read did not arrive with its body")
	}
}

func TestTheRevokersTransportCarriesItsWritesAndNoOthers(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	s := o.revoker(t).session
	for _, operation := range operationsOf(s.sts) {
		_, read := reads[operation]
		if err := send(t, s.sts, operation); !read && err == nil {
			t.Errorf("%s was sent", operation)
		}
	}
	if _, err := s.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}); err != nil {
		t.Error(err)
	}
}
