//go:build !cgo

package main

import (
	"errors"
	"io"
)

// duck cannot run: DuckDB is a C++ library.
func duck(task, io.Writer) error {
	return errors.New("DuckDB needs cgo: build this with CGO_ENABLED=1 and a C compiler")
}
