//go:build !cgo

package main

import (
	"errors"

	"rollcall/internal/bench/versus"
)

// duck cannot run: DuckDB is a C++ library.
func duck(versus.Task) (took, error) {
	return took{}, errors.New("DuckDB needs cgo: build this with CGO_ENABLED=1 and a C compiler")
}
