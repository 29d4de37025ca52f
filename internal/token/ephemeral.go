// Package token is the ephemeral resource coderws_token: a session token that
// lives while Terraform runs.
package token

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
	"github.com/coderws/terraform-provider-coderws/internal/view"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure = (*tokenResource)(nil)
	_ ephemeral.EphemeralResourceWithRenew     = (*tokenResource)(nil)
	_ ephemeral.EphemeralResourceWithClose     = (*tokenResource)(nil)
)

// NewEphemeralResource is the ephemeral resource coderws_token.
func NewEphemeralResource() ephemeral.EphemeralResource { return &tokenResource{} }

type tokenResource struct {
	client *coder.Client
	open   *Open
}

const (
	defaultLifetime = time.Hour
	// closeTime is how long a token may take to go, also when Terraform was
	// interrupted.
	closeTime = time.Minute
)

// Metadata implements [ephemeral.EphemeralResource].
func (r *tokenResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_token"
}

// Configure implements [ephemeral.EphemeralResourceWithConfigure].
func (r *tokenResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	data, ok := req.ProviderData.(*ProviderData)
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data for the token",
			fmt.Sprintf("Expected token data, got %T. This is a bug in the provider.", req.ProviderData))
		return
	}
	r.client, r.open = data.Client, data.Open
}

// Open makes the token. Terraform calls it in each plan and in each apply, as
// far as the arguments are known.
func (r *tokenResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var result model
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	scopes, diags := result.scopes(ctx)
	resp.Diagnostics.Append(diags...)
	lifetime, diags := result.lifetime()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	generated := result.Name.ValueString() == ""
	if generated {
		result.Name = types.StringValue("terraform-" + strings.ToLower(rand.Text()[:12]))
	}
	token := record{Owner: result.owner(), Name: result.Name.ValueString(), Lifetime: lifetime}

	key, err := r.client.CreateToken(ctx, token.Owner, coder.CreateTokenRequest{Name: token.Name, Lifetime: lifetime, Scopes: scopes})
	token.ExpiresAt = r.client.ServerNow().Add(lifetime).Truncate(time.Second)
	if err != nil {
		left := ""
		if coder.IsUnclear(err) {
			left = r.withdraw(ctx, token, generated)
		}
		resp.Diagnostics.Append(createDiagnostics(&result, err, left)...)
		return
	}
	token.ID = coder.TokenID(key)
	r.open.add(r.client, token)
	if r.client.ProlongsTokens(lifetime) {
		token.Key = key
		resp.RenewAt = time.Now().Add(coder.ProlongTokenIn(lifetime, lifetime))
	}
	resp.Diagnostics.Append(token.remember(ctx, resp.Private)...)
	result.ID, result.Token, result.ExpiresAt = types.StringValue(token.ID), types.StringValue(key), view.Time(token.ExpiresAt)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &result)...)
}

// withdraw deletes a token that may have been made by a request without a usable
// answer. It returns what is to be said of one that may be left. A name that was
// not made up here may be another token's.
func (r *tokenResource) withdraw(ctx context.Context, token record, generated bool) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	tokens, err := r.client.Tokens(ctx, token.Owner)
	for i := range tokens {
		if tokens[i].Name != token.Name {
			continue
		}
		if !generated {
			return token.left()
		}
		if err := r.client.DeleteToken(ctx, token.Owner, tokens[i].ID); err != nil && !isGone(err) {
			return token.left()
		}
	}
	if err != nil {
		return token.left()
	}
	return ""
}

// createDiagnostics explains why there is no token.
func createDiagnostics(config *model, err error, left string) diag.Diagnostics {
	const doing = "create a token"
	var scopes *coder.ScopesError
	if errors.As(err, &scopes) {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("scopes"), "Token scopes need a newer Coder",
			fmt.Sprintf("The deployment runs Coder %s. Before 2.27 a token has one scope, %q or %q.", scopes.Server, coder.ScopeAll, coder.ScopeApplicationConnect))}
	}
	owner, kind := config.OwnerName.ValueString(), coder.KindOf(err)
	if owner != "" && (kind == coder.NotVisible || kind == coder.UnknownUser || kind == coder.Forbidden) {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("owner_name"), "Token cannot be made for this user",
			fmt.Sprintf("There is no user %q on the deployment, or the provider's user may not make tokens for others, which takes the role Owner. "+
				"Correct `owner_name`, leave it out for a token of the provider's own user, or configure the provider with an Owner's token.\n\n%s",
				owner, diagnose.Detail(doing, err)))}
	}
	diags := diagnose.Error("Unable to create a token", doing, err, fields())
	if left != "" {
		diags.Append(leftBehind("Coder may have made the token, though its answer was lost.", left))
	}
	return diags
}

// Renew implements [ephemeral.EphemeralResourceWithRenew]. Nothing but its use
// makes a token live longer, and since Coder 2.35 not even that; then Terraform
// is not told to call this.
func (r *tokenResource) Renew(ctx context.Context, req ephemeral.RenewRequest, resp *ephemeral.RenewResponse) {
	token, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	err := r.client.UseToken(ctx, token.Key)
	var now *coder.Token
	if err == nil {
		now, err = r.client.Token(ctx, token.Owner, token.ID)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Error("Unable to prolong the token", "prolong "+token.String(), err, diagnose.Fields{})...)
		return
	}
	rest := now.ExpiresAt.Sub(r.client.ServerNow())
	resp.RenewAt = time.Now().Add(coder.ProlongTokenIn(token.Lifetime, rest))
}

// Close deletes the token. What it cannot delete ends by itself, so that is no
// error of the run.
func (r *tokenResource) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	token, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	if err := r.client.DeleteToken(ctx, token.Owner, token.ID); err != nil && !isGone(err) {
		resp.Diagnostics.Append(leftBehind(diagnose.Detail("delete "+token.String(), err), token.left()))
		return
	}
	r.open.remove(token.ID)
	if token.Key == "" && r.client.ServerNow().After(token.ExpiresAt) {
		resp.Diagnostics.AddWarning("Token expired while it was in use",
			fmt.Sprintf("The run took longer than the token's lifetime, which ended at %s: whatever used it after that was refused by Coder. Set a longer `lifetime`.", token.ExpiresAt.UTC().Format(time.RFC3339)))
	}
}

// leftBehind warns of a token that nobody may end before its time.
func leftBehind(why, left string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Token may be left on the deployment", why+"\n\n"+left)
}

// isGone tells whether there is no such token any more.
func isGone(err error) bool {
	kind := coder.KindOf(err)
	return kind == coder.NotVisible || kind == coder.UnknownUser
}
