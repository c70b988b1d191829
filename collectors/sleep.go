package collectors

import (
	"context"
	"time"
)

// Sleep is a pause between two requests. It ends with the context, and says so.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
