//go:build unix

package binarytest_test

import (
	"encoding/pem"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// world is a deployment in which the examples of the documentation make sense.
type world struct {
	*acctest.Deployment

	url      string // with TLS, as the examples have it
	ca       string // file with the authority of its certificate
	settings []string
	ids      map[string]uuid.UUID // by the attribute that takes it
}

func newWorld(t *testing.T) *world {
	t.Helper()
	d := acctest.NewFake(t, codertest.Options{})
	for _, user := range []string{"alice", "bob", "carol"} {
		d.Fake.AddUser(user)
	}
	docker, kubernetes, review, elsewhere := codertest.BasicTemplate(), codertest.BasicTemplate(), codertest.BasicTemplate(), codertest.BasicTemplate()
	docker.Name, kubernetes.Name, review.Name, elsewhere.Name = "docker", "kubernetes", "review", "kubernetes"
	review.Version.Parameters = []codertest.Parameter{{Name: "branch", Default: "main", Mutable: true}}
	elsewhere.Version.Name = "2026-01"
	elsewhere.OrganizationID = d.Fake.AddOrganization("research")
	template := d.Fake.AddTemplate(docker)
	for _, other := range []codertest.Template{kubernetes, review, elsewhere} {
		d.Fake.AddTemplate(other)
	}
	d.Fake.CreateWorkspace("admin", "dev", template.ID, nil)
	workspace := d.Fake.CreateWorkspace("alice", "dev", template.ID, nil)
	d.Fake.SharePort(workspace, codertest.PortShare{Agent: "main", Port: 8080, Level: "authenticated", Protocol: "http"})

	server := httptest.NewTLSServer(d.Fake)
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	return &world{
		Deployment: d, url: server.URL, ca: ca,
		settings: []string{
			"CODER_URL=" + server.URL, "CODER_SESSION_TOKEN=" + d.Token, "CODER_CLIENT_TLS_CA_FILE=" + ca,
			"TF_VAR_gateway_token=open-sesame",
			"TF_VAR_ends_at=" + d.Fake.Now().Add(6*time.Hour).Format(time.RFC3339),
		},
		ids: map[string]uuid.UUID{"template_id": template.ID, "template_version_id": template.ActiveVersionID, "workspace_id": workspace, "id": workspace},
	}
}

var idArgument = regexp.MustCompile(`\b(template_id|template_version_id|workspace_id|id)(\s*=\s*)"[0-9a-f]{8}-[0-9a-f-]{27}(/[^"]*)?"`)

// settle puts the world's own addresses and ids into an example.
func (w *world) settle(example string) string {
	example = idArgument.ReplaceAllStringFunc(example, func(argument string) string {
		parts := idArgument.FindStringSubmatch(argument)
		return fmt.Sprintf("%s%s%q", parts[1], parts[2], w.ids[parts[1]].String()+parts[3])
	})
	return strings.NewReplacer("https://coder.example.com", w.url, "/etc/ssl/certs/example-ca.pem", w.ca).Replace(example)
}

// since are the releases of Terraform 1.x and OpenTofu 1.x from which on they
// understand what an example has in it.
var since = []struct {
	sign            string
	terraform, tofu int
}{
	{`provider::`, 8, 7},
	{"identity = {", 12, never},
	{`ephemeral "`, 10, 11},
	{`action "`, 14, never},
	{`list "`, 14, never},
	{`mock_provider "`, 7, 8},
}

const never = 1 << 30

// understands tells whether the binary is new enough for an example.
func (tf *terraform) understands(t *testing.T, example string) bool {
	t.Helper()
	minor := tf.minor(t)
	for _, s := range since {
		needed := s.terraform
		if tf.isTofu() {
			needed = s.tofu
		}
		if strings.Contains(example, s.sign) && minor < needed {
			return false
		}
	}
	// Imports of many came later than those of one.
	return !regexp.MustCompile(`import \{\s+for_each`).MatchString(example) || minor >= 7
}

// plan plans files, by their names, as one module, and runs the lists among
// them. Files that the binary is too old for are left out.
func (w *world) plan(t *testing.T, files map[string]string) {
	t.Helper()
	tf := newTerraform(t, w.settings...)
	planned, queried := 0, 0
	all := ""
	for name, content := range files {
		if !tf.understands(t, content) {
			continue
		}
		write(t, filepath.Join(tf.dir, name), w.settle(content))
		all += content
		planned++
		if strings.HasSuffix(name, ".tfquery.hcl") {
			queried++
		}
	}
	if planned == 0 {
		t.Skip("needs a newer Terraform")
	}
	if !strings.Contains(all, "required_providers") {
		write(t, filepath.Join(tf.dir, "required_providers.tf"), requiredProviders)
	}
	if planned > queried {
		tf.run(t, 0, "plan", "-input=false")
	}
	if queried > 0 {
		mustContain(t, tf.run(t, 0, "query"), "list.coderws_workspace.")
	}
}

// Every example of the documentation stands for itself.
func TestExamples(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range exampleFiles(t, "actions", "data-sources", "ephemeral-resources", "functions", "list-resources", "provider", "resources") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{filepath.Base(name): readExample(t, name)}
			switch {
			case strings.HasPrefix(filepath.Base(name), "import-by"): // what it imports to
				files["to.tf"] = readExample(t, filepath.Join(filepath.Dir(name), "resource.tf"))
				if strings.Contains(name, "coderws_workspace/") {
					files["to.tf"] = strings.Replace(files["to.tf"], "{", "{\n  owner_name = \"alice\"", 1)
				}
			case strings.HasPrefix(name, "provider"): // something that uses it
				files["use.tf"] = readExample(t, "data-sources/coderws_workspaces/data-source.tf")
			}
			w.plan(t, files)
		})
	}
}

// The blocks of a page belong together, like the files of a module.
func TestExamples_pages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "guides", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```terraform\n(.*?)^```$")
	found := 0
	for _, page := range append(pages, filepath.Join("..", "..", "README.md")) {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for i, match := range block.FindAllStringSubmatch(string(content), -1) {
			kind := ".tf"
			if strings.Contains(match[1], `list "`) {
				kind = ".tfquery.hcl"
			}
			files[fmt.Sprintf("block%d%s", i, kind)] = match[1]
		}
		if len(files) == 0 {
			continue
		}
		found++
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			w.plan(t, files)
		})
	}
	if found < 5 {
		t.Errorf("only %d pages have blocks", found)
	}
}

// The modules plan, and their own tests pass without any Coder.
func TestExamples_modules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	failing := w.Fake.AddTemplate(codertest.FailingTemplate())
	broken, err := w.Client.CreateWorkspace(t.Context(), w.Fake.OrganizationID(), "bob", coder.CreateWorkspaceRequest{Name: "broken", TemplateID: failing.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Client.WaitForBuild(t.Context(), broken.ID, broken.LatestBuild.ID, nil); err != nil {
		t.Fatal(err)
	}
	for module, test := range map[string]struct {
		planned   string
		variables []string
	}{
		"workshop": {"4 to add, 0 to change, 0 to destroy", []string{
			"template=docker", "attendees=students.csv", `parameters={region="eu-west"}`, "status=running", `instructors={carol="use"}`,
		}},
		"team": {"2 to add, 0 to change, 0 to destroy", []string{
			"template=docker", `offices={berlin={time_zone="Europe/Berlin"}}`, `members={alice="berlin",bob="berlin"}`,
		}},
		"pull-request": {"2 to add, 0 to change, 0 to destroy", []string{
			"template=review", `pull_requests={"7"={author="alice",branch="fix-login"}}`, "preview_port=3000",
		}},
		"audit": {"- bob/broken failed: ", nil},
	} {
		t.Run(module, func(t *testing.T) {
			t.Parallel()
			tf := newTerraform(t, w.settings...)
			if !tf.understands(t, `mock_provider "`) || module == "team" && tf.minor(t) < 9 {
				t.Skip("needs a newer Terraform")
			}
			if err := os.CopyFS(tf.dir, os.DirFS(filepath.Join("..", "..", "examples", "modules", module))); err != nil {
				t.Fatal(err)
			}
			arguments := []string{"plan", "-input=false"}
			for _, variable := range test.variables {
				arguments = append(arguments, "-var="+variable)
			}
			mustContain(t, tf.run(t, 0, arguments...), test.planned)
			tf.env = append(tf.env, "CODER_URL=", "CODER_SESSION_TOKEN=")
			mustContain(t, tf.run(t, 0, "test"), "0 failed")
			tf.mockReadily(t)
			mustContain(t, tf.run(t, 0, "test"), "0 failed")
		})
	}
}

// mockReadily puts the ready values in place of made-up ones, where tests have
// a plain mock.
func (tf *terraform) mockReadily(t *testing.T) {
	t.Helper()
	const plain = `mock_provider "coderws" {}`
	mock := "mock_provider \"coderws\" {\n" + readExample(t, "mocks/coderws.tfmock.hcl") + "}"
	if !tf.isTofu() { // which has no "source"
		write(t, filepath.Join(tf.dir, "mocks", "coderws.tfmock.hcl"), readExample(t, "mocks/coderws.tfmock.hcl"))
		mock = "mock_provider \"coderws\" {\n  source = \"./mocks\"\n}"
	}
	files, err := filepath.Glob(filepath.Join(tf.dir, "tests", "*.tftest.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	mocked := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		mocked += strings.Count(string(content), plain)
		write(t, file, strings.Replace(string(content), plain, mock, 1))
	}
	if mocked == 0 {
		t.Error("no test has a plain mock")
	}
}

// exampleFiles are the names of all files with a configuration in some folders
// of examples/.
func exampleFiles(t *testing.T, folders ...string) []string {
	t.Helper()
	root := filepath.Join("..", "..", "examples")
	var names []string
	for _, folder := range folders {
		before := len(names)
		err := filepath.WalkDir(filepath.Join(root, folder), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".tf") && !strings.HasSuffix(name, ".tfquery.hcl") {
				return err
			}
			name, err = filepath.Rel(root, name)
			names = append(names, name)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(names) == before {
			t.Errorf("there is no example in %s", folder)
		}
	}
	return names
}

func readExample(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
