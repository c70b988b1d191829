package aws

import (
	"bytes"
	"context"
	"encoding/xml"
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

// Whatever AWS answers of the credentials of somebody who has left: no panic, and what is
// called complete has every one of them.
func FuzzDetail(f *testing.F) {
	o := populated(fakeaws.Options{}, func() time.Time { return start.Add(ahead) })
	rt := &altered{Handler: o.Server}
	obs := o.through(f, rt)
	kinds := []struct{ operation, list, id string }{
		{"ListAccessKeys", "AccessKeyMetadata", "AccessKeyId"}, {"ListSSHPublicKeys", "SSHPublicKeys", "SSHPublicKeyId"}, {"ListSigningCertificates", "Certificates", "CertificateId"},
	}
	for n, kind := range kinds {
		for _, inside := range []string{"", "<member/>", "<member><" + kind.id + ">AKIAANOTHER</" + kind.id + "><Status>Active</Status></member>", "<member><" + kind.id + "></" + kind.id + "></member>",
			"<member><UserName>ada@example.com</UserName><" + kind.id + ">AKIAADA</" + kind.id + "></member>"} {
			f.Add(byte(n), []byte("<"+kind.operation+"Response><"+kind.operation+"Result><"+kind.list+">"+inside+"</"+kind.list+"></"+kind.operation+"Result></"+kind.operation+"Response>"))
		}
		f.Add(byte(n), []byte("<a/>"))
	}
	var leaver []int
	for n, account := range obs.Accounts {
		if account.Kind == access.IAMUser && account.Login == "leaver" {
			leaver = append(leaver, n)
		}
	}
	cfg := o.config("read")
	cfg.HTTP, cfg.Sleep = rt, func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	c, err := NewCollector(f.Context(), cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, n byte, body []byte) {
		kind := kinds[int(n)%len(kinds)]
		rt.operation, rt.body = kind.operation, append([]byte{}, body...)
		exact, err := c.Detail(t.Context(), obs, leaver)
		o.ResetRequests()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(exact.Reads, func(r access.Read) bool { return r.Kind == readCredentials && r.Complete }) {
			return
		}
		for _, id := range idsIn(body, kind.operation, kind.list, kind.id) {
			if id == "" || !slices.ContainsFunc(exact.Entitlements, func(e access.Entitlement) bool { return e.ID == id }) {
				t.Fatalf("%s is called complete without %q", kind.operation, id)
			}
		}
	})
}

// idsIn are the ids of the members of a list by the rules of XML alone: none, if the answer
// has several such lists, or is not read to its end.
func idsIn(body []byte, operation, list, id string) (ids []string) {
	if bytes.Count(body, []byte("<"+list)) != 1 || bytes.Count(body, []byte("<"+operation+"Result")) != 1 || bytes.Count(body, []byte("<member")) != bytes.Count(body, []byte("<"+id)) {
		return nil
	}
	var path []string
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		token, err := d.Token()
		if err != nil {
			return ids
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if slices.Equal(path, []string{operation + "Response", operation + "Result", list, "member", id}) {
				ids = append(ids, string(token))
			}
		}
	}
}
