// Package customtype holds attribute types whose values can be spelled in more
// than one way and mean the same to Coder.
package customtype
