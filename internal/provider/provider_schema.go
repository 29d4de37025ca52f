package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Schema describes the provider block. Everything in it is optional.
func (p *coderwsProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the workspaces of a self-hosted [Coder](https://coder.com) deployment. It is unofficial, and works beside the vendor's `coder` and `coderd`.\n\n" +
			"Each setting comes from its attribute, else from the environment variable the Coder CLI uses too, else from what `coder login` left on this machine. " +
			"After `coder login` on Linux, an empty provider block works.\n\n" +
			"It works with Coder 0.24 (June 2023) to 2.35, Terraform 1.5 or newer, and OpenTofu 1.6 or newer. What needs a newer one says so.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Address of the Coder deployment, such as `https://coder.example.com`; a path in front of a reverse proxy is kept. " +
					"Default: the environment variable `CODER_URL`, else the file `url` in the Coder CLI's directory " +
					"(`CODER_CONFIG_DIR`, else `coderv2` in the platform's directory for configuration).",
			},
			"token": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "Session token, made by `coder tokens create`. " +
					"Default: the environment variable `CODER_SESSION_TOKEN`, else the file `session` in the Coder CLI's directory. " +
					"The CLI's token is only used for the deployment the CLI is logged in to. " +
					"On macOS and Windows the CLI ≥2.29 keeps the token in the system's keyring, which the provider does not read: " +
					"set the token, or log in with `CODER_USE_KEYRING=false`. " +
					"One with restricted scopes (Coder ≥2.27) needs `workspace:read`, `template:read` and `user:read` to plan, and `organization:read` to look up templates by name; to change, create and destroy workspaces " +
					"also `workspace:update`, `workspace:start`, `workspace:stop`, `workspace:create`, `workspace:delete` and `template:use`.",
			},
			"headers": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Sensitive:   true,
				MarkdownDescription: "Extra HTTP headers for every request, for instance for a proxy in front of Coder. Header names do not distinguish upper and lower case. " +
					"Default: the environment variable `CODER_HEADER`, entries `key=value` separated by commas (CSV). The attribute, even an empty one, replaces the variable as a whole.",
			},
			"max_retries": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(0)},
				MarkdownDescription: "How often a request is repeated after the server was busy or could not be reached (429, 502, 503, 504, broken connections). " +
					"Requests that start something are only repeated when the server surely did not act on them. `0` means never. Default: `4`.",
			},
		},
		Blocks: map[string]schema.Block{
			"tls": schema.SingleNestedBlock{
				MarkdownDescription: "How to verify the deployment's certificate, and how to identify to it. TLS 1.2 or newer is always required.",
				Attributes: map[string]schema.Attribute{
					"ca_file": tlsFile("Path of a PEM file with the certificate authorities to trust. It replaces the system's. " +
						"Default: the environment variable `CODER_CLIENT_TLS_CA_FILE`, else the authorities of the system."),
					"cert_file": tlsFile("Path of a PEM file with a client certificate. Needs `key_file`. " +
						"Default, when neither of the two is set: the environment variables `CODER_CLIENT_TLS_CERT_FILE` and `CODER_CLIENT_TLS_KEY_FILE`."),
					"key_file": tlsFile("Path of a PEM file with the unencrypted private key of `cert_file`. Default: see `cert_file`."),
					"insecure_skip_verify": schema.BoolAttribute{
						Optional: true,
						MarkdownDescription: "Accept any certificate. Whoever can intercept the connection then gets the session token: " +
							"for tests only. Default: `false`.",
					},
				},
			},
		},
	}
}

func tlsFile(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		MarkdownDescription: description,
	}
}
