package collectortest

import "sync"

// Progress keeps what a collector says of its progress, in order.
type Progress struct {
	mu    sync.Mutex
	Steps [][2]int // answered, planned
}

// Tell is what the collector is given to say it with.
func (p *Progress) Tell(answered, planned int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Steps = append(p.Steps, [2]int{answered, planned})
}
