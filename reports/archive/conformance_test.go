package archive_test

import (
	"testing"

	"rollcall/reports/archive"
	"rollcall/reports/archive/storetest"
)

func TestAFolderIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) archive.Store { return archive.NewFolder(t.TempDir()) })
}

func TestTheStoreOfTheTestsIsAStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) archive.Store { return &storetest.Memory{} })
}
