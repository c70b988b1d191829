package main

import (
	"fmt"
	"time"
)

// askQuietly is how long nobody is told that an answer takes.
const askQuietly = 2 * time.Second

// askProgress tells on a terminal how far the reading of an archive is, once it takes
// long. Anywhere else nobody waits, and nobody is told.
func (e *environ) askProgress() func(what string, done, all int) {
	f := e.bars()
	if f == nil {
		return nil
	}
	began, told := e.now(), time.Time{}
	return func(what string, done, all int) {
		now := e.now()
		if now.Sub(began) < askQuietly || now.Sub(told) < 200*time.Millisecond && done < all {
			return
		}
		told = now
		end := "\r"
		if done == all {
			end = "\n"
		}
		fmt.Fprintf(f, "%d of %d %s\x1b[K%s", done, all, what, end)
	}
}
