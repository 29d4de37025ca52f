package acctest

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// User is a member of the deployment's default organization, with a token.
type User struct {
	ID              uuid.UUID
	Username, Token string

	// Client makes requests with the user's token.
	Client *coder.Client
}

// User makes a user of a name that begins so. On a real deployment, whose token
// must be allowed to, the user is deleted after the test together with the
// workspaces that are left of them.
func (d *Deployment) User(t *testing.T, prefix string) User {
	t.Helper()
	name := Name(t, prefix)
	user := User{Username: name}
	if d.Fake != nil {
		made := d.Fake.AddUser(name)
		user.ID, user.Token = made.ID, made.Token
	} else {
		user.ID, user.Token = d.createUser(t, name)
	}
	target, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	user.Client = coder.New(coder.Config{URL: target, Token: user.Token, MaxRetries: 4, UserAgent: "terraform-provider-coderws/test"})
	return user
}

func (d *Deployment) createUser(t *testing.T, name string) (id uuid.UUID, token string) {
	t.Helper()
	ctx := t.Context()
	organization, err := d.organization(ctx)
	if err != nil {
		t.Fatal(err)
	}
	body := map[string]any{"username": name, "email": name + "@example.com", "password": uuid.NewString(), "login_type": "password"}
	if d.Client.ServerVersion().AtLeast(2, 17) {
		body["organization_ids"] = []uuid.UUID{organization}
	} else {
		body["organization_id"] = organization
	}
	var user coder.User
	err = d.post(ctx, "users", "application/json", jsonBody(body), &user)
	if err != nil {
		t.Fatalf("creating user %s: %v", name, err)
	}
	t.Cleanup(func() {
		ctx, cancel := cleanupContext(t)
		defer cancel()
		if err := d.removeUser(ctx, user.ID); err != nil {
			t.Errorf("user %s is left on the deployment: %v", name, err)
		}
	})
	var key struct {
		Key string `json:"key"`
	}
	const lifetime = 3600 * 1e9 // an hour, in nanoseconds
	if err := d.post(ctx, "users/"+name+"/keys/tokens", "application/json", jsonBody(map[string]any{"lifetime": lifetime}), &key); err != nil {
		t.Fatalf("creating a token for user %s: %v", name, err)
	}
	return user.ID, key.Key
}

// DeleteUser deletes a user; one who is deleted already stays so.
func (d *Deployment) DeleteUser(t *testing.T, user User) {
	t.Helper()
	if err := d.deleteUser(t.Context(), user.ID); err != nil {
		t.Fatal(err)
	}
}

// removeUser deletes the workspaces left of a user, then the user.
func (d *Deployment) removeUser(ctx context.Context, id uuid.UUID) error {
	user, err := d.Client.User(ctx, id.String()) // whose name may be another by now
	if err != nil {
		return err
	}
	err = d.deleteWorkspaces(ctx, coder.WorkspaceSearch{Owner: user.Username}, func(w *coder.Workspace) bool { return w.OwnerID == id })
	if err != nil {
		return err
	}
	return d.deleteUser(ctx, id)
}

func (d *Deployment) deleteUser(ctx context.Context, id uuid.UUID) error {
	return d.request(ctx, http.MethodDelete, "users/"+id.String(), "", nil, nil)
}

// RenameUser gives a user another name, which begins so, and returns it.
func (d *Deployment) RenameUser(t *testing.T, user User, prefix string) string {
	t.Helper()
	name := Name(t, prefix)
	d.renameUser(t, user.ID, name)
	return name
}

// SwapNames gives one user the name of another, who gets a new one.
func (d *Deployment) SwapNames(t *testing.T, from, to User) {
	t.Helper()
	d.renameUser(t, from.ID, Name(t, "former"))
	d.renameUser(t, to.ID, from.Username)
}

// RenameUserTo gives a user a certain name, which nobody has.
func (d *Deployment) RenameUserTo(t *testing.T, user User, name string) {
	t.Helper()
	d.renameUser(t, user.ID, name)
}

func (d *Deployment) renameUser(t *testing.T, id uuid.UUID, name string) {
	t.Helper()
	err := d.request(t.Context(), http.MethodPut, "users/"+id.String()+"/profile", "application/json",
		jsonBody(map[string]any{"username": name, "name": ""}), nil)
	if err != nil {
		t.Fatal(err)
	}
}
