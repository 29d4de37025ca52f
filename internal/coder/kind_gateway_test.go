package coder_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

const (
	htmlContent = "text/html; charset=utf-8"
	textContent = "text/plain; charset=utf-8"
)

func nginx(title string) string {
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n<hr><center>nginx/1.27.2</center>\r\n</body>\r\n</html>\r\n"
}

func cloudflare(title string) string {
	return `<!DOCTYPE html><html lang="en-US"><head><title>coder.example.com | ` + title + `</title></head><body><div id="cf-wrapper">` + title + ` Ray ID: 8f0c Cloudflare</div></body></html>`
}

const loginPage = `<!DOCTYPE html><html><head><title>Sign In</title></head><body><form action="/oauth2/start"><button>Sign in with OpenID Connect</button></form></body></html>`

// gateways are answers of what stands in front of a deployment, as each of them
// words them.
var gateways = map[string]struct {
	status      int
	contentType string
	body        string
	header      []string
}{
	"Kong: no route":                      {404, jsonContent, `{"message":"no Route matched with those values"}`, nil},
	"Kong ≥3: no route":                   {404, jsonContent, "{\n  \"message\":\"no Route matched with those values\",\n  \"request_id\":\"48b87e0cd5e52b08d69e8d7c40a1c31b\"\n}", nil},
	"Kong: unavailable":                   {503, jsonContent, `{"message":"Service unavailable"}`, nil},
	"Kong: upstream":                      {502, jsonContent, `{"message":"An invalid response was received from the upstream server"}`, nil},
	"Kong: no key":                        {401, jsonContent, `{"message":"No API key found in request"}`, []string{"Www-Authenticate", `Key realm="kong"`}},
	"Kong: forbidden":                     {403, jsonContent, `{"message":"You cannot consume this service"}`, nil},
	"Kong: rate":                          {429, jsonContent, `{"message":"API rate limit exceeded"}`, []string{"Retry-After", "30"}},
	"Kong: gone":                          {410, jsonContent, `{"message":"Gone"}`, nil},
	"Kong: unexpected":                    {500, jsonContent, `{"message":"An unexpected error occurred"}`, nil},
	"nginx: 404":                          {404, htmlContent, nginx("404 Not Found"), nil},
	"nginx: 502":                          {502, htmlContent, nginx("502 Bad Gateway"), nil},
	"nginx: 503":                          {503, htmlContent, nginx("503 Service Temporarily Unavailable"), nil},
	"nginx: 413":                          {413, htmlContent, nginx("413 Request Entity Too Large"), nil},
	"nginx: 405":                          {405, htmlContent, nginx("405 Not Allowed"), nil},
	"nginx: 400":                          {400, htmlContent, nginx("400 Bad Request"), nil},
	"nginx: 410":                          {410, htmlContent, nginx("410 Gone"), nil},
	"ingress-nginx: default backend":      {404, textContent, "default backend - 404", nil},
	"Envoy: no healthy upstream":          {503, textContent, "no healthy upstream", nil},
	"Envoy: connect error":                {503, textContent, "upstream connect error or disconnect/reset before headers. reset reason: connection failure", nil},
	"Envoy: no route":                     {404, textContent, "", nil},
	"Envoy: RBAC":                         {403, textContent, "RBAC: access denied", nil},
	"Traefik":                             {404, textContent, "404 page not found\n", nil},
	"Caddy":                               {502, "", "", nil},
	"HAProxy":                             {503, htmlContent, "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n", nil},
	"Cloudflare: 403":                     {403, htmlContent, cloudflare("Access denied"), nil},
	"Cloudflare: 520":                     {520, htmlContent, cloudflare("520: Web server is returning an unknown error"), nil},
	"Cloudflare: 521":                     {521, htmlContent, cloudflare("521: Web server is down"), nil},
	"Cloudflare: 524":                     {524, htmlContent, cloudflare("524: A timeout occurred"), nil},
	"oauth2-proxy: 403":                   {403, htmlContent, loginPage, nil},
	"oauth2-proxy: 401":                   {401, htmlContent, loginPage, nil},
	"oauth2-proxy: 401 JSON":              {401, jsonContent, `{}`, nil},
	"oauth2-proxy: 200":                   {200, htmlContent, loginPage, nil},
	"oauth2-proxy: 302":                   {302, htmlContent, `<a href="https://login.example.com/">Found</a>.`, []string{"Location", "https://login.example.com/?rd=x"}},
	"Authelia: 401":                       {401, textContent, "401 Unauthorized", nil},
	"Authelia: 302":                       {302, htmlContent, "", []string{"Location", "https://auth.example.com/?rd=https%3A%2F%2Fcoder.example.com"}},
	"Authelia: 200":                       {200, htmlContent, loginPage, nil},
	"AWS ALB: 404":                        {404, textContent, "", []string{"Server", "awselb/2.0"}},
	"AWS ALB: 502":                        {502, htmlContent, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n", []string{"Server", "awselb/2.0"}},
	"AWS API Gateway: no route":           {404, jsonContent, `{"message":"Not Found"}`, nil},
	"AWS API Gateway: no token":           {403, jsonContent, `{"message":"Missing Authentication Token"}`, nil},
	"AWS API Gateway: forbidden":          {403, jsonContent, `{"message":"Forbidden"}`, nil},
	"AWS API Gateway: unauthorized":       {401, jsonContent, `{"message":"Unauthorized"}`, nil},
	"AWS API Gateway: IAM":                {403, jsonContent, `{"Message":"User is not authorized to access this resource"}`, nil},
	"Azure API Management":                {404, jsonContent, `{ "statusCode": 404, "message": "Resource not found" }`, nil},
	"APISIX":                              {404, jsonContent, `{"error_msg":"404 Route Not Found"}`, nil},
	"Spring":                              {404, jsonContent, `{"timestamp":"2026-11-25T00:00:00Z","status":404,"error":"Not Found","path":"/api/v2/workspaces"}`, nil},
	"problem details":                     {404, "application/problem+json", `{"type":"about:blank","title":"Not Found","status":404,"detail":"nothing here"}`, nil},
	"JSON with message and detail, 404":   {404, jsonContent, `{"message":"Not Found","detail":"nothing here"}`, nil},
	"JSON with message and detail, 410":   {410, jsonContent, `{"message":"Gone","detail":"moved out"}`, nil},
	"JSON with error, 401":                {401, jsonContent, `{"error":"unauthorized"}`, nil},
	"JSON with error, 404":                {404, jsonContent, `{"error":"not found"}`, nil},
	"JSON with error, 500":                {500, jsonContent, `{"error":"internal"}`, nil},
	"JSON string":                         {404, jsonContent, `"Route not found."`, nil},
	"text in Coder's words":               {404, textContent, "Route not found.", nil},
	"no body, 400":                        {400, "", "", nil},
	"no body, 401":                        {401, "", "", nil},
	"no body, 403":                        {403, "", "", nil},
	"no body, 404":                        {404, "", "", nil},
	"no body, 405":                        {405, "", "", nil},
	"no body, 409":                        {409, "", "", nil},
	"no body, 410":                        {410, "", "", nil},
	"no body, 500":                        {500, "", "", nil},
	"no body, 504":                        {504, "", "", nil},
	"a page in the place of Coder's body": {404, htmlContent, nginx("404 Not Found"), ofCoder},
	"a text in the place of Coder's body": {410, textContent, "Gone", ofCoder},
}

// requests are one request of every verb and form of answer.
var requests = map[string]func(context.Context, *coder.Client) error{
	"GET": func(ctx context.Context, c *coder.Client) error { _, err := c.Workspace(ctx, workspaceID); return err },
	"GET by name": func(ctx context.Context, c *coder.Client) error {
		_, err := c.WorkspaceByOwnerAndName(ctx, "al", "dev")
		return err
	},
	"GET a list": func(ctx context.Context, c *coder.Client) error {
		_, err := c.BuildParameters(ctx, buildID)
		return err
	},
	"POST a build": func(ctx context.Context, c *coder.Client) error {
		_, err := c.CreateBuild(ctx, workspaceID, coder.CreateBuildRequest{Transition: coder.TransitionDelete})
		return err
	},
	"POST a workspace": func(ctx context.Context, c *coder.Client) error {
		_, err := c.CreateWorkspace(ctx, uuid.New(), "al", coder.CreateWorkspaceRequest{Name: "dev"})
		return err
	},
	"PUT":   func(ctx context.Context, c *coder.Client) error { return c.PutTTL(ctx, workspaceID, nil) },
	"PATCH": func(ctx context.Context, c *coder.Client) error { return c.RenameWorkspace(ctx, workspaceID, "dev") },
}

// TestKind_Gateways: whatever a gateway says, to whatever request, it says
// nothing about a workspace, and is named.
func TestKind_Gateways(t *testing.T) {
	t.Parallel()
	for name, gateway := range gateways {
		for verb, send := range requests {
			t.Run(name+", "+verb, func(t *testing.T) {
				t.Parallel()
				sent := 0
				client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
					sent++
					resp := answer(req, gateway.status, gateway.body, append([]string{"Content-Type", gateway.contentType}, gateway.header...)...)
					if gateway.contentType == "" {
						resp.Header.Del("Content-Type")
					}
					return resp, nil
				})
				err := send(t.Context(), client)
				if got := coder.KindOf(err); got != coder.Foreign || sent != 1 {
					t.Fatalf("after %d requests, %v is %q", sent, err, got)
				}
				if !strings.Contains(err.Error(), fmt.Sprint(gateway.status)) || serverIn(err) != "http://coder.test" {
					t.Errorf("%v of %q", err, serverIn(err))
				}
			})
		}
	}
}

// serverIn is the server that an error names.
func serverIn(err error) string {
	var (
		refused  *coder.Error
		content  *coder.ContentError
		redirect *coder.RedirectError
	)
	switch {
	case errors.As(err, &refused):
		return refused.Server
	case errors.As(err, &content):
		return content.Server
	case errors.As(err, &redirect):
		return redirect.Server
	default:
		return ""
	}
}
