package coder

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"
)

// lookupLimit ends a look-up that everybody who asked for has given up. Those
// who wait have time limits of their own.
const lookupLimit = 10 * time.Minute

// Lookup answers questions that many workspaces ask alike: about their
// template, its versions, their owner. Each is put to the server once, however
// many ask for it and when; the answer then holds for the life of the client.
// Only successes are kept, and that the token may not read an organization. What
// must be as new as possible is to be asked of the [Client] itself.
//
// The answers are shared: they must not be changed.
type Lookup struct {
	client *Client

	templates     answers[*Template]
	versions      answers[*TemplateVersion]
	parameters    answers[[]TemplateVersionParameter]
	presets       answers[[]Preset]
	forms         answers[*ParameterForm]
	users         answers[*User]
	members       answers[*User]
	groups        answers[*Group]
	organizations answers[organizationAnswer]
	buildInfo     answers[*BuildInfo]
	appHost       answers[string]
	auth          answers[[]ExternalAuth]
	rights        answers[bool]
}

// Lookup is the client's shared memory of look-ups.
func (c *Client) Lookup() *Lookup { return &c.lookup }

// Template is [Client.Template]. Its active version can have moved on since.
func (l *Lookup) Template(ctx context.Context, id uuid.UUID) (*Template, error) {
	return l.templates.get(ctx, id.String(), func(ctx context.Context) (*Template, bool, error) {
		template, err := l.client.Template(ctx, id)
		return template, true, err
	})
}

// TemplateVersion is [Client.TemplateVersion]. A version that is still being
// imported is read anew each time.
func (l *Lookup) TemplateVersion(ctx context.Context, id uuid.UUID) (*TemplateVersion, error) {
	return l.versions.get(ctx, id.String(), func(ctx context.Context) (*TemplateVersion, bool, error) {
		version, err := l.client.TemplateVersion(ctx, id)
		return version, err == nil && version.Job.Done(), err
	})
}

// RichParameters is [Client.RichParameters].
func (l *Lookup) RichParameters(ctx context.Context, version uuid.UUID) ([]TemplateVersionParameter, error) {
	return l.parameters.get(ctx, version.String(), func(ctx context.Context) ([]TemplateVersionParameter, bool, error) {
		list, err := l.client.RichParameters(ctx, version)
		return list, true, err
	})
}

// Presets is [Client.Presets].
func (l *Lookup) Presets(ctx context.Context, version uuid.UUID) ([]Preset, error) {
	return l.presets.get(ctx, version.String(), func(ctx context.Context) ([]Preset, bool, error) {
		list, err := l.client.Presets(ctx, version)
		return list, len(list) > 0, err // there are none yet while the version is imported
	})
}

// EvaluateParameters is [Client.EvaluateParameters].
func (l *Lookup) EvaluateParameters(ctx context.Context, version, owner uuid.UUID, inputs map[string]string) (*ParameterForm, error) {
	values, _ := json.Marshal(inputs) // strings always can be; keys come sorted
	return l.forms.get(ctx, version.String()+owner.String()+string(values), func(ctx context.Context) (*ParameterForm, bool, error) {
		form, err := l.client.EvaluateParameters(ctx, version, owner, inputs)
		return form, true, err
	})
}

// User is [Client.User].
func (l *Lookup) User(ctx context.Context, user string) (*User, error) {
	return l.users.get(ctx, user, func(ctx context.Context) (*User, bool, error) {
		found, err := l.client.User(ctx, user)
		return found, true, err
	})
}

// Member is [Client.Member].
func (l *Lookup) Member(ctx context.Context, organization uuid.UUID, user string) (*User, error) {
	return l.members.get(ctx, organization.String()+user, func(ctx context.Context) (*User, bool, error) {
		found, err := l.client.Member(ctx, organization, user)
		return found, true, err
	})
}

// Group is [Client.Group].
func (l *Lookup) Group(ctx context.Context, organization uuid.UUID, name string) (*Group, error) {
	return l.groups.get(ctx, organization.String()+name, func(ctx context.Context) (*Group, bool, error) {
		found, err := l.client.Group(ctx, organization, name)
		return found, true, err
	})
}

// Organization is [Client.Organization]. Who may not read it, which every
// workspace in it would ask for anew, is told so from memory.
func (l *Lookup) Organization(ctx context.Context, id uuid.UUID) (*Organization, error) {
	known, err := l.organizations.get(ctx, id.String(), func(ctx context.Context) (organizationAnswer, bool, error) {
		organization, err := l.client.Organization(ctx, id)
		if kind := KindOf(err); kind == Forbidden || kind == NotVisible {
			return organizationAnswer{refusal: err}, true, nil
		}
		return organizationAnswer{organization: organization}, true, err
	})
	return known.organization, cmp.Or(err, known.refusal)
}

// organizationAnswer is one of two.
type organizationAnswer struct {
	organization *Organization
	refusal      error
}

// BuildInfo is [Client.BuildInfo].
func (l *Lookup) BuildInfo(ctx context.Context) (*BuildInfo, error) {
	return l.buildInfo.get(ctx, "", func(ctx context.Context) (*BuildInfo, bool, error) {
		info, err := l.client.BuildInfo(ctx)
		return info, true, err
	})
}

// AppHost is [Client.AppHost].
func (l *Lookup) AppHost(ctx context.Context) (string, error) {
	return l.appHost.get(ctx, "", func(ctx context.Context) (string, bool, error) {
		host, err := l.client.AppHost(ctx)
		return host, true, err
	})
}

// ExternalAuth is [Client.ExternalAuth].
func (l *Lookup) ExternalAuth(ctx context.Context, version uuid.UUID) ([]ExternalAuth, error) {
	return l.auth.get(ctx, version.String(), func(ctx context.Context) ([]ExternalAuth, bool, error) {
		services, err := l.client.ExternalAuth(ctx, version)
		return services, true, err
	})
}

// May is [Client.May].
func (l *Lookup) May(ctx context.Context, right Right) (bool, error) {
	return l.rights.get(ctx, fmt.Sprint(right), func(ctx context.Context) (bool, bool, error) {
		may, err := l.client.May(ctx, right)
		return may, true, err
	})
}

// answers remembers the answers to one kind of question.
type answers[T any] struct {
	flight singleflight.Group

	mu    sync.Mutex
	known map[string]T
}

// get is the known answer, or the one that ask gets. Whoever asks while a
// request is under way shares its outcome, and leaves it to the others when its
// own context ends. Ask tells whether the answer is to be kept.
func (a *answers[T]) get(ctx context.Context, question string, ask func(context.Context) (answer T, keep bool, err error)) (T, error) {
	if answer, ok := a.recall(question); ok {
		return answer, nil
	}
	var answer T
	outcome := a.flight.DoChan(question, func() (any, error) {
		if answer, ok := a.recall(question); ok { // it came between the two looks
			return answer, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupLimit)
		defer cancel()
		answer, keep, err := ask(ctx)
		if err == nil && keep {
			a.keep(question, answer)
		}
		return answer, err
	})
	select {
	case <-ctx.Done():
		return answer, ctx.Err()
	case result := <-outcome:
		if result.Err == nil {
			answer, _ = result.Val.(T)
		}
		return answer, result.Err
	}
}

func (a *answers[T]) recall(question string) (T, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer, ok := a.known[question]
	return answer, ok
}

func (a *answers[T]) keep(question string, answer T) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.known = map[string]T{}
	}
	a.known[question] = answer
}
