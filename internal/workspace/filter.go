package workspace

import (
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// filterModel are the attributes that narrow what is found, see
// [filterAttributes]. Models of whatever finds workspaces embed it.
type filterModel struct {
	Owner           types.String `tfsdk:"owner"`
	Organization    types.String `tfsdk:"organization"`
	Template        types.String `tfsdk:"template"`
	Name            types.String `tfsdk:"name"`
	Status          types.String `tfsdk:"status"`
	HasAgent        types.String `tfsdk:"has_agent"`
	Outdated        types.Bool   `tfsdk:"outdated"`
	Dormant         types.Bool   `tfsdk:"dormant"`
	Favorite        types.Bool   `tfsdk:"favorite"`
	Shared          types.Bool   `tfsdk:"shared"`
	SharedWithUser  types.String `tfsdk:"shared_with_user"`
	SharedWithGroup types.String `tfsdk:"shared_with_group"`
	Parameter       types.String `tfsdk:"parameter"`
	LastUsedAfter   types.String `tfsdk:"last_used_after"`
	LastUsedBefore  types.String `tfsdk:"last_used_before"`
	DeletingBy      types.String `tfsdk:"deleting_by"`
	Query           types.String `tfsdk:"query"`
}

// search is what the filters ask for. Filters that cannot be right are
// reported at their attributes; one that is unknown counts as not set, so that
// this serves to validate, too.
func (m *filterModel) search() (coder.WorkspaceSearch, diag.Diagnostics) {
	var diags diag.Diagnostics
	instant := func(attribute string, text types.String) (t time.Time, isDay bool) {
		if text.IsNull() || text.IsUnknown() {
			return time.Time{}, false
		}
		t, isDay, err := dateOrTime(text.ValueString())
		if err != nil {
			diags.AddAttributeError(path.Root(attribute), "Invalid date or time",
				fmt.Sprintf("%q is neither a date such as 2026-01-31 nor an RFC 3339 time such as 2026-01-31T18:00:00Z.", text.ValueString()))
		}
		return t, isDay
	}
	search := coder.WorkspaceSearch{
		Owner:           m.Owner.ValueString(),
		Organization:    m.Organization.ValueString(),
		Template:        m.Template.ValueString(),
		Name:            m.Name.ValueString(),
		Status:          coder.Status(m.Status.ValueString()),
		HasAgent:        m.HasAgent.ValueString(),
		Outdated:        m.Outdated.ValueBoolPointer(),
		Dormant:         m.Dormant.ValueBoolPointer(),
		Favorite:        m.Favorite.ValueBoolPointer(),
		Shared:          m.Shared.ValueBoolPointer(),
		SharedWithUser:  m.SharedWithUser.ValueString(),
		SharedWithGroup: m.SharedWithGroup.ValueString(),
		Parameter:       m.Parameter.ValueString(),
		Query:           m.Query.ValueString(),
	}
	search.LastUsedAfter, _ = instant("last_used_after", m.LastUsedAfter)
	search.LastUsedBefore, _ = instant("last_used_before", m.LastUsedBefore)
	if last, isDay := instant("deleting_by", m.DeletingBy); isDay {
		search.DeletingBefore = last.AddDate(0, 0, 1)
	} else if !last.IsZero() {
		search.DeletingBefore = last.Add(time.Nanosecond)
	}
	for _, problem := range search.Check() {
		if problem.Field != "query" { // its validator names the filters it conflicts with
			diags.Append(invalidFilter(problem))
		}
	}
	return search, diags
}

// explain words the failure of a search at the attribute it is about.
func (m *filterModel) explain(err error) diag.Diagnostics {
	var problem *coder.SearchError
	if errors.As(err, &problem) {
		return diag.Diagnostics{invalidFilter(problem)}
	}
	return diagnose.Error("Unable to find workspaces", "list the workspaces that match the filters", err, m.fields())
}

func invalidFilter(problem *coder.SearchError) diag.Diagnostic {
	at, ok := filtersByKey[problem.Field]
	if !ok {
		at = path.Root(problem.Field)
	}
	return diag.NewAttributeErrorDiagnostic(at, "Invalid workspace filter", fmt.Sprintf("Cannot %s.", problem))
}

// filtersByKey are the attributes by the keys of Coder's search grammar.
var filtersByKey = map[string]path.Path{
	"owner":            path.Root("owner"),
	"organization":     path.Root("organization"),
	"template":         path.Root("template"),
	"name":             path.Root("name"),
	"status":           path.Root("status"),
	"has-agent":        path.Root("has_agent"),
	"outdated":         path.Root("outdated"),
	"dormant":          path.Root("dormant"),
	"param":            path.Root("parameter"),
	"last_used_after":  path.Root("last_used_after"),
	"last_used_before": path.Root("last_used_before"),

	"shared":            path.Root("shared"),
	"shared_with_user":  path.Root("shared_with_user"),
	"shared_with_group": path.Root("shared_with_group"),
}

// fields says which filter answers for which field of a refused search.
func (m *filterModel) fields() diagnose.Fields {
	if !m.Query.IsNull() {
		return diagnose.Fields{Refused: path.Root("query")}
	}
	return diagnose.Fields{Attributes: filtersByKey}
}

// dateOrTime reads a date, which stands for its first instant in UTC, or an
// RFC 3339 time.
func dateOrTime(text string) (t time.Time, isDay bool, err error) {
	if t, err = time.Parse(time.DateOnly, text); err == nil {
		return t, true, nil
	}
	t, err = time.Parse(time.RFC3339, text)
	return t, false, err
}
