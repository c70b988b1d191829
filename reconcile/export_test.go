package reconcile

// RandomWorld is a world of chance, for tests that need the archive too.
func RandomWorld(seed uint64) World { return newRandom(seed).world() }
