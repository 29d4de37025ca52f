package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Question is something to ask the server. Questions are compared: the same
// one has the same answer for the whole of a decision.
type Question interface {
	// String is what is asked for, as in "read template …".
	String() string
	// Summary says that there was no answer.
	Summary() string

	// ask gets the answer. What does not exist is an answer, too: nil.
	ask(ctx context.Context, client *coder.Client) (any, error)
}

// Facts are the answers to questions. An answer is of the type that the
// question's ask returns.
type Facts map[Question]any

// LookupError is a question that got no answer.
type LookupError struct {
	Question Question
	Err      error
}

// Error implements error.
func (e *LookupError) Error() string { return fmt.Sprintf("%s: %v", e.Question, e.Err) }

// Unwrap returns why.
func (e *LookupError) Unwrap() error { return e.Err }

// learn is the answer to a question; without one the question is open.
func learn[T any](d *decider, question Question) (T, bool) {
	answer, answered := d.facts[question]
	if !answered {
		d.Open = append(d.Open, question)
	}
	typed, _ := answer.(T) // nil stands for what does not exist
	return typed, answered
}

// ServerTime asks for the present time by the server's clock, which nobody has
// heard of before the first answer: a [time.Time].
type ServerTime struct{}

// TemplateOf asks for a template: a [*coder.Template].
type TemplateOf struct{ ID uuid.UUID }

// ActiveVersionOf asks for a template as it is at this moment, since its active
// version moves on: a [*coder.Template].
type ActiveVersionOf struct{ Template uuid.UUID }

// VersionOf asks for a template version: a [*coder.TemplateVersion].
type VersionOf struct{ ID uuid.UUID }

// PresetsOf asks for the presets of a template version: a []coder.Preset.
type PresetsOf struct{ Version uuid.UUID }

// DefinitionsOf asks for the parameters of a template version: a
// []coder.TemplateVersionParameter, nil when they cannot be had.
type DefinitionsOf struct{ Version uuid.UUID }

// FormOf asks for the form of a template version with certain values, as JSON:
// a [*coder.ParameterForm], nil when it cannot be had.
type FormOf struct {
	Version, Owner uuid.UUID
	Values         string
}

// ParametersOf asks for all values of a build: a map[string]string.
type ParametersOf struct{ Build uuid.UUID }

// UserNamed asks for a user: a [*coder.User].
type UserNamed struct{ Name string }

// WorkspaceNamed asks who has a name: a [*coder.Workspace].
type WorkspaceNamed struct{ Owner, Name string }

// RenamesAllowed asks whether the deployment allows renames, which it tells
// with a workspace only: a bool, also true where the workspace is gone.
type RenamesAllowed struct{ Workspace uuid.UUID }

// DormancyOf asks whether a workspace is dormant, where the state does not say: a
// bool, false where the workspace is gone.
type DormancyOf struct{ Workspace uuid.UUID }

// May asks whether the token has a right: a bool, true where the server does not
// tell.
type May struct{ Right coder.Right }

// MissingAuthOf asks which external services a template version needs that the
// token's user has not logged in to: a []string.
type MissingAuthOf struct{ Version uuid.UUID }

func (ServerTime) String() string        { return "ask for the server's time" }
func (q TemplateOf) String() string      { return fmt.Sprintf("read template %s", q.ID) }
func (q ActiveVersionOf) String() string { return fmt.Sprintf("read template %s", q.Template) }
func (q VersionOf) String() string       { return fmt.Sprintf("read template version %s", q.ID) }
func (q PresetsOf) String() string {
	return fmt.Sprintf("read the presets of template version %s", q.Version)
}

func (q DefinitionsOf) String() string {
	return fmt.Sprintf("read the parameters of template version %s", q.Version)
}

func (q FormOf) String() string {
	return fmt.Sprintf("evaluate the parameters of template version %s", q.Version)
}

func (q ParametersOf) String() string {
	return fmt.Sprintf("read the parameters of build %s", q.Build)
}
func (q UserNamed) String() string { return fmt.Sprintf("read user %q", q.Name) }
func (q WorkspaceNamed) String() string {
	return fmt.Sprintf("look for a workspace %s/%s", q.Owner, q.Name)
}
func (q RenamesAllowed) String() string { return fmt.Sprintf("read workspace %s", q.Workspace) }
func (q DormancyOf) String() string     { return fmt.Sprintf("read workspace %s", q.Workspace) }
func (q May) String() string {
	return fmt.Sprintf("ask whether the token may %s a %s", q.Right.Action, q.Right.Type)
}

func (q MissingAuthOf) String() string {
	return fmt.Sprintf("read the external authentication of template version %s", q.Version)
}

// Summary implements [Question].
func (ServerTime) Summary() string { return "Unable to ask for the server's time" }

// Summary implements [Question].
func (TemplateOf) Summary() string { return "Unable to read the template" }

// Summary implements [Question].
func (ActiveVersionOf) Summary() string { return "Unable to find the template's active version" }

// Summary implements [Question].
func (VersionOf) Summary() string { return "Unable to read the template version" }

// Summary implements [Question].
func (PresetsOf) Summary() string { return "Unable to read the template's presets" }

// Summary implements [Question].
func (DefinitionsOf) Summary() string { return "Unable to read the template's parameters" }

// Summary implements [Question].
func (FormOf) Summary() string { return "Unable to evaluate the template's parameters" }

// Summary implements [Question].
func (ParametersOf) Summary() string { return "Unable to read the workspace's parameters" }

// Summary implements [Question].
func (UserNamed) Summary() string { return "Unable to read the owner" }

// Summary implements [Question].
func (WorkspaceNamed) Summary() string { return "Unable to check whether the name is free" }

// Summary implements [Question].
func (RenamesAllowed) Summary() string { return "Unable to check whether renames are allowed" }

// Summary implements [Question].
func (DormancyOf) Summary() string { return "Unable to check whether the workspace is dormant" }

// Summary implements [Question].
func (May) Summary() string { return "Unable to check the token's rights" }

// Summary implements [Question].
func (MissingAuthOf) Summary() string { return "Unable to read the template's external authentication" }

// found is an answer of the server, nil when it says that there is none.
func found[T any](answer *T, err error) (any, error) {
	switch kind := coder.KindOf(err); {
	case kind == coder.NotVisible, kind == coder.UnknownUser:
		return (*T)(nil), nil
	case err != nil:
		return nil, err
	default:
		return answer, nil
	}
}

func (ServerTime) ask(ctx context.Context, client *coder.Client) (any, error) {
	return client.LearnClock(ctx)
}

func (q TemplateOf) ask(ctx context.Context, client *coder.Client) (any, error) {
	return found(client.Lookup().Template(ctx, q.ID))
}

func (q ActiveVersionOf) ask(ctx context.Context, client *coder.Client) (any, error) {
	return found(client.Template(ctx, q.Template))
}

func (q VersionOf) ask(ctx context.Context, client *coder.Client) (any, error) {
	return found(client.Lookup().TemplateVersion(ctx, q.ID))
}

func (q PresetsOf) ask(ctx context.Context, client *coder.Client) (any, error) {
	return client.Lookup().Presets(ctx, q.Version)
}

func (q DefinitionsOf) ask(ctx context.Context, client *coder.Client) (any, error) {
	// While the version is imported there are none; the server then decides.
	list, err := client.Lookup().RichParameters(ctx, q.Version)
	return list, unlessEnded(ctx, err)
}

func (q FormOf) ask(ctx context.Context, client *coder.Client) (any, error) {
	var values map[string]string
	if err := json.Unmarshal([]byte(q.Values), &values); err != nil {
		return nil, err
	}
	form, err := client.Lookup().EvaluateParameters(ctx, q.Version, q.Owner, values)
	return form, unlessEnded(ctx, err)
}

func (q ParametersOf) ask(ctx context.Context, client *coder.Client) (any, error) {
	list, err := client.BuildParameters(ctx, q.Build)
	return valuesByName(list), err
}

func (q UserNamed) ask(ctx context.Context, client *coder.Client) (any, error) {
	return found(client.Lookup().User(ctx, q.Name))
}

func (q WorkspaceNamed) ask(ctx context.Context, client *coder.Client) (any, error) {
	return found(client.WorkspaceByOwnerAndName(ctx, q.Owner, q.Name))
}

func (q RenamesAllowed) ask(ctx context.Context, client *coder.Client) (any, error) {
	workspace, err := client.ReadWorkspace(ctx, q.Workspace)
	if kind := coder.KindOf(err); kind == coder.Gone || kind == coder.NotVisible { // that is the refresh's matter
		return true, nil
	}
	return err == nil && workspace.RenamesAllowed(), err
}

func (q DormancyOf) ask(ctx context.Context, client *coder.Client) (any, error) {
	workspace, err := client.Workspace(ctx, q.Workspace)
	if kind := coder.KindOf(err); kind == coder.Gone || kind == coder.NotVisible { // that is the refresh's matter
		return false, nil
	}
	return err == nil && workspace.IsDormant(), err
}

func (q May) ask(ctx context.Context, client *coder.Client) (any, error) {
	may, err := client.Lookup().May(ctx, q.Right)
	if kind := coder.KindOf(err); kind == coder.UnknownRoute || kind == coder.Forbidden {
		return true, nil
	}
	return may, err
}

func (q MissingAuthOf) ask(ctx context.Context, client *coder.Client) (any, error) {
	services, err := client.Lookup().ExternalAuth(ctx, q.Version)
	if coder.KindOf(err) == coder.UnknownRoute {
		return []string(nil), nil
	}
	var missing []string
	for _, service := range services {
		if !service.Authenticated && !service.Optional {
			missing = append(missing, service.DisplayName)
		}
	}
	return missing, err
}

// unlessEnded is the error of the context: any other only means that something
// cannot be found out.
func unlessEnded(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return ctx.Err()
}

func valuesByName(list []coder.BuildParameter) map[string]string {
	values := make(map[string]string, len(list))
	for _, parameter := range list {
		values[parameter.Name] = parameter.Value
	}
	return values
}

// BuildValues reads all values of a build, and tells whether those of a preset
// of its version are among them; also where no preset is named.
func (l *Lifecycle) BuildValues(ctx context.Context, build *coder.WorkspaceBuild, preset string) (values map[string]string, presetThere bool, err error) {
	question := ParametersOf{build.ID}
	answer, err := question.ask(ctx, l.Client)
	if err != nil {
		return nil, false, &LookupError{question, err}
	}
	values, _ = answer.(map[string]string)
	if preset == "" {
		return values, true, nil
	}
	have := Have{Build: Build{ID: build.ID, VersionID: build.TemplateVersionID}, Parameters: values, Complete: true}
	facts := Facts{}
	_, err = l.decide(ctx, &have, facts, func() Decision {
		d := &decider{want: Want{Preset: Value(preset)}, have: have, facts: facts}
		presetThere = d.duePreset(build.TemplateVersionID) == nil && !d.refused()
		return d.Decision
	})
	return values, presetThere, err
}
