// Package customtype holds attribute types whose values can be spelled in more
// than one way and mean the same to Coder, and one for lists that are too large
// for the framework's own.
package customtype
