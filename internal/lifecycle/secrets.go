package lifecycle

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/parameter"
)

// explainTime is how long it may take to find out more of what went wrong. The
// time of the caller may be up by then.
const explainTime = 10 * time.Second

// explaining is a context for questions about what went wrong.
func explaining(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), explainTime)
}

// secrets are the values that the server may repeat in what it says of a build,
// and that are not shown: those of the build, or of the one before if it was
// refused, and those wanted for it. What cannot be found out matters little: more
// is hidden then than has to be.
func (l *Lifecycle) secrets(ctx context.Context, version, build uuid.UUID, want *Want) *parameter.Secrets {
	var definitions []coder.TemplateVersionParameter
	if version != uuid.Nil {
		definitions, _ = l.Client.Lookup().RichParameters(ctx, version)
	}
	secrets := parameter.NewSecrets(definitions)
	secrets.Add(want.Parameters.Known)
	secrets.AddEphemeral(want.Ephemeral.Known)
	if build != uuid.Nil {
		values, _ := l.Client.BuildParameters(ctx, build)
		secrets.Add(valuesByName(values))
	} else {
		for i := range definitions {
			secrets.Add(map[string]string{definitions[i].Name: definitions[i].DefaultValue})
		}
	}
	if wanted, configured := want.Preset.Get(); configured && version != uuid.Nil {
		presets, _ := l.Client.Lookup().Presets(ctx, version)
		if preset := findPreset(presets, wanted); preset != nil {
			secrets.Add(preset.Values())
		}
	}
	return secrets
}

// withoutSecrets is the error of a request for a build, without the secrets that
// the server may repeat in it. The version may be the nil UUID for the one that
// is active, and the build before where there is none.
func (l *Lifecycle) withoutSecrets(ctx context.Context, err error, version, before uuid.UUID, want *Want) error {
	var refusal *coder.Error
	if !errors.As(err, &refusal) {
		return err
	}
	ctx, cancel := explaining(ctx)
	defer cancel()
	if id, known := want.TemplateID.Get(); known && version == uuid.Nil {
		if template, err := l.Client.Lookup().Template(ctx, id); err == nil {
			version = template.ActiveVersionID
		}
	}
	return refusal.Reworded(l.secrets(ctx, version, before, want).Hide)
}
