package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// deployment is what the demo runs on.
type deployment struct {
	url, token string
	fake       bool
	templateID string
	client     *coder.Client
	close      func()
}

// connect starts a fake deployment, or goes to the one of CODER_URL.
func connect(ctx context.Context, out *report) (*deployment, error) {
	address := os.Getenv("CODER_URL")
	if address == "" {
		return startFake(ctx, out)
	}

	token := os.Getenv("CODER_SESSION_TOKEN")
	if token == "" {
		return nil, errors.New("CODER_URL is set but CODER_SESSION_TOKEN is not. Make a token with: coder tokens create")
	}
	d, err := newDeployment(address, token)
	if err != nil {
		return nil, err
	}
	template, err := d.findTemplate(ctx, os.Getenv("CODER_TEMPLATE"))
	if err != nil {
		return nil, err
	}
	d.templateID = template.ID.String()
	out.line("\nCoder %s at %s, template %q.", d.client.ServerVersion(), address, template.Name)
	return d, nil
}

// startFake serves a fake deployment on a free port of the loopback interface.
func startFake(ctx context.Context, out *report) (*deployment, error) {
	fake := codertest.New(codertest.Options{BuildTime: time.Second})
	template := fake.AddTemplate(codertest.BasicTemplate())

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		fake.Close()
		return nil, err
	}
	server := &http.Server{Handler: fake, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends by Close

	stop := func() {
		fake.Close()
		_ = server.Close()
	}

	d, err := newDeployment("http://"+listener.Addr().String(), fake.Token())
	if err != nil {
		stop()
		return nil, err
	}
	d.fake, d.close = true, stop
	d.templateID = template.ID.String()
	out.line("\nCODER_URL is not set: a fake Coder %s runs in this process, at %s.", fake.Version(), d.url)
	out.line("It keeps its workspaces in memory. Template %q.", template.Name)
	return d, nil
}

func newDeployment(address, token string) (*deployment, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("CODER_URL is %q, not an address such as https://coder.example.com", address)
	}
	client := coder.New(coder.Config{URL: base, Token: token, MaxRetries: 4, UserAgent: "coderws-demo"})
	return &deployment{url: address, token: token, client: client, close: func() {}}, nil
}

// findTemplate takes the template of a name, or the first one, in the
// organizations of the token's user.
func (d *deployment) findTemplate(ctx context.Context, name string) (*coder.Template, error) {
	organizations, err := d.client.UserOrganizations(ctx, coder.Me)
	if err != nil {
		return nil, err
	}
	for _, organization := range organizations {
		templates, err := d.client.Templates(ctx, organization.ID)
		if err != nil {
			return nil, err
		}
		for _, template := range templates {
			if template.Name == cmp.Or(name, template.Name) {
				return &template, nil
			}
		}
	}
	if name != "" {
		return nil, fmt.Errorf("no template is named %q (environment variable CODER_TEMPLATE)", name)
	}
	return nil, errors.New("the deployment has no template that this user can see")
}

// workspaces asks the deployment itself, not Terraform, for the workspaces
// whose names begin with prefix.
func (d *deployment) workspaces(ctx context.Context, prefix string) ([]coder.Workspace, error) {
	return d.client.AllWorkspaces(ctx, coder.WorkspaceSearch{Owner: coder.Me, Name: prefix})
}
