package lifecycle

import "github.com/coderws/terraform-provider-coderws/internal/coder"

// deletion decides about the end of a workspace. There is no DELETE in Coder: a
// delete build takes the workspace down. After one of ours has failed, another
// leaves the resources behind where that is wanted.
func (d *decider) deletion() {
	latest := &d.have.Build
	ours := d.have.Unfinished != nil && d.have.Unfinished.Build == latest.ID && latest.Transition == coder.TransitionDelete
	request := coder.CreateBuildRequest{Transition: coder.TransitionDelete, Orphan: ours && latest.Status == coder.StatusFailed && d.want.Orphan}
	switch {
	case latest.Status == coder.StatusDeleted:
		return
	case latest.active() && latest.Transition == coder.TransitionDelete:
		d.add(Await{Build: latest.ID})
	case latest.Status == coder.StatusPending && d.have.Server.AtLeast(2, 25):
		d.add(Cancel{Build: latest.ID})
	// Before, a server cannot be told to cancel only what has not begun: a start
	// that is picked up in that moment would be torn off, and what it has made by
	// then might be in no state. Waiting for it loses but time.
	case latest.active():
		d.add(Await{Build: latest.ID})
	}
	d.add(BuildStep{Request: request, why: "it is to be deleted"})
}
