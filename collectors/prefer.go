package collectors

// Prefer says which plan of reads a collector chooses where two give the same
// facts: the one that ends first under the vendor's rate limits, or the one with
// the fewest requests.
type Prefer string

// The words of Prefer. The empty one is PreferTime.
const (
	PreferTime  Prefer = "time"
	PreferCalls Prefer = "calls"
)

// Progress is told, while a collector reads, how many requests have been
// answered and how many are planned as far as is known by now; planned grows
// while lists turn out to be longer. It is called from many goroutines and must
// return at once. Nil tells nobody.
type Progress func(answered, planned int)
