package compose

import "parley/adapters/httpapi"

// Document is the OpenAPI document of the program.
func Document() ([]byte, error) { return httpapi.Document() }
