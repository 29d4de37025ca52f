// Package faulttest is for tests alone: they drive the provider through its
// protocol, as Terraform does, on a fake deployment in the same process and in
// virtual time, while the deployment, the network or other people do what they
// should not. So a time limit of twenty minutes costs nothing, and thousands
// of cases cost seconds.
//
// The tests of one workspace per fault are in matrix_test.go. In chaos_test.go
// are random histories: chaos_world_test.go has the deployment and its people;
// chaos_events_test.go, chaos_commands_test.go and chaos_mishaps_test.go have
// what can happen, chaos_known_test.go what has once gone wrong;
// chaos_owed_test.go has what a user is owed whatever happens,
// for which chaos_model_test.go compares configuration and deployment.
// core_test.go, core_plan_test.go and core_apply_test.go are the part of
// Terraform that all need.
package faulttest
