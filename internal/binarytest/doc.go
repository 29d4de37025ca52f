// Package binarytest is for tests alone: they run the built provider as
// Terraform runs it, in a process of its own, on a fake deployment. This is
// the only way to see what an interrupt, the death of the provider or the log
// is really like.
package binarytest
