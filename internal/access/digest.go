package access

import (
	"crypto/sha256"
	"encoding/hex"
)

// Digest is the SHA-256 of some bytes in hex, lower case: how files, plans and lists are
// named where they are cited.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
