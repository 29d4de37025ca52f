package lifecycle

import (
	"fmt"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// wakes decides about the end of a dormancy, which comes before builds: a start
// may need it.
func (d *decider) wakes() {
	if d.dormancyForbidden() || d.want.Dormant != Value(false) {
		return
	}
	if dormant, known := d.dormant(); known && dormant {
		d.add(SetDormant{To: false})
	}
}

// sleeps decides about dormancy, which comes last: a start ends it.
func (d *decider) sleeps() {
	if d.want.Dormant != Value(true) {
		return
	}
	starts := false
	for _, step := range d.Steps {
		build, isBuild := step.(BuildStep)
		starts = starts || isBuild && build.Request.Transition == coder.TransitionStart
	}
	switch dormant, known := d.dormant(); {
	case starts || known && !dormant:
		d.add(SetDormant{To: true})
	case d.Uncertain&ChangeBuild != 0: // there may be a start
		d.Uncertain |= ChangeDormant
	}
}

// dormant tells whether the workspace sleeps; false while that is asked for.
func (d *decider) dormant() (dormant, known bool) {
	if dormant, known = d.have.Dormant.Get(); known {
		return dormant, true
	}
	return learn[bool](d, DormancyOf{d.have.ID})
}

// dormancyForbidden refuses a dormancy that cannot be: on servers that do not
// know it, and of a workspace that is to be kept running, which a start would
// wake every time.
func (d *decider) dormancyForbidden() bool {
	switch {
	case d.want.Dormant.IsAbsent():
		return false
	case d.have.Server.Before(0, 25):
		d.reject(AtDormant, "Server has no dormancy",
			fmt.Sprintf("The deployment runs Coder %s; dormant workspaces need Coder 0.25. Remove dormant.", d.have.Server))
		return true
	case d.want.Dormant == Value(true) && d.want.RunState == Value(Running):
		d.reject(AtDormant, "Dormant workspace cannot be kept running",
			"The start of a dormant workspace wakes it, so that dormant = true and desired_status = \"running\" undo each other. Remove one of them, or set desired_status = \"stopped\".")
		return true
	default:
		return false
	}
}
