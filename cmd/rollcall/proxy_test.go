package main

import (
	"net/http"
	"strings"
	"testing"

	"rollcall/internal/config"
)

func TestAProxyThatCannotBeReadIsToldWithoutItsPassword(t *testing.T) {
	for _, address := range []string{"http://user:se%cret@proxy.example.com:3128", "http://user:secret@proxy.example.com:port", "user:secret@ proxy", "http://user:secret@[::1"} {
		e := &environ{getenv: func(name string) string { return map[string]string{"HTTPS_PROXY": address}[name] }}
		n, err := e.network(config.Config{})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.okta.com", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.proxy(req); err == nil || strings.Contains(err.Error(), "cret") || !strings.Contains(err.Error(), "HTTPS_PROXY") {
			t.Errorf("%s: it says %v", address, err)
		}
	}
}
