package lifecycle

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

const (
	// recoveryTime is how long a look at the server may take after a request or
	// the operation itself was stopped.
	recoveryTime = 15 * time.Second
	// clockGrain is how exactly the server's clock is known: the Date header has
	// whole seconds.
	clockGrain = 2 * time.Second
)

// lookAfter are the pauses between looks for what a request with an unclear
// answer may have made: behind a proxy that gave up, or after an interrupt, the
// server may still be at it.
var lookAfter = []time.Duration{0, time.Second, 3 * time.Second}

// ownBuild finds the newest build of a workspace that this token has made since
// a time, that fits, and that has the values; nil when there is none.
func (l *Lifecycle) ownBuild(ctx context.Context, workspace uuid.UUID, since time.Time, fits func(*coder.WorkspaceBuild) bool, values []coder.BuildParameter) (*coder.WorkspaceBuild, error) {
	me, err := l.Client.Lookup().User(ctx, coder.Me)
	if err != nil {
		return nil, err
	}
	since = since.Add(-clockGrain)
	builds, err := l.Client.Builds(ctx, workspace, since)
	if err != nil {
		return nil, err
	}
	for i := range builds {
		build := &builds[i]
		if build.InitiatorID != me.ID || build.CreatedAt.Before(since) || !fits(build) {
			continue
		}
		if len(values) == 0 {
			return build, nil
		}
		list, err := l.Client.BuildParameters(ctx, build.ID)
		if err != nil {
			return nil, err
		}
		if has(valuesByName(list), values) {
			return build, nil
		}
	}
	return nil, nil
}

// has tells whether a build has all values.
func has(present map[string]string, values []coder.BuildParameter) bool {
	for _, value := range values {
		if got, ok := present[value.Name]; !ok || got != value.Value {
			return false
		}
	}
	return true
}
