package memory_test

import (
	"testing"

	"riskatlas/data"
	"riskatlas/data/memory"
	"riskatlas/data/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) data.Store { return memory.New(storetest.Taxonomy()) })
}
