// Package doctest is for tests alone: they check the Markdown pages of the
// repository.
package doctest
