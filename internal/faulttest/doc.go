// Package faulttest is for tests alone: they drive the provider through its
// protocol, as Terraform does, on a fake deployment in the same process and in
// virtual time, while the deployment, the network or other people do what they
// should not. So a time limit of twenty minutes costs nothing, and thousands
// of cases cost seconds.
//
// The tests of one workspace per fault are in matrix_test.go, long random
// histories in chaos_test.go; core_test.go is the part of Terraform they need.
package faulttest
