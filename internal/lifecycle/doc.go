// Package lifecycle answers one question: given what is configured, what is
// remembered and what the server says of a workspace, what has to be done? And
// it does it.
//
// [Decide] is the answer, a pure function: from a [Want], a [Have] and the
// [Facts] learned so far it makes steps, reasons to replace the workspace,
// problems, and questions whose answers it lacks. [Lifecycle.Decide] puts those
// questions to the server. [Lifecycle.Run] does the first step and decides
// again, until nothing is left to do: so an update that was interrupted, or ran
// into somebody else's build, goes on by the same rules by which it began.
//
// The package knows Coder and no Terraform.
package lifecycle
