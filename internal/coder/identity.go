package coder

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// identified is an object that has an id in every answer of Coder. JSON that
// came from somebody else, a proxy's `{"error":"login required"}` for example,
// decodes without complaint into an object of zeros; the id shows it.
type identified interface {
	identity() uuid.UUID
}

// listing is an object of lists, which Coder writes even when they are empty. As
// with an id, their lack shows that the JSON is somebody else's.
type listing interface {
	lacksLists() bool
}

func (w *Workspace) identity() uuid.UUID {
	if w.LatestBuild.ID == uuid.Nil {
		return uuid.Nil // there is no workspace without a build
	}
	return w.ID
}

func (b *WorkspaceBuild) identity() uuid.UUID  { return b.ID }
func (t *Template) identity() uuid.UUID        { return t.ID }
func (v *TemplateVersion) identity() uuid.UUID { return v.ID }
func (u *User) identity() uuid.UUID            { return u.ID }
func (o *Organization) identity() uuid.UUID    { return o.ID }

// checkIdentity refuses an object without its lists or its id, and one with another id than
// the request asked for, which is the last element of its path if it is one.
func checkIdentity(object any, asked string) error {
	if l, ok := object.(listing); ok && l.lacksLists() {
		return &bodyError{err: errors.New("it lacks the lists that it must have")}
	}
	o, ok := object.(identified)
	if !ok {
		return nil
	}
	id := o.identity()
	if id == uuid.Nil {
		return &bodyError{err: errors.New("it lacks the id that it must have")}
	}
	if len(asked) == len(id.String()) && uuid.Validate(asked) == nil && asked != id.String() {
		return &bodyError{err: fmt.Errorf("it is about %s instead of %s", id, asked)}
	}
	return nil
}
