package access

import "testing"

// The digest of "abc" is that of FIPS 180-4's example.
func TestADigestIsSHA256InLowerHex(t *testing.T) {
	if got := Digest([]byte("abc")); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error(got)
	}
}
