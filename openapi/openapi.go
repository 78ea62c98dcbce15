// Package openapi has the description of the HTTP API as it was published with
// this version. It is generated; a test keeps it true.
package openapi

import _ "embed"

// YAML is the OpenAPI document.
//
//go:embed openapi.yaml
var YAML []byte
