package fakeaws

import (
	"maps"
	"slices"
)

// QueryActions lets a test hold its table against the real one.
func QueryActions() []string { return slices.Sorted(maps.Keys(queryActions)) }

// QueryWrites are the actions that a read-only caller is refused.
func QueryWrites() []string { return slices.Sorted(maps.Keys(queryWrites)) }
