// Package handover keeps what an apply has given to one address from being taken
// away at another. Terraform ends what has left the configuration and makes what
// is new there at the same time, in any order, also where both are one thing on
// the server: the list of a workspace under another key of for_each, for instance.
package handover

import "sync"

// Objects are the things on the server that one apply changes, by a key. The
// zero value has none.
type Objects struct {
	mu      sync.Mutex
	objects map[string]*Object
}

// Object is a thing on the server, held by one address at a time.
type Object struct {
	// IsTaken tells that an address has it in the state that is configured there.
	// Then no other address may end it.
	IsTaken bool

	mu sync.Mutex
}

// Hold waits for an object until no other address holds it. It has to be
// released.
func (o *Objects) Hold(key string) *Object {
	o.mu.Lock()
	if o.objects == nil {
		o.objects = map[string]*Object{}
	}
	object := o.objects[key]
	if object == nil {
		object = new(Object)
		o.objects[key] = object
	}
	o.mu.Unlock()
	object.mu.Lock()
	return object
}

// Release lets others hold the object.
func (o *Object) Release() { o.mu.Unlock() }
