package coder

import (
	"net/http"
	"slices"
	"strings"
)

// pattern is a text of the server; "…" in it stands for any text.
type pattern string

// match tells whether a text is of the pattern, and what stands for each "…".
func (p pattern) match(text string) (gaps []string, ok bool) {
	first, rest, more := strings.Cut(string(p), "…")
	text, ok = strings.CutPrefix(text, first)
	for ok && more {
		var part, gap string
		part, rest, more = strings.Cut(rest, "…")
		if more {
			gap, text, ok = strings.Cut(text, part)
		} else {
			gap, ok = strings.CutSuffix(text, part)
			text = ""
		}
		gaps = append(gaps, gap)
	}
	return gaps, ok && text == ""
}

func (p pattern) matches(text string) bool {
	_, ok := p.match(text)
	return ok
}

// rule gives a refusal of Coder its kind. Status 0 and an empty pattern stand
// for any.
type rule struct {
	status          int
	message, detail pattern
	kind            Kind
}

func (r *rule) matches(e *Error) bool {
	return (r.status == 0 || r.status == e.Status) &&
		(r.message == "" || r.message.matches(e.Message)) &&
		(r.detail == "" || r.detail.matches(e.Detail))
}

// rules are Coder's words, from the recordings of real servers and, where those
// have none, from its sources. The first that matches counts.
var rules = []rule{
	{404, "Resource not found or you do not have access to this resource", "", NotVisible},
	{404, "Route not found.", "", UnknownRoute},
	{400, `"user" must be an existing uuid or username.`, "", UnknownUser},
	// The parameter that Coder ≤2.34 recommends does not exist.
	{410, `Workspace "…" was deleted, you can view this workspace by specifying '?…=true' and trying again.`, "", Gone},
	{405, `Workspace "…" is deleted and cannot be updated.`, "", Gone},
	{409, "Cannot … a deleted workspace!", "", Gone}, // Coder ≥2.28; older ones start it

	{400, `Template "…" doesn't exist.`, "", UnknownTemplate},
	{404, `Template "…" has been deleted!`, "", TemplateDeleted},
	{400, `Template "…" has been deprecated, and cannot be used to create a new workspace.`, "", TemplateDeprecated},
	{0, `Template is not in organization "…".`, "", TemplateElsewhere}, // 401 before Coder 2.2, then 403
	{404, "Port share not found.", "", NoPortShare},
	{400, "Agent not found.", "", UnknownAgent},
	{406, "The provided template version is …. Wait for it to complete importing!", "", VersionNotReady},
	{412, "Job hasn't completed!", "", VersionNotReady},                   // its parameters, Coder ≤2.2
	{0, "Template version job has not finished", "", VersionNotReady},     // 403 since Coder 2.3, 425 since 2.22
	{400, "The provided template version … import…", "", VersionUnusable}, // it failed or was canceled
	{400, `Template version "…" doesn't exist.`, "", VersionUnusable},
	{400, "template version does not exist", "", VersionUnusable},
	{400, "template version doesn't match template", "", VersionUnusable},
	{400, "Unable to build workspace with unsupported parameters", "", VersionUnusable}, // those of old templates
	{500, "Archived template versions cannot be used to make a workspace.", "", VersionUnusable},
	{500, "failed to fetch preset parameter values", "…sql: no rows in result set", UnknownPreset},

	{401, "You are signed out or your session has expired. Please sign in again to continue.", "", Unauthorized},
	{401, `User is not active (status = "…").…`, "", Suspended},
	{403, "Unauthorized to create workspace.", "", CreateForbidden},
	{403, `Unauthorized access to use the template "…".`, "", TemplateForbidden},
	{403, "Only template managers may provide custom state", "", OrphanForbidden},
	{403, "insert workspace build", "…cannot use non-active version…", NotActiveVersion},
	{403, "External authentication is required to create a workspace with this template.", "", ExternalAuthMissing},
	{403, "Workspace sharing is disabled for this organization.", "", SharingOff},
	{403, "Workspace Sharing functionality requires enabling the '…' experiment.", "", SharingOff},
	{400, "You cannot change your own workspace sharing role.", "", OwnSharingRole},
	{400, `"…" sharing level is not allowed under max level "…"`, "", PortLevelTooHigh},
	{403, "Build is not permitted: …", "", LicenseLimit},
	{403, "… is a Premium feature. Contact sales!", "", Unlicensed},
	{403, "… is an Enterprise feature. Contact sales!", "", Unlicensed}, // older ones
	{428, `"X-Coder-Bypass-Ratelimit" provided but user is not owner`, "", BypassForbidden},
	// On many writes Coder says so with 500.
	{500, "", "…rbac: forbidden…", Forbidden},

	{409, `Workspace "…" already exists.`, "", NameTaken},
	{409, "A workspace build is already active.", "", BuildActive},
	// Of two requests at the same instant one gets the database's words. For
	// builds Coder ≥2.19 says 409 instead.
	{409, "insert workspace build", "", BuildActive},
	{500, "insert workspace build", "…duplicate key value violates unique constraint…", BuildActive},
	{500, "", "…duplicate key value violates unique constraint…", NameTaken},
	{409, "Workspace is still building!", "", StillBuilding},
	{409, "Workspace must be started, current status: …", "", NotStarted},
	{409, "Workspace shutdown is manual.", "", NoDeadline},

	{400, "Workspace renames are not allowed.", "", RenamesOff},
	{400, "Cannot extend workspace: new deadline must be at least 30 minutes in the future", "", DeadlineTooSoon}, // 29 in truth
	{400, "Cannot extend workspace beyond max deadline.", "", DeadlineTooLate},
	{500, "Internal error calculating workspace autostart schedule.", "", NoAllowedDay},
	{400, "Unable to validate parameters", "", ParametersRefused}, // the dynamic flow, which names them in validations
	// Coder ≤2.1, without the name.
	{400, "parameter value is required", "", ParametersRefused},
	{400, "parameter value must …", "", ParametersRefused},
	{400, "value … is less than the minimum …", "", ParametersRefused},
	{400, "value … is more than the maximum …", "", ParametersRefused},
	{400, `value "…" is not a number`, "", ParametersRefused},
	{400, `value "…" is not valid list of strings`, "", ParametersRefused},
	{400, `boolean value can be either "true" or "false"`, "", ParametersRefused},
	{400, `… (value "…" does not match "…")`, "", ParametersRefused}, // begins with the template's own words

	{409, `A token with name "…" already exists.`, "", TokenNameTaken},
	{400, "Failed to validate create API key request.", "", LifetimeRefused},
	{0, "Failed to create API key.", "…API key scope: …", ScopeRefused}, // 500 before Coder 2.27

	{429, "You've been rate limited for sending more than … requests in ….", "", RateLimited},
	{500, "An internal server error occurred.", "", Internal}, // a panic
}

// namedParameter are the refusals (400) that name one parameter: of the classic
// flow since Coder 2.2, and of older servers.
var namedParameter = []pattern{
	`Unable to validate parameter "…"`,
	`Parameter "…" is required but not provided`,
	`Parameter "…" is not mutable, so it can't be updated after creating a workspace.`,
	`can't validate build parameter "…": …`,
}

// invalidName are the validations of a workspace's name, at create and rename.
var invalidName = []pattern{
	`Validation failed for tag "workspace_name" with value: …`,
	`Validation failed for tag "username" with value: …`,
}

// plainHTTP are the words (400) of Go's net/http, which Coder is built on, and
// of nginx.
var plainHTTP = []pattern{
	"…HTTP request to an HTTPS server…",
	"…HTTP request was sent to HTTPS port…",
}

func matchesAny(patterns []pattern, text string) bool {
	return slices.ContainsFunc(patterns, func(p pattern) bool { return p.matches(text) })
}

// Kind is what the refusal means.
func (e *Error) Kind() Kind {
	if e.said != nil {
		return e.said.Kind()
	}
	switch {
	case e.Status == http.StatusNotModified:
		return Unchanged
	case e.Status == http.StatusBadRequest && matchesAny(plainHTTP, e.Message):
		return TLSExpected
	case e.foreign:
		return Foreign
	case e.Status == http.StatusBadRequest && matchesAny(namedParameter, e.Message):
		return ParametersRefused
	}
	for i := range rules {
		if rules[i].matches(e) {
			return rules[i].kind
		}
	}
	return e.kindByStatus()
}

// kindByStatus is the kind of a refusal of Coder's whose words are not known, or
// add nothing.
func (e *Error) kindByStatus() Kind {
	switch e.Status {
	case http.StatusBadRequest:
		switch {
		case slices.ContainsFunc(e.Validations, func(v Validation) bool { return matchesAny(invalidName, v.Detail) }):
			return InvalidName
		case len(e.Validations) > 0:
			return InvalidFields
		default:
			return BadRequest
		}
	case http.StatusUnauthorized:
		return Unauthorized
	case http.StatusForbidden:
		return Forbidden
	case http.StatusNotFound:
		return NotVisible
	case http.StatusMethodNotAllowed: // without a body, where the path has only other methods
		return UnknownRoute
	case http.StatusNotAcceptable, http.StatusTooEarly:
		return VersionNotReady
	case http.StatusConflict:
		return Conflict
	case http.StatusGone:
		return Gone
	case http.StatusTooManyRequests:
		return RateLimited
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return Unavailable
	}
	if e.Status >= http.StatusInternalServerError {
		return Internal
	}
	return BadRequest
}

// Parameters are the names of the parameters that a refusal of the kind
// [ParametersRefused] is about; nil when it names none, as Coder ≤2.1 often does
// not, and for every other kind.
func (e *Error) Parameters() []string {
	if e.said != nil {
		return e.said.Parameters()
	}
	if e.Kind() != ParametersRefused {
		return nil
	}
	for _, p := range namedParameter {
		if gaps, ok := p.match(e.Message); ok {
			return gaps[:1]
		}
	}
	var names []string
	for _, validation := range e.Validations {
		names = append(names, validation.Field)
	}
	return names
}

// isCoders tells whether an answer is Coder's own. Coder's have headers that say
// so, but a proxy can drop headers, and can put a page of its own in the place of
// a body. Without headers it takes a sentence of Coder's, or the shape of its
// errors; a mere {"message": …} is what gateways such as Kong and AWS's write as
// well. On the shape alone nothing is believed to be gone or not to be there.
func (e *Error) isCoders(header http.Header, shape shape) bool {
	if header.Get(requestIDHeader) != "" || header.Get(buildVersionHeader) != "" {
		// Two answers are no JSON: 405 is empty, 428 is a sentence.
		return shape >= shapeMessage || shape == shapeEmpty && e.Status == http.StatusMethodNotAllowed || e.isKnown()
	}
	switch {
	case shape < shapeMessage:
		return false
	case e.isKnown():
		return true
	default:
		return shape == shapeWhole && e.Status != http.StatusNotFound && e.Status != http.StatusGone
	}
}

// isKnown tells whether the message is a sentence of Coder's, from its first
// word on.
func (e *Error) isKnown() bool {
	if e.Status == http.StatusBadRequest && matchesAny(namedParameter, e.Message) {
		return true
	}
	return slices.ContainsFunc(rules, func(r rule) bool {
		return r.message != "" && !strings.HasPrefix(string(r.message), "…") && r.matches(e)
	})
}

// insufficientQuota is what the job of a build fails with when the owner's quota
// is used up. Coder ≤2.33 has no code for it.
const insufficientQuota pattern = "…insufficient quota…"

// FailureKind is why the job failed, where it is not the template's own
// Terraform that did; else [NoRefusal].
func (j *ProvisionerJob) FailureKind() Kind {
	switch {
	case j.ErrorCode == "INSUFFICIENT_QUOTA", insufficientQuota.matches(j.Error):
		return QuotaExceeded
	case j.ErrorCode == "REQUIRED_TEMPLATE_VARIABLES":
		return VariablesMissing
	default:
		return NoRefusal
	}
}

// moduleNotLoaded is the summary of a form's diagnostic about a module. Early
// releases with forms send no code with it.
const moduleNotLoaded pattern = "Module not loaded…"

// HidesOwner tells whether a diagnostic says that the token may not read the
// owner, without whom there is no form, and no build with values either.
func (d *FormDiagnostic) HidesOwner() bool {
	return d.Severity == SeverityError && d.Summary == "Failed to fetch workspace owner"
}

// LacksModule tells whether a diagnostic says that a module of the template
// could not be read: it may have parameters that the form does not show.
func (d *FormDiagnostic) LacksModule() bool {
	return d.Extra.Code == "module_not_loaded" || moduleNotLoaded.matches(d.Summary)
}
