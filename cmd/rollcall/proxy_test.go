package main

import (
	"strings"
	"testing"

	"rollcall/internal/config"
)

func TestAProxyThatCannotBeReadIsToldWithoutItsPassword(t *testing.T) {
	for _, address := range []string{"http://user:se%cret@proxy.example.com:3128", "http://user:secret@proxy.example.com:port", "user:secret@ proxy", "http://user:secret@[::1"} {
		e := &environ{getenv: func(name string) string { return map[string]string{"HTTPS_PROXY": address}[name] }}
		if _, err := e.network(config.Config{}); err == nil || strings.Contains(err.Error(), "cret") || !strings.Contains(err.Error(), "HTTPS_PROXY") {
			t.Errorf("%s: it says %v", address, err)
		}
	}
}
