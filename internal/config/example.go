package config

import _ "embed"

//go:embed example.yaml
var example []byte

// Example is the commented configuration that `rollcall init` writes. Load
// accepts it, and it observes.
func Example() []byte { return append([]byte(nil), example...) }
