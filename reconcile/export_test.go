package reconcile

// RandomWorld is a world of chance, for tests that need the archive too.
func RandomWorld(seed uint64) World { return newRandom(seed).world() }

// Seeds are that many seeds, and a tenth of them with -short.
func Seeds(n uint64) uint64 { return seeds(n) }
