package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// do queues the build and waits for its end. From the moment it is queued it is
// the update under way.
func (s BuildStep) do(ctx context.Context, r *Run) error {
	queued, err := r.queue(ctx, s.Request)
	// Coder checks the values of a stop, too, and a form can come to refuse those
	// that were fine: with other rights of the owner, or another parameter flow.
	if s.instead != nil && coder.KindOf(err) == coder.ParametersRefused {
		s.Request, s.last = *s.instead, true
		queued, err = r.queue(ctx, s.Request)
	}
	switch kind := coder.KindOf(err); {
	case r.Want.Deleted && (kind == coder.Gone || kind == coder.NotVisible): // somebody was faster, perhaps
		if lookErr := r.look(ctx); lookErr != nil || r.Have.Build.Status != coder.StatusDeleted {
			return err
		}
		return nil
	case err != nil:
		return err
	}
	r.begun(s, queued)
	finished, err := r.await(ctx, queued)
	if err != nil {
		return err
	}
	r.seeFinished(finished)
	if finished.Build.Job.Status != coder.JobSucceeded {
		return s.failed(ctx, r, &finished.Build)
	}
	if s.Request.Transition == coder.TransitionDelete {
		if s.Request.Orphan {
			r.warn([]Problem{{At: Place{Setting: AtOrphan}, Warning: true, Summary: "Workspace orphaned", Detail: fmt.Sprintf(
				"The delete build of workspace %q failed, so the workspace was deleted from Coder without its resources. They may still exist and cost money where the template made them.", r.Have.Name)}})
		}
		return nil
	}
	if s.last {
		r.Have.Preset, _ = r.Want.Preset.Get()
		r.Have.EphemeralVersion = r.Want.EphemeralVersion
	}
	if finished.Workspace == nil {
		if err := r.look(ctx); err != nil {
			return err
		}
	}
	if s.Request.Transition == coder.TransitionStart {
		return r.awaitAgents(ctx, finished.Build.ID)
	}
	return nil
}

// failed is the error of a build that did not succeed. A deletion that failed,
// and was not canceled, goes on without the resources where that is wanted.
func (s BuildStep) failed(ctx context.Context, r *Run, build *coder.WorkspaceBuild) error {
	failure := r.explain(ctx, build)
	if s.Request.Transition != coder.TransitionDelete || s.Request.Orphan || !r.Want.Orphan || r.Have.Build.Status != coder.StatusFailed {
		return failure
	}
	r.warn([]Problem{{Summary: failure.Summary(), Detail: failure.Detail(), Warning: true}})
	return nil
}

// begun takes over a build that was just queued, and what is known of its
// values: those of the build before, and what came with it.
func (r *Run) begun(s BuildStep, queued *coder.WorkspaceBuild) {
	h := &r.Have
	values, complete := h.Parameters, h.Complete
	if s.last {
		values, complete = maps.Clone(values), false
		if values == nil {
			values = map[string]string{}
		}
		for _, value := range s.Request.RichParameterValues {
			values[value.Name] = value.Value
		}
		if preset, known := r.facts[PresetsOf{queued.TemplateVersionID}].([]coder.Preset); known && s.Request.TemplateVersionPresetID == queued.TemplateVersionPresetID {
			if wanted, configured := r.Want.Preset.Get(); configured {
				if chosen := findPreset(preset, wanted); chosen != nil && chosen.ID == s.Request.TemplateVersionPresetID {
					maps.Copy(values, chosen.Values())
				}
			}
		}
	}
	h.Parameters, h.Complete = values, complete
	h.Build = buildOf(queued)
	update := s.Update
	update.Build = queued.ID
	h.Unfinished = &update
	r.edit(func(w *coder.Workspace) { w.LatestBuild = *queued })
}

// seeFinished takes over a build that has ended.
func (r *Run) seeFinished(finished *coder.FinishedBuild) {
	if finished.Workspace != nil {
		r.Have.see(finished.Workspace)
		return
	}
	r.Have.Build = buildOf(&finished.Build)
	r.edit(func(w *coder.Workspace) { w.LatestBuild = finished.Build })
}

// queue posts a build. A lost answer is looked for.
func (r *Run) queue(ctx context.Context, request coder.CreateBuildRequest) (*coder.WorkspaceBuild, error) {
	begun := r.client().ServerNow()
	queued, err := r.client().CreateBuild(ctx, r.Have.ID, request)
	switch {
	case err == nil:
		return queued, nil
	case coder.KindOf(err) == coder.BuildActive:
		return nil, &collision{err}
	case coder.IsUnclear(err):
		if ours := r.lost(ctx, request, begun); ours != nil {
			return ours, nil
		}
	}
	version := r.Have.Build.VersionID
	if request.TemplateVersionID != nil {
		version = *request.TemplateVersionID
	}
	return nil, r.lifecycle.withoutSecrets(ctx, err, version, r.Have.Build.ID, &r.Want)
}

// lost finds the build that a request with a lost answer has made; nil when
// there is none. Somebody else may have built at the same time, so it must be
// the token's own, and have what was asked for.
func (r *Run) lost(ctx context.Context, request coder.CreateBuildRequest, begun time.Time) *coder.WorkspaceBuild {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recoveryTime)
	defer cancel()
	fits := func(build *coder.WorkspaceBuild) bool {
		return build.Transition == request.Transition && (request.TemplateVersionID == nil || build.TemplateVersionID == *request.TemplateVersionID)
	}
	for _, wait := range lookAfter {
		if pause(ctx, wait) != nil {
			return nil
		}
		if build, err := r.lifecycle.ownBuild(ctx, r.Have.ID, begun, fits, request.RichParameterValues); err == nil && build != nil {
			return build
		}
	}
	return nil
}
