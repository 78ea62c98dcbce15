//go:build race

package simulation_test

// stories are fewer here: the race detector makes each many times as long.
const stories = 60
