package collectors

import "golang.org/x/sync/errgroup"

// InParallel does something with each, so many at a time. What fails is told in the reads.
func InParallel[T any](most int, all []T, do func(T)) {
	var group errgroup.Group
	group.SetLimit(most)
	for _, one := range all {
		group.Go(func() error {
			do(one)
			return nil
		})
	}
	_ = group.Wait() // none of them gives an error
}
