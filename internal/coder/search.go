package coder

// WorkspaceSearch narrows a list of workspaces. Empty fields do not narrow.
//
// The API document's separate query parameters (owner, template, …) are
// ignored by every server; only Coder's own search string q is read.
type WorkspaceSearch struct {
	Owner    string // exact username, any case; "me" is the token's owner
	Template string // exact template name, any case
	Name     string // any part of the workspace name, any case
	Status   Status // status of the latest build
	HasAgent string // connecting, connected, disconnected or timeout
	// Query is a search in Coder's own grammar, sent as it is, instead of the
	// fields above.
	Query string
}
