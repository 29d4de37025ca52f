package coder

import (
	"errors"
	"fmt"
)

// Kind is what an answer means. Whoever has to act on a refusal, or to word it,
// goes by its kind: the server's words, which differ from release to release,
// are read in this package only, see kind_rules.go.
type Kind int

// The kinds of answers. What a comment says of releases is when Coder answers
// so; the words are in kind_rules.go.
const (
	// NoRefusal is everything that is no answer of the kind: a success, a lost
	// connection, an answer that cannot be read.
	NoRefusal Kind = iota

	// Foreign is an answer that is none of Coder's API, but that of a gateway, a
	// login page or another server. It tells nothing about what was asked for.
	Foreign
	// TLSExpected is the answer of a server that speaks TLS and was asked
	// without, be it Coder or a proxy.
	TLSExpected
	// Unchanged (304) is all right: it was so already.
	Unchanged

	// Gone is a workspace that was deleted. Coder keeps deleted workspaces for
	// ever and says so of every one.
	Gone
	// NotVisible is an object that does not exist, or that the token may not
	// see; Coder does not tell which. Since 2.32 it also stands for
	// [UnknownUser], and in the answer to a create for a user who exists but is
	// no member of the organization.
	NotVisible
	// UnknownUser is a path that names a user who does not exist (Coder ≤2.31).
	UnknownUser
	// UnknownRoute is an endpoint that the server does not have, because it is
	// older or because the URL has a wrong path.
	UnknownRoute
	// UnknownTemplate is a template that does not exist or, since 2.14, that the
	// token may not see.
	UnknownTemplate
	// UnknownPreset is a preset that does not exist.
	UnknownPreset
	// TemplateDeleted is a template that was deleted.
	TemplateDeleted
	// TemplateDeprecated is a template that takes no new workspaces (Coder ≥2.5).
	TemplateDeprecated
	// TemplateElsewhere is a template of another organization than the path's
	// (Coder ≤2.13).
	TemplateElsewhere
	// NoPortShare is a port that is not shared.
	NoPortShare
	// UnknownAgent is an agent that the latest build does not have, such as every
	// one of a stopped workspace.
	UnknownAgent
	// VersionNotReady is a template version whose import has not ended.
	VersionNotReady
	// VersionUnusable is a template version that nothing can be built with: its
	// import failed, it is archived, or it is another template's.
	VersionUnusable

	// Unauthorized is a token that is missing, wrong or expired.
	Unauthorized
	// Suspended is a token whose user is suspended.
	Suspended
	// Forbidden is what the token may not do and no other kind tells.
	Forbidden
	// CreateForbidden is a workspace that the token may not create for this owner
	// in this organization (Coder ≥2.15).
	CreateForbidden
	// TemplateForbidden is a template that the owner may see but not use (Coder
	// ≥2.19).
	TemplateForbidden
	// OrphanForbidden is an orphaning deletion without rights on the template.
	OrphanForbidden
	// NotActiveVersion is a build with another version than the active one, which
	// the template requires of those who do not manage it (Coder ≥2.4).
	NotActiveVersion
	// ExternalAuthMissing is an owner who has yet to log in to services that the
	// template uses (Coder ≥2.35).
	ExternalAuthMissing
	// SharingOff is a workspace that cannot be shared, since the organization
	// forbids it or the deployment has not switched it on (Coder 2.26 to 2.31).
	SharingOff
	// OwnSharingRole is a change of the role that the token's own user has on a
	// workspace (Coder ≥2.32).
	OwnSharingRole
	// PortLevelTooHigh is a port shared further than the template allows.
	PortLevelTooHigh
	// LicenseLimit is a build beyond the deployment's licence.
	LicenseLimit
	// Unlicensed is a feature that the deployment has no licence for.
	Unlicensed
	// BypassForbidden is a request with X-Coder-Bypass-Ratelimit of somebody who
	// is no owner of the deployment (Coder ≥2.32).
	BypassForbidden

	// Conflict is a clash with the present state that no other kind tells.
	Conflict
	// NameTaken is a name that another workspace of the owner has.
	NameTaken
	// TokenNameTaken is a name that another token of the user has.
	TokenNameTaken
	// BuildActive is a build while another one of the workspace is active.
	BuildActive
	// StillBuilding is a deadline while the workspace is being built.
	StillBuilding
	// NotStarted is a deadline for a workspace that is not started.
	NotStarted
	// NoDeadline is a deadline for a workspace that was started without one.
	NoDeadline

	// BadRequest is a request that the server finds wrong in itself, and no other
	// kind tells why.
	BadRequest
	// InvalidFields is a request with wrong fields; its validations name them.
	InvalidFields
	// InvalidName is a workspace name that Coder does not take.
	InvalidName
	// RenamesOff is a new name where the deployment does not allow any, which is
	// the default since Coder 2.6.
	RenamesOff
	// ParametersRefused is about values of template parameters; see
	// [Error.Parameters].
	ParametersRefused
	// DeadlineTooSoon is a deadline less than half an hour ahead.
	DeadlineTooSoon
	// DeadlineTooLate is a deadline beyond the template's limit.
	DeadlineTooLate
	// NoAllowedDay is a schedule without any of the weekdays on which the
	// template allows autostart (Coder ≥2.19).
	NoAllowedDay

	// LifetimeRefused is a lifetime of a token beyond the deployment's limit.
	LifetimeRefused
	// ScopeRefused is a scope of a token that the server does not know.
	ScopeRefused

	// RateLimited is one request too many.
	RateLimited
	// Unavailable is a server that is not ready or overloaded.
	Unavailable
	// Internal is a failure inside Coder.
	Internal

	// QuotaExceeded is a build that failed because the owner's quota is used up.
	QuotaExceeded
	// VariablesMissing is a build that failed because the template has variables
	// without a value.
	VariablesMissing
)

var kindNames = [...]string{
	NoRefusal:           "no refusal",
	Foreign:             "foreign",
	TLSExpected:         "TLS expected",
	Unchanged:           "unchanged",
	Gone:                "gone",
	NotVisible:          "not visible",
	UnknownUser:         "unknown user",
	UnknownRoute:        "unknown route",
	UnknownTemplate:     "unknown template",
	UnknownPreset:       "unknown preset",
	TemplateDeleted:     "template deleted",
	TemplateDeprecated:  "template deprecated",
	TemplateElsewhere:   "template elsewhere",
	NoPortShare:         "no port share",
	UnknownAgent:        "unknown agent",
	VersionNotReady:     "version not ready",
	VersionUnusable:     "version unusable",
	Unauthorized:        "unauthorized",
	Suspended:           "suspended",
	Forbidden:           "forbidden",
	CreateForbidden:     "create forbidden",
	TemplateForbidden:   "template forbidden",
	OrphanForbidden:     "orphan forbidden",
	NotActiveVersion:    "not active version",
	ExternalAuthMissing: "external auth missing",
	SharingOff:          "sharing off",
	OwnSharingRole:      "own sharing role",
	PortLevelTooHigh:    "port level too high",
	LicenseLimit:        "license limit",
	Unlicensed:          "unlicensed",
	BypassForbidden:     "bypass forbidden",
	Conflict:            "conflict",
	NameTaken:           "name taken",
	TokenNameTaken:      "token name taken",
	BuildActive:         "build active",
	StillBuilding:       "still building",
	NotStarted:          "not started",
	NoDeadline:          "no deadline",
	BadRequest:          "bad request",
	InvalidFields:       "invalid fields",
	InvalidName:         "invalid name",
	RenamesOff:          "renames off",
	ParametersRefused:   "parameters refused",
	DeadlineTooSoon:     "deadline too soon",
	DeadlineTooLate:     "deadline too late",
	NoAllowedDay:        "no allowed day",
	LifetimeRefused:     "lifetime refused",
	ScopeRefused:        "scope refused",
	RateLimited:         "rate limited",
	Unavailable:         "unavailable",
	Internal:            "internal",
	QuotaExceeded:       "quota exceeded",
	VariablesMissing:    "variables missing",
}

// String is the kind in words, for logs and tests.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("kind %d", int(k))
	}
	return kindNames[k]
}

// KindOf is the kind of the answer that is an error, [NoRefusal] for every
// other error and for none.
func KindOf(err error) Kind {
	var (
		refused  *Error
		content  *ContentError
		redirect *RedirectError
	)
	switch {
	case errors.As(err, &refused):
		return refused.Kind()
	case errors.As(err, &content), errors.As(err, &redirect):
		return Foreign
	default:
		return NoRefusal
	}
}
