package acl

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// Names are labels: whom they stand for is found out when they are new, and
// remembered as an id. From then on the id counts.

// identifier finds the ids of the users and groups of one workspace's list.
type identifier struct {
	client    *coder.Client
	workspace uuid.UUID // the nil UUID while it is not known
	kept      string    // as in [diagnose.UnreadableWorkspace]
	// applying tells that whoever does not exist now will not come any more.
	applying bool
}

// side is one of the two lists.
type side struct {
	attribute, noun string
	// find looks a name up. That there is nobody of that name is errNobody, that
	// it cannot be known yet errLater.
	find func(ctx context.Context, name string) (uuid.UUID, error)
	// named is the present name of somebody who was remembered, "" if it cannot be
	// told.
	named func(ctx context.Context, id uuid.UUID) string
}

type verdict string

func (v verdict) Error() string { return string(v) }

const (
	errNobody verdict = "nobody has the name"
	errLater  verdict = "the workspace is not known yet"
)

func (i *identifier) users() side {
	return side{attribute: "users", noun: "user", find: i.findUser, named: func(ctx context.Context, id uuid.UUID) string {
		user, err := i.client.Lookup().User(ctx, id.String())
		if err != nil {
			return ""
		}
		return user.Username
	}}
}

func (i *identifier) groups() side {
	return side{attribute: "groups", noun: "group", find: i.findGroup, named: func(context.Context, uuid.UUID) string { return "" }}
}

// findUser asks for a user as an administrator may and then, since Coder shows
// nobody else to members that way, as a member of the workspace's organization.
func (i *identifier) findUser(ctx context.Context, name string) (uuid.UUID, error) {
	user, err := i.client.Lookup().User(ctx, name)
	if isNobody(err) && i.workspace != uuid.Nil && i.client.ServerVersion().AtLeast(2, 32) {
		organization, failed := i.organization(ctx)
		if failed != nil {
			return uuid.Nil, failed
		}
		user, err = i.client.Lookup().Member(ctx, organization, name)
	}
	switch {
	case isNobody(err):
		return uuid.Nil, errNobody
	case err != nil:
		return uuid.Nil, err
	default:
		return user.ID, nil
	}
}

func (i *identifier) findGroup(ctx context.Context, name string) (uuid.UUID, error) {
	if i.workspace == uuid.Nil {
		return uuid.Nil, errLater
	}
	organization, err := i.organization(ctx)
	if err != nil || name == coder.GroupEveryone {
		return organization, err
	}
	group, err := i.client.Lookup().Group(ctx, organization, name)
	switch {
	case isNobody(err):
		return uuid.Nil, errNobody
	case err != nil:
		return uuid.Nil, err
	default:
		return group.ID, nil
	}
}

func isNobody(err error) bool {
	kind := coder.KindOf(err)
	return kind == coder.NotVisible || kind == coder.UnknownUser
}

// organization is the workspace's.
func (i *identifier) organization(ctx context.Context) (uuid.UUID, error) {
	workspace, err := i.client.ReadWorkspace(ctx, i.workspace)
	if err != nil {
		return uuid.Nil, &unreadable{i.workspace, err}
	}
	return workspace.OrganizationID, nil
}

// unreadable is a workspace that could not be read on the way to a name.
type unreadable struct {
	workspace uuid.UUID
	err       error
}

func (u *unreadable) Error() string { return u.err.Error() }
func (u *unreadable) Unwrap() error { return u.err }

// identify gives every key of a side an id: the key itself if it is one, whom the
// name stands for, or whom it has stood for if nobody has it now. What is not
// known yet is the nil UUID. Had are the roles from before.
func (i *identifier) identify(ctx context.Context, s side, configured types.Map, remembered map[string]uuid.UUID, had map[uuid.UUID]string) (map[string]uuid.UUID, diag.Diagnostics) {
	var diags diag.Diagnostics
	ids, keys := map[string]uuid.UUID{}, map[uuid.UUID]string{}
	roles := texts(configured)
	for _, key := range sortedKeys(configured.Elements()) {
		id, problems := i.identifyOne(ctx, s, key, remembered[key], func(id uuid.UUID) bool {
			role, known := had[id]
			return known && role == roles[key]
		})
		diags.Append(problems...)
		ids[key] = id
		if other, twice := keys[id]; twice && id != uuid.Nil {
			diags.AddAttributeError(path.Root(s.attribute).AtMapKey(key), "User or group is in the list twice",
				fmt.Sprintf("%q and %q are the same %s, %s. Leave one of them out.", other, key, s.noun, id))
		}
		keys[id] = key
	}
	return ids, diags
}

// identifyOne gives one key an id. Keeps tells whether somebody has the key's role
// already: when users swap names, to name them anew gives access to nobody.
func (i *identifier) identifyOne(ctx context.Context, s side, key string, remembered uuid.UUID, keeps func(uuid.UUID) bool) (uuid.UUID, diag.Diagnostics) {
	if id, ok := parseID(key); ok {
		return id, nil
	}
	// What the plan has shown counts in the apply, and nothing else is ever called
	// Everyone.
	if remembered != uuid.Nil && (i.applying || key == coder.GroupEveryone) {
		return remembered, nil
	}
	id, err := s.find(ctx, key)
	at := path.Root(s.attribute).AtMapKey(key)
	switch {
	case err == nil && (remembered == uuid.Nil || remembered == id || keeps(id)):
		return id, nil
	case err == nil:
		return uuid.Nil, diag.Diagnostics{taken(ctx, s, key, remembered, at)}
	case errors.Is(err, errLater):
		return uuid.Nil, nil
	case !errors.Is(err, errNobody):
		return uuid.Nil, i.lookupFailed(s, key, err, at)
	case remembered != uuid.Nil:
		return remembered, diag.Diagnostics{left(ctx, s, key, remembered, at)}
	default:
		return uuid.Nil, diag.Diagnostics{i.nobody(s, key, at)}
	}
}

// taken words a name that somebody else has now.
func taken(ctx context.Context, s side, key string, remembered uuid.UUID, at path.Path) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Name now stands for somebody else",
		fmt.Sprintf("When this was applied, %q was the %s %s%s. Now the name belongs to another %s, who is not given access in silence.\n\n"+
			"To keep the one of then, write %s. To give access to the new one instead, leave %q out, apply, and put it in again.",
			key, s.noun, remembered, presentName(ctx, s, key, remembered), s.noun, keyFor(ctx, s, key, remembered), key))
}

// left words a name that nobody has any more.
func left(ctx context.Context, s side, key string, remembered uuid.UUID, at path.Path) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "Name stands for nobody any more",
		fmt.Sprintf("When this was applied, %q was the %s %s%s. Nobody has that name now, or the token's user may not see who has it. The access goes by the id and stays as it is.\n\n"+
			"Write %s instead, or take the entry out if the %s is gone.",
			key, s.noun, remembered, presentName(ctx, s, key, remembered), keyFor(ctx, s, key, remembered), s.noun))
}

// presentName tells how a renamed user is called now; "" where nobody knows.
func presentName(ctx context.Context, s side, key string, id uuid.UUID) string {
	if name := s.named(ctx, id); name != "" && name != key {
		return fmt.Sprintf(", who is called %q now", name)
	}
	return ""
}

// keyFor is what to write for somebody who was remembered.
func keyFor(ctx context.Context, s side, key string, id uuid.UUID) string {
	if name := s.named(ctx, id); name != "" && name != key {
		return fmt.Sprintf("%q", name)
	}
	return fmt.Sprintf("the id, %q,", id)
}

// nobody words a new name that stands for nobody: at plan it can be that of
// somebody who is made in the same run.
func (i *identifier) nobody(s side, key string, at path.Path) diag.Diagnostic {
	cause := fmt.Sprintf("There is no %s %q on this deployment, or the token's user may not see the %s.", s.noun, key, s.noun)
	if s.attribute == "groups" {
		cause = fmt.Sprintf("The organization of the workspace has no group %q, or the token's user may not see it. The group of all members is called %q.", key, coder.GroupEveryone)
	}
	if i.applying {
		return diag.NewAttributeErrorDiagnostic(at, "User or group not found",
			cause+" Check the name; an id works as well.")
	}
	return diag.NewAttributeWarningDiagnostic(at, "User or group does not exist yet",
		cause+" Unless something else in this run creates it, the apply will fail.")
}

// lookupFailed words why it is not known whom a name stands for.
func (i *identifier) lookupFailed(s side, key string, err error, at path.Path) diag.Diagnostics {
	if u := (*unreadable)(nil); errors.As(err, &u) {
		return diagnose.UnreadableWorkspace(i.kept, fmt.Sprintf("read workspace %s", u.workspace), u.err)
	}
	if kind := coder.KindOf(err); s.attribute == "groups" && (kind == coder.UnknownRoute || kind == coder.Unlicensed) {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Deployment has no groups but Everyone",
			fmt.Sprintf("Groups take a licensed deployment of Coder. This one knows only the group of all members of an organization, %q, so there is no %q.", coder.GroupEveryone, key))}
	}
	return diagnose.Error("Unable to look up a user or group", fmt.Sprintf("look up the %s %q", s.noun, key), err, diagnose.Fields{})
}
