package aws

import (
	"context"
	"sync"

	"rollcall/collectors"
)

// meter counts the requests of one run for Config.Progress. Whoever knows of
// requests to come reserves them; one that nobody reserved is planned when it
// begins. All methods of a nil meter do nothing.
type meter struct {
	tell collectors.Progress

	mu                sync.Mutex
	answered, planned int
}

// change moves both counts and tells them, in the order of the changes.
func (m *meter) change(answered, planned int) {
	if m == nil || m.tell == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answered += answered
	m.planned += planned
	m.tell(m.answered, m.planned)
}

// reserved are requests that were planned and have not begun.
type reserved struct {
	mu   sync.Mutex
	left int
}

// take uses up one, if there is one.
func (r *reserved) take() bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left == 0 {
		return false
	}
	r.left--
	return true
}

type (
	meterKey    struct{}
	reservedKey struct{}
)

func withMeter(ctx context.Context, m *meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

func meterOf(ctx context.Context) *meter {
	m, _ := ctx.Value(meterKey{}).(*meter)
	return m
}

// reserve plans requests that carry the context it gives; forget takes back
// those that never began.
func reserve(ctx context.Context, requests int) (context.Context, func()) {
	m, r := meterOf(ctx), &reserved{left: requests}
	m.change(0, requests)
	return context.WithValue(ctx, reservedKey{}, r), func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.left > 0 {
			m.change(0, -r.left)
			r.left = 0
		}
	}
}

// begun is a request about to be sent: it uses up a reserved one, or is planned
// now. The attempts that it takes are not counted apart.
func begun(ctx context.Context) {
	if r, _ := ctx.Value(reservedKey{}).(*reserved); !r.take() {
		meterOf(ctx).change(0, 1)
	}
}

func ended(ctx context.Context) { meterOf(ctx).change(1, 0) }
