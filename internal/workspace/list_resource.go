package workspace

import (
	"context"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

var (
	_ list.ListResourceWithConfigure      = (*workspaceResource)(nil)
	_ list.ListResourceWithValidateConfig = (*workspaceResource)(nil)
)

// NewListResource is the list of workspaces that Terraform ≥1.14 queries in
// order to adopt them.
func NewListResource() list.ListResource {
	return &workspaceResource{}
}

// listResourceModel is the configuration of the list.
type listResourceModel struct {
	filterModel

	IncludePrebuilds types.Bool `tfsdk:"include_prebuilds"`
}

// ListResourceConfigSchema implements [list.ListResource].
func (r *workspaceResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	attributes := filterAttributes(
		func(description string, validators ...validator.String) schema.Attribute {
			return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: validators}
		},
		func(description string) schema.Attribute {
			return schema.BoolAttribute{MarkdownDescription: description, Optional: true}
		},
	)
	attributes["include_prebuilds"] = schema.BoolAttribute{
		MarkdownDescription: "Whether to list workspaces that Coder has built in advance and nobody has claimed yet, too. They are Coder's to manage. Default `false`.",
		Optional:            true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the workspaces that the provider's token may read, for `terraform query`. Without filters these are all; several filters narrow together. " +
			"With `-generate-config-out`, Terraform writes their configuration and import blocks, and the plan that follows has nothing to change.\n\n" +
			"That configuration leaves out `template_version_id`, so that it does not hold a workspace on its present version, and `parameters`: name those that Terraform is to manage. " +
			"Terraform lists 100 unless `limit` says otherwise.\n\n" +
			"Lists need Terraform 1.14; OpenTofu has none. The data source `coderws_workspaces` finds the same workspaces anywhere.",
		Attributes: attributes,
	}
}

// ValidateListResourceConfig implements [list.ListResourceWithValidateConfig].
func (r *workspaceResource) ValidateListResourceConfig(ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse) {
	var config listResourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, diags := config.search()
	resp.Diagnostics.Append(diags...)
}

// minListPage is how many workspaces a list with a small limit asks for at
// once: little, but enough that a few that are left out do not matter.
const minListPage = 10

// List implements [list.ListResource]. Workspaces are passed on as they come,
// page by page; what goes wrong with a later page is a result of its own.
func (r *workspaceResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listResourceModel
	diags := req.Config.Get(ctx, &config)
	search, problems := config.search()
	diags.Append(problems...)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	if req.Limit > 0 {
		search.PageSize = int(min(max(req.Limit, minListPage), coder.MaxPageSize))
	}
	search.WithoutResources = true // the resource has none of them

	stream.Results = func(push func(list.ListResult) bool) {
		listing := listing{resource: r, request: req, prebuilds: config.IncludePrebuilds.ValueBool(), seen: map[uuid.UUID]bool{}, push: push}
		if err := listing.run(ctx, search); err != nil {
			push(list.ListResult{Diagnostics: config.explain(err)})
		}
	}
}

// listing is one run through the workspaces.
type listing struct {
	resource  *workspaceResource
	request   list.ListRequest
	prebuilds bool
	seen      map[uuid.UUID]bool
	pushed    int64
	push      func(list.ListResult) bool
}

// run passes on every workspace that is found, each once. When the list moved
// between two pages, so that one may have slipped through, it looks again.
func (l *listing) run(ctx context.Context, search coder.WorkspaceSearch) error {
	moved, count := false, 0
	for page, err := range l.resource.client().Workspaces(ctx, search) {
		if err != nil {
			return err
		}
		moved = moved || page.Offset > 0 && page.Count != count
		count = page.Count
		for i := range page.Workspaces {
			moved = moved || l.seen[page.Workspaces[i].ID]
			if !l.add(ctx, &page.Workspaces[i]) {
				return nil
			}
		}
	}
	if !moved {
		return nil
	}
	all, err := l.resource.client().AllWorkspaces(ctx, search)
	if err != nil {
		return err
	}
	for i := range all {
		if !l.add(ctx, &all[i]) {
			return nil
		}
	}
	return nil
}

// add passes a workspace on, unless it was before or is not meant. It returns
// false when nobody wants more.
func (l *listing) add(ctx context.Context, workspace *coder.Workspace) bool {
	if l.seen[workspace.ID] || !l.prebuilds && workspace.IsUnclaimed() {
		return true
	}
	l.seen[workspace.ID] = true
	l.pushed++
	return l.push(l.result(ctx, workspace)) && (l.request.Limit <= 0 || l.pushed < l.request.Limit)
}

// result is a workspace as Terraform wants it listed.
func (l *listing) result(ctx context.Context, workspace *coder.Workspace) list.ListResult {
	result := l.request.NewListResult(ctx)
	result.DisplayName = workspace.OwnerName + "/" + workspace.Name
	result.Diagnostics.Append(setIdentity(ctx, result.Identity, workspace.ID)...)
	if l.request.IncludeResource {
		result.Diagnostics.Append(l.describe(ctx, workspace, &result)...)
	}
	return result
}

// describe fills in the whole resource, as an import would, but for the
// template version: a configuration made from it should not pin the workspace
// to that.
func (l *listing) describe(ctx context.Context, workspace *coder.Workspace, result *list.ListResult) diag.Diagnostics {
	var model resourceModel
	diags := result.Resource.SetAttribute(ctx, path.Root("id"), workspace.ID.String())
	diags.Append(result.Resource.Get(ctx, &model)...)
	if diags.HasError() {
		return diags
	}
	model.setDefaults()
	model.fromAPI(l.resource.client(), workspace)
	l.resource.nameOrganization(ctx, workspace, &model)
	model.TemplateVersionID = customtype.UUID{}
	diags.Append(result.Resource.Set(ctx, &model)...)
	return diags
}
