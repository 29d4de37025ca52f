package lifecycle

import (
	"strings"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/parameter"
)

// A template's Terraform prints what it is given. What kind of failure it is, is
// read from the words as they are.
func TestBuildFailed_hidesSecrets(t *testing.T) {
	t.Parallel()
	secrets := parameter.NewSecrets([]coder.TemplateVersionParameter{{Name: "text", Type: "string"}, {Name: "size", Type: "number"}})
	secrets.Add(map[string]string{"text": "insufficient", "size": "1000000"})
	build := coder.WorkspaceBuild{Transition: coder.TransitionStart, Job: coder.ProvisionerJob{Error: "insufficient quota for 1000000"}}
	log := tail([]coder.JobLog{{Output: "too early"}, {Output: " "}, {Output: "\x1b[31mtext = \"insufficient\"\x1b[0m"}}, secrets)
	failed := &BuildFailed{Build: build, Log: log, secrets: secrets}
	for _, words := range []string{failed.Error(), failed.Detail()} {
		if strings.Contains(words, "insufficient") || !strings.Contains(words, "(value of text) quota for 1000000") {
			t.Errorf("the secret is said: %s", words)
		}
	}
	if !strings.Contains(failed.Detail(), "\n  too early\n  text = \"(value of text)\"\n") || !strings.Contains(failed.Detail(), "The owner's quota") {
		t.Errorf("the detail is %s", failed.Detail())
	}
}
