package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// cleanupTimeout is how long the workspaces of an interrupted or failed demo
// may take to be destroyed.
const cleanupTimeout = 10 * time.Minute

// tell runs the steps and checks each of them.
func tell(ctx context.Context, out *report, tf *terraform, deployment *deployment) (err error) {
	now := time.Now()
	prefix := newPrefix()
	before := settingsBefore(prefix, now)

	defer func() {
		if err == nil || !tf.applied {
			return
		}
		out.heading("Cleaning up")
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		defer cancel()
		if failure := tf.destroy(ctx); failure != nil {
			err = fmt.Errorf("%w\nCleaning up failed too (%w). Look in the deployment for workspaces named %s-… and delete them", err, failure, prefix)
		}
	}()

	out.heading("Plan and apply: %d workspaces", len(before))
	if err := tf.apply(ctx, before, changes{create: len(before)}); err != nil {
		return err
	}
	created, err := deployment.workspaces(ctx, prefix)
	if err != nil {
		return err
	}
	out.holdings(created)
	if err := before.check(created); err != nil {
		return err
	}

	out.heading("A second plan: nothing to do")
	if err := tf.planEmpty(ctx); err != nil {
		return err
	}

	after := settingsAfter(prefix, now, created)
	out.heading("Change %s: in place, without a build", after.summary)
	if err := tf.apply(ctx, after.settings, changes{update: after.changed}); err != nil {
		return err
	}
	changed, err := deployment.workspaces(ctx, prefix)
	if err != nil {
		return err
	}
	out.holdings(changed)
	if err := errors.Join(after.check(changed), sameBuilds(created, changed)); err != nil {
		return err
	}

	out.heading("A second plan again: nothing to do")
	if err := tf.planEmpty(ctx); err != nil {
		return err
	}

	out.heading("Destroy")
	if err := tf.destroy(ctx); err != nil {
		return err
	}
	left, err := deployment.workspaces(ctx, prefix)
	if err != nil {
		return err
	}
	out.holdings(left)
	if len(left) > 0 {
		return fmt.Errorf("after destroy the deployment still holds %d workspaces", len(left))
	}
	out.line("\nDone: created, unchanged on a second plan, changed in place, destroyed.")
	return nil
}
