// Package migrations has the schema of both databases, one numbered file for
// each step. Steps only ever add: a program and the one before it run side by
// side on one schema.
package migrations

import "embed"

// FS has postgres/*.sql and sqlite/*.sql.
//
//go:embed postgres/*.sql sqlite/*.sql
var FS embed.FS
