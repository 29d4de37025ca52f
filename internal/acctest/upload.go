package acctest

import (
	"archive/tar"
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-cleanhttp"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

//go:embed testdata/templates
var templateSources embed.FS

// importTime is how long a server may take to import a template version: it
// downloads the coder/coder provider the first time.
const importTime = 10 * time.Minute

// uploadTemplate brings a template to a server as `coder templates push` does:
// archive, version, wait for the import, template.
func (d *Deployment) uploadTemplate(t *testing.T, kind Kind, settings templateSettings) Template {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), importTime)
	defer cancel()

	organization, err := d.organization(ctx)
	if err != nil {
		t.Fatalf("finding an organization for template %q: %v", kind, err)
	}
	version, err := d.uploadVersion(ctx, organization, kind, nil)
	if err != nil {
		t.Fatalf("uploading template %q: %v", kind, err)
	}

	name := Name(t, settings.prefix)
	var template coder.Template
	err = d.post(ctx, "organizations/"+organization.String()+"/templates", "application/json", jsonBody(map[string]any{
		"name":                             name,
		"template_version_id":              version,
		"default_ttl_ms":                   settings.defaultTTL.Milliseconds(),
		"allow_user_cancel_workspace_jobs": true,
	}), &template)
	if err != nil {
		t.Fatalf("creating template %q: %v", name, err)
	}
	t.Cleanup(func() {
		ctx, cancel := cleanupContext(t)
		defer cancel()
		if err := d.removeTemplate(ctx, template); err != nil {
			t.Errorf("template %s is left on the deployment: %v", name, err)
		}
	})
	return Template{
		ID:              template.ID.String(),
		Name:            template.Name,
		ActiveVersionID: template.ActiveVersionID.String(),
		OrganizationID:  template.OrganizationID.String(),
	}
}

// organization is the default one, or the only one before Coder 2.9.
func (d *Deployment) organization(ctx context.Context) (uuid.UUID, error) {
	all, err := d.Client.UserOrganizations(ctx, coder.Me)
	if err != nil {
		return uuid.Nil, err
	}
	for _, organization := range all {
		if organization.IsDefault {
			return organization.ID, nil
		}
	}
	if len(all) == 0 {
		return uuid.Nil, errors.New("the token's user is in no organization")
	}
	return all[0].ID, nil
}

// uploadVersion uploads a version of a standard template and waits for its
// import; more is what its request says besides.
func (d *Deployment) uploadVersion(ctx context.Context, organization uuid.UUID, kind Kind, more map[string]any) (uuid.UUID, error) {
	file, err := d.uploadFile(ctx, kind)
	if err != nil {
		return uuid.Nil, err
	}
	var version coder.TemplateVersion
	request := map[string]any{
		"storage_method": "file",
		"file_id":        file,
		"provisioner":    "terraform",
	}
	maps.Copy(request, more)
	err = d.post(ctx, "organizations/"+organization.String()+"/templateversions", "application/json", jsonBody(request), &version)
	if err != nil {
		return uuid.Nil, err
	}

	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		read, err := d.Client.TemplateVersion(ctx, version.ID)
		switch {
		case err != nil:
			return uuid.Nil, fmt.Errorf("waiting for the import: %w", err)
		case read.Job.Done() && read.Job.Status != coder.JobSucceeded:
			return uuid.Nil, fmt.Errorf("the import ended as %s: %s", read.Job.Status, read.Job.Error)
		case read.Job.Done():
			return version.ID, nil
		}
		select {
		case <-ctx.Done():
			return uuid.Nil, fmt.Errorf("waiting for the import: %w", ctx.Err())
		case <-ticker.C:
		}
	}
}

// files are the archives uploaded so far, by deployment and kind: Coder takes
// no more than twelve in a minute.
var files = struct {
	sync.Mutex
	ids map[string]string
}{ids: map[string]string{}}

// uploadFile uploads the archive of a standard template once.
func (d *Deployment) uploadFile(ctx context.Context, kind Kind) (id string, err error) {
	files.Lock()
	defer files.Unlock()
	key := d.URL + " " + string(kind)
	if id, ok := files.ids[key]; ok {
		return id, nil
	}
	archive, err := archiveOf(kind)
	if err != nil {
		return "", err
	}
	var file struct {
		Hash string `json:"hash"`
	}
	if err := d.post(ctx, "files", "application/x-tar", archive, &file); err != nil {
		return "", err
	}
	files.ids[key] = file.Hash
	return file.Hash, nil
}

// removeTemplate deletes the workspaces left of a template, then the template.
func (d *Deployment) removeTemplate(ctx context.Context, template coder.Template) error {
	err := d.deleteWorkspaces(ctx, coder.WorkspaceSearch{Template: template.Name}, func(w *coder.Workspace) bool { return w.TemplateID == template.ID })
	if err != nil {
		return err
	}
	return d.request(ctx, http.MethodDelete, "templates/"+template.ID.String(), "", nil, nil)
}

// deleteWorkspaces deletes those that are meant of the workspaces found.
func (d *Deployment) deleteWorkspaces(ctx context.Context, search coder.WorkspaceSearch, meant func(*coder.Workspace) bool) error {
	workspaces, err := d.Client.AllWorkspaces(ctx, search)
	if err != nil {
		return fmt.Errorf("listing its workspaces: %w", err)
	}
	for i := range workspaces {
		if !meant(&workspaces[i]) {
			continue
		}
		if err := d.DeleteWorkspace(ctx, workspaces[i].ID); err != nil {
			return fmt.Errorf("deleting its workspace %s: %w", workspaces[i].Name, err)
		}
	}
	return nil
}

// DeleteWorkspace deletes a workspace outside of Terraform and waits for the
// end. It waits for a build that is still running, and gives the workspace's
// resources up when they cannot be destroyed.
func (d *Deployment) DeleteWorkspace(ctx context.Context, id uuid.UUID) error {
	err := d.deleteBuild(ctx, id, false)
	if err != nil && ctx.Err() == nil {
		err = d.deleteBuild(ctx, id, true)
	}
	return err
}

func (d *Deployment) deleteBuild(ctx context.Context, id uuid.UUID, orphan bool) error {
	workspace, err := d.Client.Workspace(ctx, id)
	if coder.KindOf(err) == coder.Gone {
		return nil
	}
	if err != nil {
		return err
	}
	if !workspace.LatestBuild.Done() {
		if _, err := d.Client.WaitForBuild(ctx, id, workspace.LatestBuild.ID, nil); err != nil {
			return err
		}
	}
	build, err := d.Client.CreateBuild(ctx, id, coder.CreateBuildRequest{Transition: coder.TransitionDelete, Orphan: orphan})
	if err != nil {
		return err
	}
	finished, err := d.Client.WaitForBuild(ctx, id, build.ID, nil)
	if err != nil {
		return err
	}
	if finished.Build.Status != coder.StatusDeleted {
		return fmt.Errorf("the delete build ended as %s: %s", finished.Build.Status, finished.Build.Job.Error)
	}
	return nil
}

// archiveOf packs the source of a standard template.
func archiveOf(kind Kind) ([]byte, error) {
	source, err := templateSources.ReadFile("testdata/templates/" + string(kind) + "/main.tf")
	if err != nil {
		return nil, fmt.Errorf("there is no standard template %q: %w", kind, err)
	}
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	if err := writer.WriteHeader(&tar.Header{Name: "main.tf", Mode: 0o644, Size: int64(len(source))}); err != nil {
		return nil, err
	}
	if _, err := writer.Write(source); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
}

func jsonBody(value map[string]any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err) // the maps above can be encoded
	}
	return encoded
}

func (d *Deployment) post(ctx context.Context, path, contentType string, body []byte, result any) error {
	return d.request(ctx, http.MethodPost, path, contentType, body, result)
}

// templateAPI calls the endpoints that the provider's own client does not
// need.
var templateAPI = cleanhttp.DefaultPooledClient()

// request makes a request, and makes it again as long as the server's rate
// limit refuses it.
func (d *Deployment) request(ctx context.Context, method, path, contentType string, body []byte, result any) error {
	for {
		resp, answer, err := d.attempt(ctx, method, path, contentType, body) //nolint:bodyclose // attempt has read and closed it
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		if resp.StatusCode == http.StatusTooManyRequests {
			seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
			timer := time.NewTimer(time.Duration(max(seconds, 1)) * time.Second)
			select {
			case <-ctx.Done():
				timer.Stop()
				return fmt.Errorf("%s %s: %s: %w", method, path, resp.Status, ctx.Err())
			case <-timer.C:
				continue
			}
		}
		if resp.StatusCode < 200 || resp.StatusCode > 299 {
			return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, answer)
		}
		if result == nil {
			return nil
		}
		if err := json.Unmarshal(answer, result); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		return nil
	}
}

func (d *Deployment) attempt(ctx context.Context, method, path, contentType string, body []byte) (*http.Response, []byte, error) {
	target := strings.TrimRight(d.URL, "/") + "/api/v2/" + path
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Coder-Session-Token", d.Token)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := templateAPI.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	return resp, answer, err
}
