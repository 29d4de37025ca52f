package diagnose

import (
	"fmt"
	"net/http"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// remedies are what the user can do about the answers whose kind says it all.
var remedies = map[coder.Kind]string{
	coder.TLSExpected: "The server expects TLS: write https:// in the provider's `url` (or CODER_URL).",

	coder.Gone: "The workspace was deleted outside of Terraform. Refresh the state; Terraform then plans to create it again.",
	coder.NotVisible: "Coder gives the same answer for what does not exist and for what the token's user may not see. " +
		"Check the ids and names in the configuration, that the provider's `url` is the right deployment, and that the user has access, as well as the token, should it have restricted scopes.",
	coder.UnknownUser:     "There is no user of that name on this deployment. Check `owner_name`: it is a username, not an e-mail address.",
	coder.UnknownRoute:    "This server does not know the request: its version of Coder is too old for it, or the provider's `url` has a path that does not belong there.",
	coder.UnknownTemplate: "There is no such template on this deployment, or the token's user may not see it. `coder templates list` shows the ones there are.",
	coder.UnknownPreset:   "The template version has no such preset any more. Run Terraform again; the plan then knows the presets there are.",
	coder.TemplateDeleted: "Choose another template.",
	coder.TemplateDeprecated: "The template takes no new workspaces; those that exist go on working. " +
		"Choose another template, perhaps the one that its maintainers recommend above.",
	coder.UnknownAgent: "Agents are those of the workspace's latest build, so a stopped workspace has none: start it first. " +
		"`agent_name` is the name of the template's coder_agent resource.",
	coder.VersionNotReady: "Coder has not finished with what this request builds on. Run Terraform again in a moment.",
	coder.VersionUnusable: "Nothing can be built with this version. Choose another version of the template.",

	coder.Unauthorized: "Coder does not accept the session token: it is wrong, has expired, or belongs to another deployment. " +
		"Make a new one with `coder tokens create` or in the dashboard (/settings/tokens), or log in again with `coder login`. " +
		"The provider takes the token from its `token` attribute, else from the environment variable CODER_SESSION_TOKEN, else from the Coder CLI's file \"session\".",
	coder.Suspended: "The account behind the session token is suspended; an administrator of the deployment has to activate it.",
	coder.Forbidden: "The user behind the session token may not do this. Changing a workspace takes its owner, an organization admin, a deployment Owner, or somebody it is shared with as `admin`; " +
		"the template must be visible to the user, too. A token with restricted scopes may lack the right as well: to read a workspace it needs workspace:read, template:read and user:read.",
	coder.CreateForbidden: "Members create workspaces for themselves; for others it takes a deployment Owner or an organization admin. " +
		"Check `owner_name`, or use another token.",
	coder.TemplateForbidden: "The user needs the permission to use the template; an administrator grants it in the template's settings. A token with restricted scopes needs template:use.",
	coder.OrphanForbidden:   "Deleting a workspace without destroying its resources needs permission to update its template.",
	coder.NotActiveVersion: "The template allows only its active version to users who do not manage it. " +
		"Update the workspace to that version, or use a template admin's token.",
	coder.ExternalAuthMissing: "The owner of the workspace has to log in to the named services first, " +
		"in the dashboard under Account, External Authentication (/settings/external-auth).",
	coder.SharingOff: "Sharing is switched off: the administrators of the organization forbid it, " +
		"or this server (Coder 2.26 to 2.31) runs without the experiment workspace-sharing.",
	coder.OwnSharingRole: "The change is about the very user whose token the provider uses, and only administrators may change their own role. " +
		"An owner needs no entry. Keep that user's entry as it is on the server, or use another token.",
	coder.PortLevelTooHigh: "The template limits how far ports may be shared. Lower `share_level`, or have a template admin raise the limit.",
	coder.LicenseLimit:     "The limits of the deployment's licence forbid the build; an administrator has to resolve that.",
	coder.Unlicensed:       "It takes a licensed deployment of Coder.",
	coder.BypassForbidden: "Only deployment Owners may bypass the rate limit. " +
		"Take the header X-Coder-Bypass-Ratelimit out of the provider's `headers` (or CODER_HEADER).",

	coder.BuildActive:   remedyBusy,
	coder.StillBuilding: remedyBusy,
	coder.NotStarted:    "Only a running workspace has a deadline to move. Start it first, or leave `deadline` out.",
	coder.NoDeadline:    "The workspace was started without autostop, so it has no deadline to move. Set `ttl_ms` and restart it, or leave `deadline` out.",

	coder.InvalidName: "A workspace name has 1 to 32 letters, digits and single hyphens, and begins and ends with a letter or digit.",
	coder.RenamesOff: "This deployment forbids renaming workspaces. Keep the old name, or have an administrator set CODER_ALLOW_WORKSPACE_RENAMES=true on the server. " +
		"To get a new workspace of the new name instead, which destroys the old one, use `terraform apply -replace=…`.",
	coder.TokenNameTaken: "A user's tokens differ in their names. Leave `name` out, which gives each run a name of its own, " +
		"or delete the other token (`coder tokens remove`), which an earlier run may have left.",
	coder.LifetimeRefused: "Set a shorter `lifetime`. The limits are CODER_MAX_TOKEN_LIFETIME and, for deployment Owners, CODER_MAX_ADMIN_TOKEN_LIFETIME on the server.",
	coder.ScopeRefused:    "The deployment lists the scopes that it knows at /api/v2/auth/scopes. Correct `scopes`, or leave it out.",
	coder.DeadlineTooSoon: "Set `deadline` at least half an hour ahead.",
	coder.DeadlineTooLate: "The template limits how long a workspace may run; the limit is `latest_build.max_deadline`.",
	coder.NoAllowedDay:    "The template allows autostart on certain weekdays only, and the schedule has none of them.",

	coder.Unavailable: remedyUnavailable,
	coder.Internal:    "This is a failure inside Coder. Its log says more, under the request id below.",
}

const (
	remedyBusy        = "Another build of this workspace is running: somebody's, or the server's own by schedule. Run Terraform again when it has ended."
	remedyUnavailable = "Coder, or a proxy in front of it, is not ready or overloaded. Run Terraform again later."
)

// remedyFor says what the user can do about an error answer, "" when the
// server's words say it all.
func remedyFor(err error, refusal *coder.Error) string {
	remedy := ""
	switch kind := refusal.Kind(); kind {
	case coder.Foreign:
		remedy = remedyForeign(refusal.Status)
	case coder.NameTaken:
		remedy = remedyNameTaken(refusal.Method)
	case coder.RateLimited:
		remedy = fmt.Sprintf("Wait %s and run Terraform again, with a lower `-parallelism` or a higher `max_retries` in the provider block. "+
			"The limit is set by CODER_API_RATE_LIMIT on the server; before Coder 2.32 everybody behind one IP address shares it.", pauseFor(refusal))
	default:
		remedy = remedies[kind]
	}
	return joinNonEmpty([]string{remedy, unclearNote(err)}, " ")
}

func remedyNameTaken(method string) string {
	const differ, atOnce = "An owner's workspaces differ in their names, not counting upper and lower case. Choose another name",
		"If the same apply destroys or renames the other one, which Terraform does at the same time, apply again"
	if method == http.MethodPatch {
		return differ + ". " + atOnce + "; where two exchange their names, apply a third name for one of them first."
	}
	return differ + ", or take the existing workspace over with `terraform import`. " + atOnce + "."
}

func pauseFor(refusal *coder.Error) string {
	if refusal.RetryAfter > 0 {
		return refusal.RetryAfter.Round(time.Second).String()
	}
	return "a minute or two"
}

// remedyForeign goes by the status alone: nobody knows the words.
func remedyForeign(status int) string {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		return "It is not about the session token, which Coder has not seen. A proxy in front of Coder may ask for credentials of its own: " +
			"they belong in the provider's `headers` (or CODER_HEADER). Or the provider's `url` (or CODER_URL) leads elsewhere."
	case status == http.StatusTooManyRequests:
		return "Wait a minute or two and run Terraform again, with a lower `-parallelism` or a higher `max_retries` in the provider block."
	case status >= http.StatusBadGateway:
		return remedyUnavailable
	default:
		return "This answer did not come from Coder itself, but from another server or from a proxy in front of it. Check the provider's `url` (or CODER_URL)."
	}
}
