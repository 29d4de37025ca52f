package diagnose

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

const (
	renamesForbidden   = "Workspace renames are not allowed."
	remedyUnknownRoute = "This server does not know the request: its version of Coder is too old for it, or the provider's `url` has a path that does not belong there."
)

// isUnknownUser tells whether the path names a user who does not exist (Coder
// ≤2.31; later ones answer as for every other object).
func isUnknownUser(refusal *coder.Error) bool {
	return strings.HasPrefix(refusal.Message, `"user" must be`)
}

// isPlainHTTP tells whether a server that speaks TLS was asked without. The
// words are those of Go's net/http, which Coder is built on, and of nginx.
func isPlainHTTP(refusal *coder.Error) bool {
	message := strings.ToLower(refusal.Message)
	return strings.Contains(message, "http request to an https server") || strings.Contains(message, "http request was sent to https port")
}

// remedyFor says what the user can do about an error answer, "" when the
// server's words say it all.
func remedyFor(err error, refusal *coder.Error) string {
	switch {
	case coder.IsUnauthorized(err):
		return remedyUnauthorized(refusal)
	case coder.IsForbidden(err):
		return remedyForbidden(refusal)
	case coder.IsRateLimited(err):
		return remedyRateLimited(refusal)
	case refusal.Status == http.StatusGone:
		return "The workspace was deleted outside of Terraform. Refresh the state; Terraform then plans to create it again."
	case coder.IsUnknownRoute(err):
		return remedyUnknownRoute
	case coder.IsNotFound(err):
		return remedyNotFound(refusal)
	case refusal.Status == http.StatusNotFound:
		return "This answer did not come from Coder itself, but from another server or from a proxy in front of it. Check the provider's `url` (or CODER_URL)."
	case coder.IsConflict(err):
		return remedyConflict(refusal)
	case refusal.Status >= http.StatusInternalServerError:
		return joinNonEmpty([]string{remedyServer(refusal), unclearNote(err)}, " ")
	default:
		return remedyRefused(refusal)
	}
}

func remedyUnauthorized(refusal *coder.Error) string {
	if strings.Contains(refusal.Message, "is not active") {
		return "The account behind the session token is suspended; an administrator of the deployment has to activate it."
	}
	return "Coder does not accept the session token: it is wrong, has expired, or belongs to another deployment. " +
		"Make a new one with `coder tokens create` or in the dashboard (/settings/tokens), or log in again with `coder login`. " +
		"The provider takes the token from its `token` attribute, else from the environment variable CODER_SESSION_TOKEN, else from the Coder CLI's file \"session\"."
}

func remedyForbidden(refusal *coder.Error) string {
	text := refusal.Message + " " + refusal.Detail
	for _, remedy := range []struct{ sign, text string }{
		{"External authentication", "The owner of the workspace has to log in to the named services first, in the dashboard under Account, External Authentication (/settings/external-auth)."},
		{"Unauthorized to create workspace", "Members create workspaces for themselves; for others it takes a deployment Owner or an organization admin. Check `owner_name`, or use another token."},
		{"access to use the template", "The user needs the permission to use the template; an administrator grants it in the template's settings."},
		{"template managers", "Deleting a workspace without destroying its resources needs permission to update its template."},
		{"non-active version", "The template allows only its active version to users who do not manage it. Update the workspace to that version, or use a template admin's token."},
		{"dormant", "Wake the workspace first: in the dashboard, or by any use of it."},
		{"Build is not permitted", "The limits of the deployment's licence forbid the build; an administrator has to resolve that."},
	} {
		if strings.Contains(text, remedy.sign) {
			return remedy.text
		}
	}
	return "The user behind the session token may not do this. Changing a workspace takes its owner, an organization admin or a deployment Owner; " +
		"the template must be visible to the user, too. A token with restricted scopes may lack the right as well."
}

func remedyRateLimited(refusal *coder.Error) string {
	wait := "a minute or two"
	if refusal.RetryAfter > 0 {
		wait = refusal.RetryAfter.Round(time.Second).String()
	}
	return fmt.Sprintf("Wait %s and run Terraform again, with a lower `-parallelism` or a higher `max_retries` in the provider block. "+
		"The limit is set by CODER_API_RATE_LIMIT on the server; before Coder 2.32 everybody behind one IP address shares it.", wait)
}

func remedyNotFound(refusal *coder.Error) string {
	switch {
	case strings.Contains(refusal.Message, "has been deleted"):
		return "Choose another template."
	case isUnknownUser(refusal):
		return "There is no user of that name on this deployment. Check `owner_name`: it is a username, not an e-mail address."
	default:
		return "Coder gives the same answer for what does not exist and for what the token's user may not see. " +
			"Check the ids and names in the configuration, that the provider's `url` is the right deployment, and that the user has access."
	}
}

func remedyConflict(refusal *coder.Error) string {
	switch {
	case refusal.Method == http.MethodPatch:
		return "An owner's workspaces differ in their names, not counting upper and lower case. Choose another name."
	case strings.Contains(refusal.Message, "already exists"), strings.Contains(refusal.Detail, "duplicate key"):
		return "An owner's workspaces differ in their names, not counting upper and lower case. " +
			"Choose another name, or take the existing workspace over with `terraform import`."
	case strings.Contains(refusal.Message, "already active"), strings.Contains(refusal.Message, "still building"):
		return "Another build of this workspace is running: somebody's, or the server's own by schedule. Run Terraform again when it has ended."
	case strings.Contains(refusal.Message, "shutdown is manual"):
		return "The workspace was started without autostop, so it has no deadline to move. Set `ttl_ms` and restart it, or leave `deadline` out."
	case strings.Contains(refusal.Message, "must be started"):
		return "Only a running workspace has a deadline to move. Start it first, or leave `deadline` out."
	case strings.Contains(refusal.Message, "deleted workspace"):
		return "The workspace was deleted outside of Terraform. Refresh the state; Terraform then plans to create it again."
	default:
		return ""
	}
}

func remedyServer(refusal *coder.Error) string {
	switch {
	case refusal.Status == http.StatusBadGateway, refusal.Status == http.StatusServiceUnavailable, refusal.Status == http.StatusGatewayTimeout:
		return "Coder, or a proxy in front of it, is not ready or overloaded. Run Terraform again later."
	case strings.Contains(refusal.Message, "calculating workspace autostart schedule"):
		return "The template allows autostart on certain weekdays only, and the schedule has none of them."
	default:
		return "This is a failure inside Coder. Its log says more, under the request id below."
	}
}

// remedyRefused is for requests the server finds wrong in themselves.
func remedyRefused(refusal *coder.Error) string {
	switch {
	case refusal.Message == renamesForbidden:
		return "This deployment forbids renaming workspaces. Keep the old name, or have an administrator set CODER_ALLOW_WORKSPACE_RENAMES=true on the server. " +
			"To get a new workspace of the new name instead, which destroys the old one, use `terraform apply -replace=…`."
	case isPlainHTTP(refusal):
		return "The server expects TLS: write https:// in the provider's `url` (or CODER_URL)."
	case refusal.Status == http.StatusNotAcceptable, refusal.Status == http.StatusTooEarly, refusal.Status == http.StatusPreconditionFailed:
		return "Coder has not finished with what this request builds on. Run Terraform again in a moment."
	case refusal.Status == http.StatusMethodNotAllowed && refusal.Message == "":
		return remedyUnknownRoute
	case strings.Contains(refusal.Message, "30 minutes in the future"):
		return "Set `deadline` at least half an hour ahead."
	case strings.Contains(refusal.Message, "beyond max deadline"):
		return "The template limits how long a workspace may run; the limit is `latest_build.max_deadline`."
	}
	for _, validation := range refusal.Validations {
		if strings.Contains(validation.Detail, `tag "workspace_name"`) || strings.Contains(validation.Detail, `tag "username"`) {
			return "A workspace name has 1 to 32 letters, digits and single hyphens, and begins and ends with a letter or digit."
		}
	}
	return ""
}
